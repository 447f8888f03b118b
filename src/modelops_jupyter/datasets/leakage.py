"""Leakage: rows of one dataset that stand in another, whole, by their question, or in long stretches.

Near duplicates compare whole rows; a source that was edited in every tenth word, or that stands
inside a longer text, is found by runs of eight words only.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter._display import Rich
from modelops_jupyter._format import percent, plural
from modelops_jupyter.datasets.identity import looked_up
from modelops_jupyter.datasets.shingles import Hashes, Shingler, compared, words
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_CHUNK = 1024
_COMMON = (3, 0.01)  # a run of words in more rows, and more of all rows, than this is boilerplate
_SHOWN = 5

LeakageKind = Literal["exact", "prompt", "overlap"]


@dataclass(frozen=True, slots=True)
class LeakageMatch:
    """One row that stands in the other dataset.

    Parameters
    ----------
    row, id, other_row, other_id
        The row, and the row of the other dataset that has most in common with it.
    kind
        "exact": the same bytes; "prompt": the same question; "overlap": runs of words in common.
    share
        How much of the row's runs of words stand in the other dataset, from 0 to 1.
    """

    row: int
    id: str
    other_row: int
    other_id: str
    kind: LeakageKind
    share: float

    def __str__(self) -> str:
        how = {
            "exact": "is the same as",
            "prompt": "asks the same as",
            "overlap": f"has {percent(self.share)} of its runs of words in common with",
        }
        return f"row {self.row} {how[self.kind]} row {self.other_row} of the other dataset"


@dataclass(frozen=True, eq=False)
class Leakage(Rich):
    """The rows of `dataset` that stand in `other`; empty when none does.

    Parameters
    ----------
    matches
        One for each such row, in the order of rows.
    shares
        For every row, how much of its runs of `n` words stand in `other`.
    """

    kind: ClassVar[str] = "leakage"

    dataset: "Dataset"
    other: "Dataset"
    matches: tuple[LeakageMatch, ...]
    shares: NDArray[np.float64]
    n: int

    def __len__(self) -> int:
        return len(self.matches)

    def __iter__(self) -> Iterator[LeakageMatch]:
        return iter(self.matches)

    @cached_property
    def clean(self) -> "Dataset":
        """The rows that do not stand in the other dataset."""
        return self.dataset.drop([match.row for match in self.matches])

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows of each kind that occurs."""
        return dict(sorted(Counter(match.kind for match in self.matches).items()))

    def __repr__(self) -> str:
        counts = ", ".join(f"{kind} {number:,}" for kind, number in self.counts.items())
        found = f"{plural(len(self), 'row')} of {len(self.dataset):,} in the other dataset"
        lines = [f"Leakage({found}{f': {counts}' if counts else ''})", *map(str, self.matches[:_SHOWN])]
        return "\n  ".join(lines + ["…"] * (len(self) > _SHOWN))


def leakage(ds: "Dataset", other: "Dataset", n: int = 8, min_share: float = 0.02) -> Leakage:
    """Find the rows of `ds` in `other`; see `Dataset.leakage`."""
    if n < 2 or not 0 <= min_share <= 1:
        raise ConfigError(
            f"n={n}, min_share={min_share} are no measure of overlap.",
            code="leakage-measure",
            hint="n is at least 2 words; min_share is between 0 and 1.",
        )
    shares, sources = _overlap(ds, other, n)
    found: dict[int, tuple[int, LeakageKind]] = {}
    for row in np.flatnonzero((shares > 0) & (shares >= min_share)).tolist():
        found[row] = (int(sources[row]), "overlap")
    for row, source in _equal(_questions(ds), _questions(other)):
        found[row] = (source, "prompt")
    for row, source in _equal(ds.stored.hashes(), other.stored.hashes()):
        if ds.raw(row) == other.raw(source):  # equal hashes are not yet equal rows
            found[row] = (source, "exact")
    matches = tuple(
        LeakageMatch(row, ds.ids[row], source, other.ids[source], kind, float(shares[row]))
        for row, (source, kind) in sorted(found.items())
    )
    return Leakage(ds, other, matches, shares, n)


