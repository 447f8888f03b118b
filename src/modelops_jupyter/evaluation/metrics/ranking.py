"""Metrics of scores: how well they order the rows."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import delong
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.delong import Placement, place
from modelops_jupyter.evaluation.intervals import NONE, Interval, logit, normal_p, normal_quantile, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.metrics.counted import positive_of, ratio
from modelops_jupyter.evaluation.rows import Rows, read_scored
from modelops_jupyter.evaluation.states import BucketState, ScoreState
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Kind, Label


@dataclass(frozen=True)
class ScoreMetric(Metric):
    """A number of two classes and one score per row, or of each class against the rest.

    Parameters
    ----------
    positive_class
        The class that high scores speak for; AUTO is 1 or True, and an error for other pairs.
    average
        For more than two classes, or several labels per row (one score column each): "macro" or
        "weighted" mean of each class against the rest. "auto" is macro.

    Raises
    ------
    ConfigError
        If there is no such average.
    """

    requires: ClassVar[type[Any]] = ScoreState
    takes: ClassVar[Kind | None] = "labels"
    multilabel: ClassVar[bool] = True
    bounds = (0.0, 1.0)
    positive_class: Label | Auto = AUTO
    average: Literal["auto", "macro", "weighted"] = "auto"

    def __post_init__(self) -> None:
        known = ("auto", "macro", "weighted")
        if self.average not in known:
            message = f"average is {self.average!r}; classes are averaged one against the rest."
            raise ConfigError(message, hint=did_you_mean(self.average, known))

    @property
    def label(self) -> str:
        """The name for people, with its average if one was chosen."""
        return self.title if self.average == "auto" else f"{self.title}, {self.average}"

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the number; `y_pred` are the scores."""
        return self.value(self.empty(Setting()).add(read_scored(y_true, y_pred)))

    def empty(self, setting: Setting) -> Any:
        """Return the state for no rows."""
        return ScoreState.empty(setting.labels)

    def _positive(self, state: Any) -> Label | None:
        """Return the class that one column of scores speaks for; None for a column per class."""
        columns = state.scores.ndim if isinstance(state, ScoreState) else 1
        if isinstance(state, ScoreState) and state.several:
            return None
        if len(state.classes) > 2 and (isinstance(self.positive_class, Auto) or columns == 2):
            return None
        return positive_of(state.classes, self.positive_class)

    def _sides(self, state: ScoreState) -> list[tuple[Array, Array, float]]:
        """Scores, which rows are positive, and the share in the average: once, or for each class."""
        classes, scores = state.classes, state.scores
        positive, columns = self._positive(state), 1 if scores.ndim == 1 else scores.shape[1]
        if columns != len(classes) and not (columns == 1 and positive is not None):
            raise EvaluationError(
                f"There are {len(classes)} classes and {columns} score column{'s'[: columns - 1]}.",
                hint="Pass one column per class, in the order of labels= (or sorted).",
            )
        if positive is not None:
            column = scores if scores.ndim == 1 else scores[:, classes.index(positive)]
            return [(column, state.labels == positive, 1.0)]
        rows = np.ones(state.n) if state.weights is None else state.weights
        members = [state.members(c) for c in classes]
        sizes = [float(rows[m].sum()) if self.average == "weighted" else 1.0 for m in members]
        parts = zip(members, sizes, strict=True)
        return [(scores[:, i], m, s / sum(sizes)) for i, (m, s) in enumerate(parts)]

    def _rarer(self, state: ScoreState) -> int:
        """Rows of the rarest side that is ranked against another."""
        return min(int(min(p.sum(), (~p).sum())) for _, p, _ in self._sides(state))

    def _one(self, scores: Array, positive: Array, weights: Array | None) -> float:
        """The number for one class against the rest; NaN if one of them is missing."""
        raise NotImplementedError

    def value(self, state: Any) -> float:
        """The number, averaged over classes where there are more than two."""
        if len(state.classes) < 2 and not state.several:
            return math.nan
        return sum(share * self._one(s, p, state.weights) for s, p, share in self._sides(state))

    def _limits(self, scores: Array, positive: Array, weights: Array, level: float) -> Interval:
        """The interval for one class against the rest."""
        raise NotImplementedError

    def interval(self, state: Any, level: float = 0.95) -> Interval:
        """Limits of each class, averaged as the values are: wide enough however classes go together."""
        if math.isnan(self.value(state)):
            return NONE
        w = np.ones(state.n) if state.weights is None else state.weights
        found = [(self._limits(s, p, w, level), share) for s, p, share in self._sides(state)]
        low = sum(limits.low * share for limits, share in found)
        high = sum(limits.high * share for limits, share in found)
        return Interval(low, high, found[0][0].method)

    def remarks(self, state: Any) -> dict[str, str | None]:
        """Name the class or the average, or the class that is missing."""
        classes = state.classes
        if math.isnan(self.value(state)):
            found: list[Any] = [c for c in classes if self._occurs(state, c)]
            absent = next((repr(c) for c in classes if c not in found), "")
            only = f"only one class occurs: {found[0]!r}"
            return {"undefined": only if len(found) == 1 else f"class {absent} never occurs"}
        positive = self._positive(state)
        if positive is None:
            return {"method": "macro" if self.average == "auto" else self.average}
        return {"method": f"positive class {positive!r}"}

    def _occurs(self, state: Any, label: Label) -> bool:
        return bool(state.members(label).any())


