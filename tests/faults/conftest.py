"""Real workers and a real "kernel" that can be killed. Every process is ended by its own number."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from modelops_jupyter import FineTuningJob
from modelops_jupyter.fine_tuning import JobStore, liveness

PATIENCE = 120.0  # only a bound for a machine in distress; nothing is judged by it

# What a notebook would do, in a process of its own: it starts a job, says its id and sits there.
KERNEL = """
import sys, time
from modelops_jupyter import Dataset, FineTuningJob
rows = [{"messages": [{"role": "user", "content": f"Say {i}."}, {"role": "assistant", "content": str(i)}]}
        for i in range(20)]
config = {"max_steps": int(sys.argv[2])}
job = FineTuningJob("tiny", Dataset.from_records(rows), provider=sys.argv[1], config=config)
print(job.run(), flush=True)
time.sleep(600)
"""


class Kernel:
    """A process that started a job."""

    def __init__(self, provider: str, steps: int) -> None:
        words = [sys.executable, "-c", KERNEL, provider, str(steps)]
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
    """A home of its own."""
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path))
    return tmp_path


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
    for row in JobStore().rows():
        if row.worker and liveness.kill(row.worker, row.id, row.attempt):
            until(lambda pid=row.worker.pid: gone(pid))


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that this test started."""
    os.kill(pid, number)
