"""One number with its interval: what every metric gives and every display shows."""

import math
from typing import Any, Self

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.evaluation.arrays import Array


class MetricValue(float):
    """A `float` that knows how sure it is; details are given by keyword.

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
    caveat
        Why no gate may decide by this value, such as "uncorrected"; printed beside it.
    rows, skipped
        Score of each row (NaN where skipped), and how many were skipped.
    label, greater_is_better, bounds
        The metric's name for people, its better direction (None: neither), and its least and
        greatest value.

    Examples
    --------
    >>> print(MetricValue(0.913, low=0.887, high=0.934, n=600))
    0.913 [0.887, 0.934] n=600
    """

    low: float = math.nan
    high: float = math.nan
    n: int | None = None
    method: str = ""
    undefined: str | None = None
    error: str | None = None
    note: str | None = None
    caveat: str | None = None
    rows: Array | None = None
    skipped: int = 0
    label: str = ""
    greater_is_better: bool | None = True
    bounds: tuple[float, float] = (-math.inf, math.inf)

    def __new__(cls, value: float, **details: Any) -> Self:
        """Make the value; everything but the number is optional."""
        self = super().__new__(cls, value)
        for name, detail in details.items():
            if name not in cls.__annotations__:
                raise TypeError(f"MetricValue has no {name!r}")
            setattr(self, name, detail)
        self.rows = None if self.rows is None else np.asarray(self.rows, dtype=np.float64)
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

    @property
    def brief(self) -> str:
        """'0.913 [0.887, 0.934]'."""
        return f"{_format.number(self)} {self.interval_text}"

    def __str__(self) -> str:
        if self.error:
            return f"NaN (error: {self.error})"
        size = "" if self.n is None else f" n={self.n}"
        reason = f" (undefined: {self.undefined})" if self.undefined else ""
        caveat = f" ({self.caveat})" if self.caveat else ""
        return f"{self.brief}{size}{reason}{caveat}"

    def __repr__(self) -> str:
        return f"MetricValue({self})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuilt, (float(self), self._details()))

    def _details(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).__annotations__}

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; NaN and infinite bounds are null."""
        found = {"value": float(self), **self._details(), "bounds": list(self.bounds)}
        found["rows"] = None if self.rows is None else self.rows.tolist()
        return {name: _nulled(part) for name, part in found.items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        details = dict(data)
        for name in ("value", "low", "high"):
            details[name] = math.nan if details[name] is None else details[name]
        low, high = details["bounds"]
        details["bounds"] = (-math.inf if low is None else low, math.inf if high is None else high)
        if details["rows"] is not None:
            details["rows"] = np.array(details["rows"], dtype=np.float64)  # null becomes NaN
        return cls(details.pop("value"), **details)


def _nulled(part: Any) -> Any:
    if isinstance(part, list):
        return [_nulled(p) for p in part]  # pyright: ignore[reportUnknownVariableType]  # a list of floats
    return None if isinstance(part, float) and not math.isfinite(part) else part


def _rebuilt(value: float, details: dict[str, Any]) -> MetricValue:
    return MetricValue(value, **details)
