"""Confidence against outcome, summed in bins: what calibration is read off."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.arrays import Array, Jsonable


@dataclass(frozen=True, slots=True, eq=False)
class BinState(Jsonable):
    """For each bin of equal width between 0 and 1: weight, and sums of confidence minus outcome."""

    n: int = 0
    weight: Array = field(default_factory=lambda: np.zeros(0))
    gap: Array = field(default_factory=lambda: np.zeros(0))  # sum of w * (confidence - outcome)
    square: Array = field(default_factory=lambda: np.zeros(0))  # sum of (w * (confidence - outcome))^2

    @classmethod
    def empty(cls, bins: int = 15) -> Self:
        """No rows yet."""
        return cls(0, np.zeros(bins), np.zeros(bins), np.zeros(bins))

    def add(self, confidence: Array, outcome: Array, weights: Array | None = None) -> "BinState":
        """Take rows in; a confidence at an edge belongs to the bin above, 1 to the last."""
        count = len(self.weight)
        place = np.minimum((confidence * count).astype(np.int64), count - 1)
        w = np.ones(len(place)) if weights is None else weights
        off = w * (confidence - outcome)
        sums = (np.bincount(place, part, count) for part in (w, off, off * off))
        return self.merge(BinState(len(place), *sums))

    def merge(self, other: "BinState") -> "BinState":
        """Put two parts together."""
        if len(self.weight) != len(other.weight):
            raise EvaluationError("Two counts with different numbers of bins cannot be merged.")
        return BinState(
            self.n + other.n, self.weight + other.weight, self.gap + other.gap, self.square + other.square
        )
