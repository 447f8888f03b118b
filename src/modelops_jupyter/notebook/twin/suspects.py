"""The twin of suspects: the rows with the largest loss, and what this cannot see."""

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets.query import preview
from modelops_jupyter.datasets.suspects import Suspects
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, data, mark, p, root, strong, table

_ROWS = 10
_WORDS = 100  # characters of a row


def text(found: Suspects) -> str:
    """Return the counts and the first rows; losses differ from machine to machine."""
    rows = (
        f"  {fmt.number(loss)}  {fmt.clip(preview(found.dataset, at), _WORDS)}"
        for at, loss in enumerate(found.losses[:_ROWS])
    )
    return mark("\n".join([f"{_head(found)} {found.blind}", *rows]))


def html(found: Suspects) -> Html:
    """Return the twin."""
    parts = [p(strong("Suspects"), f": {_head(found)} {found.blind}")]
    if len(found):
        columns = (Column("id"), Column("loss per token", number=True), Column("words"))
        rows = (
            (code(found.dataset.ids[at]), fmt.number(loss), fmt.clip(preview(found.dataset, at), _WORDS))
            for at, loss in enumerate(found.losses[:_ROWS])
        )
        parts += [table(columns, rows), p(code(".dataset"), " holds these rows, worst first.")]
    return root(data(*parts))


def _head(found: Suspects) -> str:
    usual = fmt.number(found.usual)
    return f"{fmt.plural(len(found), 'row')} with an unusual loss; the usual one is {usual}."
