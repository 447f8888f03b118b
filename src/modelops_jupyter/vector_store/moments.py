"""Moments as whole microseconds since 1970 in UTC; what does not say its zone is refused."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Micros = NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)
_FINER = re.compile(r"[.,]\d{7,}")


def micros(value: Any) -> int:
    """Return one moment: a datetime or ISO text with its zone, or a numpy datetime64, which is UTC.

    Raises
    ------
    ValueError
        With the reason, as words that fit behind "the time".
    """
    if isinstance(value, np.datetime64):
        found = value.astype("datetime64[us]")
        if np.isnat(cast("Any", value)):
            raise ValueError("is missing")
        if found != value:
            raise ValueError("is finer than a microsecond")
        return int(found.astype(np.int64))
    if isinstance(value, str):
        if _FINER.search(value):
            raise ValueError("is finer than a microsecond")
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not ISO 8601") from None
    if not isinstance(value, datetime) or value != value:
        raise ValueError("is missing" if value is None or value != value else f"{value!r} is not a time")
    if value.utcoffset() is None:
        raise ValueError(f"{value.isoformat()} does not say its zone")
    if getattr(value, "nanosecond", 0):
        raise ValueError("is finer than a microsecond")
    return (value - _EPOCH) // _STEP


def micros_of(values: Sequence[Any] | NDArray[Any]) -> tuple[Micros, dict[int, str]]:
    """Return a column of moments, and for each place that holds none the reason."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        found = values.astype("datetime64[us]")
        bad = np.flatnonzero(np.isnat(values) | (found != values))
        why = {int(at): "is missing" if np.isnat(values[at]) else "is finer than a microsecond" for at in bad}
        return found.astype(np.int64), why
    out, reasons = np.zeros(len(values), np.int64), dict[int, str]()
    for at, value in enumerate(values):
        try:
            out[at] = micros(value)
        except ValueError as error:
            reasons[at] = str(error)
    return out, reasons


def shown(moment: int) -> str:
    """Return a moment as ISO text."""
    return (_EPOCH + moment * _STEP).isoformat().replace("+00:00", "Z")
