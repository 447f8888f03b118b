"""The twin of a leakage check: which rows stand in the other dataset, and where."""

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Leakage
from modelops_jupyter.datasets.query import preview
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, p, root, strong, table

_ROWS = 10
_WORDS = 100  # characters of a row


def text(found: Leakage) -> str:
    """Return the counts and the first rows."""
    more = len(found) - _ROWS
    lines = [_head(found), *(f"  {match}" for match in found.matches[:_ROWS])]
    return "\n".join(lines + [f"  … {fmt.plural(more, 'more row')}"] * (more > 0))


def html(found: Leakage) -> Html:
    """Return the twin."""
    parts = [p(strong("Leakage"), f": {_head(found)}")]
    if found.matches:
        columns = (
            *(Column("row", number=True), Column("of the other", number=True), Column("how")),
            *(Column("in common", number=True), Column("words")),
        )
        rows = (
            (
                m.row,
                m.other_row,
                m.kind,
                fmt.percent(m.share),
                fmt.clip(preview(found.dataset, m.row), _WORDS),
            )
            for m in found.matches[:_ROWS]
        )
        parts += [table(columns, rows), p(code(".clean"), " is the dataset without these rows.")]
    return root(*parts)


def _head(found: Leakage) -> str:
    total = fmt.plural(len(found.dataset), "row")
    if not found.matches:
        return f"none of {total} stands in the other dataset"
    kinds = ", ".join(f"{kind} {fmt.count(number)}" for kind, number in found.counts.items())
    return f"{fmt.count(len(found))} of {total} in the other dataset: {kinds}"
