"""Metrics of the count table: one formula serves the value and every resample."""

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import bootstrap
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.intervals import NONE, Interval, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import CountState
from modelops_jupyter.evaluation.states.counts import Margins
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Kind, Label

Array = NDArray[Any]
Average = Literal["auto", "binary", "macro", "micro", "weighted"]
AVERAGES = ("auto", "binary", "macro", "micro", "weighted")


def ratio(part: Array, whole: Array) -> Array:
    """Divide; 0/0 is 0, and marked undefined elsewhere."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)


def positive_of(classes: tuple[Label, ...], wanted: Label | Auto | None) -> Label:
    """Return the positive class; never guessed from the alphabet.

    Raises
    ------
    EvaluationError
        If it is neither given nor 1 or True; the message lists the labels.
    """
    listed = ", ".join(repr(c) for c in classes[:10])
    if isinstance(wanted, Auto) or wanted is None:
        numeric = not any(isinstance(c, str) for c in classes)
        if numeric and (1 in classes or set(classes) <= {0, -1}):
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

    def formula(self, state: CountState, counts: Array) -> Array:
        """Compute from cell counts; a leading axis holds resamples."""
        raise NotImplementedError

    def value(self, state: CountState) -> float:
        """Read the number off the table."""
        return float(self.formula(state, state.count))

    def interval(self, state: CountState, level: float = 0.95) -> Interval:
        """Multinomial bootstrap; where nothing varies, Wilson's limits on the same scale."""
        if not state.total:
            return NONE
        drawn = [self.formula(state, t) for t in bootstrap.tables(state.count, state.effective_n)]
        found = bootstrap.percentile(np.concatenate(drawn), level)
        if found.low != found.high:
            return found
        low, high = self.bounds
        share = (self.value(state) - low) / (high - low)
        limits = wilson(share * state.effective_n, state.effective_n, level)
        scaled = [low + (high - low) * limit for limit in limits[:2]]
        return Interval(scaled[0], scaled[1], "wilson, nothing varies")

    def undefined(self, state: CountState) -> str | None:
        """Say which denominator is zero."""
        return "0/0" if np.isnan(self.value(state)) else None

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Resample the joint table of truth and both answers."""
        both = CountState.empty(setting.labels).add(after).add(before)
        place = {label: i for i, label in enumerate(both.classes)}
        columns = (after.y_true, after.y_pred, before.y_pred)
        codes = np.array([[place[label] for label in column.tolist()] for column in columns])
        cells, where = np.unique(codes, axis=1, return_inverse=True)
        counts = np.bincount(where, after.weights)
        sides = [replace(both, true=cells[0], predicted=cells[i], count=counts) for i in (1, 2)]

        def gap(count: Array) -> Array:
            return self.formula(sides[0], count) - self.formula(sides[1], count)

        size = both.effective_n / 2  # `both` counts every row twice
        drawn = np.concatenate([gap(table) for table in bootstrap.tables(counts, size)])
        difference = float(gap(counts))
        return pairs.from_draws(difference, drawn, len(after), level, "paired multinomial bootstrap")

    def spec(self) -> dict[str, Any]:
        """Return the settings that differ from the defaults."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: v for k, v in found.items() if not isinstance(v, Auto)}


