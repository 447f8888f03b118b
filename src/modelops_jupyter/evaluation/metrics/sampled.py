"""Metrics of several answers to each item."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.clusters import of_parts
from modelops_jupyter.evaluation.intervals import NONE, Interval, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import ItemState
from modelops_jupyter.evaluation.value import MetricValue


@dataclass(frozen=True)
class PassAtKMetric(Metric):
    """Chance that at least one of k answers to an item is right, averaged over items.

    Every row is one answer; rows of the same item have the same id, or the same cluster. With
    n answers of which c are right, 1 - C(n - c, k) / C(n, k) is an unbiased estimate for the
    item (Chen et al. 2021). Items are what the interval is over: asking the same items again
    does not make it narrower than the items allow.

    Parameters
    ----------
    k
        Answers that may be tried; every item needs at least as many.
    """

    requires: ClassVar[type[Any]] = ItemState
    bounds = (0.0, 1.0)
    name: str = "pass_at_k"
    k: int = 1

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ConfigError(f"k is {self.k}; it must be at least 1.")

    @property
    def label(self) -> str:
        """'pass@1'."""
        return f"pass@{self.k}"

    def fill(self, state: ItemState, rows: Rows) -> ItemState:
        """Count right answers by item."""
        items = rows.ids if rows.clusters is None else tuple(map(str, rows.clusters.tolist()))
        if items is None:
            raise EvaluationError(
                "pass@k must know which rows answer the same item.",
                hint="Pass ids= (or cluster=) with the same value for the answers to one item.",
            )
        pairs_ = zip(rows.y_true.tolist(), rows.y_pred.tolist(), strict=True)
        return state.add(items, np.array([_stripped(t) == _stripped(p) for t, p in pairs_], np.bool_))

    def _scores(self, state: ItemState) -> Array:
        """Estimate for each item."""
        few = np.flatnonzero(state.answers < self.k)
        if len(few):
            item, n = state.items[int(few[0])], int(state.answers[few[0]])
            raise EvaluationError(
                f"Item {item!r} has {n} answers; pass@{self.k} needs {self.k}.",
                hint="Draw more answers, or lower k.",
            )
        misses = np.ones(state.n)
        for i in range(self.k):  # C(n - c, k) / C(n, k), factor by factor: no large numbers
            misses *= np.maximum(0, state.answers - state.right - i) / (state.answers - i)
        return 1 - misses

    def value(self, state: ItemState) -> float:
        """The mean over items."""
        return float(self._scores(state).mean()) if state.n else math.nan

    def interval(self, state: ItemState, level: float = 0.95) -> Interval:
        """Wilson at the number of items of 0 or 1 that would scatter as much."""
        scores, n = self._scores(state), state.n
        if n < 2:
            return NONE
        if ((scores == 0) | (scores == 1)).all():
            return wilson(float(scores.sum()), n, level)
        mean = float(scores.mean())
        return of_parts(mean, (scores - mean) / n, level, self.bounds, f"{n} items")

    def remarks(self, state: ItemState) -> dict[str, str | None]:
        """Nothing to say."""
        del state
        return {}

    def clustered(self, value: MetricValue, rows: Rows, setting: Setting, level: float = 0.95) -> MetricValue:
        """Return the value as it is: its interval is over items already."""
        del rows, setting, level
        return value

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Pair the items."""
        new, old = (self.fill(self.empty(setting), rows) for rows in (after, before))
        place = dict(zip(old.items, self._scores(old).tolist(), strict=True))
        return pairs.from_rows(self._scores(new), np.array([place[item] for item in new.items]), level)


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
