"""What goes in comes out, byte for byte, under a number that is never used again."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from modelops_jupyter.errors import ConfigError, RegistryError, SourceNotFoundError, StoreError
from modelops_jupyter.registry import ModelRegistry

Make = Callable[..., Path]


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_comes_back_byte_for_byte(registry: ModelRegistry, artifact: Make, tmp_path: Path) -> None:
    held = {"config.json": b"{}", "deep/er/weights.bin": bytes(range(256)) * 9, "empty": b"", ".hidden": b"x"}
    version = registry.register("dates", artifact(held))
    assert (version.name, version.version, version.size) == ("dates", 1, sum(map(len, held.values())))
    assert contents(registry.download("dates", 1, tmp_path / "out")) == held
    assert contents(version.path) == held


def test_a_file_and_what_saves_itself_are_artifacts(registry: ModelRegistry, artifact: Make) -> None:
    class Saves:
        def save(self, folder: Path) -> None:
            assert not folder.exists()
            folder.mkdir()
            (folder / "w").write_bytes(b"saved")

    assert contents(registry.register("a", artifact(b"one", "w.bin")).path) == {"w.bin": b"one"}
    assert contents(registry.register("b", Saves()).path) == {"w": b"saved"}
    assert contents(registry.register("c", str(artifact(b"two"))).path) == {"model.bin": b"two"}


def test_versions_count_up_and_a_number_is_never_used_twice(registry: ModelRegistry, artifact: Make) -> None:
    for number in (1, 2, 3):
        assert registry.register("dates", artifact(b"%d" % number)).version == number
    registry.delete("dates", 3)
    assert registry.latest("dates").version == 2
    assert registry.register("dates", artifact()).version == 4
    assert registry.register("dates", artifact(), version="7").version == 7
    assert registry.register("dates", artifact()).version == 8
    assert [v.version for v in registry.list_versions("dates")] == [8, 7, 4, 2, 1]
    for taken in (3, 7, "v1"):
        with pytest.raises(RegistryError, match="exists or existed"):
            registry.register("dates", artifact(), version=taken)
    assert registry.register("dates", artifact(), version=5).version == 5  # a gap may be filled


def test_a_version_never_changes(registry: ModelRegistry, artifact: Make) -> None:
    path = artifact(b"before")
    version = registry.register("dates", path, metrics={"f1": 0.5}, parameters={"depth": 3}, description="d")
    path.write_bytes(b"after")
    assert contents(version.path) == {"model.bin": b"before"}
    with pytest.raises(Exception, match="immutable"), registry._store._db.write() as db:
        db.execute("UPDATE version SET description = 'other'")
    with pytest.raises(Exception, match="only added"), registry._store._db.write() as db:
        db.execute("DELETE FROM event")
    again = ModelRegistry().get("dates")
    assert (again, again.parameters, again.description) == (version, {"depth": 3}, "d")


def test_the_same_content_is_kept_once(registry: ModelRegistry, artifact: Make) -> None:
    registry.register("a", artifact({"x": b"same", "y": b"same"}))
    registry.register("b", artifact(b"same"))
    assert len(list((registry.path / "blobs").iterdir())) == 1
    registry.delete("a", 1)
    assert contents(registry.get("b").path) == {"model.bin": b"same"}
    registry.delete("b", 1)
    assert not list((registry.path / "blobs").iterdir())
    assert registry.list_models() == []


def test_nothing_is_left_of_what_was_refused(registry: ModelRegistry, artifact: Make, tmp_path: Path) -> None:
    with pytest.raises(RegistryError):
        registry.register("dates", artifact(), parameters={"x": object()})
    assert not list((registry.path / "drafts").iterdir())
    assert not list((registry.path / "blobs").iterdir())
    assert registry.audit() == []


UNFIT = [
    "",
    " ",
    "a/b",
    "..",
    ".",
    "/abs",
    "a\\b",
    "C:",
    "con",
    "NUL.txt",
    "lpt1",
    "a.",
    "-x",
    "a\0",
    "a\n",
    "é",
]


@pytest.mark.parametrize("name", [*UNFIT, "x" * 101, "%2e%2e", "file:x", None, 3])
def test_unfit_names_are_refused_everywhere(registry: ModelRegistry, artifact: Make, name: object) -> None:
    for call in (
        lambda: registry.register(name, artifact()),  # type: ignore[arg-type]
        lambda: registry.get(name),  # type: ignore[arg-type]
        lambda: registry.delete(name, 1),  # type: ignore[arg-type]
        lambda: registry.download(name, 1, "out"),  # type: ignore[arg-type]
        lambda: registry.set_alias("dates", name, 1),  # type: ignore[arg-type]
    ):
        with pytest.raises(RegistryError) as caught:
            call()
        assert caught.value.code == "registry-name"
    assert registry.audit() == []


@pytest.mark.parametrize("version", [0, -1, True, 1.0, "", "one", "1.0", "-1", "²", 2**40, "9" * 30])
def test_what_is_no_number_of_a_version_is_refused(
    registry: ModelRegistry, artifact: Make, version: object
) -> None:
    registry.register("dates", artifact())
    with pytest.raises(RegistryError, match="not the number of a version"):
        registry.get("dates", version)  # type: ignore[arg-type]
    with pytest.raises(RegistryError, match="not the number of a version"):
        registry.delete("dates", version)  # type: ignore[arg-type]
    assert registry.latest("dates").version == 1


def test_one_name_in_two_spellings_is_refused(registry: ModelRegistry, artifact: Make) -> None:
    registry.register("dates", artifact())
    with pytest.raises(RegistryError, match="two spellings"):
        registry.register("Dates", artifact())
    with pytest.raises(RegistryError, match="Did you mean 'dates'"):
        registry.get("Dates")


def test_links_devices_and_odd_names_inside_an_artifact_are_refused(
    registry: ModelRegistry, artifact: Make, tmp_path: Path
) -> None:
    secret = artifact(b"secret")
    linked = artifact({"a": b"1"})
    (linked / "b").symlink_to(secret)
    folder_link = artifact({"a": b"1"})
    (folder_link / "b").symlink_to(secret.parent, target_is_directory=True)
    pipe = artifact({"a": b"1"})
    os.mkfifo(pipe / "p")
    for folder in (linked, folder_link, pipe):
        with pytest.raises(RegistryError) as caught:
            registry.register("dates", folder)
        assert caught.value.code == "registry-link"
    with pytest.raises(RegistryError, match="regular"):
        registry.register("dates", "/dev/null")
    for name in ("con", "a\\b", "x ", "nul.bin", "a:b", "q?", "a\nb", "d/aux/x"):
        with pytest.raises(RegistryError, match="on every system"):
            registry.register("dates", artifact({"ok": b"", name: b"1"}))
    with pytest.raises(RegistryError, match="one file on many systems"):
        registry.register("dates", artifact({"A": b"1", "a": b"2"}))
    assert registry.list_models() == []


def test_what_is_no_artifact_says_so(registry: ModelRegistry, artifact: Make, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(RegistryError, match="holds no file"):
        registry.register("dates", tmp_path / "nothing")
    with pytest.raises(SourceNotFoundError):
        registry.register("dates", tmp_path / "absent")
    with pytest.raises(RegistryError, match="not int"):
        registry.register("dates", 3)
    with pytest.raises(RegistryError, match="registry itself"):
        registry.register("dates", registry.path.parent)


@pytest.mark.parametrize(
    "details",
    [
        {"metrics": {"f1": "good"}},
        {"metrics": {"f1": True}},
        {"parameters": {"x": {1, 2}}},
        {"parameters": {"x": float("nan")}},
        {"tags": {"a": 1}},
        {"tags": {"a": "\ud800"}},
        {"description": "\ud800"},
        {"description": 3},
        {"dataset": 3},
        {"job": 3},
    ],
)
def test_values_that_cannot_be_kept_are_refused(
    registry: ModelRegistry, artifact: Make, details: dict[str, object]
) -> None:
    with pytest.raises(RegistryError):
        registry.register("dates", artifact(), **details)  # type: ignore[arg-type]
    assert registry.list_models() == []


def test_a_flipped_byte_is_found_on_every_read_and_mended_by_registering_again(
    registry: ModelRegistry, artifact: Make, tmp_path: Path
) -> None:
    held = bytes(range(256)) * 40
    version = registry.register("dates", artifact(held))
    (blob,) = (registry.path / "blobs").iterdir()
    spoilt = bytearray(held)
    spoilt[5000] ^= 1
    blob.write_bytes(spoilt)
    for read in (
        lambda: registry.download("dates", 1, tmp_path / "out"),
        lambda: registry.export("dates", 1, tmp_path / "out"),
        lambda: version.path,
    ):
        with pytest.raises(RegistryError) as caught:
            read()
        assert caught.value.code == "registry-damaged"
    assert not (tmp_path / "out").exists()
    assert registry.verify() == ["dates version 1: model.bin"]
    registry.register("dates", artifact(held))
    assert registry.verify() == []
    assert contents(version.path) == {"model.bin": held}
    blob.unlink()
    assert registry.verify() == ["dates version 1: model.bin", "dates version 2: model.bin"]
    with pytest.raises(RegistryError, match="missing"):
        registry.download("dates", 2, tmp_path / "out")


def test_a_changed_checkout_is_put_right(registry: ModelRegistry, artifact: Make) -> None:
    version = registry.register("dates", artifact({"a": b"1", "b/c": b"2"}))
    held = contents(version.path)
    folder = version.path
    for spoil in (
        lambda: (folder / "a").write_bytes(b"3"),
        lambda: (folder / "b/c").unlink(),
        lambda: (folder / "more").write_bytes(b""),
    ):
        spoil()
        assert contents(version.path) == held


def test_a_download_takes_no_folder_that_exists(
    registry: ModelRegistry, artifact: Make, tmp_path: Path
) -> None:
    registry.register("dates", artifact())
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("there", "link"):
        with pytest.raises(ConfigError, match="exists already"):
            registry.download("dates", 1, tmp_path / name)


def test_a_foreign_database_and_a_file_in_the_way_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    foreign = tmp_path / "r" / "registry.sqlite3"
    foreign.write_bytes(b"not ours" * 100)
    with pytest.raises(StoreError, match="not a model registry"):
        ModelRegistry(tmp_path / "r")
    assert foreign.read_bytes() == b"not ours" * 100
    with pytest.raises(StoreError):
        ModelRegistry(foreign)


def test_garbage_is_what_no_version_needs_and_what_dead_processes_left(
    registry: ModelRegistry, artifact: Make
) -> None:
    registry.register("dates", artifact(b"kept"), metrics={"f1": 1.0})
    (registry.path / "blobs" / ("0" * 64)).write_bytes(b"lost")
    (registry.path / "drafts" / "dead").mkdir()
    (registry.path / "drafts" / "dead" / "half").write_bytes(b"x")
    (registry.path / "drafts" / "dead file").write_bytes(b"x")
    with registry.contents.draft() as folder, registry.contents.draft(Path.touch) as file:
        assert registry.collect_garbage() == (1, 4, 2)
        assert folder.is_dir()
        assert file.is_file()
        assert registry.collect_garbage() == (0, 0, 0)
    assert registry.verify() == []


def test_a_content_that_is_collected_in_the_middle_of_a_registration_is_put_again(
    registry: ModelRegistry, artifact: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, tries = registry._store.add, 0

    def collect_first(*arguments: object) -> int | None:
        nonlocal tries
        tries += 1
        if tries == 1:
            assert ModelRegistry(registry.path).collect_garbage().contents == 1
        return add(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(registry._store, "add", collect_first)
    assert contents(registry.register("dates", artifact(b"x")).path) == {"model.bin": b"x"}
    assert tries == 2
