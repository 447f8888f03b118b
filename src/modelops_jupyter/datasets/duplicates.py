"""Rows that say the same, and rows that ask the same but answer otherwise."""

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats import DatasetFormat, exchange
from modelops_jupyter.datasets.formats.values import content_text, pretty
from modelops_jupyter.datasets.identity import ranked

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_CHUNK = 1024
KINDS = ("exact-duplicate", "conflicting-duplicate")  # problems that rows have with each other


def first_of(ds: "Dataset") -> NDArray[np.int64]:
    """Return for each row the position of the first row with equal bytes, -1 for a first one."""
    order, starts = ranked(ds.stored.hashes())
    out = np.full(len(ds), -1, dtype=np.int64)
    out[order] = np.where(starts < np.arange(len(ds)), order[starts], -1)
    later = np.flatnonzero(out >= 0)
    for start in range(0, len(later), _CHUNK):  # equal hashes are not yet equal rows
        some = later[start : start + _CHUNK]
        pairs = zip(ds.stored.read(some), ds.stored.read(out[some]), strict=True)
        out[some[[one != two for one, two in pairs]]] = -1
    return out


class Answers:
    """What each row asks and answers, as hashes; compared when all are there."""

    def __init__(self, rows: int) -> None:
        self._asked = array("q", bytes(8 * rows))  # 0: asks nothing, or answers nothing
        self._said = array("q", bytes(8 * rows))

    def add(self, position: int, asked: tuple[str, ...], said: str) -> None:
        """Note one row."""
        if asked and said:
            self._asked[position] = hash(asked) or 1
            self._said[position] = hash(said)

    def conflicts(self) -> Iterator[NDArray[np.int64]]:
        """Yield the rows that ask the same but do not all answer the same, by first row."""
        asked, said = (np.frombuffer(hashes, dtype=np.uint64) for hashes in (self._asked, self._said))
        order, starts = ranked(asked)
        found = np.unique(starts[starts < np.arange(len(order))])
        for start in found[np.argsort(order[found])].tolist():  # hashes differ from process to process
            group = order[start : np.searchsorted(starts, start, side="right")]
            if asked[group[0]] and len(np.unique(said[group])) > 1:
                yield group


def conflicts(ds: "Dataset") -> Iterator[NDArray[np.int64]]:
    """Yield the rows that ask the same but do not all answer the same."""
    answers = Answers(len(ds))
    for at, row in ds.decoded():
        if row is not None:
            answers.add(at, *asked_and_said(row, ds.format))
    return answers.conflicts()


def asked_and_said(row: Row, format: DatasetFormat) -> tuple[tuple[str, ...], str]:
    """Return who asks, then what they ask, and the answer, to compare; empty where there is none."""
    asked, said = exchange(row, format)
    return (*[str(m.get("role")) for m in asked], *map(said_text, asked)), said.strip()


def said_text(message: Row) -> str:
    """Return what a message says, its tool calls included."""
    content = message.get("content")
    text = content if isinstance(content, str) else content_text(content)
    calls = message.get("tool_calls")
    return text + pretty(calls) if calls else text


def groups(ds: "Dataset", kind: str) -> NDArray[np.int64]:
    """Return for each row the first row of its group of copies, or of conflicting answers; -1 for none."""
    if kind not in ds.memo:
        out = first_of(ds) if kind == KINDS[0] else np.full(len(ds), -1, dtype=np.int64)
        if kind == KINDS[0]:
            firsts = np.unique(out[out >= 0])
            out[firsts] = firsts
        else:
            for group in conflicts(ds):
                out[group] = group.min()
        ds.memo[kind] = out
    return ds.memo[kind]
