"""Curves of a model that gives scores, and what every threshold along them would do."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import AUCROCMetric, AveragePrecisionMetric, EvaluationResult
from modelops_jupyter.evaluation import curves as points
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.states import ScoreState
from modelops_jupyter.wire.axis import rounded
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.examples import class_name
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.residuals import bins_of
from modelops_jupyter.wire.shown import Handle, Position, binary, scored

POINTS = 160  # that travel: two per pixel of a curve at its narrowest
QUICK = 200_000  # rows up to which they are drawn unasked
BINS = 10


class CurveArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose curves; of several classes, which one against the rest; what mistakes cost."""

    result: Handle
    positive: Position | None = None
    cost_fp: float = 1.0
    cost_fn: float = 1.0


def describe(result: EvaluationResult, args: CurveArgs) -> dict[str, Any]:
    """Return ROC, precision over recall and calibration, with counts at every threshold."""
    if not scored(result) or result.rows is None:
        raise WireError("This result has no scores to draw curves of.", code="bad-arguments")
    pair = binary(result)
    classes = ScoreState.empty(result.setting.labels).add(result.rows).classes
    place = classes.index(pair[0]) if pair else (args.positive or 0)
    if place >= len(classes):
        raise WireError("There is no such class in this result.", code="bad-arguments")
    one = result if pair else _against_rest(result, classes[place], place)
    rows, positive = points.ranked(_state(one), one.setting.positive_class)
    roc, pr = one.curve("roc"), one.curve("pr")
    best = one.threshold(cost_fp=args.cost_fp, cost_fn=args.cost_fn)
    start = _first(one, rows, positive)
    cheapest = int(np.searchsorted(-rows.thresholds, -best.value)) + 1 if np.isfinite(best.value) else 0
    kept = _kept(rows, roc.thresholds, (start, cheapest))
    up, down = np.insert(rows.up, 0, 0.0)[kept], np.insert(rows.down, 0, 0.0)[kept]
    fpr, tpr = down / rows.down[-1], up / rows.up[-1]
    precision = np.divide(up, up + down, out=np.full(len(up), float(pr.y[0])), where=up + down > 0)
    thresholds = np.insert(rows.thresholds, 0, np.nextafter(rows.thresholds[0], np.inf))[kept]
    scale = rows.n / float(rows.up[-1] + rows.down[-1])
    auc, ap = (_area(metric, one) for metric in (AUCROCMetric(), AveragePrecisionMetric()))
    return {
        "classes": [] if pair else [class_name(c) for c in classes],
        "positive": place,
        "moves": pair is not None,
        "finding": f"AUC {auc}, average precision {ap}",
        "auc": auc,
        "ap": ap,
        "base": float(pr.base),
        "base_text": f"share of {class_name(classes[place])} {fmt.number(pr.base)}",
        "start": int(np.flatnonzero(kept == start)[0]),
        "cheapest": int(np.flatnonzero(kept == cheapest)[0]),
        "cheapest_text": f"Lowest found on these rows: {best.cost.brief} per row,"
        f" from {fmt.number(best.value)} on {fmt.interval(best.low, best.high)};"
        f" new rows will cost about {fmt.number(best.optimism)} more.",
        "positives": float(rows.up[-1]),
        "negatives": float(rows.down[-1]),
        "threshold": [float(t) for t in thresholds],
        "text": [f"above {fmt.number(rows.thresholds[0])}", *map(fmt.number, thresholds[1:].tolist())],
        "hits": up.tolist(),
        "alarms": down.tolist(),
        "roc": {"x": rounded(fpr), "y": rounded(tpr), **_band(fpr, tpr, roc)},
        "pr": {"x": rounded(tpr), "y": rounded(precision), **_band(tpr, precision, pr)},
        "recall": [_rate(u, float(rows.up[-1]), scale, result.level) for u in up.tolist()],
        "precision": [_rate(u, u + d, scale, result.level) for u, d in zip(up, down, strict=True)],
        "calibration": _calibration(one, None if pair else place),
    }


