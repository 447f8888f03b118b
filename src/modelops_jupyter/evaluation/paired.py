"""Paired differences of two models on the same rows: interval, p-value, power."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.evaluation import bootstrap, intervals

Array = NDArray[Any]

POWER_QUANTILE = 0.8416212335729143  # normal quantile of 80 % power


@dataclass(frozen=True, slots=True)
class Paired:
    """A difference, after minus before, and how sure it is.

    `variance` is that of one row's difference: what sample sizes are planned with.
    """

    difference: float
    low: float
    high: float
    p: float
    method: str
    variance: float = math.nan
    discordant: tuple[int, int] | None = None  # only after right, only before right

    def detectable(self, n: int, level: float) -> float:
        """Return the smallest true difference that n rows show with 80 % power."""
        factor = _factor(level)
        if self.discordant is not None:
            share = sum(self.discordant) / n
            share = share or intervals.wilson(0, n, level).high  # none seen is not none there
            return math.sqrt(factor * share / (n + factor))
        return math.sqrt(factor * self.variance / n)

    def items_needed(self, level: float) -> int | None:
        """Rows at which a difference as large as the observed one shows with 80 % power."""
        if not self.difference or math.isnan(self.variance) or math.isnan(self.difference):
            return None
        return max(2, math.ceil(_factor(level) * self.variance / self.difference**2))


def _factor(level: float) -> float:
    return (intervals.normal_quantile(level) + POWER_QUANTILE) ** 2


def from_rows(after: Array, before: Array, level: float) -> Paired:
    """Pair two per-row scores; NaN in either leaves the row out."""
    kept = ~(np.isnan(after) | np.isnan(before))
    after, before = after[kept], before[kept]
    n = len(after)
    both = np.concatenate([after, before])
    if n and ((both == 0) | (both == 1)).all():
        return _rates(after, before, level)
    return from_influence(after - before, level)


def _rates(after: Array, before: Array, level: float) -> Paired:
    gained, lost = int(((after == 1) & (before == 0)).sum()), int(((after == 0) & (before == 1)).sum())
    n = len(after)
    difference = (gained - lost) / n
    low, high, _ = intervals.tango(gained, lost, n, level)
    p = intervals.mcnemar_p(gained, lost)
    variance = (gained + lost) / n - difference**2
    return Paired(difference, low, high, p, "McNemar mid-p, Tango interval", variance, (gained, lost))


def from_influence(gaps: Array, level: float, weights: Array | None = None) -> Paired:
    """Paired t on per-row differences whose (weighted) mean is the difference of the metric."""
    n = len(gaps)
    w = np.ones(n) if weights is None else weights
    if n < 2:
        mean = float(gaps.mean()) if n else math.nan
        return Paired(mean, math.nan, math.nan, math.nan, "paired t needs 2 rows")
    total = float(w.sum())
    mean = float(w @ gaps) / total
    size = total**2 / float(w @ w)
    variance = float(w @ (gaps - mean) ** 2) / total * size / max(size - 1, 1e-9)
    error = math.sqrt(variance / size)
    half = intervals.t_quantile(level, size - 1) * error
    p = intervals.t_p(abs(mean) / error, size - 1) if error else (1.0 if mean == 0 else 0.0)
    return Paired(mean, mean - half, mean + half, p, "paired t", variance)


def from_draws(
    difference: float, draws: Array, n: int, level: float, method: str = "paired bootstrap"
) -> Paired:
    """Pair by resampled differences."""
    low, high, how = bootstrap.percentile(draws, level)
    kept = draws[np.isfinite(draws)]
    variance = float(np.var(kept)) * n if len(kept) > 1 else math.nan
    method = method if how == "bootstrap" else how
    return Paired(difference, low, high, bootstrap.two_sided_p(draws), method, variance)
