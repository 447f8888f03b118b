"""Metrics of the count table: one formula serves the value and every resample."""

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import bootstrap, inputs
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import NONE, Interval, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import CountState
from modelops_jupyter.evaluation.states.counts import Margins
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Kind, Label

Average = Literal["auto", "binary", "macro", "micro", "weighted"]
AVERAGES = ("auto", "binary", "macro", "micro", "weighted")


def ratio(part: Array, whole: Array) -> Array:
    """Divide; 0/0 is 0, and marked undefined elsewhere."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)


def positive_of(classes: tuple[Label, ...], wanted: Label | Auto | None) -> Label:
    """Return the positive class: the named one, else 1 or True, never guessed from the alphabet."""
    listed = ", ".join(repr(c) for c in classes[:10])
    if isinstance(wanted, Auto) or wanted is None:
        if not isinstance(classes[0], str) and (1 in classes or set(classes) <= {0, -1}):
            return 1
        raise EvaluationError(
            f"Which class is the positive one? The labels are {listed}.",
            hint=f"Pass positive_class={classes[0]!r} or another of them.",
        )
    if wanted not in classes and len(classes) > 1:
        raise EvaluationError(
            f"positive_class is {wanted!r}, which is not among the labels {listed}.",
            hint=did_you_mean(str(wanted), map(str, classes)),
        )
    return wanted


@dataclass(frozen=True)
class CountMetric(Metric):
    """A number computed from the count table alone."""

    requires: ClassVar[type[Any]] = CountState
    takes: ClassVar[Kind | None] = "labels"
    bounds = (0.0, 1.0)

    def empty(self, setting: Setting) -> CountState:
        """Return the empty table of these labels."""
        return CountState.empty(setting.labels)

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number for these rows."""
        return self.value(CountState.read(y_true, y_pred))

    def _formula(self, state: CountState, counts: Array) -> Array:
        """Compute from cell counts; a leading axis holds resamples."""
        raise NotImplementedError

    def value(self, state: CountState) -> float:
        """Read the number off the table."""
        return float(self._formula(state, state.count))

    def interval(self, state: CountState, level: float = 0.95) -> Interval:
        """Multinomial bootstrap; where nothing varies, Wilson's limits on the same scale."""
        if not state.total:
            return NONE
        drawn = [self._formula(state, t) for t in bootstrap.tables(state.count, state.effective_n)]
        found = bootstrap.percentile(np.concatenate(drawn), level)
        if found.low != found.high:
            return found
        (low, high), n = self.bounds, state.effective_n
        limits = wilson((self.value(state) - low) / (high - low) * n, n, level)
        scaled = [low + (high - low) * limit for limit in limits[:2]]
        return Interval(scaled[0], scaled[1], "wilson, nothing varies")

    def remarks(self, state: CountState) -> dict[str, str | None]:
        """Say where a denominator is zero."""
        return {"undefined": "0/0" if np.isnan(self.value(state)) else None}

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Resample the joint table of truth and both answers."""
        both = CountState.empty(setting.labels).add(after).add(before)
        place = {label: i for i, label in enumerate(both.classes)}
        columns = (after.y_true, after.y_pred, before.y_pred)
        codes = np.array([[place[label] for label in column.tolist()] for column in columns])
        cells, where = np.unique(codes, axis=1, return_inverse=True)
        counts = np.bincount(where, after.weights)
        one = replace(both, true=cells[0], count=counts, n=len(after), squares=both.squares / 2)
        sides = [replace(one, predicted=cells[i]) for i in (1, 2)]

        def gap(count: Array) -> Array:
            return self._formula(sides[0], count) - self._formula(sides[1], count)

        drawn = np.concatenate([gap(table) for table in bootstrap.tables(counts, one.effective_n)])
        method = "paired multinomial bootstrap"
        found = pairs.from_draws(float(gap(counts)), drawn, len(after), level, method)
        return found if found.low != found.high else self._unvaried(found, sides, level)

    def _unvaried(self, found: pairs.Paired, sides: list[CountState], level: float) -> pairs.Paired:
        """Limits where no resample differs: Newcombe's square and add of both sides' intervals."""
        seen = found.difference
        if seen:
            (a, b), (new, old) = map(self.value, sides), (self.interval(side, level) for side in sides)
            down, up = math.hypot(a - new.low, old.high - b), math.hypot(new.high - a, b - old.low)
        else:  # the same answers; rows where they would differ may just not be among these
            down = up = (self.bounds[1] - self.bounds[0]) * wilson(0, sides[0].effective_n, level).high
        return replace(found, low=seen - down, high=seen + up, method=f"{found.method}, nothing varies")


@dataclass(frozen=True)
class AccuracyMetric(CountMetric):
    """Share of rows answered with their true label; Wilson's interval, McNemar's comparison."""

    name: str = "accuracy"

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number for these rows, for number columns without counting a table."""
        true, predicted = inputs.as_coded_labels(y_true), inputs.as_coded_labels(y_pred, "y_pred")
        if not (isinstance(true, np.ndarray) and isinstance(predicted, np.ndarray)):
            return super().compute(true, predicted)
        inputs.check_lengths({"y_true": true, "y_pred": predicted})
        inputs.check_same_kind(true, predicted)
        inputs.refuse_marker(true, "y_true")
        return np.count_nonzero(true == predicted) / len(true)

    def _formula(self, state: CountState, counts: Array) -> Array:
        return ratio(state.margins(counts).hits.sum(-1), counts.sum(-1))

    def interval(self, state: CountState, level: float = 0.95) -> Interval:
        """Wilson, or for weighted rows Wilson on their effective number."""
        return wilson(self.value(state) * state.effective_n, state.effective_n, level)

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """McNemar on the rows that only one side gets right."""
        del setting
        right = [(rows.y_true == rows.y_pred).astype(np.float64) for rows in (after, before)]
        return pairs.from_rows(right[0], right[1], level, after.weights)


