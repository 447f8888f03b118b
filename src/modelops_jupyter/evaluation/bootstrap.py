"""Resampling with a fixed seed: on count tables (a multinomial draw) and on rows.

Drawing rows with replacement and counting them *is* a multinomial draw with the observed
shares, so a statistic of the count table has exactly the row bootstrap's law at a fraction
of its cost.
"""

import time
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import Interval

RESAMPLES = 2_000
SEED = 0
_CELLS_AT_ONCE = 4_000_000
_SLOW = 0.02  # seconds for one resample


def tables(counts: Array, n: float) -> Iterator[Array]:
    """Yield resampled counts, in blocks of (resamples, cells)."""
    shares = counts / counts.sum()
    if RESAMPLES * len(counts) <= _CELLS_AT_ONCE:
        yield _drawn(shares.tobytes(), round(n))
        return
    generator = np.random.default_rng(SEED)
    block = max(1, _CELLS_AT_ONCE // len(counts))
    for start in range(0, RESAMPLES, block):
        yield generator.multinomial(round(n), shares, size=min(block, RESAMPLES - start))


@lru_cache(maxsize=2)
def _drawn(shares: bytes, n: int) -> Array:
    """Draw once for all metrics of one table."""
    generator = np.random.default_rng(SEED)
    return generator.multinomial(n, np.frombuffer(shares), size=RESAMPLES).astype(np.float64)


def row_draws(statistic: Callable[[Array], float], n: int) -> Array:
    """Values of `statistic(rows)` over resampled row numbers; none if one of them takes too long."""
    generator = np.random.default_rng(SEED)
    started = time.perf_counter()
    draws = [statistic(generator.integers(0, n, n))]
    if time.perf_counter() - started > _SLOW:  # perhaps it asks a model: not 2,000 times unasked
        return np.zeros(0)
    draws += [statistic(generator.integers(0, n, n)) for _ in range(RESAMPLES - 1)]
    return np.array(draws, dtype=np.float64)


def percentile(draws: Array, level: float) -> Interval:
    """Percentile interval; undefined draws are left out unless they are many."""
    kept = draws[np.isfinite(draws)]
    if not len(draws):
        return Interval(np.nan, np.nan, "too slow to resample, a score per row would do")
    if len(kept) < 0.9 * len(draws):
        return Interval(np.nan, np.nan, "bootstrap: undefined on resamples")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), "bootstrap")


def two_sided_p(draws: Array) -> float:
    """P-value of "no difference", from bootstrapped differences by inversion of the interval."""
    kept = draws[np.isfinite(draws)]
    if not len(kept):
        return float("nan")
    tail = min(np.count_nonzero(kept <= 0), np.count_nonzero(kept >= 0))
    return float(min(1.0, 2 * (tail + 1) / (len(kept) + 1)))
