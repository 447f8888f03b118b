"""What several answers to one case tell: how often one of k is right, and where the scatter comes from."""

import math
from dataclasses import dataclass

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.metrics.rowwise import mean_of
from modelops_jupyter.evaluation.value import MetricValue


@dataclass(frozen=True, slots=True)
class VarianceSplit:
    """Where the variance of single scores comes from.

    `item` is that of the cases' true means: more cases narrow the interval. `sampling` is that
    of answers to one case: more repeats narrow it.
    """

    item: float
    sampling: float

    @property
    def sampling_share(self) -> float:
        """Share of the whole that comes from sampling; NaN without any variance."""
        whole = self.item + self.sampling
        return self.sampling / whole if whole else math.nan

    def __str__(self) -> str:
        both = f"items {_format.number(self.item)}, sampling {_format.number(self.sampling)}"
        return both if math.isnan(share := self.sampling_share) else f"{both} ({_format.percent(share)})"


def variance_split(scores: Array) -> VarianceSplit:
    """Split by one-way random effects; `scores` is cases × repeats, NaN where a call is missing."""
    rows = [row[~np.isnan(row)] for row in scores]
    several = [row for row in rows if len(row) > 1]
    if not several:
        raise ConfigError(
            "One answer a case says nothing about sampling.", hint="Run with repeats=2 or more."
        )
    freedom = sum(len(row) - 1 for row in several)
    sampling = sum(float(row.var(ddof=1)) * (len(row) - 1) for row in several) / freedom
    means = np.array([row.mean() for row in rows if len(row)])
    spread = float(means.var(ddof=1)) if len(means) > 1 else 0.0
    shrunk = float(np.mean([1 / len(row) for row in rows if len(row)]))
    return VarianceSplit(max(0.0, spread - sampling * shrunk), sampling)


def pass_at(passed: Array, k: int, *, every: bool, level: float) -> MetricValue:
    """Chance that one of k answers passes, or `every` one, unbiased (Chen et al. 2021), over the cases.

    `passed` is cases × repeats of 1 and 0, NaN where a call is missing; cases with fewer than k
    answers have no estimate.
    """
    if k < 1 or k > passed.shape[1]:
        raise ConfigError(f"k is {k}, and there are {passed.shape[1]} repeats.", hint="1 ≤ k ≤ repeats.")
    tries = (~np.isnan(passed)).sum(axis=1)
    right = np.nansum(passed, axis=1).astype(np.int64)
    rows = np.array(
        [_chance(int(n), int(c), k, every) if n >= k else math.nan for n, c in zip(tries, right, strict=True)]
    )
    value = mean_of(rows, level, bounds=(0.0, 1.0), label=f"pass^{k}" if every else f"pass@{k}")
    value.low, value.high = max(0.0, value.low), min(1.0, value.high)
    return value


def _chance(n: int, c: int, k: int, every: bool) -> float:
    if every:
        return math.comb(c, k) / math.comb(n, k)
    return 1 - math.comb(n - c, k) / math.comb(n, k)
