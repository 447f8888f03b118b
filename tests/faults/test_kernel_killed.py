"""kill -9 of the process that started a job: the training goes on, and another process attaches."""

import pytest

from modelops_jupyter import FineTuningJob
from modelops_jupyter.fine_tuning import JobStore

from .conftest import Start, gone, until

pytestmark = pytest.mark.faults


def test_training_goes_on_and_another_process_attaches(start: Start) -> None:
    kernel = start(steps=300)
    until(lambda: kernel.job.progress.step > 0)
    worker = kernel.worker
    kernel.kill()
    step = kernel.job.progress.step
    other = FineTuningJob.attach(kernel.job.id, store=JobStore())
    assert other.status == "running"
    until(lambda: other.progress.step > step)
    assert not gone(worker)
    assert other.wait(120) == "completed"
    assert other.history.steps == list(range(1, 301))
    until(lambda: gone(worker))


def test_a_job_outlives_its_kernel_and_can_still_be_stopped(start: Start) -> None:
    kernel = start()
    worker = kernel.worker
    kernel.kill()
    other = FineTuningJob.attach(kernel.job.id, store=JobStore())
    other.cancel()
    assert other.wait(120) == "cancelled"
    until(lambda: gone(worker))
