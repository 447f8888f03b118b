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


def from_rows(
    after: Array, before: Array, level: float, weights: Array | None = None, clusters: Array | None = None
) -> Paired:
    """Pair two per-row scores; NaN in either leaves the row out."""
    kept = ~(np.isnan(after) | np.isnan(before))
    after, before = after[kept], before[kept]
    weights, clusters = (None if part is None else part[kept] for part in (weights, clusters))
    n, rate = len(after), all(((side == 0) | (side == 1)).all() for side in (after, before))
    if clusters is not None:
        return from_clusters(after - before, clusters, level, weights)
    if not n or not rate or weights is not None:
        return from_influence(after - before, level, weights)
    gained, lost = int((after > before).sum()), int((after < before).sum())
    difference = (gained - lost) / n
    low, high, _ = intervals.tango(gained, lost, n, level)
    p, variance = rate_p(gained, lost, n), (gained + lost) / n - difference**2
    return Paired(difference, low, high, p, "McNemar mid-p, Tango interval", variance, (gained, lost))


def rate_p(gained: int, lost: int, n: int) -> float:
    """McNemar's mid-p; exact where every row differs, the one place where mid-p finds too much (6.5 %)."""
    p = intervals.mcnemar_p(gained, lost)
    if gained + lost < n:
        return p
    log_share = math.lgamma(n + 1) - math.lgamma(gained + 1) - math.lgamma(lost + 1) - n * math.log(2)
    return min(1.0, p + math.exp(log_share))


def from_influence(gaps: Array, level: float, weights: Array | None = None) -> Paired:
    """Paired t on per-row differences whose (weighted) mean is the difference of the metric."""
    w = np.ones(len(gaps)) if weights is None else weights
    total = float(w.sum())
    size = total**2 / float(w @ w) if total else 0.0
    mean = float(w @ gaps) / total if total else math.nan
    if size <= 1:
        return Paired(mean, math.nan, math.nan, math.nan, "paired t needs 2 rows")
    variance = float(w @ (gaps - mean) ** 2) / total * size / (size - 1)
    return _by_t(mean, math.sqrt(variance / size), size - 1, level, "paired t", variance)


def from_clusters(gaps: Array, clusters: Array, level: float, weights: Array | None = None) -> Paired:
    """Paired t over clusters: rows of one cluster (a document, a user) are not independent.

    The error of a ratio of cluster totals, with as many degrees of freedom as clusters, less one.
    """
    w = np.ones(len(gaps)) if weights is None else weights
    _, code = np.unique(clusters, return_inverse=True)
    total, groups = float(w.sum()), int(code.max(initial=-1)) + 1
    mean = float(w @ gaps) / total if total else math.nan
    if groups < 2 or not total:
        return Paired(mean, math.nan, math.nan, math.nan, "clustered t needs 2 clusters")
    sums = np.bincount(code, w * (gaps - mean))
    error = math.sqrt(float(sums @ sums) * groups / (groups - 1)) / total
    return _by_t(mean, error, groups - 1, level, f"paired t over {groups} clusters", error**2 * len(gaps))


def from_draws(
    difference: float, draws: Array, n: int, level: float, how: str = "paired bootstrap"
) -> Paired:
    """Pair by resampled differences: Student's t with the error that the draws show.

    Percentiles of a few rows find too much (6 % where 5 % is promised, macro F1 of 100 rows).
    """
    low, high, method = bootstrap.percentile(draws, level)
    if method != "bootstrap" or n < 2:
        return Paired(difference, low, high, math.nan, method)
    error = float(np.nanstd(draws)) * math.sqrt(n / (n - 1))  # resamples vary too little by that
    return _by_t(difference, error, n - 1, level, how, error**2 * n)


def _by_t(mean: float, error: float, df: float, level: float, method: str, variance: float) -> Paired:
    """Student's t; where no row differs from the others it is only said that nothing varies."""
    half = intervals.t_quantile(level, df) * error
    p = intervals.t_p(abs(mean) / error, df) if error else float(mean == 0)
    method = method if error else f"{method}, nothing varies"
    return Paired(mean, mean - half, mean + half, p, method, variance)
