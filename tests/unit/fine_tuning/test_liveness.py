"""Whether a worker is still there: the table, row by row, with real processes."""

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from modelops_jupyter.fine_tuning import liveness
from modelops_jupyter.fine_tuning.records import Identity
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore

from .conftest import Submit

JOB, ATTEMPT = "tiny-aaaaaa", 1
Child = subprocess.Popen[bytes]


@pytest.fixture
def worker() -> Iterator[Child]:
    """A process that sleeps under the command line of the worker of attempt 1."""
    code = "import sys, time; print('up', flush=True); time.sleep(300)"
    words = [sys.executable, "-c", code, liveness.MODULE, JOB, str(ATTEMPT), "/store"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    yield child
    if child.poll() is None:
        child.kill()
    child.wait()


def judge(identity: Identity, job: str = JOB, attempt: int = ATTEMPT) -> str:
    return liveness.verdict(identity, job, attempt)


def test_a_living_worker_is_alive(worker: Child) -> None:
    assert judge(liveness.of(worker.pid)) == "alive"


def test_a_stopped_worker_is_alive(worker: Child) -> None:
    worker.send_signal(signal.SIGSTOP)
    identity = liveness.of(worker.pid)
    while not liveness.is_stopped(identity):
        os.sched_yield()
    assert judge(identity) == "alive"


def test_a_process_that_has_the_number_but_not_the_command_line_is_gone(worker: Child) -> None:
    identity = liveness.of(worker.pid)
    assert judge(identity, job="tiny-bbbbbb") == "gone"
    assert judge(identity, attempt=2) == "gone"
    assert judge(liveness.me()) == "gone"


def test_a_zombie_is_gone(worker: Child) -> None:
    identity = liveness.of(worker.pid)
    os.kill(worker.pid, signal.SIGKILL)
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)  # dead, and not reaped
    assert psutil.Process(worker.pid).status() == psutil.STATUS_ZOMBIE
    assert judge(identity) == "gone"


def test_a_process_that_does_not_exist_is_gone(worker: Child) -> None:
    identity = liveness.of(worker.pid)
    worker.kill()
    worker.wait()
    assert judge(identity) == "gone"


@pytest.mark.parametrize("changed", ["boot", "pidns"])
def test_another_boot_or_namespace_of_this_node_is_gone(worker: Child, changed: str) -> None:
    assert judge(dataclasses.replace(liveness.of(worker.pid), **{changed: "another"})) == "gone"


def test_another_node_is_not_judged(worker: Child) -> None:
    elsewhere = dataclasses.replace(liveness.of(worker.pid), node="other", boot="another")
    assert judge(elsewhere) == "elsewhere"
    in_a_container = dataclasses.replace(liveness.of(worker.pid), node="other", pidns="another")
    assert judge(in_a_container) == "elsewhere"


def test_a_renamed_machine_is_still_this_one(worker: Child) -> None:
    assert judge(dataclasses.replace(liveness.of(worker.pid), node="before-dhcp")) == "alive"


def test_a_process_that_hides_its_command_line_is_not_failed(
    worker: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: psutil.Process) -> list[str]:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "cmdline", denied)
    assert judge(liveness.of(worker.pid)) == "alive"


def test_kill_spares_a_process_that_only_has_the_number(worker: Child) -> None:
    assert not liveness.kill(liveness.of(worker.pid), "tiny-bbbbbb", 1)
    assert worker.poll() is None
    assert liveness.kill(liveness.of(worker.pid), JOB, ATTEMPT)
    assert worker.wait() == -signal.SIGKILL


def test_a_reader_records_a_lost_worker_at_once(store: JobStore, submit: Submit, worker: Child) -> None:
    submit(JOB)
    store.claim(JOB, ATTEMPT, liveness.of(worker.pid))
    assert store.settled(JOB).status is JobStatus.RUNNING
    worker.kill()
    worker.wait()
    row = store.settled(JOB)
    assert (row.status, row.reason) == (JobStatus.FAILED, "worker_lost")


def test_a_worker_lost_before_it_said_a_word_is_recorded_too(
    store: JobStore, submit: Submit, worker: Child
) -> None:
    submit(JOB)
    store.launched(JOB, ATTEMPT, liveness.of(worker.pid))
    assert store.settled(JOB).status is JobStatus.QUEUED
    worker.kill()
    worker.wait()
    assert store.settled(JOB).reason == "worker_lost"


def test_a_worker_that_finishes_between_two_looks_is_not_failed(
    store: JobStore, submit: Submit, worker: Child
) -> None:
    submit(JOB)
    seen = store.claim(JOB, ATTEMPT, liveness.of(worker.pid))
    store.finish(JOB, ATTEMPT, JobStatus.COMPLETED, None, "")
    worker.kill()
    worker.wait()
    assert store.settle(seen).status is JobStatus.COMPLETED


def test_a_reader_never_fails_a_worker_on_another_node(store: JobStore, submit: Submit) -> None:
    submit(JOB)
    store.claim(JOB, ATTEMPT, Identity("other", "another", "another", 1))
    assert store.settled(JOB).status is JobStatus.RUNNING
