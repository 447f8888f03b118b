"""Rows with several labels each: which sets were answered by which sets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from modelops_jupyter.evaluation.arrays import Array, empty
from modelops_jupyter.evaluation.coding import agreed, ordered
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states.counts import Counted, Margins
from modelops_jupyter.evaluation.tasks import Label


def _nothing() -> Array:
    return np.zeros((0, 0), np.bool_)


@dataclass(frozen=True, eq=False)
class MultilabelState(Counted):
    """Each pair of a true and a predicted set that occurs is one cell, as in a count table.

    Metrics therefore read it as they read a `CountState`, and resampling its cells is
    resampling rows.
    """

    classes: tuple[Label, ...] = ()
    declared: tuple[Label, ...] | None = None
    true: Array = field(default_factory=_nothing)  # cells x classes: is the label in the true set?
    predicted: Array = field(default_factory=_nothing)
    count: Array = field(default_factory=empty)
    n: int = 0
    squares: float = 0.0  # sum of squared weights

    @classmethod
    def empty(cls, labels: Sequence[Label] | None = None) -> Self:
        """No rows yet; `labels` fixes classes and their order."""
        declared = None if labels is None else tuple(labels)
        return cls(declared or (), declared)

    def add(self, rows: Rows) -> "MultilabelState":
        """Count these rows in."""
        columns: list[list[tuple[Label, ...]]] = [rows.y_true.tolist(), rows.y_pred.tolist()]
        classes = ordered({label for column in columns for row in column for label in row}, self.declared)
        true, predicted = (_members(column, classes) for column in columns)
        w = rows.weights
        count = np.ones(len(rows), np.int64) if w is None else w
        squares = float(len(rows) if w is None else w @ w)
        part = MultilabelState(classes, None, true, predicted, count, len(rows), squares)
        return self.merge(_grouped(part))

    def merge(self, other: "MultilabelState") -> "MultilabelState":
        """Put two parts together; classes are matched by label."""
        declared = agreed(self.declared, other.declared)
        if not self.n or not other.n:
            part = other if not self.n else self
            return replace(part, declared=declared, classes=part.classes or self.classes or other.classes)
        classes = ordered({*self.classes, *other.classes}, declared)
        true, predicted = (
            np.concatenate([_moved(getattr(s, side), s.classes, classes) for s in (self, other)])
            for side in ("true", "predicted")
        )
        count = np.concatenate([self.count, other.count])
        n, squares = self.n + other.n, self.squares + other.squares
        return _grouped(MultilabelState(classes, declared, true, predicted, count, n, squares))

    def margins(self, counts: Array) -> Margins:
        """Sum cells by class; `counts` may be (resamples, cells)."""
        sides = (self.true & self.predicted, self.true, self.predicted)
        hits, true, predicted = (counts @ side.astype(np.float64) for side in sides)
        right = counts * (self.true == self.predicted).all(axis=1)
        return Margins(hits, true, predicted, np.asarray(counts.sum(-1)), np.asarray(right.sum(-1)))

    def row_margins(self) -> Margins:
        """Sum within a row of each cell, over the reported classes."""
        true, predicted = self.true[:, : self.reported], self.predicted[:, : self.reported]
        hits, all_ = (true & predicted).sum(axis=1), np.full(len(true), self.reported)
        return Margins(hits, true.sum(axis=1), predicted.sum(axis=1), all_, hits)

    def effects(self, slope: Margins) -> Array:
        """Return how one more row in each cell moves a number with these slopes by margin."""
        right = (self.true == self.predicted).all(axis=1)
        by_class = self.true @ slope.true + self.predicted @ slope.predicted
        return by_class + (self.true & self.predicted) @ slope.hits + slope.total + right * slope.right

    def cell_of(self, rows: Rows) -> Array:
        """Return the number of the cell that each counted row is in."""
        place = {
            (t.tobytes(), p.tobytes()): i
            for i, (t, p) in enumerate(zip(self.true, self.predicted, strict=True))
        }
        sides = [_members(column.tolist(), self.classes) for column in (rows.y_true, rows.y_pred)]
        return np.array([place[t.tobytes(), p.tobytes()] for t, p in zip(*sides, strict=True)], np.int64)

    def joint(self, after: Rows, before: Rows) -> tuple["MultilabelState", "MultilabelState"]:
        """Count truth and both answers together: two tables with the same cells and counts."""
        classes = self.add(after).add(before).classes
        columns = (after.y_true, after.y_pred, before.y_pred)
        true, new, old = (_members(column.tolist(), classes) for column in columns)
        cells, where = np.unique(np.hstack([true, new, old]), axis=0, return_inverse=True)
        w, k, n = after.weights, len(classes), len(after)
        count, squares = np.bincount(where.ravel(), w), float(n if w is None else w @ w)
        sides = (cells[:, i * k : (i + 1) * k] for i in (1, 2))
        first, second = (
            MultilabelState(classes, self.declared, cells[:, :k], side, count, n, squares) for side in sides
        )
        return first, second


def _members(column: list[tuple[Label, ...]], classes: tuple[Label, ...]) -> Array:
    place = {label: i for i, label in enumerate(classes)}
    out = np.zeros((len(column), len(classes)), np.bool_)
    for row, labels in enumerate(column):
        out[row, [place[label] for label in labels]] = True
    return out


def _moved(members: Array, old: tuple[Label, ...], new: tuple[Label, ...]) -> Array:
    out = np.zeros((len(members), len(new)), np.bool_)
    out[:, [new.index(label) for label in old]] = members
    return out


def _grouped(state: MultilabelState) -> MultilabelState:
    """Put equal cells together."""
    k = len(state.classes)
    cells, where = np.unique(np.hstack([state.true, state.predicted]), axis=0, return_inverse=True)
    count = np.bincount(where.ravel(), state.count).astype(state.count.dtype)
    return replace(state, true=cells[:, :k], predicted=cells[:, k:], count=count)
