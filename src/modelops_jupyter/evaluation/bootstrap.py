"""Resampling with a fixed seed: on count tables (a multinomial draw) and on rows.

Drawing rows with replacement and counting them *is* a multinomial draw with the observed
shares, so a statistic of the count table has exactly the row bootstrap's law at a fraction
of its cost.
"""

from collections.abc import Callable, Iterator

import numpy as np

from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import Interval

RESAMPLES = 2_000
SEED = 0
_CELLS_AT_ONCE = 4_000_000


def tables(counts: Array, n: float) -> Iterator[Array]:
    """Yield resampled counts, in blocks of (resamples, cells)."""
    generator = np.random.default_rng(SEED)
    shares = counts / counts.sum()
    block = max(1, min(RESAMPLES, _CELLS_AT_ONCE // max(1, len(counts))))
    for start in range(0, RESAMPLES, block):
        yield generator.multinomial(round(n), shares, size=min(block, RESAMPLES - start))


def row_draws(statistic: Callable[[Array], float], n: int, resamples: int = RESAMPLES) -> Array:
    """Values of `statistic(rows)` over resampled row numbers."""
    generator = np.random.default_rng(SEED)
    return np.array([statistic(generator.integers(0, n, n)) for _ in range(resamples)], dtype=np.float64)


def percentile(draws: Array, level: float) -> Interval:
    """Percentile interval; undefined draws are left out unless they are many."""
    kept = draws[np.isfinite(draws)]
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
