"""Whether a worker lives: clocks that jump, numbers that are used again, kernels that share a store."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modelops_jupyter import FineTuningJob, doctor
from modelops_jupyter.errors import StoreError
from modelops_jupyter.fine_tuning import JobStore, liveness

from .conftest import Start, gone, new, send, until

pytestmark = pytest.mark.faults
DAY = 86_400.0


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_a_clock_that_jumps_changes_no_state_and_no_order(
    monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    job = new(60)
    job.run()
    until(lambda: job.progress.step > 5)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)  # for this reader
    assert job.status == "running"
    assert job.wait(120) == "completed"
    assert [e.seq for e in job.events()] == sorted(e.seq for e in job.events())
    assert [e.kind for e in job.events()][-1] == "completed"


def test_a_worker_whose_clock_goes_back_is_heard_in_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    patch = tmp_path / "early" / "sitecustomize.py"
    patch.parent.mkdir()
    # Every look at the clock of the worker is an hour before the last one.
    patch.write_text(
        "import itertools, time\nreal, hours = time.time, itertools.count()\n"
        "time.time = lambda: real() - 3600 * next(hours)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(patch.parent), prepend=":")
    job = new(60)
    job.run()
    assert job.wait(120) == "completed"
    at = [event.at for event in job.events()]
    assert at != sorted(at), "the clock did not go back"
    assert [event.kind for event in job.events()][:2] == ["queued", "running"]
    assert job.history.steps == list(range(1, 61))


def test_a_process_that_has_the_number_of_a_dead_worker_is_left_alone() -> None:
    job = new(100_000)
    job.run()
    until(lambda: job.status == "running")
    store = job.store
    send(store.get(job.id).pid or 0, signal.SIGKILL)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with store._db.write() as db:
        db.execute("UPDATE job SET pid = ? WHERE id = ?", (stranger.pid, job.id))
    try:
        assert job.cancel(force=True) == "failed"
        assert store.get(job.id).reason == "worker_lost"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_dead_worker_that_nobody_has_reaped_is_dead() -> None:
    job = new(100_000)
    job.run()
    until(lambda: job.status == "running")
    row = job.store.get(job.id)
    child = liveness.children.pop((job.id, 1))  # as in a kernel that never looks after its children
    send(row.pid or 0, signal.SIGKILL)
    until(lambda: gone(row.pid or 0))
    assert child.returncode is None
    assert job.status == "failed"
    child.wait()


def test_two_kernels_with_one_store_see_and_do_the_same(start: Start) -> None:
    kernels = [start("stub", steps=100_000) for _ in range(2)]
    first, second = kernels
    for kernel in kernels:
        until(lambda kernel=kernel: kernel.job.progress.step > 3)
    listed = JobStore().list()
    assert sorted(job["id"] for job in listed) == sorted(kernel.job.id for kernel in kernels)
    # One kernel is killed and its worker too; the other's job and store go on.
    worker = first.worker
    first.kill()
    send(worker, signal.SIGKILL)
    until(lambda: gone(worker))
    assert first.job.status == "failed"
    assert second.job.status == "running"
    assert FineTuningJob.attach(second.job.id).cancel() == "running"
    until(lambda: second.job.status == "cancelled")
    assert first.job.resume() in ("queued", "running")
    until(lambda: first.job.progress.step > 3)
    first.job.cancel()
    assert first.job.wait(120) == "cancelled"


def test_a_home_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    inside = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    code = "from modelops_jupyter.fine_tuning import JobStore; JobStore()"
    for filled in (False, True):
        folder = tmp_path / str(filled)
        folder.mkdir()
        if filled:
            JobStore(folder / "jobs.sqlite3").close()
        script = code.replace("JobStore()", f"JobStore({str(folder / 'jobs.sqlite3')!r})")
        words = ["unshare", "-Urm", "sh", "-c", inside, "sh", str(folder), sys.executable, "-c", script]
        said = subprocess.run(words, capture_output=True, text=True, check=False).stderr
        if "unshare" in said:
            pytest.skip("a read-only disk needs user namespaces")
        assert "StoreError: The job store cannot be used" in said.splitlines()[-1]
        assert "MODELOPS_HOME" in said.splitlines()[-1]


def test_a_home_that_is_a_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="MODELOPS_HOME"):
        JobStore(tmp_path / "file" / "jobs.sqlite3")


def test_a_network_disk_is_written_safely_and_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    monkeypatch.setattr("modelops_jupyter._home.is_network_disk", lambda _: True)
    monkeypatch.setattr("modelops_jupyter._sqlite.is_network_disk", lambda _: True)
    store = JobStore()
    modes = [
        store._db.connection().execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    ]
    assert modes == ["truncate", 3]
    assert "network disk" in str(doctor())
    store.submit("a", name=None, provider="stub", base_model="tiny", spec={})
    store.close()
