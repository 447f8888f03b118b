"""Scores counted in buckets: constant memory, and an area under the ROC curve with a guaranteed bound."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from modelops_jupyter._where import Where
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.arrays import Array, Jsonable
from modelops_jupyter.evaluation.coding import agreed, distinct, ordered
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.tasks import Label

_MANTISSA, _OCTAVES = 11, 32  # bits of a score that its bucket keeps; powers of two below one half
_SIDE = _OCTAVES << _MANTISSA
BUCKETS = 2 * _SIDE
_BLOCK, _AT_ONCE = 32_768, 1 << 20
_HALF = int(np.array(0.5, np.float32).view(np.int32)) >> (23 - _MANTISSA)


@dataclass(frozen=True, slots=True, eq=False)
class BucketState(Jsonable):
    """For each class, how many scores fell into each bucket; scores lie between 0 and 1.

    Buckets are as fine, relative to their value, near 0 as near 1: saturated scores of a model
    that is very sure keep their order, which buckets of equal width lose.
    """

    classes: tuple[Label, ...] = ()
    counts: Array = field(default_factory=lambda: np.zeros((0, BUCKETS)))  # classes x buckets
    n: int = 0
    declared: tuple[Label, ...] | None = None

    @classmethod
    def empty(cls, labels: Sequence[Label] | None = None) -> Self:
        """No rows yet; `labels` fixes the classes."""
        declared = None if labels is None else tuple(labels)
        return cls(declared or (), np.zeros((len(declared or ()), BUCKETS)), 0, declared)

    def add(self, rows: Rows) -> "BucketState":
        """Count these rows in; they must have one column of scores."""
        scores = _checked(rows.scores)
        found = ordered(distinct(rows.y_true), None)
        counts, w = np.zeros(len(found) * BUCKETS), rows.weights
        for start in range(0, len(rows), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            codes = _coded(scores[part], rows.y_true[part], found)
            counts += np.bincount(codes, None if w is None else w[part], len(counts))
        counts = counts.reshape(len(found), BUCKETS)
        return self.merge(BucketState(found, counts, len(rows)))

    def merge(self, other: "BucketState") -> "BucketState":
        """Put two parts together."""
        declared = agreed(self.declared, other.declared)
        classes = ordered({*self.classes, *other.classes}, declared)
        counts = np.zeros((len(classes), BUCKETS))
        for state in (self, other):
            for label, row in zip(state.classes, state.counts, strict=True):
                counts[classes.index(label)] += row
        return BucketState(classes, counts, self.n + other.n, declared)


def _coded(scores: Array, labels: Array, classes: tuple[Label, ...]) -> Array:
    """Return class number and bucket of each row as one number."""
    out = np.empty(len(scores), np.int64)
    for start in range(0, len(scores), _BLOCK):
        part = slice(start, start + _BLOCK)
        out[part] = buckets(scores[part])
        for i, label in enumerate(classes[1:], 1):
            out[part] += (labels[part] == label) * (i * BUCKETS)
    return out


def buckets(scores: Array) -> Array:
    """Return the bucket of each score, rising with it: the leading bits of the distance to the nearer end."""
    nearer = np.minimum(scores, 1 - scores).astype(np.float32)
    low = (nearer.view(np.int32) >> (23 - _MANTISSA)) - (_HALF - _SIDE + 1)
    np.clip(low, 0, _SIDE - 1, out=low)
    return np.where(scores >= 0.5, BUCKETS - 1 - low, low)


def _checked(scores: Array | None) -> Array:
    if scores is None or scores.ndim != 1:
        raise EvaluationError(
            "The bounded area needs one score per row.",
            hint="Pass scores= with the probability of the positive class.",
        )
    if scores.min() < 0 or scores.max() > 1:
        row = int(np.flatnonzero((scores < 0) | (scores > 1))[0])
        raise EvaluationError(
            f"A score is {scores[row]:g}; the bounded area needs probabilities.",
            hint="Pass scores between 0 and 1, or use bounded=False.",
            where=Where(row=row, field="scores"),
        )
    return scores
