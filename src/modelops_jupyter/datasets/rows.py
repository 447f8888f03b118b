"""Rows of several sources in one order: what every dataset is made of."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.source import Source, portions
from modelops_jupyter.datasets.storage import stored_rows

Positions = NDArray[np.int64]


class Rows:
    """An order over the rows of some sources; selections share the sources.

    Parameters
    ----------
    sources
        Where the bytes are.
    order
        For each position the row, counted through all sources; None is all of them.
    """

    def __init__(self, sources: Sequence[Source], order: NDArray[np.integer] | None = None) -> None:
        self.sources = tuple(sources)
        self._bases = np.array([0, *accumulate(map(len, sources))], dtype=np.int64)
        total = int(self._bases[-1])
        small = np.int32 if total < 2**31 else np.int64
        self.order = np.arange(total, dtype=small) if order is None else order.astype(small, copy=False)

    def __len__(self) -> int:
        return len(self.order)

    def take(self, positions: Positions) -> "Rows":
        """Return the rows at `positions`, in that order."""
        return Rows(self.sources, self.order[positions])

    def concat(self, other: "Rows") -> "Rows":
        """Return these rows and then the other ones."""
        order = np.concatenate([self.order.astype(np.int64), other.order + self._bases[-1]])
        return Rows((*self.sources, *other.sources), order)

    def replace(self, changes: Iterable[tuple[int, bytes]]) -> "Rows":
        """Return the rows with other bytes at some positions, taken one by one; file and line stay."""
        storage, at = stored_rows(changes)
        if not len(at):
            return self
        order = self.order.astype(np.int64)
        order[at] = self._bases[-1] + np.arange(len(at))
        lines = np.fromiter(map(self.line, at.tolist()), np.int64, len(at))
        return Rows((*self.sources, Source(storage, file=self.file(int(at[0])), lines=lines)), order)

    def place(self, position: int) -> tuple[Source, int]:
        """Return the source of a row and its number there."""
        row = int(self.order[position])
        which = 0 if len(self.sources) == 1 else int(np.searchsorted(self._bases, row, side="right")) - 1
        return self.sources[which], row - int(self._bases[which])

    def line(self, position: int) -> int:
        """Return the line of a row in its source, from 1."""
        source, row = self.place(position)
        return source.line(row)

    def file(self, position: int) -> str | None:
        """Return the short name of the file a row came from."""
        return self.place(position)[0].file

    def after_mark(self) -> list[int]:
        """Return the positions of rows that a byte-order mark stands before."""
        marked = [base for base, source in zip(self._bases, self.sources, strict=False) if source.index.bom]
        return np.flatnonzero(np.isin(self.order, marked)).tolist() if marked else []

    def misfit(self, position: int) -> str:
        """Return what is wrong with a row that is an array, if it was a line of a table."""
        return self.place(position)[0].misfit

    def ends_open(self, position: int) -> bool:
        """Tell whether a row is the last of a source whose last line has no newline."""
        source, row = self.place(position)
        return row == len(source) - 1 and not source.index.final_newline

    def one(self, position: int) -> bytes:
        """Return the bytes of one row."""
        source, row = self.place(position)
        return source.read(np.array([row]))[0]

    def read(self, positions: Positions) -> list[bytes]:
        """Return the bytes of some rows."""
        if len(self.sources) == 1:
            return self.sources[0].read(self.order[positions])
        out: list[bytes] = [b""] * len(positions)
        for source, mine, rows in self._split(self.order[positions]):
            for at, raw in zip(mine.tolist(), source.read(rows), strict=True):
                out[at] = raw
        return out

    def lengths(self) -> NDArray[np.int64]:
        """Return the length of each row in bytes."""
        out = np.zeros(len(self), dtype=np.int64)
        for source, mine, rows in self.by_source():
            out[mine] = source.lengths(rows)
        return out

    def hashes(self) -> NDArray[np.uint64]:
        """Return 64 bits for each row that are equal for equal bytes."""
        out = np.zeros(len(self), dtype=np.uint64)
        for source, mine, rows in self.by_source():
            out[mine] = source.hashes[rows]
        return out

    def by_source(self) -> Iterator[tuple[Source, Positions, Positions]]:
        """Yield each source, the positions of its rows, and their numbers in it."""
        return self._split(self.order)

    def _split(self, rows: NDArray[np.integer]) -> Iterator[tuple[Source, Positions, Positions]]:
        if len(self.sources) == 1:
            yield self.sources[0], np.arange(len(rows)), rows.astype(np.int64)
            return
        which = np.searchsorted(self._bases, rows, side="right") - 1
        for number in np.unique(which).tolist():
            mine = np.flatnonzero(which == number)
            yield self.sources[number], mine, rows[mine].astype(np.int64) - self._bases[number]

    def chunks(self) -> Iterator[list[bytes]]:
        """Yield all rows in lists, a bounded number of bytes at a time."""
        for start, stop in portions(self.lengths()):
            yield self.read(np.arange(start, stop))

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks():
            yield from chunk