@dataclass(frozen=True)
class AccuracyMetric(CountMetric):
    """Share of rows answered with their true label."""

    name: str = "accuracy"

    def formula(self, state: CountState, counts: Array) -> Array:
        """Diagonal over all."""
        return ratio(state.margins(counts).hits.sum(-1), counts.sum(-1))

    def interval(self, state: CountState, level: float = 0.95) -> Interval:
        """Wilson, or for weighted rows Wilson on their effective number."""
        n = state.effective_n
        return wilson(self.value(state) * n, n, level)

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """McNemar on the rows that only one side gets right."""
        del setting
        right = [(rows.y_true == rows.y_pred).astype(np.float64) for rows in (after, before)]
        if after.weights is not None:
            return pairs.from_influence(right[0] - right[1], level, after.weights)
        return pairs.from_rows(right[0], right[1], level)


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

    def __post_init__(self) -> None:
        if self.average not in AVERAGES:
            raise ConfigError(
                f"There is no average {self.average!r}.", hint=did_you_mean(self.average, AVERAGES)
            )

    def parts(self, margins: Margins) -> tuple[Array, Array]:
        """Numerator and denominator of each class."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The name for people, with its average."""
        return self.title if self.average in ("auto", "binary") else f"{self.title}, {self.average}"

    @property
    def title(self) -> str:
        """The name without its average."""
        return self.name.capitalize()

    def bound(self, setting: Setting) -> Self:
        """Take over the evaluator's positive class and average where left open."""
        positive = setting.positive_class if isinstance(self.positive_class, Auto) else self.positive_class
        average = self.average if self.average != "auto" else setting.average or "auto"
        return replace(self, positive_class=AUTO if positive is None else positive, average=average)

    def mode(self, state: CountState) -> tuple[str, int | None]:
        """Return the average in use and, for binary, the positive class's number (None if it never occurs)."""
        average = self.average
        if average == "auto":
            named = not isinstance(self.positive_class, Auto)
            average = "binary" if state.reported <= 2 or named else "macro"
        if average != "binary":
            return average, None
        if state.reported > 2 and isinstance(self.positive_class, Auto):
            raise EvaluationError(
                f"There are {state.reported} labels; average='binary' needs two, or a positive class.",
                hint="Use average='macro', or name positive_class=.",
            )
        positive = positive_of(state.classes, self.positive_class)
        return average, state.classes.index(positive) if positive in state.classes else None

    def describe(self, state: CountState) -> str:
        """'macro', or 'positive class 1'."""
        average, _ = self.mode(state)
        return (
            average
            if average != "binary"
            else f"positive class {positive_of(state.classes, self.positive_class)!r}"
        )

    def formula(self, state: CountState, counts: Array) -> Array:
        """Ratio of the positive class, or the average over the reported classes."""
        average, positive = self.mode(state)
        margins = state.margins(counts)
        part, whole = self.parts(margins)
        k = state.reported
        if average == "binary":
            none = np.zeros(counts.shape[:-1])
            return none if positive is None else ratio(part[..., positive], whole[..., positive])
        part, whole = part[..., :k], whole[..., :k]
        if average == "micro":
            return ratio(part.sum(-1), whole.sum(-1))
        weight = margins.true[..., :k]
        if average == "macro":  # over the union of true and predicted labels, or over the declared ones
            seen = (margins.true + margins.predicted)[..., :k] > 0
            weight = np.ones_like(seen, np.float64) if state.declared else seen.astype(np.float64)
        return ratio((ratio(part, whole) * weight).sum(-1), weight.sum(-1))

    def interval(self, state: CountState, level: float = 0.95) -> Interval:
        """Closed form for one class, else by resampling the table."""
        average, positive = self.mode(state)
        if average == "binary":
            return self.interval_of(state, positive, level)
        if average == "micro" and state.reported == len(state.classes):  # equals accuracy
            return wilson(self.value(state) * state.effective_n, state.effective_n, level)
        return super().interval(state, level)

    def interval_of(self, state: CountState, index: int | None, level: float) -> Interval:
        """Wilson for one class, given how often it was true or predicted."""
        if index is None:
            return wilson(0, 0, level)
        part, whole = self.parts(state.margins())
        scale = state.effective_n / state.total
        return wilson(float(part[index]) * scale, float(whole[index]) * scale, level)

    def undefined(self, state: CountState) -> str | None:
        """Name the classes with a zero denominator."""
        average, positive = self.mode(state)
        _, whole = self.parts(state.margins())
        if average == "binary":
            empty = positive is None or whole[positive] == 0
            return f"0/0, {self.lacks(positive_of(state.classes, self.positive_class))}" if empty else None
        missing = [repr(c) for c, w in zip(state.classes[: state.reported], whole, strict=False) if w == 0]
        return (
            f"0/0 counted as 0 for class {', '.join(missing[:10])}"
            if missing and average != "micro"
            else None
        )

    def lacks(self, label: Label) -> str:
        """Say what is missing for a class whose denominator is zero."""
        raise NotImplementedError


