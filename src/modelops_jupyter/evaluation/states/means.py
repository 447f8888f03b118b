"""The mean of one score per row, and how far the rows lie apart."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from modelops_jupyter.evaluation.arrays import Array, Jsonable


@dataclass(frozen=True, slots=True)
class MeanState(Jsonable):
    """Count, sum and squared deviations of a per-row score; NaN rows are counted apart."""

    n: int = 0
    total: float = 0.0  # sum of the scores; exact while they are whole numbers
    deviations: float = 0.0  # sum of squared distances from the mean
    skipped: int = 0
    is_rate: bool = True  # every score is 0 or 1
    weight: float = 0.0
    squares: float = 0.0  # sum of squared weights

    @classmethod
    def empty(cls) -> Self:
        """No rows yet."""
        return cls()

    def add(self, scores: Array, weights: Array | None = None) -> "MeanState":
        """Take these per-row scores in."""
        kept = ~np.isnan(scores)
        values = scores[kept]
        w = np.ones(len(values)) if weights is None else weights[kept]
        weight, total = float(w.sum()), float(w @ values)
        off = values - (total / weight if weight else 0.0)
        rate = bool(((values == 0) | (values == 1)).all())
        skipped = len(scores) - len(values)
        return self.merge(
            MeanState(len(values), total, float(w @ off**2), skipped, rate, weight, float(w @ w))
        )

    def merge(self, other: "MeanState") -> "MeanState":
        """Put two parts together (Chan, Golub and LeVeque 1983)."""
        weight = self.weight + other.weight
        apart = 0.0
        if self.weight and other.weight:
            apart = self.weight * other.weight / weight * (other.mean - self.mean) ** 2
        return MeanState(
            self.n + other.n,
            self.total + other.total,
            self.deviations + other.deviations + apart,
            self.skipped + other.skipped,
            self.is_rate and other.is_rate,
            weight,
            self.squares + other.squares,
        )

    @property
    def mean(self) -> float:
        """The mean, NaN without rows."""
        return self.total / self.weight if self.weight else math.nan

    @property
    def effective_n(self) -> float:
        """Rows that carry the same information, if rows are weighted unequally (Kish)."""
        return self.weight**2 / self.squares if self.squares else 0.0

    @property
    def deviation(self) -> float:
        """Sample standard deviation (n - 1)."""
        n = self.effective_n
        return math.sqrt(self.deviations / self.weight * n / (n - 1)) if n > 1 else math.nan
