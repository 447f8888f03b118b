"""Hundreds of kill -9 of the real engine: `python -m tests.faults.long --kills 200` prints what came of it.

Each kill takes the worker, the process that started or resumed the job, or both: at any time, while
it trains, or while it writes a checkpoint. Every job must end in the weights and the curve of a run
that nobody disturbed. With --write the result goes into docs/faults.md.
"""

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path

import psutil

from modelops_jupyter import FineTuningJob
from modelops_jupyter.training import TrainingPipeline, TrainingRun, checkpoints
from tests.benchmarks._page import write

from .conftest import Kernel, gone, rows, until, weights, workers

STEPS, EVERY = 40, 4
START, TRAINING, SAVING = 9.0, 2.5, 0.02  # seconds: about how long each lasts, to draw a moment from
VICTIMS = ("worker", "kernel", "both")
MOMENTS = ("any", "training", "saving")
PLACES = ("starting", "training", "saving")

# The next notebook: it resumes the job if that is how it is left, and sits there.
NEXT_KERNEL = """
import sys, time
from modelops_jupyter import FineTuningJob
from modelops_jupyter.errors import JobError
try:
    FineTuningJob.attach(sys.argv[1]).resume()
except JobError as error:
    assert error.code in ("job-active", "job-completed"), error
print("here", flush=True)
time.sleep(600)
"""


