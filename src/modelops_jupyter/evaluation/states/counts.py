"""How often each label was answered by each label: enough for every classification metric."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.arrays import Array, Jsonable, empty
from modelops_jupyter.evaluation.coding import Cells, Coded, Column, agreed, arranged, coded, tabulate
from modelops_jupyter.evaluation.inputs import (
    IGNORED,
    as_coded_labels,
    as_weights,
    check_lengths,
    check_same_kind,
    refuse_marker,
)
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.tasks import Label


class Margins(NamedTuple):
    """Per class: rows found, true rows, predicted rows; leading axes are resamples.

    Two numbers for all classes together: all rows, and those that are wholly right.
    """

    hits: Array
    true: Array
    predicted: Array
    total: Array
    right: Array


class Counted(Jsonable):
    """What a count table of single labels and one of sets of labels have in common."""

    classes: tuple[Label, ...]
    declared: tuple[Label, ...] | None
    count: Array
    squares: float

    @property
    def reported(self) -> int:
        """How many classes averages run over: the declared ones, else all."""
        return len(self.declared) if self.declared else len(self.classes)

    @cached_property
    def total(self) -> float:
        """Rows, or their summed weight."""
        return float(self.count.sum())

    @property
    def effective_n(self) -> float:
        """Rows that carry the same information, if rows are weighted unequally (Kish)."""
        return self.total**2 / self.squares if self.squares else 0.0

    @cached_property
    def observed(self) -> Margins:
        """The margins of what was counted."""
        return self.margins(self.count)

    def margins(self, counts: Array) -> Margins:
        """Sum cells by class; `counts` may be (resamples, cells)."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class CountState(Counted):
    """The count table, stored by its non-empty cells, so that many classes cost nothing.

    `declared` labels come first and are the ones averages run over; labels that occur
    without being declared still count as wrong answers.
    """

    classes: tuple[Label, ...] = ()
    declared: tuple[Label, ...] | None = None
    true: Array = field(default_factory=empty)  # class number of each cell
    predicted: Array = field(default_factory=empty)
    count: Array = field(default_factory=empty)  # rows, or their weight, in each cell
    n: int = 0
    squares: float = 0.0  # sum of squared weights

    @classmethod
    def empty(cls, labels: Sequence[Label] | None = None) -> Self:
        """No rows yet; `labels` fixes classes and their order."""
        declared = None if labels is None else tuple(labels)
        if declared is not None and (not declared or len(set(declared)) < len(declared)):
            raise EvaluationError("labels must name at least one class, each once.")
        return cls(declared or (), declared)

    @classmethod
    def read(
        cls, y_true: Any, y_pred: Any, weights: Any = None, labels: Sequence[Label] | None = None
    ) -> "CountState":
        """Read and count two columns of labels that need not be kept."""
        true, predicted = (as_coded_labels(*side) for side in ((y_true, "y_true"), (y_pred, "y_pred")))
        read = None if weights is None else as_weights(weights)
        check_lengths({"y_true": true, "y_pred": predicted, "weights": read})
        check_same_kind(true, predicted)
        state = cls.empty(labels).count_in(true, predicted, read)
        if IGNORED in state.classes and not (labels is not None and IGNORED in labels):
            refuse_marker(true, "y_true")
        return state

    def add(self, rows: Rows) -> "CountState":
        """Count these rows in."""
        return self.count_in(rows.y_true, rows.y_pred, rows.weights)

    def count_in(self, true: Column, predicted: Column, weights: Array | None = None) -> "CountState":
        """Count in two columns of labels."""
        n = len(true)
        squares = float(n if weights is None else weights @ weights)
        return self._with(CountState(*_placed(tabulate(true, predicted, weights)), n, squares))

    def merge(self, other: "CountState") -> "CountState":
        """Add two tables; classes are matched by label."""
        return self._with(other)

    def _with(self, other: "CountState") -> "CountState":
        declared = agreed(self.declared, other.declared)
        n, squares = self.n + other.n, self.squares + other.squares
        if not self.n and not declared:
            return other
        counts = np.concatenate([self.count, other.count])
        classes, shift = (*self.classes, *other.classes), len(self.classes)
        true = np.concatenate([self.true, other.true + shift])
        predicted = np.concatenate([self.predicted, other.predicted + shift])
        cells = arranged(Coded(true, classes), Coded(predicted, classes), counts, declared)
        return CountState(*_placed(cells, declared), n, squares)

    def margins(self, counts: Array) -> Margins:
        """Sum cells by class; `counts` may be (resamples, cells)."""
        k = len(self.classes)
        hits = np.where(self.true == self.predicted, counts, 0)
        parts = ((hits, self.true), (counts, self.true), (counts, self.predicted))
        found, true, predicted = (_by_class(part, index, k) for part, index in parts)
        return Margins(found, true, predicted, np.asarray(counts.sum(-1)), np.asarray(hits.sum(-1)))

    def effects(self, slope: Margins) -> Array:
        """Return how one more row in each cell moves a number with these slopes by margin."""
        right = self.true == self.predicted
        by_class = slope.true[self.true] + slope.predicted[self.predicted] + right * slope.hits[self.true]
        return by_class + slope.total + right * slope.right

    def cell_of(self, rows: Rows) -> Array:
        """Return the number of the cell that each counted row is in."""
        place, k = {label: i for i, label in enumerate(self.classes)}, len(self.classes)
        columns = [coded(column) for column in (rows.y_true, rows.y_pred)]
        true, predicted = (np.array([place[c] for c in each.classes])[each.codes] for each in columns)
        return np.searchsorted(self.true * k + self.predicted, true * k + predicted)

    def joint(self, after: Rows, before: Rows) -> tuple["CountState", "CountState"]:
        """Count truth and both answers together: two tables with the same cells and counts."""
        both = self.add(after).add(before)
        place = {label: i for i, label in enumerate(both.classes)}
        columns = (after.y_true, after.y_pred, before.y_pred)
        codes = np.array([[place[label] for label in column.tolist()] for column in columns])
        cells, where = np.unique(codes, axis=1, return_inverse=True)
        counts, squares = np.bincount(where, after.weights), both.squares / 2
        one = replace(both, true=cells[0], count=counts, n=len(after), squares=squares)
        return replace(one, predicted=cells[1]), replace(one, predicted=cells[2])

    def table(self) -> Array:
        """Dense table of the reported classes, rows true, columns predicted."""
        k = self.reported
        dense = np.zeros((k, k), self.count.dtype)
        shown = (self.true < k) & (self.predicted < k)
        dense[self.true[shown], self.predicted[shown]] = self.count[shown]
        return dense


def _placed(
    cells: Cells, declared: tuple[Label, ...] | None = None
) -> tuple[tuple[Label, ...], tuple[Label, ...] | None, Array, Array, Array]:
    """Return the first five fields of a `CountState`."""
    return cells.classes, declared, cells.true, cells.predicted, cells.rows


def _by_class(counts: Array, index: Array, k: int) -> Array:
    if counts.ndim == 2 and k * len(index) <= 1_000_000:  # many resamples of few cells: one product
        return counts @ (index[:, None] == np.arange(k)).astype(np.float64)
    if counts.ndim == 1:
        return np.bincount(index, counts, k).astype(counts.dtype)
    sums = np.zeros((*counts.shape[:-1], k), counts.dtype)
    if len(index):
        order = np.argsort(index, kind="stable")
        present, start = np.unique(index[order], return_index=True)
        sums[..., present] = np.add.reduceat(counts[..., order], start, axis=-1)
    return sums
