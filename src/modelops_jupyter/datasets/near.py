"""Near duplicates: rows whose system text, question and answer are each nearly those of another row.

How near is the Jaccard similarity of the sets of three neighbouring words, the least of the three
parts: rows of one template whose answers differ are not near. MinHash finds the candidates, the
exact sets decide. Of near rows the first is kept, and the others are compared with kept rows only,
so that a chain of neighbours does not become one group.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.formats import DatasetFormat
from modelops_jupyter.datasets.shingles import Hashes, Shingler, compared, has_questions
from modelops_jupyter.datasets.source import portions
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

THRESHOLD = 0.8
MEASURE = "Jaccard similarity of three-word sequences, of system text, question and answer each"
_PERMUTATIONS = 128
_MISSED = 1e-4  # how rarely the candidates may lack a pair at the threshold
_CHUNK = 512  # rows whose hashes stay in the cache of the processor
_SETS = 1 << 14  # rows whose exact sets are kept
_WORDS = 3


@dataclass(frozen=True, slots=True)
class NearRows:
    """For each row the earlier row that it nearly is, -1 for none; and how similar they are."""

    first: NDArray[np.int64]
    similarity: NDArray[np.float64]


def first_of(ds: "Dataset", threshold: float = THRESHOLD) -> NearRows:
    """Return for each row the first kept row that it is near to."""
    found = NearRows(np.full(len(ds), -1, dtype=np.int64), np.zeros(len(ds)))

    def meet(row: int, others: list[int], similar: Callable[[int, int], float]) -> bool:
        for other in others:
            if (value := similar(row, other)) >= threshold:
                found.first[row], found.similarity[row] = other, value
                return False
        return True

    _walk(ds, threshold, meet)
    return found


def linked(ds: "Dataset", threshold: float = THRESHOLD) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows, the later one first, that join all that are near, also through others."""
    units = Units(len(ds))
    pairs: list[tuple[int, int]] = []

    def meet(row: int, others: list[int], similar: Callable[[int, int], float]) -> bool:
        twin = False
        for other in others:
            if units.first(row) != units.first(other) and (value := similar(row, other)) >= threshold:
                pairs.append((row, other))
                units.join(row, other)
                twin = twin or value == 1.0
        return not twin  # what is near to a twin is near to the other

    _walk(ds, threshold, meet)
    return iter(pairs)


class Units:
    """Numbers that belong together; the least stands for all of its unit."""

    def __init__(self, size: int) -> None:
        self._up = list(range(size))

    def first(self, number: int) -> int:
        """Return the least number of a unit."""
        up = self._up
        while up[number] != number:
            up[number] = number = up[up[number]]
        return number

    def join(self, one: int, two: int) -> None:
        """Make one unit of two."""
        least, other = sorted((self.first(one), self.first(two)))
        self._up[other] = least