@dataclass(frozen=True)
class PrecisionMetric(AveragedMetric):
    """Share of the rows predicted as a class that truly are of it."""

    name: str = "precision"

    def parts(self, margins: Margins) -> tuple[Array, Array]:
        """Hits over predicted rows."""
        return margins.hits, margins.predicted

    def lacks(self, label: Label) -> str:
        """No row was predicted so."""
        return f"no row was predicted as {label!r}"


@dataclass(frozen=True)
class RecallMetric(AveragedMetric):
    """Share of a class's true rows that were found."""

    name: str = "recall"

    def parts(self, margins: Margins) -> tuple[Array, Array]:
        """Hits over true rows."""
        return margins.hits, margins.true

    def lacks(self, label: Label) -> str:
        """No row is truly so."""
        return f"no row is truly {label!r}"


@dataclass(frozen=True)
class F1Metric(AveragedMetric):
    """Harmonic mean of precision and recall; `beta` above 1 weighs recall more.

    The interval of one class at beta 1 is Wilson's for the share hits / (hits + misses +
    false alarms), of which F1 is a rising function: exact where a bootstrap sees no variation.
    """

    beta: float = 1.0
    name: str = "f1"

    @property
    def title(self) -> str:
        """'F1', 'F2', 'F0.5'."""
        return f"F{self.beta:g}"

    def parts(self, margins: Margins) -> tuple[Array, Array]:
        """(1 + b²) hits over b² true rows plus predicted rows."""
        square = self.beta**2
        return (1 + square) * margins.hits, square * margins.true + margins.predicted

    def interval_of(self, state: CountState, index: int | None, level: float) -> Interval:
        """Wilson through the share of hits among all rows that concern the class."""
        if index is None:
            return wilson(0, 0, level)
        if self.beta != 1.0:
            return CountMetric.interval(self, state, level)
        margins, scale = state.margins(), state.effective_n / state.total
        hits = float(margins.hits[index]) * scale
        concerned = float(margins.true[index] + margins.predicted[index]) * scale - hits
        low, high, method = wilson(hits, concerned, level)
        return Interval(2 * low / (1 + low), 2 * high / (1 + high), method)

    def lacks(self, label: Label) -> str:
        """Neither true nor predicted."""
        return f"no row is or was predicted as {label!r}"


@dataclass(frozen=True)
class BalancedAccuracyMetric(CountMetric):
    """Mean recall over the classes that truly occur."""

    name: str = "balanced_accuracy"

    def formula(self, state: CountState, counts: Array) -> Array:
        """Average recall, each class alike."""
        margins = state.margins(counts)
        occurs = margins.true > 0
        return ratio(ratio(margins.hits, margins.true).sum(-1), occurs.sum(-1))


@dataclass(frozen=True)
class MCCMetric(CountMetric):
    """Matthews' correlation of truth and prediction, for any number of classes (Gorodkin 2004)."""

    name: str = "mcc"
    bounds = (-1.0, 1.0)

    @property
    def label(self) -> str:
        """An acronym stays one."""
        return "MCC"

    def formula(self, state: CountState, counts: Array) -> Array:
        """Covariance over the root of both variances; 0 where one side is constant."""
        hits, true, predicted = (m.astype(np.float64) for m in state.margins(counts))
        total = counts.sum(-1).astype(np.float64)
        covariance = hits.sum(-1) * total - (true * predicted).sum(-1)
        spread = (total**2 - (true**2).sum(-1)) * (total**2 - (predicted**2).sum(-1))
        return ratio(covariance, np.sqrt(spread))


@dataclass(frozen=True)
class KappaMetric(CountMetric):
    """Cohen's kappa: agreement beyond what the class shares give by chance."""

    name: str = "kappa"
    bounds = (-1.0, 1.0)

    @property
    def label(self) -> str:
        """Cohen named it."""
        return "Cohen's kappa"

    def formula(self, state: CountState, counts: Array) -> Array:
        """(observed - expected) / (1 - expected); NaN where only one class occurs."""
        hits, true, predicted = (m.astype(np.float64) for m in state.margins(counts))
        total = counts.sum(-1).astype(np.float64)
        observed = hits.sum(-1) * total
        expected = (true * predicted).sum(-1)
        room = total**2 - expected
        return np.where(room != 0, ratio(observed - expected, room), np.nan)