class _Runs(NamedTuple):
    """Runs of words of some rows: their hashes, and the row of each."""

    hashes: Hashes
    rows: NDArray[np.int64]


def _runs(ds: "Dataset", shingler: Shingler) -> Iterator[_Runs]:
    """Yield the runs of words in question and answer, a bounded number of rows at a time."""
    at, texts = 0, list[str]()
    for raw in ds.raws():
        texts += (compared(raw, ds.format) or ("", "", ""))[1:]  # a system text is shared by design
        if len(texts) == 2 * _CHUNK or at + len(texts) // 2 == len(ds):
            hashes, sizes = shingler(texts)
            yield _Runs(hashes, np.repeat(np.arange(len(texts)) // 2 + at, sizes))
            at, texts = at + len(texts) // 2, []


def _overlap(ds: "Dataset", other: "Dataset", n: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return how much of each row stands in the other dataset, and in which of its rows most of it."""
    shingler = Shingler(n, pad=False)
    # The smaller side bounds the memory: only runs that both have are kept of the larger one.
    wanted = _unique(ds, shingler) if ds.nbytes < other.nbytes else None
    table = _table(other, shingler, wanted)
    shares, sources = np.zeros(len(ds)), np.full(len(ds), -1, dtype=np.int64)
    for runs in _runs(ds, shingler):
        at, hit = looked_up(table.hashes, runs.hashes)
        total = np.bincount(runs.rows, minlength=len(ds)) if len(runs.rows) else None
        if total is None or not hit.any():
            continue
        rows, owners = runs.rows[hit], table.rows[at[hit]]
        pairs, counts = np.unique(rows * len(other) + owners, return_counts=True)
        pairs = pairs[np.argsort(counts, kind="stable")]  # what is written last has most in common
        sources[pairs // len(other)] = pairs % len(other)
        hits = np.bincount(rows, minlength=len(ds))
        shares[hits > 0] = hits[hits > 0] / total[hits > 0]
    return shares, sources


def _unique(ds: "Dataset", shingler: Shingler) -> Hashes:
    parts = [np.unique(runs.hashes) for runs in _runs(ds, shingler)]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.uint64)


def _table(other: "Dataset", shingler: Shingler, wanted: Hashes | None) -> _Runs:
    """Return each run of words once, in order, with its first row; without those that are boilerplate."""
    hashes: list[Hashes] = [np.zeros(0, dtype=np.uint64)]
    rows: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    for runs in _runs(other, shingler):
        keep = slice(None) if wanted is None else looked_up(wanted, runs.hashes)[1]
        hashes.append(runs.hashes[keep])
        rows.append(runs.rows[keep])
    found, owners = np.concatenate(hashes), np.concatenate(rows)
    order = np.argsort(found, kind="stable")
    found, owners = found[order], owners[order]
    new = np.append(True, found[1:] != found[:-1])[: len(found)]
    once = new | np.append(True, owners[1:] != owners[:-1])[: len(found)]
    starts = np.flatnonzero(new)
    times = np.add.reduceat(once, starts, dtype=np.int64) if len(starts) else starts
    rare = starts[times <= max(_COMMON[0], _COMMON[1] * len(other))]
    return _Runs(found[rare], owners[rare])


def _questions(ds: "Dataset") -> Hashes:
    """Return a hash of what each row asks, its words only; 0 where it asks nothing."""
    asked = ((compared(raw, ds.format) or ("", "", ""))[1] for raw in ds.raws())
    spoken = (" ".join(words(text)).encode() for text in asked)
    hashes = (xxhash.xxh3_64_intdigest(text) if text else 0 for text in spoken)
    return np.fromiter(hashes, dtype=np.uint64, count=len(ds))


def _equal(mine: Hashes, others: Hashes) -> Iterator[tuple[int, int]]:
    """Yield each row whose hash is among the others, with the first row that has it."""
    known, first = np.unique(others, return_index=True)
    at, hit = looked_up(known, mine)
    for row in np.flatnonzero(hit & (mine > 0)).tolist():
        yield row, int(first[at[row]])
