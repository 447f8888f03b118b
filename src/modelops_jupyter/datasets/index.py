"""Where the lines of a JSONL source begin and end: one offset a line, found block by block."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BOM = b"\xef\xbb\xbf"

_BLANK = np.zeros(256, dtype=np.bool_)
_BLANK[[9, 10, 13, 32]] = True  # what JSON calls white space; a vertical tab is content


@dataclass(frozen=True, slots=True)
class LineIndex:
    r"""Offsets of lines and which lines are rows.

    Parameters
    ----------
    starts
        Offset of each line, and one more: where a line after the last would begin.
    rows
        The line of each row, or None when no line is blank.
    crlf
        Whether each line ends in ``\r\n``, or None when none does.
    bom
        The source begins with a byte-order mark, which belongs to no row.
    final_newline
        The last line is closed by a newline.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int64] | None
    crlf: NDArray[np.bool_] | None
    bom: bool
    final_newline: bool

    def __len__(self) -> int:
        return len(self.starts) - 1 if self.rows is None else len(self.rows)

    def lines(self, rows: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return the line, from 0, of each of `rows`."""
        return rows if self.rows is None else self.rows[rows]

    def spans(self, rows: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where each of `rows` begins and ends, its line end not included."""
        lines = self.lines(rows)
        ends = self.starts[lines + 1] - 1
        if self.crlf is not None:
            ends = ends - self.crlf[lines]
        return self.starts[lines], ends


def build_index(blocks: Iterable[bytes | memoryview], read: Callable[[int, int], bytes]) -> LineIndex:
    r"""Index a source in one pass over its `blocks`; `read(start, end)` settles doubtful lines.

    Only ``\n`` ends a line: ``splitlines`` would also cut at ``\r``, ``\x0b`` and U+0085,
    which are legal inside JSON text.
    """
    starts: list[NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
    returns: list[NDArray[np.int64]] = []
    doubtful: list[NDArray[np.int64]] = []
    at, last, bom = 0, 10, False
    for block in blocks:
        data = np.frombuffer(block, dtype=np.uint8)
        first = 0
        if at == 0:
            bom = bytes(block[:3]) == BOM
            first = 3 if bom else 0
            starts[0][0] = first
        found = np.flatnonzero(data == 10)
        heads = found + 1
        starts.append(heads + at)
        inner = heads[:-1] if len(heads) and heads[-1] == len(data) else heads
        white = inner[data[inner] <= 32]  # no row begins so: few are left to look at
        if last == 10 and first < len(data):
            white = np.concatenate(([first], white))
        if len(white):
            doubtful.append(white[_BLANK[data[white]]] + at)
        before = data[found - 1]  # index -1, for a newline that opens the block, is corrected below
        if len(found) and found[0] == 0:
            before[0] = last
        returns.append(heads[before == 13] + at)
        at += len(data)
        last = int(data[-1]) if first < len(data) else 10  # a line begins after the mark too
    starts.append(np.array([] if last == 10 else [at + 1], dtype=np.int64))
    return _assemble(_joined(starts), _joined(returns), _joined(doubtful), bom, last == 10, read)


def _joined(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _assemble(
    starts: NDArray[np.int64],
    returns: NDArray[np.int64],
    doubtful: NDArray[np.int64],
    bom: bool,
    closed: bool,
    read: Callable[[int, int], bytes],
) -> LineIndex:
    crlf = None
    if len(returns):
        crlf = np.zeros(len(starts) - 1, dtype=np.bool_)
        crlf[np.searchsorted(starts, returns) - 1] = True
    rows = None
    blank = [line for line in np.searchsorted(starts, doubtful).tolist() if _is_blank(starts, line, read)]
    if blank:
        keep = np.ones(len(starts) - 1, dtype=np.bool_)
        keep[blank] = False
        rows = np.flatnonzero(keep)
    return LineIndex(starts, rows, crlf, bom, closed)


def _is_blank(starts: NDArray[np.int64], line: int, read: Callable[[int, int], bytes]) -> bool:
    start, end = int(starts[line]), int(starts[line + 1]) - 1
    return end - start < 2 or not read(start, end).strip(b" \t\r\n")
