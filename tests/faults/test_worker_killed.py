"""kill -9 of a worker: said at once, with its reason; resumed without gaps; nothing written afterwards."""

import signal

import pytest

from modelops_jupyter import Dataset, FineTuningJob
from modelops_jupyter.fine_tuning import JobStore

from .conftest import Start, gone, send, until

pytestmark = pytest.mark.faults


def test_a_killed_worker_is_a_failed_job_at_once(start: Start) -> None:
    kernel = start()
    worker = kernel.worker
    send(worker, signal.SIGKILL)
    until(lambda: gone(worker))
    # The very first look after its death says so: no heartbeat has to grow old.
    assert kernel.job.status == "failed"
    row = JobStore().get(kernel.job.id)
    assert row.reason == "worker_lost"
    assert row.ended is not None
    assert "worker process is gone" in str(kernel.job.reason)


def test_the_process_that_started_it_knows_the_signal(start: Start) -> None:
    rows = [{"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]}]
    job = FineTuningJob(
        "tiny", Dataset.from_records(rows), provider="simulated", config={"max_steps": 100_000}
    )
    job.run()
    until(lambda: job.status == "running")
    pid = job.store.get(job.id).pid
    assert pid is not None
    send(pid, signal.SIGKILL)
    until(lambda: gone(pid))
    assert job.status == "failed"
    assert "SIGKILL" in str(job.reason)


def test_a_killed_job_resumes_without_gaps_or_doubles(start: Start) -> None:
    kernel = start(steps=200)
    job = kernel.job
    until(lambda: job.progress.step > 60)
    send(kernel.worker, signal.SIGKILL)
    until(lambda: job.status == "failed")
    assert job.snapshot()["can"]["resume"]
    job.resume()
    assert job.wait(120) == "completed"
    assert job.history.steps == list(range(1, 201))
    assert job.store.get(job.id).attempt == 2


def test_a_worker_told_to_end_saves_and_says_so(start: Start) -> None:
    kernel = start()
    until(lambda: kernel.job.progress.step > 5)
    send(kernel.worker, signal.SIGTERM)
    until(lambda: kernel.job.done)
    assert (kernel.job.status, JobStore().get(kernel.job.id).reason) == ("failed", "terminated")
    assert kernel.job.snapshot()["can"]["resume"]


def test_a_paused_worker_that_was_given_up_writes_nothing_when_it_wakes(start: Start) -> None:
    kernel = start()
    job, store = kernel.job, kernel.job.store
    until(lambda: job.progress.step > 5)
    worker = kernel.worker
    send(worker, signal.SIGSTOP)
    assert store.fail(job.id, 1, "worker_lost", "Given up.")
    before = store.points(job.id), store.events(job.id), store.get(job.id)
    send(worker, signal.SIGCONT)
    until(lambda: gone(worker))
    assert (store.points(job.id), store.events(job.id), store.get(job.id)) == before
