"""A stopped worker is running; a wish to stop is granted within seconds; force ends it for certain."""

import signal
import time

import pytest

from .conftest import Start, gone, send, until

HELD = 3
pytestmark = pytest.mark.faults


def test_a_worker_held_by_sigstop_is_still_running(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = start()
    job = kernel.job
    until(lambda: job.progress.step > 0)
    send(kernel.worker, signal.SIGSTOP)
    until(lambda: "held by a signal" in job.snapshot()["detail"])
    step = job.progress.step
    time.sleep(HELD)  # the time itself is the fault
    assert job.status == "running"
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 86_400)  # as if it were held for a day
    assert job.status == "running"
    monkeypatch.setattr(time, "time", real)
    assert job.progress.step == step
    send(kernel.worker, signal.SIGCONT)
    until(lambda: job.progress.step > step)
    assert job.snapshot()["detail"] == ""


def test_cancel_stops_within_five_seconds(start: Start) -> None:
    kernel = start()
    until(lambda: kernel.job.progress.step > 0)
    worker = kernel.worker
    asked = time.monotonic()
    kernel.job.cancel()
    until(lambda: kernel.job.done)
    assert time.monotonic() - asked < 5
    assert kernel.job.status == "cancelled"
    assert [e.kind for e in kernel.job.events()][-1] == "cancelled"
    until(lambda: gone(worker))


def test_a_worker_that_cannot_listen_is_ended_by_force(start: Start) -> None:
    kernel = start()
    worker = kernel.worker
    send(worker, signal.SIGSTOP)
    assert kernel.job.cancel() == "running"
    assert kernel.job.cancel(force=True) == "cancelled"
    until(lambda: gone(worker))
