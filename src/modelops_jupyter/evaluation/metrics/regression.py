"""Metrics of measured numbers, read off the sums of errors."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from modelops_jupyter.evaluation import inputs
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import NONE, Interval, mean_t
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.metrics.rowwise import mean_shares
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import MomentState
from modelops_jupyter.evaluation.states.moments import moved, residuals
from modelops_jupyter.evaluation.tasks import Kind
from modelops_jupyter.evaluation.value import MetricValue


@dataclass(frozen=True)
class MomentMetric(Metric):
    """A number computed from sums of errors."""

    requires: ClassVar[type[Any]] = MomentState
    takes: ClassVar[Kind | None] = "numbers"
    greater_is_better = False
    bounds = (0.0, math.inf)

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number for these rows."""
        truth, predicted = inputs.as_numbers(y_true), inputs.as_numbers(y_pred, "y_pred")
        inputs.check_lengths({"y_true": truth, "y_pred": predicted})
        return self._plain(truth, residuals(truth, predicted))

    def _plain(self, truth: Array, error: Array) -> float:
        """The metric of rows that need no state: the mean of what each contributes."""
        rows = Rows(truth, truth)
        return float(self._influence(rows, error).sum()) / len(error)

    def _influence(self, rows: Rows, error: Array) -> Array:
        """Per-row values whose mean is the metric and whose spread is its error."""
        raise NotImplementedError

    def row_shares(self, rows: Rows, setting: Setting) -> Array | None:
        """Return each row's share in the error, linearised."""
        del setting
        return mean_shares(self._influence(rows, residuals(rows.y_true, rows.y_pred)), rows.weights)

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Paired t on what each row contributes."""
        if after.clusters is not None:
            return super().paired(after, before, level, setting)
        a, b = (self._influence(rows, residuals(rows.y_true, rows.y_pred)) for rows in (after, before))
        return pairs.from_influence(a - b, level, after.weights)


def _mean_interval(state: MomentState, sum_: float, squares: float, level: float) -> Interval:
    """Student's t for a mean, from the sums of values and of their squares."""
    mean, n = sum_ / state.weight, state.effective_n
    spread = max(squares / state.weight - mean * mean, 0.0)  # NaN where squares are too large
    return mean_t(mean, math.sqrt(spread * n / (n - 1)) if n > 1 else math.nan, n, level)


@dataclass(frozen=True)
class MSEMetric(MomentMetric):
    """Mean squared error."""

    name: str = "mse"
    title: ClassVar[str] = "MSE"

    def value(self, state: MomentState) -> float:
        """Mean of e²."""
        return state.e2u[0] / state.weight

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """Student's t for the mean of e²."""
        return _mean_interval(state, state.e2u[0], state.e4, level)

    def _influence(self, rows: Rows, error: Array) -> Array:
        del rows
        return error**2


@dataclass(frozen=True)
class MAEMetric(MomentMetric):
    """Mean absolute error."""

    name: str = "mae"
    title: ClassVar[str] = "MAE"

    def value(self, state: MomentState) -> float:
        """Mean of |e|."""
        return state.absolute / state.weight

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """Student's t for the mean of |e|."""
        return _mean_interval(state, state.absolute, state.e2u[0], level)

    def _influence(self, rows: Rows, error: Array) -> Array:
        del rows
        return np.abs(error)


@dataclass(frozen=True)
class RMSEMetric(MSEMetric):
    """Root of the mean squared error, in the unit of the truth."""

    name: str = "rmse"
    title: ClassVar[str] = "RMSE"

    def _plain(self, truth: Array, error: Array) -> float:
        del truth
        return math.sqrt(float(error @ error) / len(error))

    def value(self, state: MomentState) -> float:
        """Root of the mean of e²."""
        return math.sqrt(super().value(state))

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """Root of the mean squared error's limits."""
        low, high, method = super().interval(state, level)
        low, high = np.sqrt(np.maximum([low, high], 0.0)).tolist()
        return Interval(low, high, method)

    def _influence(self, rows: Rows, error: Array) -> Array:
        """Linearised: a row moves the root by half its excess over the root."""
        root = math.sqrt(np.average(error**2, weights=rows.weights))
        return root + (error**2 - root**2) / (2 * root) if root else error**2


