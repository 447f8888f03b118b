"""A source: storage, its line index, and the rows between them."""

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter.datasets.index import LineIndex, build_index
from modelops_jupyter.datasets.storage import Storage, blocks, stored

_RUN = 4 << 20  # bytes read at once at most, as long as a single row is smaller
_GAP = 4096  # bytes that are cheaper to read over than to skip
_CHUNK = 1024  # rows


class Source:
    """Rows at rest, in the order in which they were written.

    Parameters
    ----------
    storage
        Where the bytes are.
    file
        Short name of the user's file, if there is one.
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
    ) -> None:
        self.storage = storage
        self.file = file
        self.index = build_index(blocks(storage), storage.read) if index is None else index
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
        for start in range(0, len(self), _CHUNK):
            yield from self.read(np.arange(start, min(start + _CHUNK, len(self))))

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """64 bits that stand for the bytes of each row."""
        return np.fromiter(map(xxhash.xxh3_64_intdigest, self), dtype=np.uint64, count=len(self))

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the length of each of `rows` in bytes."""
        starts, ends = self.index.spans(rows)
        return ends - starts

    def read(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return the bytes of `rows`, one read for each run of neighbours."""
        first, last = self.index.spans(rows)
        starts: list[int] = first.tolist()
        ends: list[int] = last.tolist()
        out: list[bytes] = []
        at = 0
        while at < len(starts):
            base, upto = starts[at], at + 1
            while (
                upto < len(starts)
                and 0 <= starts[upto] - ends[upto - 1] <= _GAP
                and ends[upto] - base <= _RUN
            ):
                upto += 1
            block = self.storage.read(base, ends[upto - 1])
            out += [block[s - base : e - base] for s, e in zip(starts[at:upto], ends[at:upto], strict=True)]
            at = upto
        return out