@dataclass(frozen=True)
class AUCROCMetric(ScoreMetric):
    """Chance that a positive row is scored above a negative one; ties count half.

    Parameters
    ----------
    positive_class, average
        As for `ScoreMetric`.
    bounded
        Count scores between 0 and 1 in 131,072 buckets per class instead of keeping them: constant
        memory for any number of rows. The value is then right up to a bound that `method` states.
    """

    name: str = "auc_roc"
    title: ClassVar[str] = "AUC"
    bounded: bool = False

    @property
    def shares(self) -> str:
        """The bounded area has its own state."""
        return "BucketState" if self.bounded else super().shares

    def empty(self, setting: Setting) -> Any:
        """Return the state for no rows."""
        return (BucketState if self.bounded else ScoreState).empty(setting.labels)

    def _place(self, state: ScoreState) -> Placement:
        """Area and each row's share in its error."""
        if len(state.classes) < 2 and not state.several:
            return Placement(math.nan, np.zeros(state.n))
        parts = [(place(s, p, state.weights), share) for s, p, share in self._sides(state)]
        areas, shares = (np.array([part[i] for part, _ in parts]) for i in (0, 1))
        sizes = np.array([share for _, share in parts])
        return Placement(float(sizes @ areas), sizes @ shares)

    def _one(self, scores: Array, positive: Array, weights: Array | None) -> float:
        return delong.area(scores, positive) if weights is None else place(scores, positive, weights).area

    def grouped(self, state: BucketState) -> delong.Grouped:
        """Return the area of counted scores with its error and its bound."""
        positive = positive_of(state.classes, self.positive_class) if len(state.classes) > 1 else None
        i = state.classes.index(positive) if positive in state.classes else 0
        return delong.grouped(state.counts[i], state.counts.sum(axis=0) - state.counts[i])

    def value(self, state: Any) -> float:
        """The area."""
        return self.grouped(state).area if isinstance(state, BucketState) else super().value(state)

    def _occurs(self, state: Any, label: Label) -> bool:
        if isinstance(state, BucketState):
            return bool(state.counts[state.classes.index(label)].any())
        return super()._occurs(state, label)

    def row_shares(self, rows: Rows, setting: Setting) -> Array:
        """Return each row's share in the error (DeLong's placements)."""
        return self._place(ScoreState.empty(setting.labels).add(rows)).shares

    def interval(self, state: Any, level: float = 0.95) -> Interval:
        """DeLong on the logit scale; perfect separation falls back to Wilson on the rarer class."""
        if isinstance(state, BucketState):
            return self._bounded_interval(self.grouped(state), level)
        area, shares = self._place(state)
        if math.isnan(area):
            return NONE
        error = math.sqrt(float(shares @ shares))
        if not error > 0 or not 0 < area < 1:  # perfect separation, or a class with one row
            rarer = self._rarer(state)  # nothing seems to vary, but may
            return wilson(area * rarer, rarer, level)._replace(method="wilson on the rarer class")
        return logit(area, error, level, "delong, logit")

    @staticmethod
    def _bounded_interval(found: delong.Grouped, level: float) -> Interval:
        """DeLong from the buckets, wider by the bound on both sides."""
        if math.isnan(found.area):
            return NONE
        if found.error > 0 and 0 < found.area < 1:
            low, high, how = logit(found.area, found.error, level, "delong, logit")
        else:
            low, high, how = wilson(found.area * found.rarer, found.rarer, level)
        return Interval(low - found.bound, high + found.bound, f"{how}, area within {found.bound:.1e}")

    def remarks(self, state: Any) -> dict[str, str | None]:
        """Also say that an area below one half usually means the other class was scored."""
        found = super().remarks(state)
        if self._positive(state) is None or not self.value(state) < 0.5:
            return found
        named = repr(self._positive(state))
        odd = f"AUC is below 0.5: do the scores speak for another class than {named}? See positive_class=."
        return found | {"note": odd}

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Compare two areas on the same rows (DeLong's paired test)."""
        if after.clusters is not None:
            return super().paired(after, before, level, setting)
        state, old = (ScoreState.empty(setting.labels).add(rows) for rows in (after, before))
        a, b = self._place(state), self._place(old)
        shares = a.shares - b.shares
        difference, error = a.area - b.area, math.sqrt(float(shares @ shares))
        if not difference and not error:  # rows that would rank otherwise may just not be among these
            half = wilson(0, self._rarer(state), level).high
            return pairs.Paired(0.0, -half, half, 1.0, "no row is ranked differently")
        half = normal_quantile(level) * error
        p = normal_p(difference / error) if error > 0 else math.nan
        variance = error**2 * len(after)
        return pairs.Paired(difference, difference - half, difference + half, p, "paired delong", variance)


@dataclass(frozen=True)
class AveragePrecisionMetric(ScoreMetric):
    """Mean precision over the positive rows, each at its own score; the area under the PR curve.

    The interval is the logit one for as many trials as there are positive rows (Boyd, Eng and
    Page 2013): resampled rows tie with themselves, which moves the area upwards.
    """

    name: str = "average_precision"
    title: ClassVar[str] = "Average precision"

    def _one(self, scores: Array, positive: Array, weights: Array | None) -> float:
        up, down = _falling(scores, positive, weights)
        if not up[-1]:
            return math.nan
        steps = up.copy()
        steps[1:] -= up[:-1]
        return float(ratio(steps * up, up + down).sum() / up[-1])

    def _limits(self, scores: Array, positive: Array, weights: Array, level: float) -> Interval:
        value, size = self._one(scores, positive, weights), kish(weights[positive])
        if not 0 < value < 1:
            low, high, _ = wilson(value * size, size, level)
            return Interval(low, high, "wilson on the positive rows")
        return logit(value, math.sqrt(value * (1 - value) / size), level, "logit on the positive rows")


@dataclass(frozen=True)
class KSMetric(ScoreMetric):
    """Largest gap between the shares of positive and negative rows above a threshold (Kolmogorov-Smirnov).

    The largest of many gaps is too large by chance, and resampling adds to it: a bootstrap
    covers as little as half. So the upper limit is Newcombe's for the two shares at that
    threshold, and the lower one allows for the search over all thresholds (Kolmogorov's band).
    """

    name: str = "ks"
    title: ClassVar[str] = "KS"

    def _one(self, scores: Array, positive: Array, weights: Array | None) -> float:
        up, down = _falling(scores, positive, weights)
        return float(np.abs(up / up[-1] - down / down[-1]).max()) if up[-1] and down[-1] else math.nan

    def _limits(self, scores: Array, positive: Array, weights: Array, level: float) -> Interval:
        up, down = (side / side[-1] for side in _falling(scores, positive, weights))
        at = int(np.abs(up - down).argmax())
        high, low = max(up[at], down[at]), min(up[at], down[at])
        sizes = kish(weights[positive]), kish(weights[~positive])
        if down[at] > up[at]:
            sizes = sizes[::-1]
        above, below = wilson(high * sizes[0], sizes[0], level), wilson(low * sizes[1], sizes[1], level)
        rise = math.hypot(above.high - high, low - below.low)
        band = math.sqrt(-0.5 * math.log((1 - level) / 2) * (1 / sizes[0] + 1 / sizes[1]))
        return Interval(high - low - band, high - low + rise, "kolmogorov below, newcombe above")

    def row_shares(self, rows: Rows, setting: Setting) -> Array:
        """Return each row's share in the error of the two shares at the threshold."""
        state = ScoreState.empty(setting.labels).add(rows)
        w: Array = np.ones(state.n) if rows.weights is None else rows.weights
        parts = [share * self._tilt(s, p, w) for s, p, share in self._sides(state)]
        return w * np.sum(parts, axis=0)

    @staticmethod
    def _tilt(scores: Array, positive: Array, weights: Array) -> Array:
        """How each row moves the gap at the threshold, for a weight of one."""
        up, down = (side / side[-1] for side in _falling(scores, positive, weights))
        at = int(np.abs(up - down).argmax())
        above = np.asarray(scores >= -np.unique(-scores)[at], dtype=np.float64)
        sign = 1.0 if up[at] >= down[at] else -1.0
        above[positive] = (above[positive] - up[at]) / weights[positive].sum()
        above[~positive] = (down[at] - above[~positive]) / weights[~positive].sum()
        return sign * above


def kish(weights: Array) -> float:
    """Rows that carry the same information, if rows are weighted unequally."""
    return float(weights.sum()) ** 2 / float(weights @ weights)


def _falling(scores: Array, positive: Array, weights: Array | None) -> tuple[Array, Array]:
    """Positive and negative rows (or weight) at or above each distinct score, from the highest down."""
    order = np.argsort(-scores, kind="stable")
    ranked, w = scores[order], 1.0 if weights is None else weights[order]
    last = np.append(ranked[1:] != ranked[:-1], True)  # a tie is one step
    up, down = np.cumsum(positive[order] * w), np.cumsum(~positive[order] * w)
    return up[last], down[last]
