"""Metrics with one score per row: their mean is the value, and pairing needs no more."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import inputs
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import NONE, Interval, mean_t, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import MeanState
from modelops_jupyter.evaluation.states.moments import residuals
from modelops_jupyter.evaluation.tasks import Kind
from modelops_jupyter.evaluation.value import MetricValue


class RowMetric(Metric):
    """A score per row; NaN leaves the row out and counts it as skipped."""

    requires: ClassVar[type[Any]] = MeanState
    takes: ClassVar[Kind | None] = "texts"
    skip_reason: ClassVar[str] = "no row could be scored"

    def score(self, y_true: Array, y_pred: Array) -> Array:
        """Return one float per row."""
        raise NotImplementedError

    def row_scores(self, rows: Rows) -> Array:
        """Return one float per row, from all that is known about the rows."""
        return self.score(rows.y_true, rows.y_pred)

    def row_shares(self, rows: Rows, setting: Setting) -> Array:
        """Return each row's share in the error of the mean."""
        del setting
        return mean_shares(self.row_scores(rows), rows.weights)

    @property
    def shares(self) -> str:
        """Each has its own scores."""
        return f"{self.requires.__name__} {self.name}"

    def fill(self, state: MeanState, rows: Rows) -> MeanState:
        """Score the rows and add them."""
        return state.add(self.row_scores(rows), rows.weights)

    def value(self, state: MeanState) -> float:
        """The mean over the scored rows."""
        return state.mean

    def interval(self, state: MeanState, level: float = 0.95) -> Interval:
        """Wilson if every score is 0 or 1, else Student's t."""
        n = state.effective_n
        if not state.n:
            return NONE
        if state.is_rate:
            return wilson(state.mean * n, n, level)
        return mean_t(state.mean, state.deviation, n, level)

    def remarks(self, state: MeanState) -> dict[str, str | None]:
        """Nothing was scored."""
        return {"undefined": None if state.n else self.skip_reason}

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Pair the row scores."""
        del setting
        a, b = (self.row_scores(rows) for rows in (after, before))
        return pairs.from_rows(a, b, level, after.weights, after.clusters)


def mean_of(scores: Array, level: float = 0.95, **traits: Any) -> MetricValue:
    """Return the mean of row scores with its interval; the scores stay with it."""
    value = RowMetric().measure(MeanState.empty().add(scores), level)
    for name, trait in traits.items():
        setattr(value, name, trait)
    return with_rows(value, scores)


def mean_shares(scores: Array, weights: Array | None) -> Array:
    """Return what each score adds to the mean's distance from where it is expected; NaN adds nothing."""
    kept = ~np.isnan(scores)
    w = kept.astype(np.float64) if weights is None else kept * weights
    values = np.where(kept, scores, 0.0)
    if not w.any():
        return w
    return w * (values - (w @ values) / w.sum()) / w.sum()


def with_rows(value: MetricValue, scores: Array) -> MetricValue:
    """Attach the row scores to a value, and say which rows make it undefined."""
    skipped = np.flatnonzero(np.isnan(scores)).tolist()
    value.rows, value.skipped = scores, len(skipped)
    if value.undefined and skipped:
        shown = ", ".join(map(str, skipped[:5])) + (", …" if len(skipped) > 5 else "")
        value.undefined += f" (row {shown})"
    return value


@dataclass(frozen=True)
class ExactMatchMetric(RowMetric):
    """Share of answers equal to their reference, blanks around them aside; an empty answer is wrong."""

    name: str = "exact_match"
    bounds = (0.0, 1.0)

    def score(self, y_true: Array, y_pred: Array) -> Array:
        """1 where equal, else 0."""
        both = zip(y_true.tolist(), y_pred.tolist(), strict=True)
        return np.array([str(t).strip() == str(p).strip() for t, p in both], dtype=np.float64)


@dataclass(frozen=True)
class LengthRatioMetric(RowMetric):
    """Mean of the answer's length over the reference's, in characters; more is not better."""

    name: str = "length_ratio"
    greater_is_better = None
    bounds = (0.0, math.inf)
    skip_reason: ClassVar[str] = "every reference is empty"

    def score(self, y_true: Array, y_pred: Array) -> Array:
        """len(answer) / len(reference), NaN where the reference is empty."""
        both = zip(y_true.tolist(), y_pred.tolist(), strict=True)
        return np.array([len(p) / len(t) if t else math.nan for t, p in both], dtype=np.float64)


