"""One number with its interval: what every metric gives and every display shows."""

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter import _format

Array = NDArray[Any]

_DETAILS = (
    "low", "high", "n", "method", "undefined", "error", "note", "skipped", "label", "greater_is_better", "bounds",
)  # fmt: skip


class MetricValue(float):
    """A `float` that knows how sure it is.

    Attributes
    ----------
    low, high
        The interval; NaN where none can be given.
    n
        Rows behind the number.
    method
        How value and interval were made, such as "macro, bootstrap".
    undefined
        Why the value is 0/0 or NaN, or None.
    error
        What a user's metric raised, or None; the value is then NaN.
    note
        Something worth a second look, such as an AUC below one half.
    rows, skipped
        Score of each row (NaN where skipped), and how many were skipped.
    label, greater_is_better, bounds
        The metric's name for people, its better direction (None: neither), and its least and greatest value.

    Examples
    --------
    >>> print(MetricValue(0.913, low=0.887, high=0.934, n=600))
    0.913 [0.887, 0.934] n=600
    """

    low: float
    high: float
    n: int | None
    method: str
    undefined: str | None
    error: str | None
    note: str | None
    rows: Array | None
    skipped: int
    label: str
    greater_is_better: bool | None
    bounds: tuple[float, float]

    def __new__(
        cls,
        value: float,
        *,
        low: float = math.nan,
        high: float = math.nan,
        n: int | None = None,
        method: str = "",
        undefined: str | None = None,
        error: str | None = None,
        note: str | None = None,
        rows: Sequence[float] | Array | None = None,
        skipped: int = 0,
        label: str = "",
        greater_is_better: bool | None = True,
        bounds: tuple[float, float] = (-math.inf, math.inf),
    ) -> Self:
        """Make the value; everything but the number is optional."""
        self = super().__new__(cls, value)
        self.low, self.high, self.n, self.method = float(low), float(high), n, method
        self.undefined, self.error, self.note = undefined, error, note
        self.rows = None if rows is None else np.asarray(rows, dtype=np.float64)
        self.skipped, self.label = skipped, label
        self.greater_is_better, self.bounds = greater_is_better, bounds
        return self

    @property
    def value(self) -> float:
        """The plain number."""
        return float(self)

    @property
    def has_interval(self) -> bool:
        """Whether both limits are numbers."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    @property
    def interval_text(self) -> str:
        """'[0.887, 0.934]', or 'no interval'."""
        return _format.interval(self.low, self.high) if self.has_interval else "no interval"

    def __str__(self) -> str:
        if self.error:
            return f"NaN (error: {self.error})"
        size = "" if self.n is None else f" n={self.n}"
        reason = f" (undefined: {self.undefined})" if self.undefined else ""
        return f"{_format.number(self)} {self.interval_text}{size}{reason}"

    def __repr__(self) -> str:
        return f"MetricValue({self})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuilt, (float(self), {**self._details(), "rows": self.rows}))

    def _details(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _DETAILS}

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; NaN is null, infinite bounds are left out."""
        numbers = {"value": float(self), "low": self.low, "high": self.high}
        bounds = [None if math.isinf(b) else b for b in self.bounds]
        return {
            **self._details(),
            **{name: None if math.isnan(v) else v for name, v in numbers.items()},
            "bounds": bounds,
            "rows": None if self.rows is None else [None if math.isnan(v) else v for v in self.rows.tolist()],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        fields = dict(data)
        low, high = fields.pop("bounds", (None, None))
        fields["bounds"] = (-math.inf if low is None else low, math.inf if high is None else high)
        numbers = {k: math.nan if fields.get(k) is None else fields[k] for k in ("value", "low", "high")}
        if fields.get("rows") is not None:
            fields["rows"] = [math.nan if v is None else v for v in fields["rows"]]
        fields.update(numbers)
        return cls(fields.pop("value"), **fields)


def _rebuilt(value: float, details: dict[str, Any]) -> MetricValue:
    return MetricValue(value, **details)