@dataclass(frozen=True)
class AveragedMetric(CountMetric):
    """A ratio per class, for one positive class or averaged over classes.

    Parameters
    ----------
    positive_class
        The class that counts as found; AUTO is 1 or True, and an error for other pairs.
    average
        "binary", "macro" (each class counts the same), "micro" (each row), "weighted" (each
        class by its rows), or "auto": binary for two labels, macro for more.
    """

    positive_class: Label | Auto = AUTO
    average: Average = "auto"
    lacks: ClassVar[str] = ""  # what is missing for a class whose denominator is zero

    def __post_init__(self) -> None:
        if self.average not in AVERAGES:
            hint = did_you_mean(self.average, AVERAGES)
            raise ConfigError(f"There is no average {self.average!r}.", hint=hint)

    def _parts(self, margins: Margins) -> tuple[Array, Array]:
        """Numerator and denominator of each class."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The name for people, with its average."""
        return self._named(self.title)

    def _named(self, title: str) -> str:
        return title if self.average in ("auto", "binary") else f"{title}, {self.average}"

    def bound(self, setting: Setting) -> Self:
        """Take over the evaluator's positive class and average where left open."""
        positive = setting.positive_class if isinstance(self.positive_class, Auto) else self.positive_class
        average: Any = self.average if self.average != "auto" else setting.average or "auto"
        return replace(self, positive_class=AUTO if positive is None else positive, average=average)

    def _mode(self, state: CountState) -> tuple[str, Label | None]:
        """Return the average in use and, for binary, the positive class."""
        unnamed = isinstance(self.positive_class, Auto)
        average = self.average
        if average == "auto":
            average = "macro" if state.reported > 2 and unnamed else "binary"
        if average != "binary":
            return average, None
        if state.reported > 2 and unnamed:
            raise EvaluationError(
                f"There are {state.reported} labels; average='binary' needs two, or a positive class.",
                hint="Use average='macro', or name positive_class=.",
            )
        return average, positive_of(state.classes, self.positive_class)

    def _formula(self, state: CountState, counts: Array) -> Array:
        average, positive = self._mode(state)
        margins, k = state.margins(counts), state.reported
        part, whole = self._parts(margins)
        if positive is not None:
            if positive not in state.classes:
                return np.zeros(counts.shape[:-1])
            i = state.classes.index(positive)
            return ratio(part[..., i], whole[..., i])
        part, whole, weight = part[..., :k], whole[..., :k], margins.true[..., :k]
        if average == "micro":
            return ratio(part.sum(-1), whole.sum(-1))
        if average == "macro":  # over the union of true and predicted labels, or over the declared ones
            seen = (margins.true + margins.predicted)[..., :k] > 0
            weight = np.where(state.declared is not None, 1.0, seen)
        return ratio((ratio(part, whole) * weight).sum(-1), weight.sum(-1))

    def interval(self, state: CountState, level: float = 0.95) -> Interval:
        """Closed form for one class, else by resampling the table."""
        average, positive = self._mode(state)
        if positive is not None:
            i = state.classes.index(positive) if positive in state.classes else None
            return wilson(0, 0, level) if i is None else self._interval_of(state, i, level)
        if average == "micro" and state.reported == len(state.classes):  # equals accuracy
            return wilson(self.value(state) * state.effective_n, state.effective_n, level)
        return super().interval(state, level)

    def _interval_of(self, state: CountState, i: int, level: float) -> Interval:
        """Wilson for one class, given how often it was true or predicted."""
        part, whole = self._parts(state.margins())
        scale = state.effective_n / state.total
        return wilson(float(part[i]) * scale, float(whole[i]) * scale, level)

    def remarks(self, state: CountState) -> dict[str, str | None]:
        """Name the average, and the classes with a zero denominator."""
        average, positive = self._mode(state)
        whole: list[float] = self._parts(state.margins())[1].tolist()
        if positive is not None:
            empty = positive not in state.classes or not whole[state.classes.index(positive)]
            reason = f"0/0, no row {self.lacks} {positive!r}" if empty else None
            return {"method": f"positive class {positive!r}", "undefined": reason}
        shown = zip(state.classes[: state.reported], whole, strict=False)
        missing = ", ".join([repr(c) for c, w in shown if not w][:10])
        reason = f"0/0 counted as 0 for class {missing}" if missing and average != "micro" else None
        return {"method": average, "undefined": reason}