@dataclass(frozen=True)
class MAPEMetric(RowMetric):
    """Mean absolute error as a share of the true value; undefined where a true value is zero."""

    name: str = "mape"
    title: ClassVar[str] = "MAPE"
    takes: ClassVar[Kind | None] = "numbers"
    greater_is_better = False
    bounds = (0.0, math.inf)

    def score(self, y_true: Array, y_pred: Array) -> Array:
        """|e / y|, NaN where y is 0."""
        truth, error = np.abs(y_true.astype(np.float64)), np.abs(residuals(y_true, y_pred))
        return np.divide(error, truth, out=np.full(len(truth), math.nan), where=truth != 0)

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number for these rows."""
        truth, predicted = inputs.as_numbers(y_true), inputs.as_numbers(y_pred, "y_pred")
        inputs.check_lengths({"y_true": truth, "y_pred": predicted})
        scores = self.score(truth, predicted)
        return float(scores.sum()) / len(scores)

    def value(self, state: MeanState) -> float:
        """The mean, or NaN: leaving rows out would change the question."""
        return math.nan if state.skipped else state.mean

    def interval(self, state: MeanState, level: float = 0.95) -> Interval:
        """Student's t."""
        return NONE if state.skipped else super().interval(state, level)

    def remarks(self, state: MeanState) -> dict[str, str | None]:
        """Say how many true values are zero."""
        rows = _format.plural(state.skipped, "row")
        return {"undefined": f"the true value is 0 in {rows}" if state.skipped else None}


@dataclass(frozen=True)
class FunctionMetric(Metric):
    """A user's `fn(predictions, references)`: a number, or one per row."""

    name: str = "metric"
    fn: Any = None

    def __post_init__(self) -> None:
        for trait in ("greater_is_better", "bounds"):  # a scorer knows them
            if hasattr(self.fn, trait):
                object.__setattr__(self, trait, getattr(self.fn, trait))

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Call the function; per-row scores are averaged over the scored rows."""
        return float(np.nanmean(self._called(y_true, y_pred)))

    def _called(self, y_true: Array, y_pred: Array) -> Array:
        """Return a number, or one per row, as an array of 0 or 1 dimensions."""
        found: Any = self.fn(y_pred.tolist(), y_true.tolist())
        rows = found.rows if isinstance(found, MetricValue) else None
        scores = np.asarray(found if rows is None else rows, dtype=np.float64)
        if scores.ndim and scores.shape != (len(y_true),):
            raise EvaluationError(
                f"The metric {self.name!r} returned {len(scores)} scores for {len(y_true)} rows.",
                hint="Return one number, or one per row.",
            )
        return scores

    def measure(self, state: Any, level: float = 0.95) -> MetricValue:
        """Per-row scores get Wilson or t, a single number the row bootstrap."""
        found = self._called(state.y_true, state.y_pred)
        if not found.ndim:
            return super().measure(state, level)
        measured = getattr(self.fn, "measured", None)  # a judge corrects its mean
        if not measured:
            return mean_of(found, level, **self.traits())
        value = measured(found, level)
        for name, trait in self.traits().items():
            setattr(value, name, trait)
        return with_rows(value, found)

    def clustered(self, value: MetricValue, rows: Rows, setting: Setting, level: float = 0.95) -> MetricValue:
        """Return the value with an interval for clusters; a judge's correction has none."""
        if rows.clusters is None or not value.method.startswith("prediction-powered"):
            return super().clustered(value, rows, setting, level)
        value.caveat = "corrected as if rows did not come in clusters"
        return value

    def row_shares(self, rows: Rows, setting: Setting) -> Array | None:
        """Return each row's share in the error of the mean, if there is a score per row."""
        del setting
        found = self._called(rows.y_true, rows.y_pred)
        return mean_shares(found, rows.weights) if found.ndim else None

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Pair row scores if there are any, else resample rows."""
        a, b = (self._called(rows.y_true, rows.y_pred) for rows in (after, before))
        if a.ndim and b.ndim:
            return pairs.from_rows(a, b, level, after.weights, after.clusters)
        return super().paired(after, before, level, setting)
