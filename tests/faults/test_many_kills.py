"""More than twenty kill -9 at random places: every job ends as the run that nobody disturbed."""

import random
import signal
import time

import pytest

from modelops_jupyter import FineTuningJob
from modelops_jupyter.fine_tuning import JobStore

from .conftest import gone, new, send, until, weights, workers

pytestmark = pytest.mark.faults
KILLS = 24
JOBS = 4
STEPS = 100


def test_killed_jobs_end_like_the_undisturbed_one() -> None:
    undisturbed = new(STEPS)
    undisturbed.run()
    assert undisturbed.wait(120) == "completed"
    expected = weights(undisturbed.store.folder(undisturbed.id))
    jobs = [new(STEPS) for _ in range(JOBS)]
    for job in jobs:
        job.run()
    places = [_disturb(jobs[number % JOBS]) for number in range(KILLS)]
    for job in jobs:
        if job.status == "failed":
            job.resume()
        assert job.wait(120) == "completed"
        assert weights(job.store.folder(job.id)) == expected
        assert job.history.curves == undisturbed.history.curves  # no gap, no double, every digit
        assert job.store.get(job.id).attempt == 1 + sum(e.kind == "failed" for e in job.events())
        until(lambda job_id=job.id: not workers(job_id))
    assert len(set(places)) > KILLS / 4, "the kills did not come at different places"


def _disturb(job: FineTuningJob) -> tuple[str, int]:
    """Kill a job's worker at a random place, and resume it; return where it was."""
    if random.random() < 0.3:  # wherever it is by then, mostly not yet at its first step
        time.sleep(random.uniform(0, 0.5))
    else:
        aim = job.progress.step + random.randint(1, 25)
        until(lambda: job.done or job.progress.step >= aim)
    status = job.status
    if status == "completed":  # it was faster than the kills: have another life
        job.store.delete(job.id)
        job.__dict__.update(vars(new(STEPS)))
        job.run()
        return _disturb(job)
    row = JobStore().get(job.id)
    place = str(row.status), job.progress.step
    assert row.pid is not None
    send(row.pid, signal.SIGKILL)
    until(lambda: gone(row.pid or 0))
    assert job.status == "failed"
    assert job.store.get(job.id).reason == "worker_lost"
    job.resume()
    return place
