"""Area under the ROC curve and its variance from placements (DeLong, DeLong and Clarke-Pearson 1988)."""

import math
from typing import NamedTuple

import numpy as np

from modelops_jupyter.evaluation.arrays import Array


class Placement(NamedTuple):
    """The area, and each row's share in its error: variance = sum of squared shares."""

    area: float
    shares: Array


def place(scores: Array, positive: Array, weights: Array | None = None) -> Placement:
    """Compute the area exactly, ties counted half; NaN if one class is missing.

    Examples
    --------
    >>> place(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])).area
    0.75
    """
    w = np.ones(len(scores)) if weights is None else weights
    shares = np.zeros(len(scores))
    (up, w_up), (down, w_down) = ((scores[m], w[m]) for m in (positive, ~positive))
    if not w_up.sum() or not w_down.sum():
        return Placement(math.nan, shares)
    wins = _won(up, down, w_down) / w_down.sum()  # share of negatives below each positive
    losses = 1 - _won(down, up, w_up) / w_up.sum()  # share of positives above each negative
    if weights is None:
        # whole and half numbers add without rounding, so order cannot change the result
        area = float(_won(up, down, w_down).sum()) / (len(up) * len(down))
    else:
        area = float(w_up @ wins / w_up.sum())
    shares[positive] = _share(wins - area, w_up)
    shares[~positive] = _share(losses - area, w_down)
    return Placement(area, shares)


def _won(these: Array, others: Array, weights: Array) -> Array:
    """Weight of the others below each of these, ties half."""
    order = np.argsort(others, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    ranked = others[order]
    left, right = (np.searchsorted(ranked, these, side) for side in ("left", "right"))
    return (total[left] + total[right]) / 2


def _share(off: Array, weights: Array) -> Array:
    """Scale deviations so that their squares add to the DeLong variance (n - 1)."""
    n = weights.sum() ** 2 / (weights @ weights)
    correction = math.sqrt(n / (n - 1)) if n > 1 else math.nan
    return off * weights / weights.sum() * correction
