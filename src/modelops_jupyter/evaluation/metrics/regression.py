"""Metrics of measured numbers, read off the sums of errors."""

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.intervals import Interval, mean_t
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import MomentState
from modelops_jupyter.evaluation.states.moments import residuals
from modelops_jupyter.evaluation.tasks import Kind

Array = NDArray[Any]


@dataclass(frozen=True)
class MomentMetric(Metric):
    """A number computed from sums of errors."""

    requires: ClassVar[type[Any]] = MomentState
    takes: ClassVar[Kind | None] = "numbers"
    greater_is_better = False
    bounds = (0.0, math.inf)

    @property
    def label(self) -> str:
        """An acronym stays one."""
        return self.name.upper()

    def influence(self, rows: Rows) -> Array:
        """Return per-row values whose mean is the metric and whose spread is its error."""
        raise NotImplementedError

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Paired t on what each row contributes."""
        del setting
        return pairs.from_influence(self.influence(after) - self.influence(before), level, after.weights)

    def spec(self) -> dict[str, Any]:
        """Return the settings."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def _sample_deviation(mean: float, mean_square: float, n: float) -> float:
    return math.sqrt(max(0.0, mean_square - mean**2) * n / (n - 1)) if n > 1 else math.nan


@dataclass(frozen=True)
class MSEMetric(MomentMetric):
    """Mean squared error."""

    name: str = "mse"

    def value(self, state: MomentState) -> float:
        """Mean of e²."""
        return state.e2u[0] / state.weight

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """Student's t for the mean of e²."""
        mean, n = self.value(state), state.effective_n
        return mean_t(mean, _sample_deviation(mean, state.e4 / state.weight, n), n, level)

    def influence(self, rows: Rows) -> Array:
        """Squared error of each row."""
        return residuals(rows.y_true, rows.y_pred) ** 2


@dataclass(frozen=True)
class MAEMetric(MomentMetric):
    """Mean absolute error."""

    name: str = "mae"

    def value(self, state: MomentState) -> float:
        """Mean of |e|."""
        return state.absolute / state.weight

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """Student's t for the mean of |e|."""
        mean, n = self.value(state), state.effective_n
        return mean_t(mean, _sample_deviation(mean, state.e2u[0] / state.weight, n), n, level)

    def influence(self, rows: Rows) -> Array:
        """Absolute error of each row."""
        return np.abs(residuals(rows.y_true, rows.y_pred))


@dataclass(frozen=True)
class RMSEMetric(MomentMetric):
    """Root of the mean squared error, in the unit of the truth."""

    name: str = "rmse"

    def value(self, state: MomentState) -> float:
        """Root of the mean of e²."""
        return math.sqrt(MSEMetric().value(state))

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """Root of the mean squared error's limits."""
        low, high, method = MSEMetric().interval(state, level)
        return (
            Interval(math.sqrt(max(0.0, low)), math.sqrt(high), method)
            if high >= 0
            else Interval(low, high, method)
        )

    def influence(self, rows: Rows) -> Array:
        """Linearised: a row moves the root by half its excess over the root."""
        square = MSEMetric().influence(rows)
        root = math.sqrt(_mean(square, rows))
        return root + (square - root**2) / (2 * root) if root else square


@dataclass(frozen=True)
class R2Metric(MomentMetric):
    """Share of the truth's variance that the predictions explain; 1 - SSE / SST."""

    name: str = "r2"
    greater_is_better = True
    bounds = (-math.inf, 1.0)

    @property
    def label(self) -> str:
        """With a true superscript."""
        return "R²"

    def value(self, state: MomentState) -> float:
        """As scikit-learn: NaN for one row; constant truth gives 1 if matched exactly, else 0."""
        if state.n < 2:
            return math.nan
        error, variance = state.e2u[0] / state.weight, state.truth_variance
        if not variance:
            return 0.0 if error else 1.0
        return 1 - error / variance

    def interval(self, state: MomentState, level: float = 0.95) -> Interval:
        """Student's t on the linearised rows (delta method)."""
        variance, w, n = state.truth_variance, state.weight, state.effective_n
        if state.n < 2 or not variance:
            return Interval(math.nan, math.nan, "truth does not vary")
        r2, mean = self.value(state), state.truth_mean
        d2, d4 = _centred(state.u, mean, 2) / w, _centred(state.u, mean, 4) / w
        e2d2 = (state.e2u[2] - 2 * mean * state.e2u[1] + mean**2 * state.e2u[0]) / w
        share = 1 - r2
        spread = state.e4 / w - 2 * share * e2d2 + share**2 * d4 - (state.e2u[0] / w - share * d2) ** 2
        deviation = math.sqrt(max(0.0, spread) * n / (n - 1)) / variance if n > 1 else math.nan
        return mean_t(r2, deviation, n, level)

    def undefined(self, state: MomentState) -> str | None:
        """One row, or a constant truth."""
        if state.n < 2:
            return "R² needs 2 rows"
        return None if state.truth_variance else "the truth does not vary"

    def influence(self, rows: Rows) -> Array:
        """Linearised around the observed error and variance."""
        square = MSEMetric().influence(rows)
        off = rows.y_true.astype(np.float64)
        off = (off - _mean(off, rows)) ** 2
        variance, error = _mean(off, rows), _mean(square, rows)
        if not variance:
            return np.full(len(rows), math.nan)
        share = error / variance
        return 1 - share - (square - error - share * (off - variance)) / variance


def _mean(values: Array, rows: Rows) -> float:
    return float(np.average(values, weights=rows.weights))


def _centred(sums: tuple[float, ...], mean: float, power: int) -> float:
    """Sum of (u - mean)^power from sums of powers of u."""
    return sum(math.comb(power, j) * (-mean) ** (power - j) * sums[j] for j in range(power + 1))
