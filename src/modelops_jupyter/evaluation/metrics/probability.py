"""Metrics of probabilities: how far they are from what happened, row by row."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from modelops_jupyter._where import Where
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.coding import distinct
from modelops_jupyter.evaluation.metrics.counted import positive_of
from modelops_jupyter.evaluation.metrics.rowwise import RowMetric
from modelops_jupyter.evaluation.rows import Rows, read_scored
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Kind, Label


@dataclass(frozen=True)
class ProbabilityMetric(RowMetric):
    """A number per row from its scores: the probability of the positive class, or a column per class.

    Parameters
    ----------
    positive_class
        The class that one column of scores speaks for; AUTO is 1 or True.
    labels
        The classes of the columns, in their order; left out, the labels that occur, sorted.
    """

    takes: ClassVar[Kind | None] = "labels"
    greater_is_better = False
    name: str = "probability"
    positive_class: Label | Auto = AUTO
    labels: tuple[Label, ...] | None = None

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number; `y_pred` are the scores."""
        scores = self.row_scores(read_scored(y_true, y_pred))
        return float(scores.sum()) / len(scores)

    def _columns(self, rows: Rows) -> tuple[Array, Array]:
        """Return scores of shape (rows, classes) and the column of each row's true class."""
        if rows.scores is None:
            hint = "Pass scores=: the probability of the positive class, or one column per class."
            raise EvaluationError(f"The metric {self.name!r} needs scores, and none were given.", hint=hint)
        classes = tuple(self.labels) if self.labels else tuple(sorted(distinct(rows.y_true)))
        if rows.scores.ndim == 1:
            true = rows.y_true == positive_of(classes, self.positive_class)
            return np.column_stack([1 - rows.scores, rows.scores]), true.astype(np.int64)
        if rows.scores.shape[1] != len(classes):
            columns = rows.scores.shape[1]
            raise EvaluationError(
                f"There are {len(classes)} classes and {columns} score columns.",
                hint="Pass labels= with the class of every column.",
            )
        place = np.full(len(rows), -1)
        for i, label in enumerate(classes):
            place[rows.y_true == label] = i
        if (place < 0).any():
            row = int(np.flatnonzero(place < 0)[0])
            message = f"The true label {rows.y_true[row]!r} has no score column."
            hint = "Pass labels= with the class of every column."
            raise EvaluationError(message, hint=hint, where=Where(row=row, field="y_true"))
        return rows.scores, place

    def probabilities(self, rows: Rows) -> tuple[Array, Array]:
        """Return `_columns`, checked to be probabilities."""
        if rows.scores is not None and not (rows.scores.min() >= 0 and rows.scores.max() <= 1):
            row = int(np.argwhere((rows.scores < 0) | (rows.scores > 1))[0, 0])
            raise EvaluationError(
                f"scores holds {rows.scores[row]}, which is no probability.",
                hint="Pass probabilities between 0 and 1, such as predict_proba gives.",
                where=Where(row=row, field="scores"),
            )
        return self._columns(rows)


@dataclass(frozen=True)
class LogLossMetric(ProbabilityMetric):
    """Mean negative logarithm of the true class's probability; 0 counts as the smallest step."""

    name: str = "log_loss"
    bounds = (0.0, math.inf)

    def row_scores(self, rows: Rows) -> Array:
        """-log p of the true class."""
        probabilities, true = self.probabilities(rows)
        step = np.finfo(probabilities.dtype).eps
        held = probabilities[np.arange(len(true)), true].astype(np.float64)
        return -np.log(np.clip(held, step, 1 - step))


@dataclass(frozen=True)
class BrierMetric(ProbabilityMetric):
    """Mean squared distance of the probability from what happened; summed over classes if more than two."""

    name: str = "brier"
    title: ClassVar[str] = "Brier score"
    bounds = (0.0, 2.0)

    def row_scores(self, rows: Rows) -> Array:
        """(p - y)², or the sum of it over the classes."""
        probabilities, true = self.probabilities(rows)
        off = probabilities.astype(np.float64)
        off[np.arange(len(true)), true] -= 1
        return (off * off).sum(axis=1) / (2 if probabilities.shape[1] == 2 else 1)


@dataclass(frozen=True)
class TopKMetric(ProbabilityMetric):
    """Share of rows whose true class is among the k highest scores; of equal scores the later column wins."""

    name: str = "top_k"
    bounds = (0.0, 1.0)
    greater_is_better = True
    k: int = 2

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ConfigError(f"k is {self.k}; it must be at least 1.")

    @property
    def label(self) -> str:
        """'Top-2 accuracy'."""
        return f"Top-{self.k} accuracy"

    def row_scores(self, rows: Rows) -> Array:
        """1 where the true class is among the first k."""
        scores, true = self._columns(rows)
        best = np.argsort(scores, axis=1, kind="stable")[:, -self.k :]
        return np.asarray(np.equal(best, true.reshape(-1, 1)).any(axis=1), dtype=np.float64)
