"""Which rows may hold a text: found in the bytes of whole blocks, so that few rows are decoded."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.giving_way import give_way
from modelops_jupyter.datasets.source import Source

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_BLOCK = 256 << 10  # bytes that stay in the processor's cache while they are looked at
_AS_WRITTEN = re.compile(r"[ !#-.0-\[\]-~]+")  # ASCII that JSON has no other short spelling for
_DENSE = 4  # a selection of fewer than one row in four is read row by row
# The first three hex digits of escapes for printable ASCII, and for the letters that fold into it:
# dotted and dotless I, long s, the Kelvin sign.
_ESCAPES = [int.from_bytes(digits) for digits in b"002 003 004 005 006 007 013 017 212".split()]
_FOLDED = tuple(letter.encode() for letter in "\u0130\u0131\u017f\u212a")
_SMALL = frozenset(b"abcdefghijklmnopqrstuvwxyz")

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
    offsets = [np.zeros(0, dtype=np.int64)]
    for start, block in _blocks(source):
        if check:
            check()
        offsets.append(places(block, needle, case=case) + start)
    return _rows(source, np.concatenate(offsets))


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
    data, at = np.frombuffer(block + bytes(4), dtype=np.uint8), places(block, b"\\u", case=True)
    digits = [data[at + i].astype(np.int64) for i in (2, 3, 4)]
    escapes = at[np.isin((digits[0] << 16) + (digits[1] << 8) + digits[2], _ESCAPES)]
    if block.isascii():
        return escapes
    return np.concatenate((escapes, *(places(block, letter, case=True) for letter in _FOLDED)))


def places(block: bytes, needle: bytes, *, case: bool) -> NDArray[np.int64]:
    """Return where `needle` stands in a block; without `case` it is in small letters.

    Two neighbours of it are looked for at once, as one number, at even and at odd places; the rest
    is compared only where they stand. This is faster than `bytes.find`, and other threads go on.
    """
    folds = [0x20 if not case and letter in _SMALL else 0 for letter in needle]
    data = np.frombuffer(block, dtype=np.uint8)
    if len(block) < len(needle):
        return np.zeros(0, dtype=np.int64)
    if len(needle) == 1:
        return np.flatnonzero(data | folds[0] == needle[0])
    fold, pair = np.uint16(folds[0] + 256 * folds[1]), needle[0] + 256 * needle[1]
    found: list[NDArray[np.int64]] = []
    for first in (0, 1):
        pairs = np.frombuffer(block, "<u2", (len(block) - first) // 2, first)
        found.append(2 * np.flatnonzero((pairs | fold if fold else pairs) == pair) + first)
    at = np.concatenate(found)
    at = at[at <= len(block) - len(needle)]
    for place in range(2, len(needle)):
        at = at[data[at + place] | folds[place] == needle[place]]
    return at


def _blocks(source: Source) -> Iterator[tuple[int, bytes]]:
    """Yield the source in blocks of whole lines, with the offset of each."""
    starts, line = source.index.starts, 0
    while line < len(starts) - 1:
        upto = int(starts.searchsorted(int(starts[line]) + _BLOCK, side="right")) - 1
        upto = max(upto, line + 1)
        start, end = int(starts[line]), min(int(starts[upto]), source.storage.size)
        give_way()
        yield start, source.storage.read(start, end)
        line = upto


def _rows(source: Source, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows in which some bytes stand."""
    lines = np.searchsorted(source.index.starts, offsets, side="right") - 1
    if source.index.rows is None:
        return lines
    rows = np.searchsorted(source.index.rows, lines)  # of a blank line the next row, which does no harm
    return rows[rows < len(source.index.rows)]
