"""Resampling with a fixed seed: on count tables (a multinomial draw) and on rows.

Drawing rows with replacement and counting them *is* a multinomial draw with the observed
shares, so a statistic of the count table has exactly the row bootstrap's law at a fraction
of its cost.
"""

import math
import time
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import NONE, Interval, t_quantile

RESAMPLES = 2_000
SEED = 0
_CELLS_AT_ONCE = 4_000_000
FEW = 100  # resamples of a slow statistic
PARTS = 20
_SLOW, _VERY_SLOW = 0.002, 0.02  # seconds for one resample: four, or two seconds in all


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


def interval(
    statistic: Callable[[Array], float],
    n: int,
    level: float,
    value: Callable[[], float],
    code: Array | None = None,
) -> Interval:
    """Interval of `statistic(rows)` from resampled rows, or clusters as `code` numbers them, in bounded time.

    A slow statistic is resampled less often; one so slow that even that would take long (it
    may ask a model) is taken once more on twenty parts of the rows.
    """
    if n < 2:
        return NONE
    drawn = draws(statistic, n, code)
    if len(drawn):
        found = percentile(drawn, level) if len(drawn) >= RESAMPLES else _spread(value(), drawn, level)
        what = "" if code is None else f" of {code.max() + 1} clusters"
        return found._replace(method=found.method + what)
    if code is not None or n < 5 * PARTS:
        return percentile(drawn, level)
    parts = np.array_split(np.random.default_rng(SEED).permutation(n), PARTS)
    found = np.array([statistic(np.sort(part)) for part in parts])
    half = t_quantile(level, PARTS - 1) * float(found.std(ddof=1)) / math.sqrt(PARTS)
    middle = value()
    return Interval(middle - half, middle + half, f"t over {PARTS} random parts, slow metric")


def members(code: Array) -> list[Array]:
    """Return the rows of each cluster."""
    order = np.argsort(code, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(code[order])) + 1)


def draws(statistic: Callable[[Array], float], n: int, code: Array | None = None) -> Array:
    """Values of `statistic(rows)` over resampled rows or clusters: 2,000, 100 if slow, none if very slow."""
    generator = np.random.default_rng(SEED)
    parts = None if code is None else members(code)

    def again() -> float:
        if parts is None:
            return statistic(generator.integers(0, n, n))
        picked: list[int] = generator.integers(0, len(parts), len(parts)).tolist()
        return statistic(np.concatenate([parts[i] for i in picked]))

    started = time.perf_counter()
    found = [again()]
    taken = time.perf_counter() - started
    if taken > _VERY_SLOW:  # perhaps it asks a model: not again and again unasked
        return np.zeros(0)
    count = RESAMPLES if taken <= _SLOW else FEW
    return np.array(found + [again() for _ in range(count - 1)], dtype=np.float64)


def _spread(value: float, draws: Array, level: float) -> Interval:
    """Limits from the spread of draws that are too few for their own tails."""
    kept = draws[np.isfinite(draws)]
    if len(kept) < 0.9 * len(draws):
        return Interval(np.nan, np.nan, "bootstrap: undefined on resamples")
    half = t_quantile(level, len(kept) - 1) * float(kept.std(ddof=1))
    return Interval(value - half, value + half, f"bootstrap, {len(draws)} resamples, slow metric")


def percentile(draws: Array, level: float) -> Interval:
    """Percentile interval; undefined draws are left out unless they are many."""
    kept = draws[np.isfinite(draws)]
    if not len(draws):
        return Interval(np.nan, np.nan, "too slow to resample, a score per row would do")
    if len(kept) < 0.9 * len(draws):
        return Interval(np.nan, np.nan, "bootstrap: undefined on resamples")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), "bootstrap")
