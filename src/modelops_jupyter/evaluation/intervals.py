"""Intervals and p-values that keep their promise: Wilson, Student's t, Tango, McNemar mid-p.

scipy is not needed for these; the tests hold them equal to it.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

NAN = math.nan
_NORMAL = NormalDist()


class Interval(NamedTuple):
    """Two limits and the method that gave them."""

    low: float
    high: float
    method: str

    def clipped(self, bounds: tuple[float, float]) -> "Interval":
        """Keep the limits inside the values a metric can take."""
        return Interval(max(self.low, bounds[0]), min(self.high, bounds[1]), self.method)


NONE = Interval(NAN, NAN, "none")


def normal_quantile(level: float) -> float:
    """Two-sided normal quantile: 1.96 for 0.95."""
    return _NORMAL.inv_cdf(0.5 + level / 2)


def normal_p(z: float) -> float:
    """Two-sided p-value of a standard normal statistic."""
    return math.erfc(abs(z) / math.sqrt(2))


def wilson(successes: float, n: float, level: float = 0.95, quantile: float | None = None) -> Interval:
    """Score interval of a rate (Wilson 1927); covers also near 0 and 1 and at small n.

    `quantile` replaces the normal one of `level` where the spread itself was estimated.

    Examples
    --------
    >>> low, high, _ = wilson(0, 10)
    >>> round(low, 3), round(high, 3)
    (0.0, 0.278)
    """
    if n <= 0:
        return Interval(0.0, 1.0, "wilson")
    z2 = (quantile or normal_quantile(level)) ** 2
    rate = successes / n
    middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (rate * (1 - rate) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    low = 0.0 if successes <= 0 else max(0.0, middle - half)
    high = 1.0 if successes >= n else min(1.0, middle + half)
    return Interval(low, high, "wilson")


def logit(value: float, error: float, level: float, method: str) -> Interval:
    """Interval of a number between 0 and 1 from its standard error, symmetric on the logit scale."""
    middle, half = math.log(value / (1 - value)), normal_quantile(level) * error / (value * (1 - value))
    low, high = ((1 + math.tanh(x / 2)) / 2 for x in (middle - half, middle + half))
    return Interval(low, high, method)


def mean_t(mean: float, deviation: float, n: float, level: float = 0.95) -> Interval:
    """Interval of a mean from the sample deviation (n - 1), by Student's t."""
    if n < 2:
        return Interval(NAN, NAN, "t needs 2 rows")
    half = t_quantile(level, n - 1) * deviation / math.sqrt(n)
    return Interval(mean - half, mean + half, "t")


@lru_cache(maxsize=256)
def t_quantile(level: float, df: float) -> float:
    """Two-sided quantile of Student's t: 2.228 for 0.95 and 10 degrees of freedom."""
    z = normal_quantile(level)
    if df > 10_000:  # Cornish and Fisher's expansion is exact to 1e-10 here
        return z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df * df)
    low, high = 0.0, 1e8
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if t_p(middle, df) > 1 - level else (low, middle)
        if high - low <= 1e-13 * high:
            break
    return high


def t_p(t: float, df: float) -> float:
    """Two-sided p-value of Student's t."""
    if math.isinf(t):
        return 0.0
    return beta_share(df / 2, 0.5, df / (df + t * t)) if df < 1e6 else normal_p(t)


def beta_share(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function I_x(a, b), by Lentz's continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast only on this side
        return 1 - beta_share(b, a, 1 - x)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    tiny = 1e-300
    c, d = 1.0, 1 / ((1 - (a + b) * x / (a + 1)) or tiny)
    value = d
    for m in range(1, 20_000):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / ((1 + step * d) or tiny)
            c = (1 + step / c) or tiny
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * value / a


def mcnemar_p(only_after: int, only_before: int) -> float:
    """Two-sided mid-p of McNemar's exact test on the discordant rows (Fagerland et al. 2013)."""
    n, k = only_after + only_before, min(only_after, only_before)
    if only_after == only_before:
        return 1.0
    log_share = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2)
    return min(1.0, 2 * beta_share(n - k, k + 1, 0.5) - math.exp(log_share))


def tango(only_after: int, only_before: int, n: int, level: float = 0.95) -> Interval:
    """Score interval of a paired difference of two rates (Tango 1998)."""
    z, b, c = normal_quantile(level), only_after, only_before

    def score(delta: float) -> float:
        big = -b - c + (2 * n - b + c) * delta
        root = math.sqrt(max(0.0, big * big + 8 * n * c * delta * (1 - delta)))
        share = max(0.0, (root - big) / (4 * n))
        spread = n * (2 * share + delta * (1 - delta))
        gap = b - c - n * delta
        return gap / math.sqrt(spread) if spread > 0 else math.copysign(math.inf, gap) if gap else 0.0

    return Interval(_crossing(score, z), _crossing(score, -z), "tango")


def _crossing(score: Callable[[float], float], target: float) -> float:
    """Where a falling score meets its target, by bisection on [-1, 1]."""
    low, high = -1.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle) > target else (low, middle)
    return (low + high) / 2
