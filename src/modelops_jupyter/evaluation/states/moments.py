"""Sums of errors and of the truth: enough for every regression metric and its interval."""

from dataclasses import dataclass
from math import comb
from typing import Self

import numpy as np

from modelops_jupyter.evaluation.arrays import Array, Jsonable
from modelops_jupyter.evaluation.rows import Rows

_SAFE = 2**62  # differences of smaller integers fit int64


def residuals(y_true: Array, y_pred: Array) -> Array:
    """Return truth minus prediction in float64; integers are subtracted exactly, before conversion."""
    if "f" in (y_true.dtype.kind, y_pred.dtype.kind):
        return y_true.astype(np.float64) - y_pred.astype(np.float64)
    whole = all(a.dtype == np.int64 and a.min() > -_SAFE and a.max() < _SAFE for a in (y_true, y_pred))
    kind = np.int64 if whole else object
    return (y_true.astype(kind) - y_pred.astype(kind)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class MomentState(Jsonable):
    """Weighted sums of errors e and of the truth u, measured from the first true value.

    Measuring from the first value keeps R² exact where all values are large (1e9 + small).
    """

    n: int = 0
    shift: float = 0.0
    squares: float = 0.0  # sum of squared weights
    absolute: float = 0.0  # sum of |e|
    u: tuple[float, ...] = (0.0,) * 5  # sums of u^0 .. u^4
    e2u: tuple[float, ...] = (0.0,) * 3  # sums of e^2 u^0 .. e^2 u^2
    e4: float = 0.0

    @classmethod
    def empty(cls) -> Self:
        """No rows yet."""
        return cls()

    def add(self, rows: Rows) -> "MomentState":
        """Sum these rows in."""
        with np.errstate(over="ignore", invalid="ignore"):  # powers of huge values: no interval, no noise
            return self.merge(self._of(rows))

    @staticmethod
    def _of(rows: Rows) -> "MomentState":
        error = residuals(rows.y_true, rows.y_pred)
        u = residuals(rows.y_true, np.full_like(rows.y_true, rows.y_true[0]))
        w = np.ones(len(u)) if rows.weights is None else rows.weights
        square = error * error
        return MomentState(
            len(u),
            float(rows.y_true[0]),
            float(w @ w),
            float(w @ np.abs(error)),
            tuple(float(w @ u**k) for k in range(5)),
            tuple(float(w @ (square * u**k)) for k in range(3)),
            float(w @ (square * square)),
        )

    def merge(self, other: "MomentState") -> "MomentState":
        """Put two parts together, the second re-measured from the first one's shift."""
        if not self.n or not other.n:
            return other if not self.n else self
        gap = other.shift - self.shift
        return MomentState(
            self.n + other.n,
            self.shift,
            self.squares + other.squares,
            self.absolute + other.absolute,
            tuple(a + b for a, b in zip(self.u, moved(other.u, gap), strict=True)),
            tuple(a + b for a, b in zip(self.e2u, moved(other.e2u, gap), strict=True)),
            self.e4 + other.e4,
        )

    @property
    def weight(self) -> float:
        """Rows, or their summed weight."""
        return self.u[0]

    @property
    def effective_n(self) -> float:
        """Rows that carry the same information, if rows are weighted unequally (Kish)."""
        return self.weight**2 / self.squares if self.squares else 0.0

    @property
    def truth_variance(self) -> float:
        """Mean squared distance of the truth from its mean."""
        return max(0.0, moved(self.u, -self.u[1] / self.weight)[2] / self.weight)


def moved(sums: tuple[float, ...], gap: float) -> tuple[float, ...]:
    """Sums of (u + gap)^k from sums of u^k, by the binomial formula."""
    powers = [1.0]
    for _ in sums:
        powers.append(powers[-1] * gap)  # unlike **, too large a product is infinite and no error
    return tuple(sum(comb(k, j) * powers[k - j] * sums[j] for j in range(k + 1)) for k in range(len(sums)))
