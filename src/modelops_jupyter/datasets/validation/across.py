"""Rules that need all rows: copies, conflicting answers, rows far longer than the rest."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter._format import count
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.duplicates import digest, exchange
from modelops_jupyter.datasets.formats import DatasetFormat
from modelops_jupyter.datasets.validation.problem import Finding

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_MANY_ROWS = 100  # below this no length is unusual
_TIMES = 10
_LONG = 2000  # bytes


class Digests:
    """Digests of row, prompt and answer: 24 bytes a row, compared when all are there."""

    def __init__(self, rows: int) -> None:
        self.row = np.zeros(rows, dtype=np.uint64)  # 0: not compared
        self._prompt = np.zeros(rows, dtype=np.uint64)
        self._answer = np.zeros(rows, dtype=np.uint64)

    def add(self, position: int, row: Row, raw: bytes, format: DatasetFormat) -> None:
        """Note one readable row."""
        self.row[position] = xxhash.xxh3_64_intdigest(raw)
        asked, said = exchange(row, format)
        if asked and said:
            self._prompt[position] = digest(asked)
            self._answer[position] = digest(said)

    def copies(self) -> Iterator[tuple[int, int]]:
        """Yield (later row, first row) for rows with equal bytes."""
        for group in _groups(self.row):
            for later in group[1:].tolist():
                yield later, int(group[0])

    def conflicts(self) -> Iterator[NDArray[np.int64]]:
        """Yield the rows that ask the same but do not all answer the same."""
        for group in _groups(self._prompt):
            if len(np.unique(self._answer[group])) > 1:
                yield group


def _groups(keys: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """Yield the positions of every key that is there twice or more, in order; 0 is no key."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    ends = np.append(starts[1:], len(keys))
    several = (ends - starts > 1) & (ranked[starts] != 0) if len(keys) else np.zeros(0, dtype=np.bool_)
    for start, end in zip(starts[several].tolist(), ends[several].tolist(), strict=True):
        yield order[start:end]


def check_copies(ds: "Dataset", digests: Digests) -> Iterator[tuple[int, Finding]]:
    """Find rows that are there twice, and prompts with different answers."""
    for later, first in digests.copies():
        if ds.raw(later) == ds.raw(first):
            message = f"The row is the same as row {first} (line {ds.line(first)})."
            yield later, Finding("exact-duplicate", "", message)
    for group in digests.conflicts():
        for position in group.tolist():
            other = int(group[0] if position != group[0] else group[1])
            message = f"Row {other} (line {ds.line(other)}) asks the same and is answered otherwise."
            yield position, Finding("conflicting-duplicate", "", message)


def check_lengths(ds: "Dataset") -> Iterator[tuple[int, Finding]]:
    """Find rows many times longer than nearly all others."""
    if len(ds) < _MANY_ROWS:
        return
    lengths = ds.row_lengths()
    usual = int(np.percentile(lengths, 95))
    for position in np.flatnonzero(lengths > max(_LONG, _TIMES * usual)).tolist():
        size = count(int(lengths[position]))
        message = f"The row has {size} bytes; 95 of 100 rows have at most {count(usual)}."
        yield position, Finding("unusually-long", "", message)
