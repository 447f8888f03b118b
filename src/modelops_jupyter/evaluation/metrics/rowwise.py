"""Metrics with one score per row: their mean is the value, and pairing needs no more."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter import _format
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.intervals import NONE, Interval, mean_t, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import MeanState
from modelops_jupyter.evaluation.states.moments import residuals
from modelops_jupyter.evaluation.tasks import Kind
from modelops_jupyter.evaluation.value import MetricValue

Array = NDArray[Any]


def mean_interval(state: MeanState, level: float) -> Interval:
    """Wilson if every score is 0 or 1, else Student's t."""
    n = state.effective_n
    if not state.n:
        return NONE
    return (
        wilson(state.mean * n, n, level) if state.is_rate else mean_t(state.mean, state.deviation, n, level)
    )


class RowMetric(Metric):
    """A score per row; NaN leaves the row out and counts it as skipped."""

    requires: ClassVar[type[Any]] = MeanState
    takes: ClassVar[Kind | None] = "texts"
    skip_reason: ClassVar[str] = "no row could be scored"

    def score(self, y_true: Array, y_pred: Array) -> Array:
        """Return one float per row."""
        raise NotImplementedError

    @property
    def shares(self) -> str:
        """Each has its own scores."""
        return f"{self.requires.__name__} {self.name}"

    def fill(self, state: MeanState, rows: Rows) -> MeanState:
        """Score the rows and add them."""
        return state.add(self.score(rows.y_true, rows.y_pred), rows.weights)

    def value(self, state: MeanState) -> float:
        """The mean over the scored rows."""
        return state.mean

    def interval(self, state: MeanState, level: float = 0.95) -> Interval:
        """Wilson or t."""
        return mean_interval(state, level)

    def undefined(self, state: MeanState) -> str | None:
        """Nothing was scored."""
        return None if state.n else self.skip_reason

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Pair the row scores."""
        del setting
        scores = [self.score(rows.y_true, rows.y_pred) for rows in (after, before)]
        if after.weights is not None:
            return pairs.from_influence(scores[0] - scores[1], level, after.weights)
        return pairs.from_rows(scores[0], scores[1], level)

    def spec(self) -> dict[str, Any]:
        """Nothing to set."""
        return {"name": self.name}

    def of(self, y_true: Any, y_pred: Any, level: float = 0.95) -> MetricValue:
        """Measure directly, with the row scores kept."""
        from modelops_jupyter.evaluation.rows import read_rows

        rows = read_rows(self.takes or "texts", y_true, y_pred)
        return with_rows(
            self.measure(self.fill(MeanState.empty(), rows), level), self.score(rows.y_true, rows.y_pred)
        )


def with_rows(value: MetricValue, scores: Array) -> MetricValue:
    """Attach the row scores to a value, and say which rows make it undefined."""
    value.rows = scores
    skipped = np.flatnonzero(np.isnan(scores))
    value.skipped = len(skipped)
    if value.undefined and len(skipped):
        shown = ", ".join(map(str, skipped[:5].tolist())) + (", …" if len(skipped) > 5 else "")
        value.undefined += f" (row {shown})"
    return value


@dataclass(frozen=True)
class ExactMatchMetric(RowMetric):
    """Share of answers equal to their reference, blanks around them aside."""

    name: str = "exact_match"
    bounds = (0.0, 1.0)

    def score(self, y_true: Array, y_pred: Array) -> Array:
        """1 where equal, else 0; an empty answer is wrong unless nothing was asked for."""
        pairs_ = zip(y_true.tolist(), y_pred.tolist(), strict=True)
        return np.array([str(t).strip() == str(p).strip() for t, p in pairs_], dtype=np.float64)


@dataclass(frozen=True)
class LengthRatioMetric(RowMetric):
    """Mean of the answer's length over the reference's, in characters; more is not better."""

    name: str = "length_ratio"
    greater_is_better = None
    bounds = (0.0, math.inf)
    skip_reason: ClassVar[str] = "every reference is empty"

    def score(self, y_true: Array, y_pred: Array) -> Array:
        """len(answer) / len(reference), NaN where the reference is empty."""
        pairs_ = zip(y_true.tolist(), y_pred.tolist(), strict=True)
        return np.array([len(p) / len(t) if t else math.nan for t, p in pairs_], dtype=np.float64)


@dataclass(frozen=True)
class MAPEMetric(RowMetric):
    """Mean absolute error as a share of the true value; undefined where a true value is zero."""

    name: str = "mape"
    takes: ClassVar[Kind | None] = "numbers"
    greater_is_better = False
    bounds = (0.0, math.inf)

    @property
    def label(self) -> str:
        """An acronym stays one."""
        return "MAPE"

    def score(self, y_true: Array, y_pred: Array) -> Array:
        """|e / y|, NaN where y is 0."""
        truth = np.abs(y_true.astype(np.float64))
        error = np.abs(residuals(y_true, y_pred))
        return np.divide(error, truth, out=np.full(len(truth), math.nan), where=truth != 0)

    def value(self, state: MeanState) -> float:
        """The mean, or NaN: leaving rows out would change the question."""
        return math.nan if state.skipped else state.mean

    def interval(self, state: MeanState, level: float = 0.95) -> Interval:
        """Student's t."""
        return NONE if state.skipped else mean_interval(state, level)

    def undefined(self, state: MeanState) -> str | None:
        """Say how many true values are zero."""
        return f"the true value is 0 in {_format.plural(state.skipped, 'row')}" if state.skipped else None


@dataclass(frozen=True)
class FunctionMetric(Metric):
    """A user's `fn(predictions, references)`: a number, or one per row."""

    name: str = "metric"
    fn: Any = None
    takes: ClassVar[Kind | None] = None

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Call the function; per-row scores are averaged over the scored rows."""
        found = self._called(y_true, y_pred)
        return float(found) if np.ndim(found) == 0 else float(np.nanmean(found))

    def _called(self, y_true: Array, y_pred: Array) -> Any:
        found = self.fn(y_pred.tolist(), y_true.tolist())
        if isinstance(found, MetricValue) and found.rows is not None:
            return found.rows
        if np.ndim(found) == 0:
            return float(found)
        scores = np.asarray(found, dtype=np.float64)
        if scores.shape != (len(y_true),):
            raise EvaluationError(
                f"The metric {self.name!r} returned {len(scores)} scores for {len(y_true)} rows.",
                hint="Return one number, or one per row.",
            )
        return scores

    def measure(self, state: Any, level: float = 0.95) -> MetricValue:
        """Per-row scores get Wilson or t, a single number the row bootstrap."""
        found = self._called(state.y_true, state.y_pred)
        if np.ndim(found) == 0:
            return super().measure(state, level)
        rows = MeanState.empty().add(found)
        low, high, method = mean_interval(rows, level)
        reason = None if rows.n else "no row could be scored"
        value = MetricValue(
            rows.mean, low=low, high=high, n=rows.n, method=method, undefined=reason, **self.traits()
        )
        return with_rows(value, found)

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Pair row scores if there are any, else resample rows."""
        found = [self._called(rows.y_true, rows.y_pred) for rows in (after, before)]
        if any(np.ndim(f) == 0 for f in found):
            return super().paired(after, before, level, setting)
        return pairs.from_rows(found[0], found[1], level)
