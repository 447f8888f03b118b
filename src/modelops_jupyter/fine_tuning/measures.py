"""What is drawn beside the loss: task metrics, samples of answers, what was planned, the best checkpoint."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from modelops_jupyter._format import clip, count, interval, number, visible
from modelops_jupyter.fine_tuning import curves
from modelops_jupyter.fine_tuning.records import Event

OWN = ("loss", "validation_loss", "learning_rate", "tokens_per_second", "grad_norm", "memory", "elapsed")
MOST_MEASURES, MOST_SAMPLES, MOST_ROWS, MOST_TEXT, MOST_LINES = 6, 6, 3, 400, 8
PLAN_POINTS = 40
Curve = Sequence[tuple[int, float]]
Points = Mapping[str, Curve]


def measured(points: Points) -> list[dict[str, Any]]:
    """Return every other curve a run reported; those with an interval come first."""
    names = [name for name in points if name not in OWN and not name.endswith(("_low", "_high"))]
    names.sort(key=lambda name: (f"{name}_low" not in points, name))
    return [
        {"name": visible(name), "label": label(name)}
        | {**at(points, name, points[name][-1][0]), "rows": banded(points, name)}
        for name in names[:MOST_MEASURES]
    ]


def banded(points: Points, name: str) -> list[list[float | int | None]]:
    """Return [step, value, low, high] of a curve, thinned; what is not known or no number is None."""
    low, high = (dict(points.get(f"{name}_{side}", ())) for side in ("low", "high"))
    return [
        [*point, _finite(low.get(int(point[0] or 0))), _finite(high.get(int(point[0] or 0)))]
        for point in curves.thin(points.get(name, ()))
    ]


def loss_text(value: float) -> str:
    """A small loss keeps three digits that say something."""
    return number(value, 3 if not value < 0.1 else 4 if value >= 0.01 else 5)


def at(points: Points, name: str, step: int) -> dict[str, str]:
    """Return a curve's value at a step as text, with its interval."""
    value, low, high = (dict(points.get(name + end, ())).get(step) for end in ("", "_low", "_high"))
    between = "" if low is None or high is None else interval(low, high)
    return {"text": "" if value is None else number(value), "interval": between}


def samples(events: Iterable[Event], points: Points) -> list[dict[str, Any]]:
    """Return answers the model gave while it was trained: the first ones, which are its base, and the newest.

    They come from events of kind `sample`: `{"step": 200, "rows": [{"prompt", "answer", "reference"}]}`.
    """
    found: dict[int, list[dict[str, Any]]] = {
        e.data["step"]: e.data["rows"] for e in events if e.kind == "sample"
    }
    steps = sorted(found)
    scored = [name for name in points if f"{name}_low" in points and name not in OWN]
    return [
        {
            "step": step,
            "name": f"step {count(step)}" if step else "base",
            "scores": [{"name": label(name), **at(points, name, step)} for name in scored],
            "rows": [_row(row) for row in found[step][:MOST_ROWS]],
        }
        for step in sorted({*steps[:1], *steps[1 - MOST_SAMPLES :]})
    ]


def marks(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return the steps at which a later attempt went on."""
    begun = [e.data.get("from_step") for e in events if e.kind == "queued" and e.attempt > 1]
    return [{"step": step, "text": "resumed"} for step in begun if step]


def plans(config: Mapping[str, Any], plan: Mapping[str, Any], points: Points) -> dict[str, list[list[float]]]:
    """Return what was planned of a curve: the learning rate to its end; the limits of others."""
    found: dict[str, list[list[float]]] = {}
    total = plan.get("total_steps")
    shape = _SHAPES.get(str(config.get("lr_scheduler_type")))
    if total and shape and (rate := points.get("learning_rate")):
        peak = float(config.get("learning_rate") or max(value for _, value in rate))
        warmup = int({**config, **plan}.get("warmup_steps") or 0)
        first = rate[-1][0]
        steps = sorted({first + round(i * (total - first) / PLAN_POINTS) for i in range(PLAN_POINTS + 1)})
        found["learning_rate"] = [
            [s, peak * (s / warmup if s < warmup else shape((s - warmup) / max(1, total - warmup)))]
            for s in steps
        ]
    for name, limit in (("grad_norm", plan.get("max_grad_norm")), ("memory", plan.get("memory_limit"))):
        if limit and points.get(name):
            found[name] = [[0, limit], [total or points[name][-1][0], limit]]
    return found


def best(
    config: Mapping[str, Any], points: Points, saved: Iterable[int]
) -> tuple[str, int | None, list[int]]:
    """Return the curve that picks a checkpoint, the step it picks, and the steps it cannot tell apart.

    Those are the ones whose value lies inside the interval of the best.
    """
    by = str(config.get("metric_for_best_model") or "loss").removeprefix("eval_").removeprefix("validation_")
    name = "validation_loss" if by == "loss" else by
    values = dict(points.get(name, ()))
    scored = {step: values[step] for step in saved if step in values and math.isfinite(values[step])}
    if not scored:
        return name, None, []
    step = (max if _more_is_better(name) else min)(scored, key=scored.__getitem__)
    low, high = (dict(points.get(f"{name}_{side}", ())).get(step, math.nan) for side in ("low", "high"))
    return name, step, [other for other, value in scored.items() if other != step and low <= value <= high]


def _more_is_better(name: str) -> bool:
    if name == "validation_loss":
        return False
    from modelops_jupyter.evaluation.metrics import CATALOGUE

    return name not in CATALOGUE or bool(CATALOGUE[name].greater_is_better)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    texts = {key: str(row.get(key) or "") for key in ("prompt", "answer", "reference")}
    same = bool(texts["reference"]) and texts["answer"].strip() == texts["reference"].strip()
    return {key: visible(_short(text)) for key, text in texts.items()} | {"same": same}


def _short(text: str) -> str:
    lines = text.split("\n")
    return clip("\n".join(lines[:MOST_LINES]) + ("…" if len(lines) > MOST_LINES else ""), MOST_TEXT)


def label(name: str) -> str:
    """Return the name of a curve as people say it."""
    return visible(name.replace("_", " "))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


_SHAPES: dict[str, Callable[[float], float]] = {
    "cosine": lambda done: 0.5 * (1 + math.cos(math.pi * min(1.0, done))),
    "linear": lambda done: max(0.0, 1 - done),
    "constant": lambda _: 1.0,
    "constant_with_warmup": lambda _: 1.0,
}
