"""The twin of a difference between two datasets: how many rows, and the first of them."""

from collections.abc import Iterator
from itertools import islice

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Dataset, DatasetDiff
from modelops_jupyter.datasets.query import preview
from modelops_jupyter.notebook.twin.grammar import Column, Html, details, p, root, strong, table

_ROWS = 5  # of each sort
_WORDS = 100  # characters of a row


def text(diff: DatasetDiff) -> str:
    """Return the counts and the first rows of each sort."""
    rows = (
        "  " + "  ".join(fmt.visible(" ".join(words.split())) for words in row if words)
        for row in _rows(diff)
    )
    return "\n".join([_head(diff), *rows])


def html(diff: DatasetDiff) -> Html:
    """Return the twin."""
    parts = [p(strong("Difference"), f": {_head(diff)}")]
    if diff:
        rest = map(Column, ("where", "before", "after"))
        columns = (Column("what"), Column("line", number=True), *rest)
        parts.append(details(f"The first rows, up to {_ROWS} of each", table(columns, _rows(diff))))
    return root(*parts)


def _head(diff: DatasetDiff) -> str:
    said = [f"{fmt.count(rows)} {name}" for name, rows in diff.counts().items() if rows]
    return ", ".join(said) if said else "no row differs"


def _rows(diff: DatasetDiff) -> Iterator[tuple[str, ...]]:
    for change in islice(diff.changes(), _ROWS):
        where = ", ".join(change.pointers)
        yield (
            "changed",
            fmt.count(change.line),
            fmt.clip(where, _WORDS),
            *map(_cut, (change.before, change.after)),
        )
    for line, words in _first(diff.added):
        yield "added", line, "", "", words
    for line, words in _first(diff.removed):
        yield "removed", line, "", words, ""
    for line, words in _first(diff.moved):
        yield "moved", line, "", "", words


def _first(rows: Dataset) -> Iterator[tuple[str, str]]:
    return ((fmt.count(rows.line(i)), _cut(preview(rows, i))) for i in range(min(len(rows), _ROWS)))


def _cut(words: str) -> str:
    return fmt.clip(words, _WORDS)
