"""Metrics of scores: how well they order the rows."""

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import delong
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.delong import Placement, place
from modelops_jupyter.evaluation.intervals import NONE, Interval, normal_p, normal_quantile, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.metrics.counted import positive_of
from modelops_jupyter.evaluation.rows import Rows, read_rows
from modelops_jupyter.evaluation.states import ScoreState
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Kind, Label


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
        return self.value(ScoreState.empty().add(read_rows("labels", y_true, y_true, scores=y_pred)))

    def bound(self, setting: Setting) -> Self:
        """Take over the evaluator's positive class where left open."""
        if isinstance(self.positive_class, Auto) and setting.positive_class is not None:
            return replace(self, positive_class=setting.positive_class)
        return self

    def empty(self, setting: Setting) -> ScoreState:
        """Return the state for no rows."""
        return ScoreState.empty(setting.labels)

    def _positive(self, state: ScoreState) -> Label | None:
        """Return the class that one column of scores speaks for; None for a column per class."""
        if len(state.classes) > 2 and (isinstance(self.positive_class, Auto) or state.scores.ndim == 2):
            return None
        return positive_of(state.classes, self.positive_class)

    def _place(self, state: ScoreState) -> Placement:
        """Area and each row's share in its error."""
        classes, scores, nothing = state.classes, state.scores, np.zeros(state.n)
        if len(classes) < 2:
            return Placement(math.nan, nothing)
        positive, columns = self._positive(state), 1 if scores.ndim == 1 else scores.shape[1]
        if columns != len(classes) and not (columns == 1 and positive is not None):
            raise EvaluationError(
                f"There are {len(classes)} classes and {columns} score column{'s'[: columns - 1]}.",
                hint="Pass one column per class, in the order of labels= (or sorted).",
            )
        if positive is not None:
            column = scores if scores.ndim == 1 else scores[:, classes.index(positive)]
            return place(column, state.labels == positive, state.weights)
        parts = [place(scores[:, i], state.labels == c, state.weights) for i, c in enumerate(classes)]
        weighted = self.average == "weighted"
        rows = np.ones(state.n) if state.weights is None else state.weights
        size = np.array([rows[state.labels == c].sum() if weighted else 1.0 for c in classes])
        size /= size.sum()
        areas, shares = (np.array([part[i] for part in parts]) for i in (0, 1))
        return Placement(float(size @ areas), size @ shares)

    def value(self, state: ScoreState) -> float:
        """The area."""
        if state.weights is None and state.scores.ndim == 1 and len(state.classes) == 2:
            return delong.area(state.scores, state.labels == positive_of(state.classes, self.positive_class))
        return self._place(state).area

    def interval(self, state: ScoreState, level: float = 0.95) -> Interval:
        """DeLong on the logit scale; perfect separation falls back to Wilson on the rarer class."""
        area, shares = self._place(state)
        error = math.sqrt(float(shares @ shares))
        if math.isnan(area):
            return NONE
        if not error > 0 or not 0 < area < 1:  # perfect separation, or a class with one row
            rarer = min(np.unique(state.labels, return_counts=True)[1].tolist())
            low, high, _ = wilson(area * rarer, rarer, level)
            return Interval(low, high, "wilson on the rarer class")
        middle, half = math.log(area / (1 - area)), normal_quantile(level) * error / (area * (1 - area))
        low, high = ((1 + math.tanh(x / 2)) / 2 for x in (middle - half, middle + half))
        return Interval(low, high, "delong, logit")

    def remarks(self, state: ScoreState) -> dict[str, str | None]:
        """Name the class or the average; an area below one half usually means the other class was scored."""
        area, classes = self.value(state), state.classes
        if math.isnan(area):
            found: set[Any] = set(state.labels.tolist())
            absent = next((repr(c) for c in classes if c not in found), "")
            only = f"only one class occurs: {next(iter(found))!r}"
            return {"undefined": only if len(found) == 1 else f"class {absent} never occurs"}
        positive = self._positive(state)
        if positive is None:
            return {"method": "macro" if self.average == "auto" else self.average}
        odd = (
            f"AUC is below 0.5: do the scores speak for another class than {positive!r}? See positive_class=."
        )
        return {"method": f"positive class {positive!r}", "note": odd if area < 0.5 else None}

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Compare two areas on the same rows (DeLong's paired test)."""
        a, b = (self._place(self.empty(setting).add(rows)) for rows in (after, before))
        shares = a.shares - b.shares
        difference, error = a.area - b.area, math.sqrt(float(shares @ shares))
        half = normal_quantile(level) * error
        p = normal_p(difference / error) if error > 0 else (1.0 if difference == 0 else math.nan)
        variance = error**2 * len(after)
        return pairs.Paired(difference, difference - half, difference + half, p, "paired delong", variance)
