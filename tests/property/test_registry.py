"""The registry gives back what it was given, and no name leads out of its folder."""

import tempfile
from pathlib import Path, PurePosixPath

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from modelops_jupyter.errors import RegistryError
from modelops_jupyter.registry import ModelRegistry, names

SEGMENT = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
PATHS = st.lists(SEGMENT, min_size=1, max_size=3).map("/".join)
FILES = st.dictionaries(PATHS, st.binary(max_size=200), min_size=1, max_size=5)
ODD = st.one_of(
    st.text(), st.sampled_from(["..", "../x", "/etc", "a/../../b", "C:\\x", "\\\\host\\x", "a\0b", "con"])
)


def usable(files: dict[str, bytes]) -> bool:
    """Whether a file system and we take these paths."""
    try:
        for path in files:
            names.check_path(path)
    except RegistryError:
        return False
    folded = [path.casefold() for path in files]
    above = {parent.as_posix() for path in folded for parent in PurePosixPath(path).parents}
    return len(set(folded)) == len(folded) and not above & set(folded)


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for path, held in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(held)
    return folder


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(FILES.filter(usable), min_size=1, max_size=3))
def test_what_is_registered_comes_back_and_equal_contents_have_equal_digests(
    all_files: list[dict[str, bytes]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        registry = ModelRegistry(Path(folder) / "registry")
        digests: list[str] = []
        for number, files in enumerate(all_files, 1):
            version = registry.register("m", write(Path(folder) / f"in-{number}", files))
            digests.append(version.digest)
            out = registry.download("m", number, Path(folder) / f"out-{number}")
            assert {
                p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()
            } == files
        for one, digest in zip(all_files, digests, strict=True):
            assert [one == other for other in all_files] == [digest == other for other in digests]
            assert [
                bool(registry.diff("m", digests.index(digest) + 1, n)) for n in range(1, len(digests) + 1)
            ] == [one != other for other in all_files]
        for number in range(len(all_files), 0, -1):
            assert registry.verify() == []
            registry.delete("m", number)
        assert not list((registry.path / "blobs").iterdir())
        registry.close()


@settings(deadline=None, max_examples=300)
@given(ODD)
def test_no_name_that_is_taken_leads_anywhere_else(text: str) -> None:
    root = Path("/registry")
    for check in (names.check_model, names.check_alias, names.check_path):
        try:
            taken = check(text)
        except RegistryError:
            continue
        inside = Path(f"{root}/{taken}")
        assert ".." not in inside.parts
        assert inside.is_relative_to(root)
        assert inside != root
        assert check is names.check_path or len(inside.parts) == 3


@settings(deadline=None)
@given(st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,20}\Z"), st.integers(1, 10**6))
def test_a_reference_reads_back_as_what_it_was(name: str, number: int) -> None:
    assume(not names._DEVICE.fullmatch(name))
    for reference in (
        names.Reference(name),
        names.Reference(name, number),
        names.Reference(name, alias="prod"),
    ):
        assert names.parse(str(reference)) == reference
