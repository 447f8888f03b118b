"""Rules that look at all rows: copies, conflicting answers, lengths, marks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from modelops_jupyter._format import count
from modelops_jupyter.datasets import duplicates, near, tokens
from modelops_jupyter.datasets.leakage import leakage
from modelops_jupyter.datasets.validation.problem import Finding

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_MANY_ROWS = 100  # below this no length is unusual
_TIMES = 10
_LONG = 2000  # bytes


def check_marks(ds: "Dataset") -> Iterator[tuple[int, Finding]]:
    """Find byte-order marks before a row."""
    for position in ds.stored.after_mark():
        message = "The file begins with a byte-order mark, which is no part of JSON."
        yield position, Finding("bom", "", message)


def check_copies(ds: "Dataset") -> Iterator[tuple[int, Finding]]:
    """Find rows that are there twice."""
    first = duplicates.first_of(ds)
    for later in np.flatnonzero(first >= 0).tolist():
        message = f"The row is the same as row {first[later]} (line {ds.line(int(first[later]))})."
        yield later, Finding("exact-duplicate", "", message)


def check_answers(ds: "Dataset", answers: duplicates.Answers) -> Iterator[tuple[int, Finding]]:
    """Find prompts with different answers."""
    for group in answers.conflicts():
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


def check_tokens(ds: "Dataset", limit: int | None) -> Iterator[tuple[int, Finding]]:
    """Find rows with more tokens than `limit`, by estimate."""
    if limit is None:
        return
    estimates = tokens.estimate(ds)
    for position in np.flatnonzero(estimates > limit).tolist():
        message = f"The row has about {count(int(estimates[position]))} tokens; the limit is {count(limit)}."
        yield position, Finding("over-token-limit", "", message)


def check_near(ds: "Dataset") -> Iterator[tuple[int, Finding]]:
    """Find rows that nearly are an earlier one, if not the same."""
    found, same = near.first_of(ds), duplicates.first_of(ds)
    for later in np.flatnonzero((found.first >= 0) & (same < 0)).tolist():
        first, similarity = int(found.first[later]), found.similarity[later]
        message = (
            f"The row is nearly row {first} (line {ds.line(first)}), which would be kept: "
            f"{similarity:.2f} by {near.MEASURE}."
        )
        yield later, Finding("near-duplicate", "", message)


def check_leakage(ds: "Dataset", other: "Dataset") -> Iterator[tuple[int, Finding]]:
    """Find rows that stand in another dataset, whole, by their question or in part."""
    for match in leakage(ds, other):
        text = str(match)
        yield match.row, Finding("leakage", "", f"{text[0].upper()}{text[1:]}.")
