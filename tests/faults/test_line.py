"""The line of real workers: one at a time, and nobody has to stay alive to start the next."""

import itertools
import signal

import psutil
import pytest

from modelops_jupyter import FineTuningJob
from modelops_jupyter.fine_tuning import JobStore

from .conftest import Start, gone, new, send, until

pytestmark = pytest.mark.faults


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_LIMIT", "1")


def pid(job: FineTuningJob) -> int:
    until(lambda: job.store.get(job.id).pid is not None)
    return job.store.get(job.id).pid or 0


def test_queued_jobs_run_one_after_the_other_although_their_kernels_are_gone(start: Start) -> None:
    kernels = [start("stub", steps=40) for _ in range(3)]
    for kernel in kernels:
        kernel.kill()
    jobs = [kernel.job for kernel in kernels]
    # Nobody looks at them meanwhile: the last worker alone has to bring itself to its turn.
    last = psutil.Process(pid(jobs[2]))
    until(lambda: gone(last.pid))
    rows = [JobStore().get(job.id) for job in jobs]
    assert [row.status for row in rows] == ["completed"] * 3
    for before, after in itertools.pairwise(rows):
        assert before.ended is not None
        assert after.started is not None
        assert after.started >= before.ended


def test_a_waiting_job_says_so_and_can_be_cancelled() -> None:
    first, second = new(100_000), new(10)
    first.run()
    second.run()
    until(lambda: second.snapshot()["detail"] == "waiting for another job to end")
    waiting = pid(second)
    assert second.cancel() == "cancelled"
    until(lambda: gone(waiting))
    first.cancel()
    assert first.wait(120) == "cancelled"


def test_a_killed_worker_frees_its_slot_and_a_killed_waiter_blocks_nobody() -> None:
    first, second, third = new(100_000), new(100_000), new(20)
    for job in (first, second, third):
        job.run()
    until(lambda: first.status == "running")
    send(pid(second), signal.SIGKILL)
    send(pid(first), signal.SIGKILL)
    assert third.wait(120) == "completed"
    assert (first.status, second.status) == ("failed", "failed")


def test_a_job_whose_kernel_died_before_it_started_anything_can_be_resumed() -> None:
    job = new(20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(job._provider), "start", lambda *_: None)  # where the kernel is killed
        job.run()
    assert job.snapshot()["detail"] == "waiting for a worker"
    assert FineTuningJob.attach(job.id).resume() in ("queued", "running")
    assert job.wait(120) == "completed"
    assert job.store.get(job.id).attempt == 2
