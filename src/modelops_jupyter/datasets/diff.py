"""`DatasetDiff`: what leads from one dataset to another, row by row."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter._display import Rich
from modelops_jupyter._format import count
from modelops_jupyter.datasets.changes import difference, pointers
from modelops_jupyter.datasets.identity import copies_before, looked_up
from modelops_jupyter.datasets.lineage import LineageStep
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.query import preview
from modelops_jupyter.datasets.select import MISSING, field
from modelops_jupyter.errors import DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that differs: where in it (JSON pointers), and its first difference before and after."""

    id: str
    line: int
    pointers: tuple[str, ...]
    before: str
    after: str


class DatasetDiff(Rich):
    """Rows that were added, removed, changed or moved; false when there are none.

    Parameters
    ----------
    before, after
        The two datasets.
    key
        A field whose value says which rows belong together; without it the id does.

    Examples
    --------
    >>> from modelops_jupyter.datasets import Dataset
    >>> ds = Dataset([{"text": "a"}, {"text": "b"}])
    >>> ds.diff(ds.patch({0: {"text": "A"}}))
    DatasetDiff(1 changed)
    """

    kind: ClassVar[str] = "diff"

    def __init__(self, before: "Dataset", after: "Dataset", key: str | None = None) -> None:
        self.before, self.after, self.key = before, after, key
        # For each row of `after` the row of `before` that it was, or -1.
        self._was = _matched(_keys(before, key), _keys(after, key))
        both = np.flatnonzero(self._was >= 0)
        same = before.stored.hashes()[self._was[both]] == after.stored.hashes()[both]
        self._changed, self._kept = both[~same], both

    @cached_property
    def added(self) -> "Dataset":
        """Rows that only the second dataset has."""
        return self.after.take(np.flatnonzero(self._was < 0))

    @cached_property
    def removed(self) -> "Dataset":
        """Rows that only the first dataset has."""
        return self.before.take(np.setdiff1d(np.arange(len(self.before)), self._was))

    @cached_property
    def changed(self) -> "Dataset":
        """Rows that both have with other content, as they are in the second."""
        return self.after.take(self._changed)

    @cached_property
    def moved(self) -> "Dataset":
        """The fewest rows that must change place so that the others are in the same order."""
        return self.after.take(self._moved)

    def changes(self) -> Iterator[RowChange]:
        """Iterate over the changed rows, with the places in which they differ."""
        positions: list[int] = self._changed.tolist()
        for at in positions:
            was = int(self._was[at])
            old, new = try_decode(self.before.raw(was)), try_decode(self.after.raw(at))
            if old is None or new is None:
                places, words = [""], (preview(self.before, was), preview(self.after, at))
            else:
                places, words = pointers(old, new), difference(old, new)
            yield RowChange(self.after.ids[at], self.after.line(at), tuple(places), *words)

    def apply(self, ds: "Dataset") -> "Dataset":
        """Make the same changes to a dataset with the rows of the first: the rows of the second.

        Raises
        ------
        DatasetError
            If `ds` has other rows than the first dataset of this diff.
        """
        if ds != self.before:
            raise DatasetError(
                "The diff was made from other rows than these.",
                code="diff-source",
                hint="Apply it to the dataset whose diff() made it.",
            )
        new = np.union1d(np.flatnonzero(self._was < 0), self._changed)
        order = self._was.copy()
        order[new] = len(ds) + np.arange(len(new))
        step = LineageStep("apply_diff", len(order), self.counts())
        made = ds.concat(self.after.take(new)).take(order)
        return made.with_lineage((*ds.lineage, step), self.after.ids)

    def places(self) -> list[tuple[int, int]]:
        """Return the positions, before and after, of all rows that differ, in the order of the second.

        One of the two is -1 for rows that were added or removed; removed rows stand where they were.
        """
        new = np.union1d(np.flatnonzero(self._was < 0), self._changed)
        gone = np.setdiff1d(np.arange(len(self.before)), self._was)
        found = [(int(self._was[at]), int(at)) for at in new] + [(int(at), -1) for at in gone]
        return sorted(found, key=lambda p: p if p[0] >= 0 else (self.above(p[1]), p[1]))

    def moves(self) -> list[tuple[int, int]]:
        """Return the positions, before and after, of the moved rows; those may be changed, too."""
        return [(int(self._was[at]), int(at)) for at in self._moved]

    def above(self, at: int) -> int:
        """Return the row of the first dataset, not a moved one, above row `at` of the second; -1 for none."""
        return int(self._above[at])

    @cached_property
    def _above(self) -> Positions:
        stays = self._was.copy()
        stays[self._moved] = -1
        return np.maximum.accumulate(np.concatenate(([-1], stays)))

    @cached_property
    def _moved(self) -> Positions:
        return np.delete(self._kept, _in_order(self._was[self._kept]))

    def counts(self) -> dict[str, int]:
        """Return how many rows were added, removed, changed and moved."""
        parts = {"added": self.added, "removed": self.removed, "changed": self.changed, "moved": self.moved}
        return {name: len(rows) for name, rows in parts.items()}

    def __bool__(self) -> bool:
        return any(self.counts().values())

    def __repr__(self) -> str:
        said = [f"{count(rows)} {name}" for name, rows in self.counts().items() if rows]
        return f"DatasetDiff({', '.join(said) or 'no difference'})"


def _keys(ds: "Dataset", key: str | None) -> NDArray[np.uint64]:
    """Return 64 bits for each row that say which row it is; the k-th of equal ids is another row."""
    keys = np.fromiter(map(_digest, ds.ids if key is None else _values(ds, key)), np.uint64, len(ds))
    copies = copies_before(keys)
    if key is not None and copies.any():
        at = int(np.flatnonzero(copies)[0])
        raise DatasetError(
            f'Several rows have the same "{key}".',
            code="diff-key",
            where=Where(file=ds.source, line=ds.line(at), row=at, field=key),
            hint="key= needs a field whose value is different in every row.",
        )
    return keys ^ (copies.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))


def _values(ds: "Dataset", key: str) -> Iterator[str]:
    for at, row in ds.decoded():
        value = MISSING if row is None else field(row, key)
        if row is not None and (value is MISSING or value is None):
            raise DatasetError(
                f'Row {at} has nothing under "{key}".',
                code="diff-key",
                where=Where(file=ds.source, line=ds.line(at), row=at, field=key),
                hint="key= needs a field that every row has.",
            )
        yield f"\0{ds.ids[at]}" if row is None else f"{type(value).__name__} {value}"  # unreadable: by id


def _digest(name: str) -> int:
    return xxhash.xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))


def _matched(before: NDArray[np.uint64], after: NDArray[np.uint64]) -> Positions:
    order = np.argsort(before, kind="stable")
    at, found = looked_up(before[order], after)
    out = np.full(len(after), -1)
    out[found] = order[at[found]]
    return out


def _in_order(places: Positions) -> Positions:
    """Return the longest choice of `places`, by index, that is ascending."""
    if not (np.diff(places) < 0).any():
        return np.arange(len(places))
    ends: list[int] = []  # smallest end of an ascending run of each length
    which: list[int] = []  # its index
    before: list[int] = []  # for each index the one before it in its run
    values: Sequence[int] = places.tolist()
    for at, value in enumerate(values):
        length = bisect_left(ends, value)
        before.append(which[length - 1] if length else -1)
        ends[length : length + 1], which[length : length + 1] = [value], [at]
    out: list[int] = []
    at = which[-1] if which else -1
    while at >= 0:
        out.append(at)
        at = before[at]
    return np.array(out[::-1], dtype=np.int64)
