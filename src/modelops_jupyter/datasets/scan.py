"""Which rows may hold a text: found in the bytes of whole blocks, so that few rows are decoded."""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.giving_way import give_way
from modelops_jupyter.datasets.source import Source

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_AS_WRITTEN = re.compile(r"[ !#-.0-\[\]-~]+")  # ASCII that JSON has no other short spelling for
_THREADS = min(4, os.cpu_count() or 1)
_PART, _BLOCK = 16 << 20, 2 << 20  # bytes that a thread looks at before it is asked again, and at once
_DENSE = 4  # a selection of fewer than one row in four is read row by row
# The first three hex digits of escapes for printable ASCII, and for the letters that fold into it:
# dotted and dotless I, long s, the Kelvin sign.
_ESCAPES = [int.from_bytes(digits) for digits in b"002 003 004 005 006 007 013 017 212".split()]
_ESCAPE = 5  # bytes that tell what an escape stands for
_FEW = 0.01  # of the bytes: where fewer are backslashes, each is looked at
_FOLDED = tuple(letter.encode() for letter in "\u0130\u0131\u017f\u212a")
_SMALL = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_BACKSLASH, _U, _FOLD = 0x5C, 0x75, np.uint16(0x2020)

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
        hidden = ds.memo.setdefault("hidden-letters", {}).setdefault(id(source), {})
        found[_hits(source, wanted, hidden, case=case, check=check)] = True
        mask[mine] = found[rows]
    return mask


def prepare(ds: "Dataset") -> None:
    """Do what the first search of a dataset does for all that follow."""
    may_hold(ds, "xyz", case=True)


def _hits(
    source: Source, needle: bytes, hidden: dict[int, NDArray[np.int64]], *, case: bool, check: Check
) -> NDArray[np.int64]:
    """Return the rows whose bytes hold `needle`, and those of `hidden`, which is found once for each part."""
    storage, reach, found = source.storage, max(len(needle), _ESCAPE) - 1, list[NDArray[np.int64]]()

    def search(first: int, pairs: Pairs) -> None:
        for start in range(first, min(first + _PART, storage.size), _BLOCK):
            block = pairs.room[: min(_BLOCK + reach, storage.size - start)]
            storage.fill(block, start)
            found.append(pairs.places(block, needle, case=case) + start)
            if start not in hidden:
                hidden[start] = pairs.hiding(block) + start

    workers = [Pairs(min(_BLOCK + reach, storage.size)) for _ in range(_THREADS)]
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, storage.size, _THREADS * _PART):
            give_way()
            if check:
                check()
            parts = range(start, min(start + _THREADS * _PART, storage.size), _PART)
            list(pool.map(search, parts, workers))  # raises what they raise
    return _rows(source, np.concatenate((*found, *hidden.values(), np.zeros(0, dtype=np.int64))))


class Pairs:
    """Finds texts in blocks of bytes by two letters at once, as one number.

    This is faster than `bytes.find`, and other threads go on. What is worked in is made once: an
    array of this size costs more than the work.
    """

    def __init__(self, size: int) -> None:
        self.room = memoryview(bytearray(size))
        self._folded, self._equal = np.empty(size // 2, dtype="<u2"), np.empty(size, dtype=np.bool_)

    def places(self, block: bytes | memoryview, needle: bytes, *, case: bool) -> NDArray[np.int64]:
        """Return where `needle` stands in a block; without `case` it is in small letters."""
        folds = [0x20 if not case and letter in _SMALL else 0 for letter in needle]
        data, last = np.frombuffer(block, dtype=np.uint8), len(block) - len(needle)
        if last < 0:
            return np.zeros(0, dtype=np.int64)
        if len(needle) < 3:
            at = np.flatnonzero(data[: last + 1] | folds[0] == needle[0])
        elif any(folds[:3]):  # too many: all three are folded, and looked at again below
            head = bytes(letter | 0x20 for letter in needle[:3])
            at = self._starts(self._fold(block), head[:2], head[1:])
        else:
            at = self._starts(_words(block), needle[:2], needle[1:3])
        at = at[(at >= 0) & (at <= last)] if at.size else at
        for place, fold in enumerate(folds):
            if not at.size:
                break
            at = at[data[at + place] | fold == needle[place]]
        return at

    def hiding(self, block: bytes | memoryview) -> NDArray[np.int64]:
        """Return where a block has an escape for a letter of ASCII, or a letter that folds into one."""
        data = np.frombuffer(block, dtype=np.uint8)
        slashes = np.equal(data, _BACKSLASH, out=self._equal[: len(data)])
        few = np.count_nonzero(slashes) < _FEW * len(data)
        at = slashes.nonzero()[0] if few else self._starts(_words(block), b"\\u", b"u0", b"u2")
        at = at[(at >= 0) & (at <= len(block) - _ESCAPE)] if at.size else at
        at = at[(data[at] == _BACKSLASH) & (data[at + 1] == _U)] if at.size else at
        if at.size:  # hardly ever
            digits = [data[at + i].astype(np.int64) for i in (2, 3, 4)]
            at = at[np.isin((digits[0] << 16) + (digits[1] << 8) + digits[2], _ESCAPES)]
        if data.view(np.int8).min(initial=0) >= 0:
            return at
        return np.concatenate((at, *(self.places(block, letter, case=True) for letter in _FOLDED)))

    def _starts(self, words: NDArray[np.uint16], even: bytes, *odd: bytes) -> NDArray[np.int64]:
        """Return the even places of a pair, and the places before the even ones of others.

        Of three neighbours, two stand at an even place.
        """
        found = [2 * self._find(words, even), *(2 * self._find(words, pair) - 1 for pair in odd)]
        return np.concatenate(found)

    def _find(self, words: NDArray[np.uint16], pair: bytes) -> NDArray[np.int64]:
        equal = np.equal(words, int.from_bytes(pair, "little"), out=self._equal[: len(words)])
        return equal.nonzero()[0]

    def _fold(self, block: bytes | memoryview) -> NDArray[np.uint16]:
        words = _words(block)
        return np.bitwise_or(words, _FOLD, out=self._folded[: len(words)])


def _words(block: bytes | memoryview) -> NDArray[np.uint16]:
    return np.frombuffer(block, "<u2", len(block) // 2)


def _rows(source: Source, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows in which some bytes stand."""
    lines = np.searchsorted(source.index.starts, offsets, side="right") - 1
    if source.index.rows is None:
        return lines
    rows = np.searchsorted(source.index.rows, lines)  # of a blank line the next row, which does no harm
    return rows[rows < len(source.index.rows)]
