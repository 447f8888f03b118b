"""Sums of errors and of the truth: enough for every regression metric and its interval."""

from dataclasses import dataclass
from math import comb
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.evaluation.rows import Rows

Array = NDArray[Any]


def residuals(y_true: Array, y_pred: Array) -> Array:
    """Return truth minus prediction in float64; integers are subtracted exactly, before conversion."""
    if y_true.dtype == np.int64 and y_pred.dtype == np.int64:
        top = 2**62
        if all(-top < int(a.min()) and int(a.max()) < top for a in (y_true, y_pred)):
            return (y_true - y_pred).astype(np.float64)
    if "f" in (y_true.dtype.kind, y_pred.dtype.kind):
        return y_true.astype(np.float64) - y_pred.astype(np.float64)
    return np.array(y_true.astype(object) - y_pred.astype(object), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class MomentState:
    """Weighted sums of errors e and of the truth u, measured from the first true value.

    Measuring from the first value keeps R² exact where all values are large (1e9 + small).
    """

    n: int = 0
    shift: float = 0.0
    weight: float = 0.0
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
        error = residuals(rows.y_true, rows.y_pred)
        shift = float(rows.y_true[:1].tolist()[0])
        u = residuals(rows.y_true, np.full_like(rows.y_true, rows.y_true[0]))
        w = np.ones(len(u)) if rows.weights is None else rows.weights
        square = error * error
        part = MomentState(
            len(u),
            shift,
            float(w.sum()),
            float(w @ w),
            float(w @ np.abs(error)),
            tuple(float(w @ u**k) for k in range(5)),
            tuple(float(w @ (square * u**k)) for k in range(3)),
            float(w @ (square * square)),
        )
        return self.merge(part)

    def merge(self, other: "MomentState") -> "MomentState":
        """Put two parts together, the second re-measured from the first one's shift."""
        if not self.n or not other.n:
            return other if not self.n else self
        gap = other.shift - self.shift
        return MomentState(
            self.n + other.n,
            self.shift,
            self.weight + other.weight,
            self.squares + other.squares,
            self.absolute + other.absolute,
            tuple(a + b for a, b in zip(self.u, _shifted(other.u, gap), strict=True)),
            tuple(a + b for a, b in zip(self.e2u, _shifted(other.e2u, gap), strict=True)),
            self.e4 + other.e4,
        )

    @property
    def effective_n(self) -> float:
        """Rows, or fewer if they are weighted unequally (Kish)."""
        return self.weight**2 / self.squares if self.squares else 0.0

    @property
    def truth_mean(self) -> float:
        """Mean of the truth, measured from `shift`."""
        return self.u[1] / self.weight

    @property
    def truth_variance(self) -> float:
        """Mean squared distance of the truth from its mean."""
        return max(0.0, self.u[2] / self.weight - self.truth_mean**2)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {"state": "moments", **fields, "u": list(self.u), "e2u": list(self.e2u)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        fields = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k != "state"}
        return cls(**fields)


def _shifted(sums: tuple[float, ...], gap: float) -> tuple[float, ...]:
    """Sums of (u + gap)^k from sums of u^k, by the binomial formula."""
    return tuple(sum(comb(k, j) * gap ** (k - j) * sums[j] for j in range(k + 1)) for k in range(len(sums)))
