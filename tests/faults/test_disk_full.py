"""A disk that is full or broken: at every single write of a checkpoint, and of the store itself."""

import errno
import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import FineTuningJob
from modelops_jupyter.errors import StoreError
from modelops_jupyter.fine_tuning import JobStore, liveness, worker
from modelops_jupyter.fine_tuning.providers.base import WorkerProvider
from modelops_jupyter.fine_tuning.reporter import Reporter
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.training import checkpoints

from . import stub
from .conftest import new, weights

pytestmark = pytest.mark.faults
STEPS = 30


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run workers here, on a disk that can be told to be full."""
    real = os.fsync

    def fsync(handle: int) -> None:
        stub.disk.use("a file")
        real(handle)

    def start(_: WorkerProvider, store: JobStore, row: object) -> None:
        worker.main(row.id, row.attempt, store.path)  # pyright: ignore[reportAttributeAccessIssue] -- a JobRow

    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(WorkerProvider, "start", start)
    monkeypatch.setenv("STUB_STEP", "0")
    yield
    stub.disk.left, stub.disk.number = float("inf"), errno.ENOSPC
    signal.signal(signal.SIGTERM, handler)


def run(writes: float = float("inf")) -> FineTuningJob:
    """Do a whole job on a disk that takes so many more writes once the rows are there."""
    job = new(STEPS)
    real = worker.main

    def main(*arguments: object) -> int:
        stub.disk.left = writes
        return real(*arguments)  # pyright: ignore[reportArgumentType] -- passed through

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "main", main)
        job.run()
    stub.disk.left = float("inf")
    return job


@pytest.mark.parametrize(
    ("number", "reason", "words"),
    [
        (errno.ENOSPC, "disk_full", "The disk is full"),
        (errno.EIO, "disk_error", "The disk does not work as it should"),
    ],
    ids=["full", "broken"],
)
def test_a_disk_that_fails_at_any_write_is_a_clear_failure_and_costs_no_checkpoint(
    number: int, reason: str, words: str
) -> None:
    whole = run()
    assert whole.status == "completed"
    expected = weights(whole.store.folder(whole.id))
    stub.disk.number = number
    writes = 0
    while (job := run(writes)).status != "completed":
        assert (job.status, job.store.get(job.id).reason) == ("failed", reason), job.reason
        assert str(job.reason).startswith(words)
        assert os.strerror(number) in str(job.reason)
        folder = job.store.folder(job.id)
        left = sorted((folder / checkpoints.FOLDER).glob("*"))
        assert all(checkpoints.verified(path) for path in left), "a half-written checkpoint stayed"
        known = job.checkpoints
        assert not known or known[-1]["kept"], "the newest one is gone"
        job.resume()
        assert (job.status, weights(folder)) == ("completed", expected)
        assert job.history.losses == whole.history.losses
        writes += 1
    assert writes >= 25, "three checkpoints of three files with their manifests are more writes than that"


@pytest.mark.train
@pytest.mark.parametrize("write", range(3, 6), ids=["weights", "optimiser", "random numbers"])
def test_a_disk_that_breaks_under_the_real_trainer_costs_no_checkpoint(
    write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its second checkpoint fails; the files are written by the engine, which says so in words only."""
    engine = pytest.importorskip("safetensors.torch")
    words = "Error while serializing: I/O error: Input/output error (os error 5)"
    safetensors = pytest.importorskip("safetensors")
    pytest.importorskip("trl")
    real, done = engine.serialize_file, list[Path]()

    def half(tensors: Any, path: Path, *rest: Any, **named: Any) -> None:
        done.append(Path(path))
        real(tensors, path, *rest, **named)
        if len(done) == write + 1:
            os.truncate(path, 100)
            raise safetensors.SafetensorError(words)

    job = new(6, "local", save_steps=2, batch_size=4, warmup_steps=0)
    with monkeypatch.context() as patched:
        patched.setattr(engine, "serialize_file", half)
        job.run()
    assert "checkpoint-4" in str(done[-1])
    assert (job.status, job.store.get(job.id).reason) == ("failed", "disk_error"), job.reason
    assert str(job.reason).startswith("The disk does not work as it should")
    assert [(c["step"], c["kept"]) for c in job.checkpoints] == [(2, True)]
    assert not (job.store.folder(job.id) / checkpoints.FOLDER / "checkpoint-4").exists()
    job.resume()
    assert (job.status, job.history.steps) == ("completed", [1, 2, 3, 4, 5, 6])


@contextmanager
def full(connection: sqlite3.Connection) -> Iterator[None]:
    """No page more than there are."""
    used = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {used}")
    yield
    connection.execute("PRAGMA max_page_count = 100000")


@contextmanager
def broken(connection: sqlite3.Connection) -> Iterator[None]:
    """The system refuses what goes past the end of the log; SQLite calls that a disk I/O error."""
    log = Path(connection.execute("PRAGMA database_list").fetchone()["file"] + "-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("fault", "said", "advice"),
    [(full, "full", "free some space"), (broken, "disk I/O error", "has free space")],
    ids=["full", "broken"],
)
def test_a_disk_that_fails_under_the_store_loses_nothing_that_was_reported(
    fault: Callable[[sqlite3.Connection], AbstractContextManager[None]], said: str, advice: str
) -> None:
    store = JobStore()
    store.submit("a", name=None, provider="stub", base_model="tiny", spec={"plan": {}})
    store.claim("a", 1, liveness.me())
    reporter = Reporter(store, "a", 1)
    with fault(store._db.connection()):
        for step in range(3000):
            reporter.emit("point", {"step": step, "values": {"loss": float(step)}})
        with pytest.raises(StoreError, match=said) as caught:
            reporter._commit()
        assert advice in str(caught.value)
        assert (store.get("a").status, store.points("a")) == ("running", {})
    reporter._commit()
    assert [step for step, _ in store.points("a")["loss"]] == list(range(3000))
    store.finish("a", 1, JobStatus.COMPLETED, None, "")
