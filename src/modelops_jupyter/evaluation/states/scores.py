"""Rows kept as they are: scores beside labels for ranking metrics, both sides for a user's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.arrays import Array, Jsonable, empty
from modelops_jupyter.evaluation.coding import distinct
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.tasks import Label


@dataclass(frozen=True, eq=False)
class ScoreState(Jsonable):
    """All scores and labels; merging concatenates, and no value depends on their order."""

    labels: Array = field(default_factory=empty)
    scores: Array = field(default_factory=empty)
    weights: Array | None = None
    declared: tuple[Label, ...] | None = None

    @classmethod
    def empty(cls, labels: Sequence[Label] | None = None) -> Self:
        """No rows yet; `labels` names the columns of the scores in their order."""
        return cls(declared=None if labels is None else tuple(labels))

    def add(self, rows: Rows) -> "ScoreState":
        """Take these rows in; they must have scores."""
        if rows.scores is None:
            raise EvaluationError(
                "This metric ranks rows by score, and no scores were given.",
                hint="Pass scores=: one number per row, higher means more likely positive.",
            )
        return self.merge(ScoreState(rows.y_true, rows.scores, rows.weights))

    def merge(self, other: "ScoreState") -> "ScoreState":
        """Put two parts together."""
        declared = self.declared or other.declared
        if not self.n or not other.n:
            part = other if not self.n else self
            return ScoreState(part.labels, part.scores, part.weights, declared)
        weights = [w for w in (self.weights, other.weights) if w is not None]
        if len(weights) == 1 or self.scores.shape[1:] != other.scores.shape[1:]:
            raise EvaluationError("Two parts with different score columns or weights cannot be merged.")
        return ScoreState(
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.scores, other.scores]),
            np.concatenate(weights) if weights else None,
            declared,
        )

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.labels)

    @cached_property
    def several(self) -> bool:
        """Whether a row has a set of labels."""
        return self.labels.dtype == object and self.n > 0 and isinstance(self.labels[0], tuple)

    @cached_property
    def classes(self) -> tuple[Label, ...]:
        """Declared labels, else those that occur, sorted."""
        if self.declared is not None:
            return self.declared
        found: set[Any] = distinct(self.labels)
        return tuple(sorted(set[Any]().union(*found) if self.several else found))

    def members(self, label: Label) -> Array:
        """Return which rows have this label."""
        if not self.several:
            return np.asarray(self.labels == label, dtype=np.bool_)
        return np.array([label in row for row in self.labels.tolist()], dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class RowState(Jsonable):
    """Truth and prediction of every row, for metrics that are a plain function of all rows."""

    y_true: Array = field(default_factory=empty)
    y_pred: Array = field(default_factory=empty)

    @classmethod
    def empty(cls) -> Self:
        """No rows yet."""
        return cls()

    def add(self, rows: Rows) -> "RowState":
        """Keep these rows too."""
        return self.merge(RowState(rows.y_true, rows.y_pred))

    def merge(self, other: "RowState") -> "RowState":
        """Put two parts together."""
        if not self.n or not other.n:
            return other if not self.n else self
        sides = ((self.y_true, other.y_true), (self.y_pred, other.y_pred))
        return RowState(*[np.concatenate(side) for side in sides])

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.y_true)
