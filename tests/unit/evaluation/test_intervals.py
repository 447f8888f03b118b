"""Intervals and p-values equal scipy's or exact enumeration, and cover what they promise."""

import math

import numpy as np
import pytest
from scipy import stats

from modelops_jupyter.evaluation.intervals import (
    beta_share,
    mcnemar_p,
    mean_t,
    normal_p,
    normal_quantile,
    t_p,
    t_quantile,
    tango,
    wilson,
)


@pytest.mark.parametrize("n", [1, 5, 20, 100, 4321])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_equals_scipy(n: int, share: float, level: float) -> None:
    k = round(share * n)
    expected = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    low, high, _ = wilson(k, n, level)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_without_rows_knows_nothing() -> None:
    assert wilson(0, 0)[:2] == (0.0, 1.0)


@pytest.mark.parametrize("n", [20, 50, 100])
def test_wilson_covers_by_exact_enumeration(n: int) -> None:
    limits = [wilson(k, n)[:2] for k in range(n + 1)]
    shares = np.arange(0.5, 0.99, 0.05)
    covered = [
        sum(stats.binom.pmf(k, n, p) for k, (low, high) in enumerate(limits) if low <= p <= high)
        for p in shares
    ]
    assert 0.94 <= np.mean(covered) <= 0.965
    assert min(covered) > 0.915


@pytest.mark.parametrize("df", [1, 2, 3.5, 10, 30, 200, 999, 9_999, 10_001, 1e5, 1e8])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_t_quantile_and_p_equal_scipy(df: float, level: float) -> None:
    expected = stats.t.ppf(0.5 + level / 2, df)
    assert t_quantile(level, df) == pytest.approx(expected, rel=1e-9)
    assert t_p(expected, df) == pytest.approx(1 - level, rel=1e-5 if df >= 1e5 else 1e-8)


@pytest.mark.parametrize(("a", "b", "x"), [(0.5, 0.5, 0.3), (5, 0.5, 0.9), (200, 300, 0.4), (1e4, 2e4, 0.34)])
def test_beta_share_equals_scipy(a: float, b: float, x: float) -> None:
    assert beta_share(a, b, x) == pytest.approx(stats.beta.cdf(x, a, b), rel=1e-9)
    assert (beta_share(a, b, 0), beta_share(a, b, 1)) == (0.0, 1.0)


def test_normal_functions_equal_scipy() -> None:
    assert normal_quantile(0.95) == pytest.approx(stats.norm.ppf(0.975))
    assert normal_p(-1.3) == pytest.approx(2 * stats.norm.sf(1.3))


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 0), (5, 5), (12, 2), (2, 12), (60, 95), (3000, 2800)])
def test_mcnemar_mid_p_equals_the_binomial_sum(b: int, c: int) -> None:
    n, k = b + c, min(b, c)
    expected = 1.0 if b == c else 2 * stats.binom.cdf(k, n, 0.5) - stats.binom.pmf(k, n, 0.5)
    assert mcnemar_p(b, c) == pytest.approx(expected, rel=1e-8)


def test_mcnemar_mid_p_keeps_its_size_over_all_tables() -> None:
    n, discordance = 60, 0.3
    rejected = 0.0
    for m in range(n + 1):
        hits = [b for b in range(m + 1) if mcnemar_p(b, m - b) <= 0.05]
        rejected += stats.binom.pmf(m, n, discordance) * stats.binom.pmf(hits, m, 0.5).sum()
    assert 0.03 < rejected <= 0.055


@pytest.mark.parametrize(
    ("b", "c", "n"), [(12, 2, 50), (0, 0, 30), (9, 9, 40), (30, 0, 30), (0, 5, 5), (1, 0, 1)]
)
def test_tango_limits_are_where_the_score_statistic_meets_the_quantile(b: int, c: int, n: int) -> None:
    low, high, _ = tango(b, c, n)
    assert -1 <= low <= (b - c) / n <= high <= 1
    for limit in (low, high):
        if -1 + 1e-9 < limit < 1 - 1e-9:
            assert abs(_restricted_score(b, c, n, limit)) == pytest.approx(normal_quantile(0.95), abs=1e-4)
    mirrored = tango(c, b, n)
    assert (mirrored.low, mirrored.high) == pytest.approx((-high, -low), abs=1e-12)


def _restricted_score(b: int, c: int, n: int, delta: float) -> float:
    """The score statistic, its restricted estimate found by a grid instead of the formula."""
    grid = np.linspace(max(0, -delta) + 1e-12, (1 - delta) / 2 - 1e-12, 400_001)
    rest = n - b - c
    like = c * np.log(grid) + b * np.log(grid + delta) + rest * np.log(1 - 2 * grid - delta + 1e-300)
    share = grid[np.argmax(like)]
    return float((b - c - n * delta) / math.sqrt(n * (2 * share + delta * (1 - delta))))


def test_tango_covers_by_exact_enumeration() -> None:
    n, up, down = 40, 0.25, 0.1
    covered = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            low, high, _ = tango(b, c, n)
            if low <= up - down <= high:
                covered += stats.multinomial.pmf([b, c, n - b - c], n, [up, down, 1 - up - down])
    assert 0.94 <= covered <= 0.965


def test_mean_interval_equals_scipy_and_needs_two_rows() -> None:
    values = np.array([1.0, 4.0, 2.0, 8.0])
    expected = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    found = mean_t(values.mean(), values.std(ddof=1), 4)
    assert found[:2] == pytest.approx(expected, rel=1e-9)
    assert math.isnan(mean_t(1.0, 0.0, 1).low)
