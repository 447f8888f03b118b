"""Hundreds of kill -9 of the real engine: `python -m tests.faults.long --kills 200` prints one line.

Each kill takes the worker, the process that started the job, or both, after a random time, from
the first moment of a process on. Every job must end in the weights and the curve of a run that
nobody disturbed, and leave no process behind.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from modelops_jupyter import FineTuningJob
from modelops_jupyter.training import TrainingPipeline, checkpoints

from .conftest import Kernel, gone, rows, until, weights, workers

STEPS = 40
VICTIMS = ("worker", "kernel", "both")


def main(kills: int, seed: int) -> str:
    """Kill so often, and say what came of it."""
    draw = random.Random(seed)
    undisturbed = TrainingPipeline({"max_steps": STEPS, "save_steps": 4}).run(rows())
    expected = weights(undisturbed.folder)
    done: Counter[str] = Counter()
    jobs = torn = 0
    started = time.monotonic()
    while sum(done.values()) < kills:
        kernel = Kernel("local", STEPS, save_steps=4)
        job, jobs = kernel.job, jobs + 1
        longest = 12.0  # seconds; as long as a start and half of the steps take
        while not job.done and sum(done.values()) < kills:
            time.sleep(draw.uniform(0, longest))
            if job.done:
                break
            victim = draw.choice(VICTIMS if kernel.process.poll() is None else ("worker",))
            done[victim] += 1
            _kill(kernel, victim)
            torn += _torn(job)
            if job.status == "failed":
                job.resume()
        if job.status == "failed":
            job.resume()
        assert job.wait(600) == "completed", job.reason
        kernel.kill()
        assert weights(job.store.folder(job.id)) == expected, "other weights"
        assert job.history["loss"] == undisturbed.curves["loss"], "another curve"
        until(lambda job_id=job.id: not workers(job_id), patience=20)
        print(
            f"{sum(done.values())} kills, {jobs} jobs, {torn} torn checkpoints", file=sys.stderr, flush=True
        )
    each = f"{done['worker']} of the worker, {done['kernel']} of its kernel, {done['both']} of both"
    minutes = (time.monotonic() - started) / 60
    return (
        f"{sum(done.values())} kills ({each}) over {jobs} trainings of {STEPS} steps: all {jobs} ended in "
        f"the weights and the curve of the undisturbed run; {torn} half-written checkpoints were found and "
        f"none loaded; no process was left ({minutes:.0f} min, {psutil.cpu_count()} cores)."
    )


def _kill(kernel: Kernel, victim: str) -> None:
    if victim != "worker":
        kernel.kill()
    row = kernel.job.store.get(kernel.job.id)
    if victim == "kernel" or row.pid is None:
        return
    try:
        os.kill(row.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    until(lambda: gone(row.pid or 0))


def _torn(job: FineTuningJob) -> int:
    """Count half-written checkpoints of a job whose worker is dead."""
    if job.status != "failed":
        return 0
    found = (job.store.folder(job.id) / checkpoints.FOLDER).glob("checkpoint-*")
    return sum(checkpoints.verified(path) is None for path in found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["MODELOPS_HOME"] = str(Path(home) / "home")
        print(main(options.kills, options.seed))
