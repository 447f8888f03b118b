"""Real workers and a real "kernel" that can be killed. Every process is ended by its own number."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from modelops_jupyter import Dataset, FineTuningJob
from modelops_jupyter.fine_tuning import JobStore, liveness

from . import stub

PATIENCE = 120.0  # only a bound for a machine in distress; nothing is judged by it

# What a notebook would do, in a process of its own: it starts a job, says its id and sits there.
KERNEL = """
import json, sys, time
from modelops_jupyter import Dataset, FineTuningJob
rows = [{"messages": [{"role": "user", "content": f"Say {i}."}, {"role": "assistant", "content": str(i)}]}
        for i in range(20)]
config = {"max_steps": int(sys.argv[2])} | json.loads(sys.argv[3])
job = FineTuningJob("tiny", Dataset.from_records(rows), provider=sys.argv[1], config=config)
print(job.run(), flush=True)
time.sleep(600)
"""


class Kernel:
    """A process that started a job."""

    def __init__(self, provider: str, steps: int, **config: Any) -> None:
        words = [sys.executable, "-c", KERNEL, provider, str(steps), json.dumps(config)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.job = FineTuningJob.attach(self.process.stdout.readline().strip())

    @property
    def worker(self) -> int:
        """The number of the worker process, once it says that it runs."""
        until(lambda: self.job.status == "running")
        pid = self.job.store.get(self.job.id).pid
        assert pid is not None
        return pid

    def kill(self) -> None:
        """End the process as a crash would, and reap it."""
        self.process.kill()
        self.process.wait()


Start = Callable[..., Kernel]


def until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether a process has ended; one nobody has reaped yet counts."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, in an environment where the provider "stub" is installed."""
    site, folder = tmp_path / "site", tmp_path / "home"
    installed = site / "stub-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: stub\nVersion: 1\n")
    (installed / "entry_points.txt").write_text(stub.ENTRY_POINT)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("MODELOPS_HOME", str(folder))
    return folder


def rows(count: int = 20) -> Dataset:
    """Questions with answers."""
    return Dataset.from_records(
        [
            {"messages": [{"role": "user", "content": f"Say {i}."}, {"role": "assistant", "content": str(i)}]}
            for i in range(count)
        ]
    )


def new(steps: int, provider: str = "stub", **options: Any) -> FineTuningJob:
    """A job that has not been started."""
    return FineTuningJob("tiny", rows(), provider=provider, config={"max_steps": steps, **options})


def workers(job_id: str) -> list[int]:
    """Numbers of all living processes that work on a job, or wait to."""
    found: list[int] = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if job_id in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


def weights(folder: Path) -> str:
    """Hash of what a completed run has left in its folder."""
    found = sorted([*folder.glob("model/*.bin"), *folder.glob("model/*.safetensors")])
    assert found
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Start kernels that start jobs, and end everything afterwards."""
    kernels: list[Kernel] = []

    def make(provider: str = "simulated", steps: int = 100_000) -> Kernel:
        kernels.append(Kernel(provider, steps))
        return kernels[-1]

    yield make
    for kernel in kernels:
        kernel.kill()


@pytest.fixture(autouse=True)
def no_orphans(home: Path) -> Iterator[None]:
    """Nothing of a job may be left; what a failed test has left is ended by its number."""
    yield
    if not (home / "jobs.sqlite3").exists():
        return
    for row in JobStore().rows():
        if row.worker and liveness.kill(row.worker, row.id, row.attempt):
            until(lambda pid=row.worker.pid: gone(pid))
        until(lambda job_id=row.id: not workers(job_id), patience=20)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that this test started."""
    os.kill(pid, number)
