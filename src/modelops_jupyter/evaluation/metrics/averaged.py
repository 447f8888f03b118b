"""Precision, recall and their kin: a ratio per class, for one class or averaged over classes."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import Interval, wilson
from modelops_jupyter.evaluation.metrics.base import Setting
from modelops_jupyter.evaluation.metrics.counted import CountMetric, Table, positive_of, ratio
from modelops_jupyter.evaluation.states import CountState
from modelops_jupyter.evaluation.states.counts import Margins
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Label

Average = Literal["auto", "binary", "macro", "micro", "weighted", "samples"]
AVERAGES = ("auto", "binary", "macro", "micro", "weighted", "samples")


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
    micro_is_accuracy: ClassVar[bool] = True
    multilabel: ClassVar[bool] = True

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
        """Take over the evaluator's average too."""
        average: Any = self.average if self.average != "auto" else setting.average or "auto"
        return replace(super().bound(setting), average=average)

    def _mode(self, state: Table) -> tuple[str, Label | None]:
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

    def _formula(self, state: Table, counts: Array | None) -> Array:
        if self.average != "samples":
            return super()._formula(state, counts)
        if isinstance(state, CountState):
            raise EvaluationError("average='samples' needs rows with several labels.", hint="Use 'macro'.")
        counts = state.count if counts is None else counts
        return ratio(counts @ ratio(*self._parts(state.row_margins())), counts.sum(-1))

    def _effects(self, state: Table) -> Array:
        if self.average != "samples" or isinstance(state, CountState):
            return super()._effects(state)
        return (ratio(*self._parts(state.row_margins())) - self.value(state)) / state.total

    def _of(self, state: Table, margins: Margins) -> Array:
        average, positive = self._mode(state)
        k = state.reported
        part, whole = self._parts(margins)
        if positive is not None:
            if positive not in state.classes:
                return np.zeros(margins.total.shape)
            i = state.classes.index(positive)
            return ratio(part[..., i], whole[..., i])
        part, whole, weight = part[..., :k], whole[..., :k], margins.true[..., :k]
        if average == "micro":
            return ratio(part.sum(-1), whole.sum(-1))
        if average == "macro":  # over the union of true and predicted labels, or over the declared ones
            seen = (margins.true + margins.predicted)[..., :k] > 0
            weight = np.where(state.declared is not None, 1.0, seen)
        return ratio((ratio(part, whole) * weight).sum(-1), weight.sum(-1))

    def interval(self, state: Table, level: float = 0.95) -> Interval:
        """Closed form for one class, else by resampling the table."""
        average, positive = self._mode(state)
        if positive is not None:
            i = state.classes.index(positive) if positive in state.classes else None
            return wilson(0, 0, level) if i is None else self._interval_of(state, i, level)
        plain = isinstance(state, CountState) and state.reported == len(state.classes)
        if average == "micro" and plain and self.micro_is_accuracy:
            return wilson(self.value(state) * state.effective_n, state.effective_n, level)
        return super().interval(state, level)

    def _interval_of(self, state: Table, i: int, level: float) -> Interval:
        """Wilson for one class, given how often it was true or predicted."""
        part, whole = self._parts(state.observed)
        scale = state.effective_n / state.total
        return wilson(float(part[i]) * scale, float(whole[i]) * scale, level)

    def remarks(self, state: Table) -> dict[str, str | None]:
        """Name the average, and the classes with a zero denominator."""
        average, positive = self._mode(state)
        whole: list[float] = self._parts(state.observed)[1].tolist()
        if positive is not None:
            empty = positive not in state.classes or not whole[state.classes.index(positive)]
            reason = f"0/0, no row {self.lacks} {positive!r}" if empty else None
            return {"method": f"positive class {positive!r}", "undefined": reason}
        shown = zip(state.classes[: state.reported], whole, strict=False)
        missing = ", ".join([repr(c) for c, w in shown if not w][:10])
        shown = missing and average not in ("micro", "samples")
        return {"method": average, "undefined": f"0/0 counted as 0 for class {missing}" if shown else None}


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

    def _interval_of(self, state: Table, i: int, level: float) -> Interval:
        if self.beta != 1.0:
            return CountMetric.interval(self, state, level)
        hits, true, predicted = (float(m[i]) * state.effective_n / state.total for m in state.observed[:3])
        low, high, method = wilson(hits, true + predicted - hits, level)
        return Interval(2 * low / (1 + low), 2 * high / (1 + high), method)


@dataclass(frozen=True)
class SpecificityMetric(AveragedMetric):
    """Share of the rows that are not of a class and were not taken for it."""

    name: str = "specificity"
    title: ClassVar[str] = "Specificity"
    lacks: ClassVar[str] = "is anything but"
    micro_is_accuracy: ClassVar[bool] = False

    def _parts(self, margins: Margins) -> tuple[Array, Array]:
        total = margins.total
        negative = (np.expand_dims(total, -1) if margins.true.ndim > total.ndim else total) - margins.true
        return negative - margins.predicted + margins.hits, negative


@dataclass(frozen=True)
class JaccardMetric(AveragedMetric):
    """Rows found as a class over all rows that are of it or were taken for it."""

    name: str = "jaccard"
    title: ClassVar[str] = "Jaccard"
    lacks: ClassVar[str] = "is or was predicted as"
    micro_is_accuracy: ClassVar[bool] = False

    def _parts(self, margins: Margins) -> tuple[Array, Array]:
        return margins.hits, margins.true + margins.predicted - margins.hits
