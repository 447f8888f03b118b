"""Paired differences of two models on the same rows: interval, p-value, power."""

import math
from dataclasses import dataclass

import numpy as np

from modelops_jupyter.evaluation import bootstrap, intervals
from modelops_jupyter.evaluation.arrays import Array

_POWER_QUANTILE = 0.8416212335729143  # normal quantile of 80 % power


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
        if self.discordant is None:  # no variation seen says nothing about what could be
            return math.sqrt(factor * self.variance / n) if self.variance else math.nan
        share = sum(self.discordant) / n
        share = share or intervals.wilson(0, n, level).high  # none seen is not none there
        return math.sqrt(factor * share / (n + factor))

    def items_needed(self, level: float) -> int | None:
        """Rows at which a difference as large as the observed one shows with 80 % power."""
        if not self.difference or not math.isfinite(self.variance * self.difference):
            return None
        return max(2, math.ceil(_factor(level) * self.variance / self.difference**2))


def _factor(level: float) -> float:
    return (intervals.normal_quantile(level) + _POWER_QUANTILE) ** 2


def from_rows(after: Array, before: Array, level: float, weights: Array | None = None) -> Paired:
    """Pair two per-row scores; NaN in either leaves the row out."""
    kept = ~(np.isnan(after) | np.isnan(before))
    after, before = after[kept], before[kept]
    n, rate = len(after), all(((side == 0) | (side == 1)).all() for side in (after, before))
    if not n or not rate or weights is not None:
        return from_influence(after - before, level, None if weights is None else weights[kept])
    gained, lost = int((after > before).sum()), int((after < before).sum())
    difference = (gained - lost) / n
    low, high, _ = intervals.tango(gained, lost, n, level)
    p, variance = intervals.mcnemar_p(gained, lost), (gained + lost) / n - difference**2
    return Paired(difference, low, high, p, "McNemar mid-p, Tango interval", variance, (gained, lost))


def from_influence(gaps: Array, level: float, weights: Array | None = None) -> Paired:
    """Paired t on per-row differences whose (weighted) mean is the difference of the metric."""
    w = np.ones(len(gaps)) if weights is None else weights
    total = float(w.sum())
    size = total**2 / float(w @ w) if total else 0.0
    mean = float(w @ gaps) / total if total else math.nan
    if size <= 1:
        return Paired(mean, math.nan, math.nan, math.nan, "paired t needs 2 rows")
    variance = float(w @ (gaps - mean) ** 2) / total * size / (size - 1)
    error = math.sqrt(variance / size)
    half = intervals.t_quantile(level, size - 1) * error
    p = intervals.t_p(abs(mean) / error, size - 1) if error else float(mean == 0)
    return Paired(mean, mean - half, mean + half, p, "paired t", variance)


def from_draws(
    difference: float, draws: Array, n: int, level: float, how: str = "paired bootstrap"
) -> Paired:
    """Pair by resampled differences."""
    low, high, method = bootstrap.percentile(draws, level)
    kept = draws[np.isfinite(draws)]
    variance = float(np.var(kept)) * n if len(kept) > 1 else math.nan
    p = bootstrap.two_sided_p(draws)
    return Paired(difference, low, high, p, how if method == "bootstrap" else method, variance)
