"""Counts over a dataset, and the histogram that views and plots share."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets import tokens
from modelops_jupyter.datasets.formats import turns

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts between edges that grow by a factor; the median and the 95 % point of the values."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    median: float
    p95: float


def histogram(values: NDArray[np.integer], bins: int = 24) -> Histogram | None:
    """Return a histogram on a log axis, None without values.

    Lengths of text spread over powers of ten; equal steps would put all into one bar.
    """
    if len(values) == 0:
        return None
    low, high = max(1, int(values.min())), max(1, int(values.max()))
    if low == high:
        edges = np.array([low, low + 1], dtype=np.float64)
    else:
        edges = np.unique(np.round(np.geomspace(low, high + 1, bins + 1)))
    counts, _ = np.histogram(np.maximum(values, 1), edges)
    median, p95 = np.percentile(values, (50, 95)).tolist()
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()), median, p95)


@dataclass(frozen=True, slots=True)
class DatasetStats:
    """What a dataset holds: rows, turns by role, characters, estimated tokens."""

    rows: int
    unreadable: int
    turns: int
    roles: Mapping[str, int]
    characters: int
    tokens_estimate: int


def dataset_stats(ds: "Dataset") -> DatasetStats:
    """Count a dataset in one pass."""
    roles: Counter[str] = Counter()
    unreadable = characters = 0
    for _, row in ds.decoded():
        if row is None:
            unreadable += 1
            continue
        for turn in turns(row, ds.format):
            roles[turn.role] += 1
            characters += len(turn.text)
    estimate = int(tokens.estimate(ds).sum()) if len(ds) else 0
    return DatasetStats(len(ds), unreadable, roles.total(), dict(sorted(roles.items())), characters, estimate)
