"""Metrics of scores: how well they order the rows."""

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.delong import Placement, place
from modelops_jupyter.evaluation.intervals import NONE, Interval, normal_p, normal_quantile, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.metrics.counted import positive_of
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import ScoreState
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Kind, Label

Array = NDArray[Any]


@dataclass(frozen=True)
class AUCROCMetric(Metric):
    """Chance that a positive row is scored above a negative one; ties count half.

    Parameters
    ----------
    positive_class
        The class that high scores speak for; AUTO is 1 or True, and an error for other pairs.
    average
        For more than two classes (one score column each): "macro" or "weighted" mean of each
        class against the rest. "auto" is macro.
    """

    requires: ClassVar[type[Any]] = ScoreState
    takes: ClassVar[Kind | None] = "labels"
    bounds = (0.0, 1.0)
    positive_class: Label | Auto = AUTO
    average: Literal["auto", "macro", "weighted"] = "auto"
    name: str = "auc_roc"

    @property
    def label(self) -> str:
        """'AUC', with its average if one was chosen."""
        return "AUC" if self.average == "auto" else f"AUC, {self.average}"

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the area; `y_pred` are the scores."""
        from modelops_jupyter.evaluation.rows import read_rows

        rows = read_rows("labels", y_true, y_true, scores=y_pred)
        return self.value(ScoreState.empty().add(rows))

    def bound(self, setting: Setting) -> Self:
        """Take over the evaluator's positive class where left open."""
        if isinstance(self.positive_class, Auto) and setting.positive_class is not None:
            return replace(self, positive_class=setting.positive_class)
        return self

    def empty(self, setting: Setting) -> ScoreState:
        """Return the state for no rows."""
        return ScoreState.empty(setting.labels)

    def place(self, state: ScoreState) -> Placement:
        """Area and each row's share in its error."""
        classes, scores = state.classes, state.scores
        if len(set(state.labels.tolist())) < 2 and len(classes) < 3:
            return Placement(math.nan, np.zeros(state.n))
        if len(classes) <= 2:
            positive = positive_of(classes, self.positive_class)
            if scores.ndim == 2:
                scores = scores[:, _column(scores, classes, positive)]
            return place(scores, state.labels == positive, state.weights)
        return self._averaged(state, classes)

    def _averaged(self, state: ScoreState, classes: tuple[Label, ...]) -> Placement:
        scores = state.scores
        if scores.ndim == 1 and not isinstance(self.positive_class, Auto):
            return place(scores, state.labels == self.positive_class, state.weights)
        if scores.ndim == 1 or scores.shape[1] != len(classes):
            columns = 1 if scores.ndim == 1 else scores.shape[1]
            raise EvaluationError(
                f"There are {len(classes)} classes and {columns} score columns.",
                hint="Pass one column per class, in the order of labels= (or sorted).",
            )
        parts = [place(scores[:, i], state.labels == c, state.weights) for i, c in enumerate(classes)]
        weights = np.ones(len(classes))
        if self.average == "weighted":
            weights = np.array([_weight(state, label) for label in classes])
        weights = weights / weights.sum()
        area = sum(w * p.area for w, p in zip(weights, parts, strict=True))
        shares = np.sum([w * p.shares for w, p in zip(weights, parts, strict=True)], axis=0)
        return Placement(float(area), shares)

    def value(self, state: ScoreState) -> float:
        """The area."""
        return self.place(state).area

    def interval(self, state: ScoreState, level: float = 0.95) -> Interval:
        """DeLong on the logit scale; perfect separation falls back to Wilson on the rarer class."""
        area, shares = self.place(state)
        error = math.sqrt(float(shares @ shares))
        if math.isnan(area):
            return NONE
        if not error > 0 or not 0 < area < 1:  # perfect separation, or a class with one row
            rarer = min(np.unique(state.labels, return_counts=True)[1].tolist())
            low, high, _ = wilson(area * rarer, rarer, level)
            return Interval(low, high, "wilson on the rarer class")
        middle, half = math.log(area / (1 - area)), normal_quantile(level) * error / (area * (1 - area))
        return Interval(_logistic(middle - half), _logistic(middle + half), "delong, logit")

    def undefined(self, state: ScoreState) -> str | None:
        """One class only."""
        if not math.isnan(self.value(state)):
            return None
        found: set[Any] = set(state.labels.tolist())
        missing = [repr(c) for c in state.classes if c not in found]
        return (
            f"only one class occurs: {found.pop()!r}"
            if len(found) == 1
            else f"class {missing[0]} never occurs"
        )

    def describe(self, state: ScoreState) -> str:
        """'macro', or the positive class."""
        if len(state.classes) > 2 and state.scores.ndim == 2:
            return "macro" if self.average == "auto" else self.average
        if not isinstance(self.positive_class, Auto):
            return f"positive class {self.positive_class!r}"
        return "" if len(state.classes) < 2 else f"positive class {positive_of(state.classes, AUTO)!r}"

    def note(self, state: ScoreState) -> str | None:
        """An area below one half usually means the other class was scored."""
        area = self.value(state)
        if not area < 0.5 or len(state.classes) > 2:
            return None
        positive = positive_of(state.classes, self.positive_class)
        return (
            f"AUC is below 0.5: do the scores speak for another class than {positive!r}? See positive_class=."
        )

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Compare two areas on the same rows (DeLong's paired test)."""
        a, b = (self.place(self.empty(setting).add(rows)) for rows in (after, before))
        shares = a.shares - b.shares
        difference, error = a.area - b.area, math.sqrt(float(shares @ shares))
        half = normal_quantile(level) * error
        p = normal_p(difference / error) if error > 0 else (1.0 if difference == 0 else math.nan)
        variance = error**2 * len(after)
        return pairs.Paired(difference, difference - half, difference + half, p, "paired delong", variance)

    def spec(self) -> dict[str, Any]:
        """Return the settings that differ from the defaults."""
        spec = {"average": self.average, "name": self.name}
        return (
            spec if isinstance(self.positive_class, Auto) else {**spec, "positive_class": self.positive_class}
        )


def _weight(state: ScoreState, label: Label) -> float:
    chosen = state.labels == label
    return float(chosen.sum() if state.weights is None else state.weights[chosen].sum())


def _column(scores: Array, classes: tuple[Label, ...], positive: Label) -> int:
    if scores.shape[1] != 2:
        raise EvaluationError(
            f"There are 2 classes and {scores.shape[1]} score columns.", hint="Pass one or two."
        )
    return classes.index(positive) if len(classes) == 2 else 1


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0