@dataclass
class Tally:
    """What was counted."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    jobs: int = 0
    equal: int = 0
    curves: int = 0
    torn: int = 0
    loaded: int = 0
    left: int = 0

    @property
    def bad(self) -> bool:
        """Whether anything is not as it must be."""
        return bool(self.equal != self.jobs or self.curves != self.jobs or self.loaded or self.left)


def main(kills: int, seed: int, minutes: float) -> tuple[str, Tally]:
    """Kill so often, but for no longer than this; return the result as Markdown, and the counts."""
    draw, tally, started = random.Random(seed), Tally(), time.monotonic()
    undisturbed = TrainingPipeline({"max_steps": STEPS, "save_steps": EVERY}).run(rows())

    def enough() -> bool:
        return tally.kills.total() >= kills or time.monotonic() - started > 60 * minutes

    while not enough():
        _one_job(draw, tally, undisturbed, enough)
        print(f"{time.monotonic() - started:.0f} s: {tally.kills.total()} kills, {tally}", file=sys.stderr)
    return _shown(tally, seed, time.monotonic() - started), tally


def _one_job(draw: random.Random, tally: Tally, undisturbed: TrainingRun, enough: Callable[[], bool]) -> None:
    """Start a job, disturb it until it is through all the same, and look at what it left."""
    first = Kernel("local", STEPS, save_steps=EVERY)
    job, kernel = first.job, first.process
    torn: set[tuple[int, int]] = set()
    while not enough():
        _wait(draw, job)
        if job.status == "completed":
            break
        victim, place, attempt = draw.choice(VICTIMS), _place(job), job.store.get(job.id).attempt
        doomed = _kill(victim, kernel, job)
        if not doomed:
            continue
        tally.kills[victim, place] += 1
        until(partial(_all_gone, doomed), patience=60)
        if victim != "kernel" and place != "starting":
            torn |= {(attempt, step) for step in _half_written(job)}
        kernel = _next_kernel(kernel, job)
    if job.status == "failed":
        kernel = _next_kernel(kernel, job)
    job.wait(600)
    _end(kernel)
    tally.jobs += 1
    tally.torn += len(torn)
    begun = {(e.attempt - 1, int(e.data["first_step"])) for e in job.events() if e.kind == "plan"}
    tally.loaded += len(begun & torn)
    tally.equal += job.status == "completed" and weights(job.store.folder(job.id)) == weights(
        undisturbed.folder
    )
    tally.curves += job.history["loss"] == undisturbed.curves["loss"]
    deadline = time.monotonic() + 60
    while (left := workers(job.id)) and time.monotonic() < deadline:
        time.sleep(0.1)
    tally.left += len(left)


def _wait(draw: random.Random, job: FineTuningJob) -> None:
    """Wait for a moment to kill in: any, one of the training, or one while a checkpoint is being written."""
    moment = draw.choice(MOMENTS)
    if moment == "any":
        time.sleep(draw.uniform(0, START))
        return
    until(lambda: job.done or _trains(job), patience=600)
    if moment == "training":
        time.sleep(draw.uniform(0, TRAINING))
        return
    while not (_half_written(job) or job.done):
        time.sleep(0.001)
    time.sleep(draw.uniform(0, SAVING))


def _place(job: FineTuningJob) -> str:
    if not _trains(job):
        return "starting"
    return "saving" if _half_written(job) else "training"


def _trains(job: FineTuningJob) -> bool:
    attempt = job.store.get(job.id).attempt
    return any(e.kind == "stage" and e.data["name"] == "train" and e.attempt == attempt for e in job.events())


def _half_written(job: FineTuningJob) -> list[int]:
    """Steps of the checkpoints that are not whole."""
    found = (job.store.folder(job.id) / checkpoints.FOLDER).glob("checkpoint-*")
    return [int(path.name[11:]) for path in found if checkpoints.verified(path, checksums=False) is None]


def _kill(victim: str, kernel: "subprocess.Popen[str]", job: FineTuningJob) -> list[int]:
    """Kill; return the numbers of all that must be gone now, none if the worker had ended by itself."""
    row, doomed = job.store.get(job.id), [kernel.pid] if victim != "worker" else []
    if victim != "kernel":
        try:
            worker = psutil.Process(row.pid or 0)
            if job.done:
                return []
            doomed += [worker.pid, *(child.pid for child in worker.children(recursive=True))]
            worker.kill()
        except psutil.NoSuchProcess:
            return []
    if victim != "worker":
        kernel.kill()
    return doomed


def _all_gone(numbers: list[int]) -> bool:
    return all(gone(number) for number in numbers)


def _next_kernel(old: "subprocess.Popen[str]", job: FineTuningJob) -> "subprocess.Popen[str]":
    _end(old)
    words = [sys.executable, "-c", NEXT_KERNEL, job.id]
    kernel = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert kernel.stdout is not None
    assert kernel.stdout.readline() == "here\n"
    return kernel


def _end(kernel: "subprocess.Popen[str]") -> None:
    kernel.kill()
    kernel.wait()
    if kernel.stdout:
        kernel.stdout.close()


def _shown(tally: Tally, seed: int, seconds: float) -> str:
    total = tally.kills.total()
    lines = ["| killed | starting | training | writing a checkpoint | all |", "|---|---:|---:|---:|---:|"]
    for victim, name in zip(VICTIMS, ("the worker", "its kernel", "both"), strict=True):
        counts = [tally.kills[victim, place] for place in PLACES]
        lines.append(f"| {name} | {' | '.join(map(str, counts))} | {sum(counts)} |")
    engines = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "trl"))
    return "\n".join(
        [
            *lines,
            "",
            f"{total} kills over {tally.jobs} trainings of {STEPS} steps, a checkpoint every {EVERY}:",
            "",
            f"- ended in the weights of the undisturbed run, by SHA-256: {tally.equal} of {tally.jobs}",
            f"- curves without a gap, a double or another digit: {tally.curves} of {tally.jobs}",
            f"- half-written checkpoints found after a kill: {tally.torn}; loaded: {tally.loaded}",
            f"- processes left behind: {tally.left}",
            "",
            f"_Seed {seed}; {seconds / 60:.0f} minutes, {seconds / max(total, 1):.0f} s a kill; Python "
            f"{platform.python_version()}, {engines}; {platform.machine()}, {psutil.cpu_count()} cores._",
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--write", action="store_true", help="put the result into docs/faults.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["MODELOPS_HOME"] = str(Path(home) / "home")
        text, counted = main(options.kills, options.seed, options.minutes)
    print(text)
    if options.write:
        write("faults.md", "kills", text)
    sys.exit(counted.bad)
