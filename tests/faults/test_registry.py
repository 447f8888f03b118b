"""The registry under many processes, kill -9, and disks that refuse; large runs: registry_faults."""

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modelops_jupyter.errors import StoreError
from modelops_jupyter.registry import ModelRegistry

from .registry_faults import WHOLE, kills, race
from .write_steps import faulty

pytestmark = pytest.mark.faults


def test_many_processes_lose_and_double_nothing_from_the_first_start_on(tmp_path: Path) -> None:
    race(tmp_path / "registry", 8, 25)


def test_a_killed_registration_is_whole_or_not_there(tmp_path: Path) -> None:
    seen = kills(tmp_path / "registry", 12, 40_000_000, 1)
    assert seen.total() == 12
    assert set(seen) - {WHOLE}, "no kill came before the version"


def test_a_disk_that_is_full_at_any_step_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in "abc":
        (source / name).write_text(name)
    registry = ModelRegistry(tmp_path / "registry")
    registry.register("kept", source / "a")

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    while True:
        try:
            with faulty(len(said) + 1, full):
                registry.register("dates", source)
            break
        except StoreError as error:
            said.append(str(error))
        assert [m.name for m in registry.list_models()] == ["kept"]
        assert not list((registry.path / "drafts").iterdir())
        registry.collect_garbage()  # whole contents may be there, which nothing needs
    assert len(said) >= 5, "two new contents are at least two steps each, and the folder is one"
    assert all("No space left" in words for words in said)
    assert registry.verify() == []
    assert registry.list_models()[0].versions == (1,)


@contextmanager
def small_files(limit: int) -> Iterator[None]:
    """Let the system itself refuse to write more than so many bytes into one file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_the_system_cuts_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(5_000_000))
    registry = ModelRegistry(tmp_path / "registry")
    with small_files(3_000_000), pytest.raises(StoreError, match="too large"):
        registry.register("dates", tmp_path / "large")
    assert registry.list_models() == []
    assert not [*(registry.path / "blobs").iterdir(), *(registry.path / "drafts").iterdir()]
    registry.register("dates", tmp_path / "large")
    with small_files(3_000_000), pytest.raises(StoreError, match="too large"):
        registry.download("dates", 1, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_database_that_cannot_grow_keeps_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    registry = ModelRegistry(tmp_path / "registry")
    registry.register("kept", tmp_path / "file")
    connection = registry._store._db.connection()
    connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(StoreError, match="free some space"):
        registry.register("dates", tmp_path / "file", description="x" * 20_000)
    assert [m.name for m in registry.list_models()] == ["kept"]
    connection.execute("PRAGMA max_page_count = 100000")
    assert registry.register("dates", tmp_path / "file").version == 1


def test_a_folder_that_cannot_be_written_is_one_sentence() -> None:
    with pytest.raises(StoreError, match="Nothing was registered"):
        ModelRegistry("/proc/modelops")
