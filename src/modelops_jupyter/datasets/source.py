"""A source: storage, its line index, and the rows between them."""

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter.datasets.giving_way import give_way
from modelops_jupyter.datasets.index import LineIndex, build_index
from modelops_jupyter.datasets.storage import Storage, stored

_GAP = 4096  # bytes that are cheaper to read over than to skip
_ROWS = 1024  # read at once at most
_BYTES = 4 << 20  # read at once at most, as long as a single row is smaller


class Source:
    """Rows at rest, in the order in which they were written.

    Parameters
    ----------
    storage
        Where the bytes are.
    file
        Short name of the user's file, if there is one.
    misfit
        What is wrong with a row that is an array, where the file was a table.
    lines
        Line of each row, from 1, where it is not the line in `storage`: rows that were
        edited keep the line they came from.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        file: str | None = None,
        lines: NDArray[np.int64] | None = None,
        first_line: int = 1,
        index: LineIndex | None = None,
        misfit: str = "",
    ) -> None:
        self.storage, self.misfit = storage, misfit
        self.file = file
        self.index = build_index(storage.scan(), storage.read) if index is None else index
        self._lines = lines
        self._first_line = first_line

    @classmethod
    def of_rows(
        cls, rows: Iterable[bytes], *, file: str | None = None, lines: NDArray[np.int64] | None = None
    ) -> "Source":
        """Build a source from rows, each one line of JSON."""
        return cls(stored(row + b"\n" for row in rows), file=file, lines=lines)

    def __len__(self) -> int:
        return len(self.index)

    def line(self, row: int) -> int:
        """Return the line of `row`, from 1, as an editor shows it."""
        if self._lines is not None:
            return int(self._lines[row])
        return (row if self.index.rows is None else int(self.index.rows[row])) + self._first_line

    def __iter__(self) -> Iterator[bytes]:
        rows = np.arange(len(self))
        for start, stop in portions(self.lengths(rows)):
            yield from self.read(rows[start:stop])

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """64 bits that stand for the bytes of each row."""
        return np.fromiter(map(xxhash.xxh3_64_intdigest, self), dtype=np.uint64, count=len(self))

    def lengths(self, rows: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the length of each of `rows` in bytes."""
        starts, ends = self.index.spans(rows)
        return ends - starts

    def read(self, rows: NDArray[np.integer]) -> list[bytes]:
        """Return the bytes of `rows`, one read for each run of neighbours."""
        give_way()
        starts, ends = self.index.spans(rows)
        gaps = starts[1:] - ends[:-1]
        heads = np.flatnonzero((gaps < 0) | (gaps > _GAP)) + 1  # where another run begins
        first: list[int] = starts.tolist()
        last: list[int] = ends.tolist()
        if len(heads) + 1 >= len(first):  # no two are neighbours
            return self.storage.read_all(zip(first, last, strict=True))
        bounds = [0, *heads.tolist(), len(first)]
        spans = zip(starts[bounds[:-1]].tolist(), ends[np.array(bounds[1:]) - 1].tolist(), strict=True)
        out: list[bytes] = []
        at = 0
        for block, upto in zip(self.storage.read_all(spans), bounds[1:], strict=True):
            if upto == at + 1:
                out.append(block)
            else:
                base = first[at]
                out += [
                    block[s - base : e - base] for s, e in zip(first[at:upto], last[at:upto], strict=True)
                ]
            at = upto
        return out


def portions(lengths: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Cut rows of these lengths into parts that are read at once: bounded in rows and in bytes."""
    upto, start = np.cumsum(lengths), 0
    while start < len(lengths):
        limit = (int(upto[start - 1]) if start else 0) + _BYTES
        stop = min(start + _ROWS, int(np.searchsorted(upto, limit, side="right")))
        yield start, (stop := max(stop, start + 1))
        start = stop