def _walk(
    ds: "Dataset", threshold: float, meet: Callable[[int, list[int], Callable[[int, int], float]], bool]
) -> None:
    """Show each row the earlier ones that may be near; `meet` says whether later ones shall see it."""
    if not 0.5 <= threshold <= 1:
        raise ConfigError(
            f"threshold={threshold} is not between 0.5 and 1.",
            code="near-threshold",
            hint="0.8 finds rows in which a word or two were changed.",
        )
    rows, buckets = _shared(_keys(ds, threshold))
    shingles = _Shingles(ds, np.unique(rows))

    @lru_cache(maxsize=_SETS)
    def sets(row: int) -> list[frozenset[int]]:
        return [frozenset(part.tolist()) for part in shingles.of(row)]

    def similar(row: int, other: int) -> float:
        return min(map(_jaccard, sets(row), sets(other)))

    members: defaultdict[int, list[int]] = defaultdict(list)
    starts = np.flatnonzero(np.diff(rows, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=False):
        row, mine = int(rows[start]), buckets[start:end].tolist()
        others = {other for bucket in mine for other in members[bucket]}
        if meet(row, sorted(others), similar):
            for bucket in mine:
                members[bucket].append(row)


def _jaccard(one: frozenset[int], two: frozenset[int]) -> float:
    both = len(one & two)
    return both / (len(one) + len(two) - both)


def _shared(keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (row, bucket) for every bucket of more than one row, in the order of rows."""
    rows: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    buckets: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    for band, mine in enumerate(keys):
        order = np.argsort(mine)
        same = mine[order[1:]] == mine[order[:-1]]
        at = np.flatnonzero(np.append(same, False) | np.append(False, same))
        first = np.append(False, same)
        rows.append(order[at])
        buckets.append(np.cumsum(~first)[at] + band * (len(mine) + 1))
    joined = np.concatenate(rows)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(buckets)[order]


def _keys(ds: "Dataset", threshold: float) -> NDArray[np.uint32]:
    """Return for each band and row a number that near rows share in some band."""
    sides = 2 if has_questions(ds.format) else 1  # a band looks at both, so that templates do not meet
    width = _PERMUTATIONS // sides
    per_band = _rows_per_band(threshold, width, sides)
    bands = width // per_band
    factors = np.random.default_rng(1).integers(0, 2**32, (2, width), dtype=np.uint32)
    factors[0] |= 1
    out = np.zeros((bands, len(ds)), dtype=np.uint32)
    shingler = Shingler(_WORDS, pad=True)
    chunk: list[tuple[str, str, str]] = []
    for row, raw in enumerate(ds.raws(), start=1):
        chunk.append(_parts(raw, ds.format, row - 1))
        if len(chunk) == _CHUNK or row == len(ds):
            keys = np.zeros((bands, len(chunk)), dtype=np.uint64)
            for part in range(3 - sides, 3):
                signs = _signatures(*shingler([parts[part] for parts in chunk]), factors)
                for at in range(per_band):
                    keys = (keys ^ signs[at : bands * per_band : per_band]) * np.uint64(0x9E3779B97F4A7C15)
                    keys ^= keys >> np.uint64(31)
            out[:, row - len(chunk) : row] = keys >> np.uint64(32)
            chunk = []
    return out


class _Shingles:
    """The word sequences of some rows, eight bytes each."""

    def __init__(self, ds: "Dataset", rows: NDArray[np.int64]) -> None:
        shingler = Shingler(_WORDS, pad=True)
        hashes: list[Hashes] = []
        sizes: list[NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
        for start, stop in portions(ds.row_lengths()[rows]):
            some = rows[start:stop]
            parts = [
                _parts(raw, ds.format, row)
                for row, raw in zip(some.tolist(), ds.stored.read(some), strict=True)
            ]
            more = shingler([text for row in parts for text in row])
            hashes.append(more[0])
            sizes.append(more[1])
        self._hashes = np.concatenate(hashes) if hashes else np.zeros(0, dtype=np.uint64)
        self._bounds: list[int] = np.cumsum(np.concatenate(sizes)).tolist()
        self._places = {row: 3 * at for at, row in enumerate(rows.tolist())}

    def of(self, row: int) -> list[Hashes]:
        """Return those of system text, question and answer."""
        at = self._places[row]
        bounds = self._bounds[at : at + 4]
        return [self._hashes[start:end] for start, end in pairwise(bounds)]


def _parts(raw: bytes, format: DatasetFormat, row: int) -> tuple[str, str, str]:
    unlike = f"\0{row}"  # a row that cannot be read is near to none
    return compared(raw, format) or (unlike, unlike, unlike)


def _signatures(hashes: Hashes, sizes: NDArray[np.int64], factors: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the MinHash signature of each text, one column a text."""
    starts = np.cumsum(sizes) - sizes
    values = (hashes >> np.uint64(32)).astype(np.uint32)
    mixed = np.empty_like(values)
    out = np.empty((factors.shape[1], len(sizes)), dtype=np.uint32)
    for sign, times, plus in zip(out, *factors, strict=True):
        np.multiply(values, times, out=mixed)
        np.add(mixed, plus, out=mixed)
        np.minimum.reduceat(mixed, starts, out=sign)
    return out


def _rows_per_band(threshold: float, width: int, sides: int) -> int:
    """Return how many values make a band: as many as miss hardly a pair at the threshold."""
    fits = (n for n in range(8, 1, -1) if (1 - threshold ** (n * sides)) ** (width // n) <= _MISSED)
    return next(fits, 1)