@dataclass(frozen=True)
class R2Metric(MomentMetric):
    """Share of the truth's variance that the predictions explain; 1 - SSE / SST."""

    name: str = "r2"
    title: ClassVar[str] = "R²"
    greater_is_better = True
    bounds = (-math.inf, 1.0)

    def _plain(self, truth: Array, error: Array) -> float:
        off = residuals(truth, truth[:1])  # from the first: exact where all are large
        n, total = len(off), float(off.sum())
        variance = max(0.0, (float((off * off).sum()) - total * total / n) / n)
        return self._ratio(n, float((error * error).sum()) / n, variance)

    def value(self, state: MomentState) -> float:
        """As scikit-learn: NaN for one row; constant truth gives 1 if matched exactly, else 0."""
        return self._ratio(state.n, state.e2u[0] / state.weight, state.truth_variance)

    def _ratio(self, n: int, error: float, variance: float) -> float:
        if n < 2:
            return math.nan
        return 1 - error / variance if variance else float(not error)

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """Student's t on the linearised rows (delta method)."""
        variance, w, n = state.truth_variance, state.weight, state.effective_n
        if state.n < 2 or not variance or n <= 1:
            return NONE
        to_mean = -state.u[1] / w
        _, _, d2, _, d4 = (s / w for s in moved(state.u, to_mean))  # mean powers of distance from the mean
        e2, _, e2d2 = (s / w for s in moved(state.e2u, to_mean))
        share = e2 / variance
        spread = state.e4 / w - 2 * share * e2d2 + share * share * d4 - (e2 - share * d2) ** 2
        if not math.isfinite(spread):
            return NONE
        return mean_t(1 - share, math.sqrt(max(0.0, spread) * n / (n - 1)) / variance, n, level)

    def remarks(self, state: MomentState) -> dict[str, str | None]:
        """One row, or a constant truth."""
        if state.n < 2:
            return {"undefined": "R² needs 2 rows"}
        return {"undefined": None if state.truth_variance else "the truth does not vary"}

    def _influence(self, rows: Rows, error: Array) -> Array:
        """Linearised around the observed error and variance."""
        truth, w = rows.y_true.astype(np.float64), rows.weights
        off = (truth - np.average(truth, weights=w)) ** 2
        variance, square = np.average(off, weights=w), np.average(error**2, weights=w)
        if not variance:
            return np.full(len(rows), math.nan)
        share = square / variance
        return 1 - share - (error**2 - square - share * (off - variance)) / variance


@dataclass(frozen=True)
class MaxErrorMetric(MomentMetric):
    """The largest absolute error seen.

    Of what was never seen a sample can only say that it is at least as large: the interval has
    no upper end, and two models are not tested against each other by it.
    """

    name: str = "max_error"

    def _plain(self, truth: Array, error: Array) -> float:
        del truth
        return float(np.abs(error).max())

    def value(self, state: MomentState) -> float:
        """The largest |e|."""
        return state.largest

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """At least what was seen."""
        del level
        return Interval(state.largest, math.inf, "the largest seen")

    def row_shares(self, rows: Rows, setting: Setting) -> Array | None:
        """Return none: a maximum is no sum over rows."""
        del rows, setting
        return None

    def clustered(self, value: MetricValue, rows: Rows, setting: Setting, level: float = 0.95) -> MetricValue:
        """Return the value as it is: the bound holds in clusters too."""
        del rows, setting, level
        return value

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Return the difference alone."""
        del level, setting
        new, old = (float(np.abs(residuals(rows.y_true, rows.y_pred)).max()) for rows in (after, before))
        return pairs.Paired(new - old, math.nan, math.nan, math.nan, "no test of a maximum")
