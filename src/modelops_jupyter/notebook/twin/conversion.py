"""The twin of a conversion: how many rows came along, and why the others did not."""

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Conversion
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, p, root, strong, table

_ROWS = 10


def text(conversion: Conversion) -> str:
    """Return the counts and the first reasons."""
    return fmt.visible(str(conversion))


def html(conversion: Conversion) -> Html:
    """Return the twin."""
    rows, failed = conversion.dataset, conversion.failed
    head = f": {fmt.plural(len(rows), 'row')} as {rows.format}, {fmt.count(len(failed))} not. "
    parts = [p(strong("Converted"), head, code(".dataset"), " holds them.")]
    if failed:
        columns = (Column("row", number=True), Column("id"), Column("why not"))
        parts.append(table(columns, ((one.row, code(one.id), one.reason) for one in failed[:_ROWS])))
        parts.append(
            p(f"{min(len(failed), _ROWS)} of {fmt.count(len(failed))}. ", code(".failed"), " has all.")
        )
    return root(*parts)
