"""Rows as sets of word sequences: what near duplicates and leakage compare."""

import re
from collections.abc import Iterable

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter.datasets.duplicates import said_text
from modelops_jupyter.datasets.formats import DatasetFormat, exchange, turns
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.plain import plain

Hashes = NDArray[np.uint64]
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"  # scripts that set no blank between words
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_MANY_WORDS = 1 << 21
_RULERS = ("system", "developer")


def compared(raw: bytes, format: DatasetFormat) -> tuple[str, str, str] | None:
    """Return what a row is compared by: system text, question, answer; None if it cannot be read.

    A row without one answer, such as a preference, is all answer.
    """
    known = plain(raw, format)
    if known is not None:
        first = 1 if known.roles[0] == "system" else 0
        return "".join(known.texts[:first]), "\n".join(known.texts[first:-1]), known.texts[-1]
    row = try_decode(raw)
    if row is None:
        return None
    asked, said = exchange(row, format)
    if not said.strip():
        return "", "", "\n".join([part.text for turn in turns(row, format) for part in turn.parts])
    rulers = [said_text(message) for message in asked if message.get("role") in _RULERS]
    others = [said_text(message) for message in asked if message.get("role") not in _RULERS]
    return "\n".join(rulers), "\n".join(others), said


def has_questions(format: DatasetFormat) -> bool:
    """Tell whether rows of a layout have a question beside the answer."""
    return format not in (DatasetFormat.TEXT, DatasetFormat.PREFERENCE, DatasetFormat.UNKNOWN)


def words(text: str) -> list[str]:
    """Return the words of a text in small letters; a sign of a script without blanks is a word."""
    text = text.lower()
    return text.split() if text.isascii() or not _HAS_UNSPACED.search(text) else _WORD.findall(text)


class Shingler:
    """Hashes every `n` neighbouring words of texts; remembers the hashes of words it has met.

    Parameters
    ----------
    n
        Words in a sequence.
    pad
        Give a text of fewer words one sequence all the same; otherwise it has none.
    """

    def __init__(self, n: int, *, pad: bool) -> None:
        self.n, self._pad = n, pad
        self._factors = np.random.default_rng(n).integers(1, 2**63, n, dtype=np.uint64) * 2 + 1
        self._forget()

    def _forget(self) -> None:
        self._ids = _Ids()
        self._hashes: Hashes = np.zeros(0, dtype=np.uint64)

    def __call__(self, texts: Iterable[str]) -> tuple[Hashes, NDArray[np.int64]]:
        """Return the hashes of all sequences of all texts, and how many each text has."""
        found: list[str] = []
        sizes: list[int] = []
        least = self.n if self._pad else 0
        for text in texts:
            mine = words(text)
            if len(mine) < least:
                mine += [""] * (least - len(mine))
            found += mine
            sizes.append(len(mine))
        hashes = self._hashed(found)
        ends, lengths = np.cumsum(sizes, dtype=np.int64), np.array(sizes, dtype=np.int64)
        total = max(len(hashes) - self.n + 1, 0)
        out = np.zeros(total, dtype=np.uint64)
        for i, factor in enumerate(self._factors):
            out += hashes[i : i + total] * factor
        out ^= out >> np.uint64(29)
        out *= np.uint64(0xBF58476D1CE4E5B9)
        inside = np.ones(total, dtype=np.bool_)
        for i in range(1, self.n):  # sequences that would reach into the next text
            over = ends[lengths >= i] - i
            inside[over[over < total]] = False
        return out[inside], np.maximum(lengths - self.n + 1, 0)

    def _hashed(self, found: list[str]) -> Hashes:
        if len(self._ids) > _MANY_WORDS:
            self._forget()
        ids = np.fromiter(map(self._ids.__getitem__, found), dtype=np.int64, count=len(found))
        if self._ids.new:
            new = [xxhash.xxh3_64_intdigest(word.encode()) for word in self._ids.new]
            self._hashes = np.concatenate((self._hashes, np.array(new, dtype=np.uint64)))
            self._ids.new.clear()
        return self._hashes[ids]


class _Ids(dict[str, int]):
    """A number for each word, and the words that had none before."""

    def __init__(self) -> None:
        self.new: list[str] = []

    def __missing__(self, word: str) -> int:
        self.new.append(word)
        self[word] = number = len(self)
        return number
