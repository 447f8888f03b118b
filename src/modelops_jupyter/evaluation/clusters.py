"""Intervals for rows that come in clusters: users, documents, samples of one question.

Rows of a cluster tend to be right or wrong together, so they tell less than as many rows
apart: a plain 95 % interval may cover only 75 %.
"""

import math
from collections.abc import Callable

import numpy as np

from modelops_jupyter.evaluation import bootstrap
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import NAN, Interval, t_quantile, wilson


def interval(
    value: float,
    shares: Array | None,
    code: Array,
    level: float,
    bounds: tuple[float, float],
    statistic: Callable[[Array], float] | None = None,
) -> Interval:
    """Return the interval of a metric from each row's share in its error, added by cluster.

    Metrics between 0 and 1 get Wilson's limits at the number of rows that would tell as much
    if they were apart; others Student's t over clusters. Without shares, `statistic` of
    resampled clusters is taken. `code` numbers the cluster of each row.
    """
    count = int(code.max(initial=-1)) + 1
    if count < 2:
        return Interval(NAN, NAN, "needs 2 clusters")
    if shares is None:
        assert statistic is not None
        return bootstrap.interval(statistic, len(code), level, lambda: value, code)
    return of_parts(value, np.bincount(code, shares), level, bounds, f"{count} clusters")


def of_parts(value: float, shares: Array, level: float, bounds: tuple[float, float], what: str) -> Interval:
    """Return the interval of a value from the shares in its error of independent parts.

    Degrees of freedom are the parts, less one; fewer where a few parts carry most of the
    spread (by its fourth moment, 3 for a normal one), as with rates near 0 or 1.
    """
    count, square = len(shares), float(shares @ shares)
    carrying = min(count, 3 * square**2 / float((shares**4).sum())) if square else count
    error = math.sqrt(square * count / (count - 1))
    quantile = t_quantile(level, max(1.0, carrying - 1))
    if bounds != (0.0, 1.0):
        return Interval(value - quantile * error, value + quantile * error, f"t over {what}")
    size = value * (1 - value) / error**2 if error and 0 < value < 1 else count
    low, high, _ = wilson(value * size, size, quantile=quantile)
    return Interval(low, high, f"wilson over {what}")


def codes(groups: Array) -> Array:
    """Number the clusters."""
    return np.unique(groups, return_inverse=True)[1]
