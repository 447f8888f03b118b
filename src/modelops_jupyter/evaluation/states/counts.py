"""How often each label was answered by each label: enough for every classification metric."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.arrays import Array, Jsonable, empty
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.tasks import Label

_SLOTS = 65_536  # a table of so many slots is always cheaper than sorting


class Margins(NamedTuple):
    """Per class: rows on the diagonal, true rows, predicted rows; leading axes are resamples."""

    hits: Array
    true: Array
    predicted: Array


@dataclass(frozen=True, slots=True, eq=False)
class CountState(Jsonable):
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

    def add(self, rows: Rows) -> "CountState":
        """Count these rows in."""
        classes, (true, predicted) = _encoded(rows.y_true, rows.y_pred)
        n, k, weights = len(rows), len(classes), rows.weights
        cells, counts = _summed(true * k + predicted, weights, k * k)
        squares = float(n if weights is None else weights @ weights)
        return self._with(CountState(classes, None, cells // k, cells % k, counts, n, squares))

    def merge(self, other: "CountState") -> "CountState":
        """Add two tables; classes are matched by label."""
        if self.declared and other.declared and self.declared != other.declared:
            raise EvaluationError("Two counts with different labels= cannot be merged.")
        return self._with(other)

    def _with(self, other: "CountState") -> "CountState":
        declared = self.declared or other.declared
        classes = _ordered({*self.classes, *other.classes}, declared)
        place, k = {label: i for i, label in enumerate(classes)}, max(1, len(classes))
        codes = [
            _moved(s.true, s.classes, place) * k + _moved(s.predicted, s.classes, place)
            for s in (self, other)
        ]
        counts = np.concatenate([self.count, other.count])
        cells, total = _summed(np.concatenate(codes), counts, k * k)
        n, squares = self.n + other.n, self.squares + other.squares
        return CountState(classes, declared, cells // k, cells % k, total.astype(counts.dtype), n, squares)

    @property
    def reported(self) -> int:
        """How many classes averages run over: the declared ones, else all."""
        return len(self.declared) if self.declared else len(self.classes)

    @property
    def total(self) -> float:
        """Rows, or their summed weight."""
        return float(self.count.sum())

    @property
    def effective_n(self) -> float:
        """Rows that carry the same information, if rows are weighted unequally (Kish)."""
        return self.total**2 / self.squares if self.squares else 0.0

    def margins(self, counts: Array | None = None) -> Margins:
        """Sum the cells by class; `counts` of shape (resamples, cells) replaces the observed ones."""
        counts, k = self.count if counts is None else counts, len(self.classes)
        hits = np.where(self.true == self.predicted, counts, 0)
        parts = ((hits, self.true), (counts, self.true), (counts, self.predicted))
        return Margins(*[_by_class(part, index, k) for part, index in parts])

    def table(self) -> Array:
        """Dense table of the reported classes, rows true, columns predicted."""
        k = self.reported
        dense = np.zeros((k, k), self.count.dtype)
        shown = (self.true < k) & (self.predicted < k)
        dense[self.true[shown], self.predicted[shown]] = self.count[shown]
        return dense


def _summed(codes: Array, weights: Array | None, k: int) -> tuple[Array, Array]:
    """Return the codes below k that occur, ascending, and their rows or summed weights."""
    if k > max(_SLOTS, 4 * len(codes)):  # too sparse for a slot per code
        cells, where = np.unique(codes, return_inverse=True)
        return cells, np.bincount(where, weights)
    cells = np.flatnonzero(np.bincount(codes))
    return cells, np.bincount(codes, weights)[cells]


def _by_class(counts: Array, index: Array, k: int) -> Array:
    if counts.ndim == 2 and k * len(index) <= 1_000_000:  # many resamples of few cells: one product
        return counts @ (index[:, None] == np.arange(k)).astype(np.float64)
    sums = np.zeros((*counts.shape[:-1], k), counts.dtype)
    if len(index):
        order = np.argsort(index, kind="stable")
        present, start = np.unique(index[order], return_index=True)
        sums[..., present] = np.add.reduceat(counts[..., order], start, axis=-1)
    return sums


def _encoded(y_true: Array, y_pred: Array) -> tuple[tuple[Label, ...], tuple[Array, Array]]:
    """Return the labels that occur, sorted, and both columns as their numbers."""
    n = len(y_true)
    if y_true.dtype != object and y_pred.dtype != object:
        both = np.concatenate([y_true, y_pred])
        low, high = int(both.min()), int(both.max())
        if both.dtype == np.int64 and high - low < _SLOTS:
            found, _ = _summed(both - low, None, high - low + 1)
            slots = np.zeros(high - low + 1, np.int64)
            slots[found] = np.arange(len(found))
            found, codes = found + low, slots[both - low]
        else:
            found, codes = np.unique(both, return_inverse=True)
        return tuple(found.tolist()), (codes[:n], codes[n:])
    columns: list[list[Any]] = [y_true.tolist(), y_pred.tolist()]
    classes = _ordered({*columns[0], *columns[1]}, None)
    place = {label: i for i, label in enumerate(classes)}
    first, second = (np.fromiter(map(place.__getitem__, column), np.int64, n) for column in columns)
    return classes, (first, second)


def _ordered(found: set[Label], declared: tuple[Label, ...] | None) -> tuple[Label, ...]:
    first = declared or ()
    rest: set[Any] = found - set(first)
    if len({isinstance(label, str) for label in (*first, *rest)}) > 1:
        hint = "Make all labels text, or all numbers; labels= too."
        raise EvaluationError("Labels mix text and numbers.", hint=hint)
    return (*first, *sorted(rest))


def _moved(index: Array, classes: tuple[Label, ...], place: dict[Label, int]) -> Array:
    return np.array([place[label] for label in classes], np.int64)[index] if len(index) else index
