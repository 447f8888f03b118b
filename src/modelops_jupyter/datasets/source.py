"""A source: storage, its line index, and the rows between them."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.index import LineIndex, build_index
from modelops_jupyter.datasets.storage import Buffer, Storage, blocks

_RUN = 4 << 20  # bytes read at once at most, as long as a single row is smaller
_GAP = 4096  # bytes that are cheaper to read over than to skip


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
        buffer = Buffer()
        for row in rows:
            buffer.write(row + b"\n")
        return cls(buffer.finish(), file=file, lines=lines)

    def __len__(self) -> int:
        return len(self.index)

    def line(self, row: int) -> int:
        """Return the line of `row`, from 1, as an editor shows it."""
        if self._lines is not None:
            return int(self._lines[row])
        return (row if self.index.rows is None else int(self.index.rows[row])) + self._first_line

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the length of each of `rows` in bytes."""
        starts, ends = self.index.spans(rows)
        return ends - starts

    def read(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return the bytes of `rows`, one read for each run of neighbours."""
        starts, ends = self.index.spans(rows)
        if len(rows) == 1:
            return [self.storage.read(int(starts[0]), int(ends[0]))]
        breaks = np.flatnonzero((starts[1:] < ends[:-1]) | (starts[1:] - ends[:-1] > _GAP)) + 1
        out: list[bytes] = []
        for begin, end in zip([0, *breaks.tolist()], [*breaks.tolist(), len(rows)], strict=True):
            self._read_run(starts[begin:end].tolist(), ends[begin:end].tolist(), out)
        return out

    def _read_run(self, starts: Sequence[int], ends: Sequence[int], out: list[bytes]) -> None:
        at = 0
        while at < len(starts):
            upto = at + 1
            while upto < len(starts) and ends[upto] - starts[at] <= _RUN:
                upto += 1
            base = starts[at]
            block = self.storage.read(base, ends[upto - 1])
            out += [block[s - base : e - base] for s, e in zip(starts[at:upto], ends[at:upto], strict=True)]
            at = upto