def _against_rest(result: EvaluationResult, label: Any, place: int) -> EvaluationResult:
    """Return a result of two classes: this one, and all others."""
    rows = result.need_rows("draw curves")
    if rows.scores is None or rows.scores.ndim != 2:
        raise WireError("Curves need two classes, or a score for each of several.", code="bad-arguments")
    true, said = (np.asarray(part == label, dtype=np.bool_) for part in (rows.y_true, rows.y_pred))
    found = EvaluationResult({}, "binary", result.sample_count, level=result.level)
    found.setting = replace(found.setting, positive_class=True)
    found.rows = replace(rows, y_true=true, y_pred=said, scores=rows.scores[:, place])
    return found


def _state(result: EvaluationResult) -> ScoreState:
    return ScoreState.empty(result.setting.labels).add(result.need_rows("draw curves").counting())


def _area(metric: Any, result: EvaluationResult) -> str:
    bound = metric.bound(result.setting)
    state = bound.fill(bound.empty(result.setting), result.need_rows("draw curves"))
    return str(bound.measure(state, result.level).brief)


def _first(result: EvaluationResult, rows: points.Ranked, positive: Any) -> int:
    """Where the answers were parted, if scores part them at all; else one half."""
    given = result.need_rows("draw curves")
    scores: Array = given.scores if given.scores is not None else np.empty(0)
    yes = np.asarray(given.y_pred == positive, dtype=np.bool_)
    low = float(scores[yes].min(initial=np.inf))
    cut = low if low > float(scores[~yes].max(initial=-np.inf)) else 0.5
    return int(np.searchsorted(-rows.thresholds, -cut, side="right"))


def _kept(rows: points.Ranked, corners: Array, always: tuple[int, ...]) -> Array:
    """Return places among "nothing is called positive" and all thresholds: corners, thinned."""
    places = np.searchsorted(-rows.thresholds, -corners[1:]) + 1
    thin = places[np.unique(np.linspace(0, len(places) - 1, min(POINTS, len(places))).astype(int))]
    return np.unique([0, *thin, *always, len(rows.thresholds)])


def _band(x: Array, y: Array, curve: points.Curve) -> dict[str, list[float]]:
    low, high = (np.interp(x, curve.x, side) for side in (curve.low, curve.high))
    return {"low": rounded(np.minimum(low, y)), "high": rounded(np.maximum(high, y))}


def _rate(part: float, whole: float, scale: float, level: float) -> str:
    if not whole:
        return "–"
    low, high, _ = wilson(part * scale, whole * scale, level)
    return f"{fmt.number(part / whole)} {fmt.interval(low, high)}"


def _calibration(result: EvaluationResult, column: int | None) -> dict[str, Any] | None:
    """Return mean score against observed share, and the scores' distribution; None without probabilities."""
    try:
        curve = result.curve("calibration")
    except EvaluationError:
        return None
    scores = result.need_rows("draw curves").scores
    counts: list[int] = [] if curve.counts is None else curve.counts.tolist()
    each = fmt.count(counts[0]) if len(set(counts)) == 1 else f"{min(counts):,} to {max(counts):,}"
    sides = {"low": rounded(curve.low), "high": rounded(curve.high)}
    return {
        "error": "" if curve.error is None else curve.error.brief,
        "text": f"{fmt.plural(len(counts), 'bin')} of {each} rows",
        "x": rounded(curve.x),
        "y": rounded(curve.y),
        **sides,
        "bins": bins_of(np.asarray(scores), 0.0, 1.0, BINS),
        "column": column,
    }


def _curves(args: CurveArgs, context: Context) -> dict[str, Any]:
    return describe(context.resolve_result(args.result).result, args)


OPS = {"curves": Op(CurveArgs, _curves)}
