"""Where the lines of a JSONL source begin and end: one offset a line, found block by block."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 20
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
    newlines: list[NDArray[np.int64]] = []
    returns: list[NDArray[np.int64]] = []
    doubtful: list[NDArray[np.int64]] = []
    at, last, bom = 0, 10, False
    for block in blocks:
        data = np.frombuffer(block, dtype=np.uint8)
        first = 0
        if at == 0 and bytes(block[:3]) == BOM:
            bom, first = True, 3
        found = np.flatnonzero(data == 10)
        heads = found[:-1] + 1 if len(found) and found[-1] == len(data) - 1 else found + 1
        if last == 10 and first < len(data):
            heads = np.concatenate(([first], heads))
        doubtful.append(heads[_BLANK[data[heads]]] + at)
        returns.append(_after_return(data, found, last) + at)
        newlines.append(found + at)
        at += len(data)
        last = int(data[-1]) if first < len(data) else 10  # a line begins after the mark too
    return _assemble(_joined(newlines), _joined(returns), _joined(doubtful), at, bom, read)


def _after_return(data: NDArray[np.uint8], found: NDArray[np.int64], last: int) -> NDArray[np.int64]:
    """Return those newlines of a block that follow a carriage return."""
    before = data[found - 1]  # index -1 for a newline that opens the block is corrected below
    if len(found) and found[0] == 0:
        before[0] = last
    return found[before == 13]


def _joined(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _assemble(
    newlines: NDArray[np.int64],
    returns: NDArray[np.int64],
    doubtful: NDArray[np.int64],
    size: int,
    bom: bool,
    read: Callable[[int, int], bytes],
) -> LineIndex:
    closed = size == 0 or (len(newlines) > 0 and int(newlines[-1]) == size - 1)
    starts = np.concatenate(([3 if bom else 0], newlines + 1, [] if closed else [size + 1])).astype(np.int64)
    if size == (3 if bom else 0):  # nothing, or a mark and nothing
        starts, closed = starts[:1], True
    crlf = None
    if len(returns):
        crlf = np.zeros(len(starts) - 1, dtype=np.bool_)
        crlf[np.searchsorted(starts, returns, side="right") - 1] = True
    rows = None
    blank = [line for line in np.searchsorted(starts, doubtful).tolist() if _is_blank(starts, line, read)]
    if bom and len(starts) > 1 and int(starts[1]) == 4:
        blank = sorted({0, *blank})
    if blank:
        keep = np.ones(len(starts) - 1, dtype=np.bool_)
        keep[blank] = False
        rows = np.flatnonzero(keep)
    return LineIndex(starts, rows, crlf, bom, closed)


def _is_blank(starts: NDArray[np.int64], line: int, read: Callable[[int, int], bytes]) -> bool:
    start, end = int(starts[line]), int(starts[line + 1]) - 1
    return end - start < 2 or not read(start, end).strip(b" \t\r\n")
