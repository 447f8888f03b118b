"""A job for teaching: real process, real store, invented numbers. Every display says so.

It is also the trainer of the fault tests: it lives like any job and costs no engine.
"""

import json
import math
import random
import time
from collections.abc import Collection
from pathlib import Path

from modelops_jupyter.fine_tuning.providers.base import Work, WorkerProvider

STEP_SECONDS = 0.02
CHECKPOINT_EVERY = 50


class Simulated(WorkerProvider):
    """Draws the same curve for the same seed on every machine."""

    name = "simulated"
    simulated = True

    def work(self, work: Work) -> bool:
        """Live through the stages of a run and say what a trainer would say."""
        total = int(work.spec["plan"]["total_steps"])
        work.emit("stage", {"name": "prepare", "state": "active"})
        first, peak = work.first_step, float(work.config.get("learning_rate") or 3e-3)
        work.emit("plan", {**work.spec["plan"], "first_step": first})
        work.emit("stage", {"name": "train", "state": "active"})
        started = time.monotonic()
        for step in range(first + 1, total + 1):
            if work.should_stop():
                _save(work, step - 1)
                return False
            time.sleep(STEP_SECONDS)
            values = curve(step, total, int(work.spec["seed"]), peak)
            work.emit("point", {"step": step, "values": {**values, "elapsed": time.monotonic() - started}})
            if step % CHECKPOINT_EVERY == 0 or step == total:
                _save(work, step)
        for stage in ("evaluate", "export"):
            work.emit("stage", {"name": stage, "state": "active"})
        work.emit("stage", {"name": "export", "state": "done"})
        return True

    def resume_step(self, folder: Path, reported: Collection[int], *, thorough: bool = True) -> int:  # noqa: ARG002 -- nothing is kept
        """Return the last step that was reported as saved: a formula goes on from anywhere."""
        return max(reported, default=0)


def _save(work: Work, step: int) -> None:
    if step:
        work.emit("checkpoint", {"step": step})


def curve(step: int, total: int, seed: int, rate: float = 3e-3) -> dict[str, float]:
    """Return the invented values of one step; a formula of step, length and seed."""
    noise = random.Random(json.dumps([seed, step])).gauss(0, 1)  # noqa: S311 -- a picture, not a secret
    progress = step / total
    values = {
        "loss": 0.4 + 2.0 * math.exp(-4 * progress) * (1 + 0.06 * noise),
        "learning_rate": rate * 0.5 * (1 + math.cos(math.pi * progress)),
        "tokens_per_second": 1800 + 40 * noise,
        "grad_norm": 0.8 + 0.1 * abs(noise),
    }
    if step % CHECKPOINT_EVERY == 0:
        values["validation_loss"] = 0.5 + 2.0 * math.exp(-4 * progress)
    return values
