"""Scores beside the true label of each row, kept exactly: what ranking metrics need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.tasks import Label

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreState:
    """All scores and labels; merging concatenates, and no value depends on their order."""

    labels: Array
    scores: Array
    weights: Array | None = None
    declared: tuple[Label, ...] | None = None

    @classmethod
    def empty(cls, labels: Sequence[Label] | None = None) -> Self:
        """No rows yet; `labels` names the columns of the scores in their order."""
        return cls(np.zeros(0, np.int64), np.zeros(0), None, None if labels is None else tuple(labels))

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
        if not self.n or not other.n:
            part = other if not self.n else self
            return ScoreState(part.labels, part.scores, part.weights, self.declared or other.declared)
        if self.scores.shape[1:] != other.scores.shape[1:] or (self.weights is None) != (
            other.weights is None
        ):
            raise EvaluationError("Two parts with different score columns or weights cannot be merged.")
        both = None
        if self.weights is not None and other.weights is not None:
            both = np.concatenate([self.weights, other.weights])
        return ScoreState(
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.scores, other.scores]),
            both,
            self.declared or other.declared,
        )

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.labels)

    @property
    def classes(self) -> tuple[Label, ...]:
        """Declared labels, else those that occur, sorted."""
        if self.declared is not None:
            return self.declared
        found: set[Any] = set(self.labels.tolist())
        return tuple(sorted(found))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; infinite scores are written as text."""
        return {
            "state": "scores",
            "labels": self.labels.tolist(),
            "scores": np.where(
                np.isinf(self.scores), self.scores.astype(str), self.scores.astype(object)
            ).tolist(),
            "weights": None if self.weights is None else self.weights.tolist(),
            "declared": None if self.declared is None else list(self.declared),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        from modelops_jupyter.evaluation.inputs import as_labels, as_scores

        declared, weights = data["declared"], data["weights"]
        return cls(
            as_labels(data["labels"]),
            as_scores(np.array(data["scores"], np.float64)),
            None if weights is None else np.array(weights, np.float64),
            None if declared is None else tuple(declared),
        )
