"""Jobs as the monitor is tested with: real stores with a set clock, read by the real snapshot."""

import math
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from modelops_jupyter.fine_tuning import JobStatus, JobStore, snapshot
from modelops_jupyter.fine_tuning.records import Identity
from modelops_jupyter.training import TrainingConfig, checkpoints

ANSWERS = (
    ("Parcel shows delivered, nothing here.", "I'm sorry to hear that. There are", '{"intent": "delivery"}'),
    ("Charged twice for A-18804.", "Thank you for reaching out. To", '{"intent": "billing"}'),
)
BEGIN = 1760019958.0  # 14:25:58 UTC, a Thursday
ELSEWHERE = Identity("another-node", "boot", "pidns", 4242)  # a reader never fails its jobs
HOSTILE = '<img src=x onerror="window.__pwned=1"></script><script>window.__pwned=1</script>'
# Seconds a step in each of the last ten blocks: 10th percentile, mean and 90th give 13, 15 and 19 min.
PACES = (1.0, 1.026, 1.05, 1.08, 1.1, 1.15, 1.2, 1.3, 1.5, 1.53)


class Story:
    """One job in a store of its own, told along a clock that is set by hand."""

    def __init__(self, folder: Path, job: str, **spec: Any) -> None:
        self.now, self.id = BEGIN, job
        self.store = JobStore(folder / job / "jobs.sqlite3")
        self.total = spec.pop("total", 2000)
        self.attempt = 1
        self.spec = spec

    def queue(self, name: str, provider: str = "local", base: str = "SmolLM2-135M-Instruct") -> "Story":
        spec: dict[str, Any] = {
            "config": TrainingConfig(method="lora", learning_rate=3e-3, warmup_steps=50).to_dict(),
            "rows": 48_200,
            "fingerprint": "sha256:41d077be",
            "seed": 0,
            "simulated": provider == "simulated",
            "plan": {"rows": 48_200, "total_steps": self.total, "epochs": 8, "max_grad_norm": 1.0}
            | {"memory_limit": 8_000_000_000},
        }
        self.store.submit(self.id, name=name, provider=provider, base_model=base, spec=spec | self.spec)
        return self

    def start(self, prepared: float = 38) -> "Story":
        self.now = BEGIN + 2
        self.store.claim(self.id, self.attempt, ELSEWHERE)
        self.beat(events=[("stage", {"name": "prepare", "state": "active"})])
        if prepared:
            self.now += prepared
            plan = {"rows": 48_200, "total_steps": self.total, "epochs": 8, "prepare_seconds": prepared}
            self.beat(events=[("plan", plan), ("stage", {"name": "train", "state": "active"})])
        return self

    def beat(self, points: Any = (), events: Any = ()) -> None:
        timed = [(self.now, kind, data) for kind, data in events]
        self.store.beat(self.id, self.attempt, points=points, events=timed)

    def train(self, steps: int, at: float, first: int = 10) -> "Story":
        """Report every tenth step up to `steps`, and a checkpoint with its loss every 200."""
        self.now = at
        points: list[tuple[str, int, float]] = []
        for step in range(first, steps + 1, 10):
            wave = math.sin(step)
            points += [
                ("loss", step, 0.34 + 1.3 * math.exp(-step / 350) + 0.03 * wave),
                ("learning_rate", step, 3e-3 * 0.5 * (1 + math.cos(math.pi * step / self.total))),
                ("tokens_per_second", step, 11_400 + 600 * wave),
                ("grad_norm", step, 0.8 + 0.4 * abs(wave)),
                ("memory", step, 6.2e9 + 4e6 * (step % 90)),
                ("elapsed", step, _elapsed(step, steps)),
            ]
            if step % 100 == 0:
                held = _held(step)
                points += [("validation_loss", step, held), ("validation_loss_low", step, held - 0.017)]
                points += [("validation_loss_high", step, held + 0.017)]
        self.beat(points=points)
        for step in range(-(-first // 200) * 200, steps + 1, 200):
            self.checkpoint(step, kept=step in (600, 1000) or step + 200 > steps)
        return self

    def answer(self, steps: int) -> "Story":
        """Report a metric of the answers with its interval, and the answers themselves, from the base on."""
        for step in range(0, steps + 1, 200):
            right = 0.85 * (1 - math.exp(-step / 300))
            between = {"": right, "_low": max(0.0, right - 0.05), "_high": right + 0.05}
            rows = [{"prompt": p, "answer": r if right > 0.6 else b, "reference": r} for p, b, r in ANSWERS]
            points = [(f"exact_match{side}", step, value) for side, value in between.items()]
            self.beat(points=points, events=[("sample", {"step": step, "rows": rows})])
        return self

    def learn_by_heart(self, after: int, steps: int) -> "Story":
        """Lose the worker, go on with another one, and let the validation loss rise from then on."""
        self.end(JobStatus.FAILED, "worker_lost", "The worker was ended by signal 9.", self.now)
        self.attempt = self.store.requeue(self.id, from_step=after).attempt
        self.store.claim(self.id, self.attempt, ELSEWHERE)
        self.beat(events=[("stage", {"name": name, "state": "active"}) for name in ("prepare", "train")])
        self.train(steps, self.now, first=after + 10)
        held = [(step, _held(after) + (step - after) / 4000) for step in range(after, steps + 1, 100)]
        sides = {"": 0.0, "_low": -0.017, "_high": 0.017}
        self.now = 1760021340
        self.beat(points=[(f"validation_loss{side}", s, v + d) for s, v in held for side, d in sides.items()])
        return self

    def checkpoint(self, step: int, *, kept: bool) -> None:
        folder = Path(checkpoints.FOLDER) / f"checkpoint-{step}"
        place = self.store.folder(self.id) / folder
        place.mkdir(parents=True)
        if kept:
            (place / "weights").write_bytes(b"weights")
            checkpoints.seal(place, step)
        held = _held(step)
        self.beat(events=[("checkpoint", {"step": step, "folder": str(folder), "validation_loss": held})])

    def end(self, status: JobStatus, reason: str | None, text: str, at: float) -> "Story":
        self.now = at
        self.store.finish(self.id, self.attempt, status, reason, text)
        return self

    def listed(self) -> dict[str, Any]:
        """Return the job as a list shows it."""
        (job,) = self.store.list()
        return job

    def told(self, at: float | None = None) -> dict[str, Any]:
        """Return the snapshot as it looks at a moment."""
        self.now = at or self.now
        return self.store.snapshot(self.id)


def _held(step: int) -> float:
    return 0.381 + 1.25 * math.exp(-step / 380)


def _elapsed(step: int, last: int) -> float:
    """Return the seconds since the start, so that the newest blocks of 120 steps have the paces above."""
    seconds = 0.0
    for begin in range(0, step, 10):
        block = (last - begin - 10) // 120
        seconds += 10 * (PACES[block] if block < len(PACES) else 1.05)
    return round(seconds, 3)


@contextmanager
def _clock(story: list[Story]) -> Iterator[None]:
    """Let the modules that write and read jobs see the story's time, in UTC."""
    real = snapshot.facts

    def facts(*given: Any) -> Any:
        return replace(real(*given), now=story[0].now)

    zone = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    try:
        with mock.patch("time.time", lambda: story[0].now), mock.patch.object(snapshot, "facts", facts):  # noqa: PT008 -- the time moves
            yield
    finally:
        os.environ.pop("TZ") if zone is None else os.environ.update(TZ=zone)
        time.tzset()


def scenes() -> dict[str, Any]:
    """Return a snapshot of a job in every state, and a list of jobs."""
    with tempfile.TemporaryDirectory() as name:
        folder, current = Path(name), [None]

        def story(job: str, **spec: Any) -> Story:
            current[0] = Story(folder, job, **spec)  # type: ignore[call-overload]
            return current[0]

        with _clock(current):  # type: ignore[arg-type]
            return dict(_scenes(story))


def _scenes(story: Any) -> Iterator[tuple[str, Any]]:
    triage, listed = "ticket-triage-lora", []
    running = story("tt-7f3k2q").queue(triage).start().train(1240, 1760021340).answer(1200)
    yield "job_running", running.told()
    listed.append(running.listed())
    early = story("e-1", total=400, rows=3600).queue("dates-tiny", base="tiny").start(4)
    yield "job_early", early.train(10, 1760019969).told()
    yield "job_preparing", story("p-1").queue(triage).start(0).told(1760019998)
    lesson = story("s-1", total=1000, rows=12).queue("lesson-1", "simulated", "tiny").start(2)
    yield "job_simulated", lesson.train(600, 1760021340).told()
    listed.append(lesson.listed())
    queued = story("q-1").queue("triage-hosted")
    yield "job_queued", queued.told()
    listed.append(queued.listed())
    lost = "The worker was ended by signal 9 at step 742."
    failed = story("f-1").queue("triage-dpo").start().train(740, 1760020790)
    yield "job_failed", failed.end(JobStatus.FAILED, "worker_lost", lost, 1760020800).told(1760020860)
    listed.append(failed.listed())
    done = story("c-1").queue("triage-sft-small").start().train(2000, 1760022100)
    done.beat(events=[("stage", {"name": name, "state": "active"}) for name in ("evaluate", "export")])
    yield "job_completed", done.end(JobStatus.COMPLETED, None, "", 1760022110).told()
    listed.append(done.listed())
    stopped = story("x-1").queue("triage-lr-3e-3").start().train(640, 1760020690)
    yield (
        "job_cancelled",
        stopped.end(JobStatus.CANCELLED, "cancelled", "Stopped on request.", 1760020700).told(),
    )
    listed.append(stopped.listed())
    heart = story("o-1").queue("triage-by-heart").start().train(800, 1760020900).learn_by_heart(800, 1240)
    yield "job_overfitting", heart.told()
    hostile = story("h-1").queue(f"{HOSTILE}\u202egnp", "local", HOSTILE).start().train(300, 1760021340)
    rows = [{"prompt": HOSTILE, "answer": HOSTILE, "reference": HOSTILE}]
    bad = [("note", {"text": HOSTILE}), ("sample", {"step": 0, "rows": rows})]
    hostile.beat(points=[(HOSTILE, 100, 0.5)], events=bad)
    yield "job_hostile", hostile.told()
    listed.append(hostile.listed())
    yield "job_list", {"jobs": listed}