@dataclass(frozen=True)
class PrecisionMetric(AveragedMetric):
    """Share of the rows predicted as a class that truly are of it."""

    name: str = "precision"
    title: ClassVar[str] = "Precision"
    lacks: ClassVar[str] = "was predicted as"

    def _parts(self, margins: Margins) -> tuple[Array, Array]:
        return margins.hits, margins.predicted


@dataclass(frozen=True)
class RecallMetric(AveragedMetric):
    """Share of a class's true rows that were found."""

    name: str = "recall"
    title: ClassVar[str] = "Recall"
    lacks: ClassVar[str] = "is truly"

    def _parts(self, margins: Margins) -> tuple[Array, Array]:
        return margins.hits, margins.true


@dataclass(frozen=True)
class F1Metric(AveragedMetric):
    """Harmonic mean of precision and recall; `beta` above 1 weighs recall more.

    The interval of one class at beta 1 is Wilson's for the share hits / (hits + misses +
    false alarms), of which F1 is a rising function: it holds where a bootstrap sees no
    variation.
    """

    beta: float = 1.0
    name: str = "f1"
    lacks: ClassVar[str] = "is or was predicted as"

    @property
    def label(self) -> str:
        """'F1', or 'F2' at beta 2, with its average."""
        return self._named(f"F{self.beta:g}")

    def _parts(self, margins: Margins) -> tuple[Array, Array]:
        square = self.beta**2
        return (1 + square) * margins.hits, square * margins.true + margins.predicted

    def _interval_of(self, state: CountState, i: int, level: float) -> Interval:
        if self.beta != 1.0:
            return CountMetric.interval(self, state, level)
        hits, true, predicted = (float(m[i]) * state.effective_n / state.total for m in state.margins())
        low, high, method = wilson(hits, true + predicted - hits, level)
        return Interval(2 * low / (1 + low), 2 * high / (1 + high), method)


@dataclass(frozen=True)
class BalancedAccuracyMetric(CountMetric):
    """Mean recall over the classes that truly occur."""

    name: str = "balanced_accuracy"

    def _formula(self, state: CountState, counts: Array) -> Array:
        margins = state.margins(counts)
        return ratio(ratio(margins.hits, margins.true).sum(-1), (margins.true > 0).sum(-1))


@dataclass(frozen=True)
class MCCMetric(CountMetric):
    """Matthews' correlation of truth and prediction, for any number of classes (Gorodkin 2004)."""

    name: str = "mcc"
    title: ClassVar[str] = "MCC"
    bounds = (-1.0, 1.0)

    def _formula(self, state: CountState, counts: Array) -> Array:
        hits, true, predicted = (m.astype(np.float64) for m in state.margins(counts))
        total = counts.sum(-1).astype(np.float64)
        covariance = hits.sum(-1) * total - (true * predicted).sum(-1)
        spread = (total**2 - (true**2).sum(-1)) * (total**2 - (predicted**2).sum(-1))
        return ratio(covariance, np.sqrt(spread))


@dataclass(frozen=True)
class KappaMetric(CountMetric):
    """Cohen's kappa: agreement beyond what the class shares give by chance; NaN with one class."""

    name: str = "kappa"
    title: ClassVar[str] = "Cohen's kappa"
    bounds = (-1.0, 1.0)

    def _formula(self, state: CountState, counts: Array) -> Array:
        hits, true, predicted = (m.astype(np.float64) for m in state.margins(counts))
        total = counts.sum(-1).astype(np.float64)
        expected = (true * predicted).sum(-1)
        room = total**2 - expected
        return np.where(room != 0, ratio(hits.sum(-1) * total - expected, room), np.nan)
