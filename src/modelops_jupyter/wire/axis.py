"""Axes of interval glyphs: neighbours of one unit share one, its ends are round numbers."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.evaluation import MetricValue


def finite(value: float) -> float | None:
    """Return a number that JSON can carry; None for NaN and infinity."""
    return float(value) if math.isfinite(value) else None


def sides(value: float, low: float, high: float) -> dict[str, float | None]:
    """Return a value and its limits as they travel."""
    return {"value": finite(value), "low": finite(low), "high": finite(high)}


def shared_axes(
    values: Mapping[str, MetricValue], baselines: Mapping[str, MetricValue]
) -> dict[str, tuple[float, float]]:
    """Return the axis of each metric; those between 0 and 1 share one."""

    def numbers(name: str) -> list[float]:
        value, baseline = values[name], baselines.get(name)
        found = [float(value), value.low, value.high, *([] if baseline is None else [float(baseline)])]
        return [number for number in found if math.isfinite(number)]

    units = [name for name, value in values.items() if value.bounds == (0, 1)]
    common = enclosing((n for name in units for n in numbers(name)), (0.0, 1.0), least=0.1)
    return {
        name: common if name in units else enclosing(numbers(name), values[name].bounds) for name in values
    }


def enclosing(
    numbers: Iterable[float], bounds: tuple[float, float], *, least: float = 0.0
) -> tuple[float, float]:
    """Return round ends around the numbers, inside the bounds; the axis is at least `least` long."""
    found = list(numbers)
    if not found:
        return (0.0, 1.0)
    low, high = min(found), max(found)
    span = (high - low) or abs(high) or 1.0
    unit = 10.0 ** math.floor(math.log10(span))
    step = max(least, next(unit * m for m in (0.1, 0.2, 0.5, 1, 2) if span / (unit * m) <= 6))
    ends = (math.floor(low / step) * step, math.ceil(high / step) * step)
    start, end = max(bounds[0], float(f"{ends[0]:.12g}")), min(bounds[1], float(f"{ends[1]:.12g}"))
    return (start, end) if end > start else (start - 0.5 * span, end + 0.5 * span)


def rounded(values: NDArray[np.float64]) -> list[float]:
    """Return numbers with five digits of their spread: what a picture can show."""
    spread = float(np.ptp(values)) if len(values) else 0.0
    far = np.abs(values).max() / spread if 0 < spread < np.inf else 1e12
    digits = 5 + max(0, math.ceil(math.log10(far)))
    return [float(f"{v:.{digits}g}") for v in values.tolist()]
