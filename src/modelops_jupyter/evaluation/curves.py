"""Points of the curves that plots, widget and twin draw, each with its band."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import bootstrap
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.metrics.counted import positive_of
from modelops_jupyter.evaluation.states import ScoreState
from modelops_jupyter.evaluation.tasks import Auto, Label
from modelops_jupyter.evaluation.value import MetricValue

POINTS = 2_000
KINDS = ("roc", "pr", "calibration")
_GROUPS, _GRID = 200, 101  # of the band: groups of neighbouring scores, places on the x axis


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve: x and y with the threshold of each point, and the band around y.

    "roc": false against true positive rate. "pr": recall against precision. "calibration": mean
    score against observed share of each bin, with `counts` rows in it and `error`, the expected
    calibration error. `base` is the share of positive rows.
    """

    kind: str
    x: Array
    y: Array
    thresholds: Array
    low: Array
    high: Array
    positive_class: Label
    base: float
    counts: Array | None = None
    error: MetricValue | None = None


class Ranked(NamedTuple):
    """Rows in falling order of score: positives and negatives that reach each threshold."""

    thresholds: Array
    up: Array
    down: Array
    n: float  # rows that carry the same information

    def grouped(self, most: int = _GROUPS) -> "Ranked":
        """Return at most so many thresholds, with like many rows between them."""
        mass = np.add(self.up, self.down)
        at = np.searchsorted(mass, float(mass[-1]) * (np.linspace(0, 1, most + 1)[1:] - 1e-9))
        kept = np.unique(np.minimum(at, len(mass) - 1))
        return Ranked(self.thresholds[kept], self.up[kept], self.down[kept], self.n)

    def resampled(self) -> tuple[Array, Array]:
        """Return `up` and `down` of resampled rows, as (resamples, thresholds)."""
        counts = np.concatenate([np.diff(self.up, prepend=0), np.diff(self.down, prepend=0)])
        drawn = np.concatenate(list(bootstrap.tables(counts, self.n)))
        half = len(self.up)
        return np.cumsum(drawn[:, :half], axis=1), np.cumsum(drawn[:, half:], axis=1)


def ranked(state: ScoreState, positive_class: Label | Auto | None) -> tuple[Ranked, Label]:
    """Sort a binary result by score; rows of equal score are one threshold."""
    if state.scores.ndim != 1 or len(state.classes) != 2:
        raise EvaluationError("This needs two classes and one score per row.", hint="Pass scores=.")
    positive = positive_of(state.classes, positive_class)
    is_positive = state.labels == positive
    order = np.argsort(-state.scores, kind="stable")
    w = np.ones(state.n) if state.weights is None else state.weights
    up, down = np.cumsum((w * is_positive)[order]), np.cumsum((w * ~is_positive)[order])
    scores = state.scores[order]
    last = np.append(scores[1:] != scores[:-1], True)
    if not up[-1] or not down[-1]:
        raise EvaluationError("Only one class occurs among these rows: there is nothing to tell apart.")
    return Ranked(scores[last], up[last], down[last], float(w.sum() ** 2 / (w @ w))), positive


def curve(state: ScoreState, kind: str, positive_class: Label | Auto | None, level: float = 0.95) -> Curve:
    """Return a curve of a binary result, at most `POINTS` points, corners kept."""
    if kind not in KINDS:
        raise ConfigError(f"There is no curve {kind!r}.", hint=did_you_mean(kind, KINDS))
    if kind == "calibration":
        from modelops_jupyter.evaluation import calibration

        return calibration.curve(state, positive_class, level)
    rows, positive = ranked(state, positive_class)
    axes = _roc if kind == "roc" else _pr
    x, y = axes(rows.up, rows.down)
    thresholds = np.insert(rows.thresholds, 0, np.inf)
    kept = _corners(rows)
    low, high = _band(rows, axes, level, pooled=kind == "pr")
    limits = [np.interp(x[kept], np.linspace(0, 1, _GRID), side) for side in (low, high)]
    low, high = np.minimum(limits[0], y[kept]), np.maximum(limits[1], y[kept])
    base = float(rows.up[-1] / (rows.up[-1] + rows.down[-1]))
    return Curve(kind, x[kept], y[kept], thresholds[kept], low, high, positive, base)


def _corners(rows: Ranked) -> Array:
    """Return the points that matter: equal steps lie on one line."""
    up, down = np.insert(rows.up, 0, 0.0), np.insert(rows.down, 0, 0.0)
    bends = (np.diff(up, 2) != 0) | (np.diff(down, 2) != 0)
    kept = np.flatnonzero(np.concatenate([[True], bends, [True]]))
    if len(kept) > POINTS:
        kept = kept[np.unique(np.linspace(0, len(kept) - 1, POINTS).astype(int))]
    return kept


def _roc(up: Array, down: Array) -> tuple[Array, Array]:
    """Return false and true positive rates, the empty start included; leading axes are resamples."""
    rates = [np.insert(c / np.maximum(c[..., -1:], 1e-300), 0, 0.0, axis=-1) for c in (down, up)]
    return rates[0], rates[1]


def _pr(up: Array, down: Array) -> tuple[Array, Array]:
    """Return recall and precision; precision starts as its first value."""
    recall = np.insert(up / np.maximum(up[..., -1:], 1e-300), 0, 0.0, axis=-1)
    found = up + down
    precision = np.divide(up, found, out=np.ones_like(up), where=found > 0)
    return recall, np.concatenate([precision[..., :1], precision], axis=-1)


def _band(
    rows: Ranked, axes: Callable[[Array, Array], tuple[Array, Array]], level: float, *, pooled: bool
) -> tuple[Array, Array]:
    """Limits of y at each place of x: of resampled rows, and never closer than Wilson's."""
    few, grid = rows.grouped(), np.linspace(0, 1, _GRID)
    x, y = axes(few.up, few.down)
    middle = np.interp(grid, x, y)
    xs, ys = axes(*few.resampled())
    drawn = np.empty((len(xs), _GRID))
    for i in range(len(xs)):
        drawn[i] = np.interp(grid, xs[i], ys[i])
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    scale = rows.n / (rows.up[-1] + rows.down[-1])
    positives = float(rows.up[-1]) * scale
    for i, value in enumerate(middle.tolist()):
        # of the positives (ROC), or of the rows that are called positive at this recall (PR)
        n = max(1.0, positives * float(grid[i]) / value) if pooled and value else positives
        limits = wilson(value * n, n, level)
        low[i], high[i] = min(low[i], limits.low), max(high[i], limits.high)
    return low, high
