"""Curves for a chart: thinned so that no extreme is lost, smoothed so that nothing lags."""

import math
from collections.abc import Sequence

MOST = 600  # points of a curve that leave Python; a chart has no more pixels
WINDOW = 25  # share of the curve in one window: a 25th
Curve = Sequence[tuple[int, float]]


def thin(curve: Curve, most: int = MOST) -> list[list[float | int | None]]:
    """Cut a curve to at most `most` points: of each bucket the lowest and the highest stay, in order.

    NaN becomes None: a gap in the line, and JSON has no NaN.
    """
    if len(curve) <= most:
        return [_json(step, value) for step, value in curve]
    buckets = (most - 2) // 2
    # NaN would make min and max depend on order; a NaN is the most extreme thing there is.
    values = [math.inf if math.isnan(value) else value for _, value in curve]
    kept = {0, len(curve) - 1}
    for i in range(buckets):
        begin, end = (1 + j * (len(curve) - 2) // buckets for j in (i, i + 1))
        bucket = values[begin:end]
        kept |= {begin + bucket.index(min(bucket)), begin + bucket.index(max(bucket))}
    return [_json(*curve[i]) for i in sorted(kept)]


def band(curve: Curve, most: int = MOST // 2) -> list[tuple[int, float, float, float]]:
    """Return (step, mean, lowest, highest) of a centred window around each step.

    Centred, because an exponential mean lags behind the curve and lies early in a run.
    """
    finite = [(step, value) for step, value in curve if math.isfinite(value)]
    every = [value for _, value in finite]
    half = max(1, len(finite) // WINDOW // 2)
    stride = max(1, math.ceil(len(finite) / most))
    rows: list[tuple[int, float, float, float]] = []
    last = len(finite) - 1
    for i in sorted({*range(0, len(finite), stride), last} if finite else ()):
        reach = min(half, i, last - i) if 0 < i < last else half  # symmetric where it can be
        values = every[max(0, i - reach) : i + reach + 1]
        rows.append((finite[i][0], sum(values) / len(values), min(values), max(values)))
    return rows


def _json(step: int, value: float) -> list[float | int | None]:
    return [step, value if math.isfinite(value) else None]
