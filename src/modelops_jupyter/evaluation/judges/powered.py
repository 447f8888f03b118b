"""A judge's rate corrected by a few labels: prediction-powered inference in a form for small samples.

Among answers with one verdict, the share that you would pass is estimated from the labels;
these shares are weighted with how often the judge gives each verdict on all answers. For a
verdict of few values this is the prediction-powered estimate with the best tuning (the
post-stratified mean). The three kinds of share are independent multinomials, so their Jeffreys
posterior is a product of Dirichlet distributions, and the interval is read off its draws: at 50
labels it holds what it promises, where the usual normal form does not.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import Interval

METHOD = "prediction-powered"
DRAWS = 20_000


def powered(
    verdicts: Mapping[float, float],
    labels: Mapping[tuple[float, float], int],
    values: Sequence[float] = (0.0, 1.0),
    level: float = 0.95,
    draws: int = DRAWS,
) -> tuple[float, Interval]:
    """Return the corrected mean and its interval.

    Parameters
    ----------
    verdicts
        Judge's score → how many answers got it (a fraction where samples are not independent).
    labels
        (judge's score, your score) → how many labelled answers.
    values
        All scores that a verdict or a label can be; one that no label has is possible all the same.
    level
        Level of the interval.
    draws
        Size of the sample of the posterior; the same seed every time.

    Examples
    --------
    >>> mean, interval = powered({1.0: 900, 0.0: 100}, {(1.0, 1.0): 43, (1.0, 0.0): 2, (0.0, 0.0): 5})
    >>> round(mean, 2), round(interval.low, 2), round(interval.high, 2)
    (0.86, 0.78, 0.91)
    """
    prior, scores = 1 / len(values), np.array(values, dtype=np.float64)
    shares = np.array([verdicts.get(v, 0.0) for v in values]) + prior
    table = np.array([[labels.get((v, y), 0) for y in values] for v in values]) + prior
    mean = float(shares / shares.sum() @ (table / table.sum(axis=1, keepdims=True)) @ scores)
    rng = np.random.default_rng(0)
    weights = _dirichlet(rng, shares, draws)
    inside = np.stack([_dirichlet(rng, row, draws) @ scores for row in table], axis=1)
    low, high = np.quantile((weights * inside).sum(axis=1), [0.5 - level / 2, 0.5 + level / 2])
    return mean, Interval(float(low), float(high), METHOD)


def _dirichlet(rng: np.random.Generator, counts: Array, draws: int) -> Array:
    """Draw from a Dirichlet distribution, by gammas: one call for all counts."""
    gammas = rng.standard_gamma(counts, (draws, len(counts)))
    return gammas / gammas.sum(axis=1, keepdims=True)
