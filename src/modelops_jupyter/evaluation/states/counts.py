"""How often each label was answered by each label: enough for every classification metric."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.tasks import Label

Array = NDArray[Any]


class Margins(NamedTuple):
    """Per class: rows on the diagonal, true rows, predicted rows; leading axes are resamples."""

    hits: Array
    true: Array
    predicted: Array


def _none(dtype: type = np.int64) -> Array:
    return np.zeros(0, dtype)


@dataclass(frozen=True, slots=True, eq=False)
class CountState:
    """The count table, stored by its non-empty cells, so that many classes cost nothing.

    `declared` labels come first and are the ones averages run over; labels that occur
    without being declared still count as wrong answers.
    """

    classes: tuple[Label, ...] = ()
    declared: tuple[Label, ...] | None = None
    true: Array = field(default_factory=_none)  # class number of each cell
    predicted: Array = field(default_factory=_none)
    count: Array = field(default_factory=_none)  # rows, or their weight, in each cell
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
        classes, true, predicted = _encoded(rows.y_true, rows.y_pred)
        cells, where = np.unique(true * len(classes) + predicted, return_inverse=True)
        weights = rows.weights
        count = np.bincount(where, weights)
        part = CountState(
            classes,
            None,
            cells // len(classes),
            cells % len(classes),
            count if weights is not None else count.astype(np.int64),
            len(rows),
            float(len(rows) if weights is None else weights @ weights),
        )
        return self.merge(part)

    def merge(self, other: "CountState") -> "CountState":
        """Add two tables; classes are matched by label."""
        declared = self.declared or other.declared
        if other.declared and other.declared != declared:
            raise EvaluationError("Two counts with different labels= cannot be merged.")
        classes = _ordered({*self.classes, *other.classes}, declared)
        place = {label: i for i, label in enumerate(classes)}
        true, predicted = (
            np.concatenate([_moved(getattr(s, axis), s.classes, place) for s in (self, other)])
            for axis in ("true", "predicted")
        )
        count = np.concatenate([self.count, other.count])
        cells, where = np.unique(true * max(1, len(classes)) + predicted, return_inverse=True)
        total = np.zeros(len(cells), count.dtype)
        np.add.at(total, where, count)
        k = max(1, len(classes))
        n, squares = self.n + other.n, self.squares + other.squares
        return CountState(classes, declared, cells // k, cells % k, total, n, squares)

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
        """Number of rows that carry the same information if unequally weighted rows do (Kish)."""
        return self.total**2 / self.squares if self.squares else 0.0

    def margins(self, counts: Array | None = None) -> Margins:
        """Sum the cells by class; `counts` of shape (resamples, cells) replaces the observed ones."""
        counts = self.count if counts is None else counts
        hits = np.where(self.true == self.predicted, counts, 0)
        k = len(self.classes)
        return Margins(
            _by_class(hits, self.true, k),
            _by_class(counts, self.true, k),
            _by_class(counts, self.predicted, k),
        )

    def table(self) -> Array:
        """Dense table of the reported classes, rows true, columns predicted."""
        k = self.reported
        dense = np.zeros((k, k), self.count.dtype)
        shown = (self.true < k) & (self.predicted < k)
        dense[self.true[shown], self.predicted[shown]] = self.count[shown]
        return dense

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        cells = {"true": self.true, "predicted": self.predicted, "count": self.count}
        return {
            "state": "counts",
            "classes": list(self.classes),
            "declared": None if self.declared is None else list(self.declared),
            "n": self.n,
            "squares": self.squares,
            **{name: part.tolist() for name, part in cells.items()},
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        declared = data["declared"]
        return cls(
            tuple(data["classes"]),
            None if declared is None else tuple(declared),
            np.array(data["true"], np.int64),
            np.array(data["predicted"], np.int64),
            np.array(data["count"]) if data["count"] else _none(),
            data["n"],
            data["squares"],
        )


def _by_class(counts: Array, index: Array, k: int) -> Array:
    if counts.ndim == 1:
        sums = np.bincount(index, counts, minlength=k)
        return sums.astype(np.int64) if counts.dtype.kind == "i" else sums
    order = np.argsort(index, kind="stable")
    present, start = np.unique(index[order], return_index=True)
    sums = np.zeros((len(counts), k), counts.dtype)
    sums[:, present] = np.add.reduceat(counts[:, order], start, axis=1)
    return sums


def _encoded(y_true: Array, y_pred: Array) -> tuple[tuple[Label, ...], Array, Array]:
    """Return the labels that occur, sorted, and both columns as their numbers."""
    if y_true.dtype != object and y_pred.dtype != object:
        found, codes = np.unique(np.concatenate([y_true, y_pred]), return_inverse=True)
        return tuple(found.tolist()), codes[: len(y_true)], codes[len(y_true) :]
    true, predicted = y_true.tolist(), y_pred.tolist()
    classes = _ordered({*true, *predicted}, None)
    place = {label: i for i, label in enumerate(classes)}
    n = len(true)
    return (
        classes,
        np.fromiter(map(place.__getitem__, true), np.int64, n),
        np.fromiter(map(place.__getitem__, predicted), np.int64, n),
    )


def _ordered(found: set[Label], declared: tuple[Label, ...] | None) -> tuple[Label, ...]:
    first = declared or ()
    rest: set[Any] = found - set(first)
    if len({isinstance(label, str) for label in (*first, *rest)}) > 1:
        raise EvaluationError(
            "Labels mix text and numbers.", hint="Make all labels text, or all numbers; labels= too."
        )
    return (*first, *sorted(rest))


def _moved(index: Array, classes: tuple[Label, ...], place: dict[Label, int]) -> Array:
    return np.array([place[label] for label in classes], np.int64)[index] if len(index) else index
