"""Sums of errors and of the truth: enough for every regression metric and its interval."""

from dataclasses import dataclass
from math import comb
from typing import Self

import numpy as np

from modelops_jupyter.evaluation.arrays import Array, Jsonable
from modelops_jupyter.evaluation.rows import Rows

_BLOCK = 8_192  # rows at once: they stay in the cache, and below what wakes a matrix library's threads
_SAFE = 2**62  # differences of smaller integers fit int64


def residuals(y_true: Array, y_pred: Array) -> Array:
    """Return truth minus prediction in float64; integers are subtracted exactly, before conversion."""
    if "f" in (y_true.dtype.kind, y_pred.dtype.kind):
        return y_true.astype(np.float64, copy=False) - y_pred.astype(np.float64, copy=False)
    whole = all(a.dtype == np.int64 and a.min() > -_SAFE and a.max() < _SAFE for a in (y_true, y_pred))
    kind = np.int64 if whole else object
    return (y_true.astype(kind) - y_pred.astype(kind)).astype(np.float64)


def _sums(truth: Array, error: Array, first: Array, w: Array | None) -> list[float]:
    """Over one block the largest |e|, and the sums of |e|, e², e²u, e²u², e⁴, u, u², u³ and u⁴."""
    u, e2 = residuals(truth, first), error * error
    u2 = u * u
    absolute = np.abs(error, out=error)
    one, e2w, u2w = (np.ones(len(u)), e2, u2) if w is None else (w, w * e2, w * u2)
    # A dot product is the fastest sum there is; all of these read what the cache still holds.
    errors = ((one, absolute), (one, e2), (e2w, u), (e2w, u2), (e2w, e2))
    dots = (*errors, (one, u), (one, u2), (u2w, u), (u2w, u2))
    return [float(np.maximum.reduce(absolute)), *[float(a @ b) for a, b in dots]]


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
    largest: float = 0.0  # |e|

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
        first, n, w = rows.y_true[:1], len(rows), rows.weights
        parts: list[list[float]] = []
        for block in (slice(s, s + _BLOCK) for s in range(0, n, _BLOCK)):
            truth = rows.y_true[block]
            error = residuals(truth, rows.y_pred[block])
            parts.append(_sums(truth, error, first, None if w is None else w[block]))
        tops, *sums = zip(*parts, strict=True)
        absolute, e2, e2u, e2u2, e4, *u = map(sum, sums)
        squares, weight = (float(n), float(n)) if w is None else (float(w @ w), float(w.sum()))
        return MomentState(
            n, float(first[0]), squares, absolute, (weight, *u), (e2, e2u, e2u2), e4, max(tops)
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
            max(self.largest, other.largest),
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
