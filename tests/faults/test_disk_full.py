"""A disk that is full: at every single write of a checkpoint, and of the store itself."""

import os
import signal
from collections.abc import Iterator

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
    stub.disk.left = float("inf")
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


def test_a_disk_that_is_full_at_any_write_is_a_clear_failure_and_costs_no_checkpoint() -> None:
    whole = run()
    assert whole.status == "completed"
    expected = weights(whole.store.folder(whole.id))
    writes = 0
    while (job := run(writes)).status != "completed":
        assert (job.status, job.store.get(job.id).reason) == ("failed", "disk_full"), job.reason
        assert str(job.reason).startswith("The disk is full")
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


def test_a_full_disk_under_the_store_loses_nothing_that_was_reported(home: object) -> None:
    store = JobStore()
    store.submit("a", name=None, provider="stub", base_model="tiny", spec={"plan": {}})
    store.claim("a", 1, liveness.me())
    reporter = Reporter(store, "a", 1)
    connection = store._db.connection()
    used = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {used}")
    for step in range(3000):
        reporter.emit("point", {"step": step, "values": {"loss": float(step)}})
    with pytest.raises(StoreError, match="full") as caught:
        reporter._commit()
    assert "free some space" in str(caught.value)
    assert (store.get("a").status, store.points("a")) == ("running", {})
    connection.execute("PRAGMA max_page_count = 100000")
    reporter._commit()
    assert [step for step, _ in store.points("a")["loss"]] == list(range(3000))
    store.finish("a", 1, JobStatus.COMPLETED, None, "")
