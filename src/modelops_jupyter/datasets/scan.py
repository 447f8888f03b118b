"""Which rows may hold a text: found in the bytes of whole blocks, so that few rows are decoded."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.source import Source

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_BLOCK = 1 << 20
_AS_WRITTEN = re.compile(r"[ !#-.0-\[\]-~]+")  # ASCII that JSON has no other short spelling for
_DENSE = 4  # a selection of fewer than one row in four is read row by row
_BACKSLASH, _U = b"\\u"
# The first three hex digits of escapes for printable ASCII, and for the letters that fold into it:
# dotted and dotless I, long s, the Kelvin sign.
_ESCAPES = [int.from_bytes(digits) for digits in b"002 003 004 005 006 007 013 017 212".split()]
_FOLDED = tuple(letter.encode() for letter in "\u0130\u0131\u017f\u212a")
_TWO_BYTES = [int.from_bytes(letter) for letter in _FOLDED[:3]]

Check = Callable[[], None] | None


def may_hold(ds: "Dataset", text: str, *, case: bool, check: Check = None) -> NDArray[np.bool_]:
    """Tell for each row whether `text` may stand in it; never wrong where it says no.

    `check` is called now and then; what it raises ends the search.
    """
    needle = max(_AS_WRITTEN.findall(text), key=len, default="").encode()
    mask = np.ones(len(ds), dtype=np.bool_)
    if not needle:
        return mask
    wanted = needle if case else needle.lower()
    for source, mine, rows in ds.stored.by_source():
        if _DENSE * len(rows) < len(source):
            for at, raw in zip(
                mine.tolist(), (raw for row in rows for raw in source.read(row[None])), strict=True
            ):
                mask[at] = wanted in (raw if case else raw.lower()) or b"\\u" in raw or not raw.isascii()
            continue
        found = np.zeros(len(source), dtype=np.bool_)
        found[_hits(source, wanted, case=case, check=check)] = True
        found[_hidden(ds, source)] = True
        mask[mine] = found[rows]
    return mask


def prepare(ds: "Dataset") -> None:
    """Do the half of the first search that does not depend on what is searched for."""
    for source, _, _ in ds.stored.by_source():
        _hidden(ds, source)


def _hits(source: Source, needle: bytes, *, case: bool, check: Check) -> NDArray[np.int64]:
    """Return the rows whose bytes hold `needle`."""
    hits: list[int] = []
    for start, block in _blocks(source):
        if check:
            check()
        text = block if case else block.lower()
        at = text.find(needle)
        while at >= 0:
            hits.append(start + at)
            end = text.find(b"\n", at)
            at = text.find(needle, end) if end >= 0 else -1
    return _rows(source, np.array(hits, dtype=np.int64))


def _hidden(ds: "Dataset", source: Source) -> NDArray[np.int64]:
    """Return the rows that may hold a letter of ASCII that is not written as itself; found once."""
    kept: dict[int, NDArray[np.int64]] = ds.memo.setdefault("hidden-letters", {})
    if id(source) not in kept:
        offsets = [np.zeros(0, dtype=np.int64)]
        offsets += [_hiding(block) + start for start, block in _blocks(source)]
        kept[id(source)] = _rows(source, np.concatenate(offsets))
    return kept[id(source)]


def _hiding(block: bytes) -> NDArray[np.int64]:
    """Return where a block has an escape for a letter of ASCII, or a letter that folds into one."""
    data = np.frombuffer(block + bytes(4), dtype=np.uint8)
    at = np.flatnonzero(data == _BACKSLASH)
    at = at[data[at + 1] == _U]
    found = at[np.isin(_three(data, at + 2), _ESCAPES)]
    if block.isascii():
        return found
    leads = np.flatnonzero((data == _FOLDED[0][0]) | (data == _FOLDED[2][0]) | (data == _FOLDED[3][0]))
    three = _three(data, leads)
    folded = np.isin(three >> 8, _TWO_BYTES) | (three == int.from_bytes(_FOLDED[3]))
    return np.concatenate((found, leads[folded]))


def _three(data: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the three bytes at some offsets as one number."""
    first, second, third = (data[at + i].astype(np.int64) for i in range(3))
    return (first << 16) + (second << 8) + third


def _blocks(source: Source) -> Iterator[tuple[int, bytes]]:
    """Yield the source in blocks of whole lines, with the offset of each."""
    starts, line = source.index.starts, 0
    while line < len(starts) - 1:
        upto = int(starts.searchsorted(int(starts[line]) + _BLOCK, side="right")) - 1
        upto = max(upto, line + 1)
        start, end = int(starts[line]), min(int(starts[upto]), source.storage.size)
        yield start, source.storage.read(start, end)
        line = upto


def _rows(source: Source, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows in which some bytes stand."""
    lines = np.searchsorted(source.index.starts, offsets, side="right") - 1
    if source.index.rows is None:
        return lines
    rows = np.searchsorted(source.index.rows, lines)  # of a blank line the next row, which does no harm
    return rows[rows < len(source.index.rows)]
