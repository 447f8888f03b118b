"""The twin of a split."""

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Dataset, Split
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, p, root, strong, table


def text(split: Split) -> str:
    """Return the sizes of the sides, and what had to be decided."""
    total = sum(len(side) for side in split)
    lines = [
        f"{name}: {fmt.plural(len(side), 'row')} ({_share(side, total)})" for name, side in _sides(split)
    ]
    return "\n".join([*lines, *map(fmt.visible, split.notices)])


def html(split: Split) -> Html:
    """Return the twin."""
    total = sum(len(side) for side in split)
    columns = (
        Column("side"),
        Column("rows", number=True),
        Column("share", number=True),
        Column("fingerprint"),
    )
    sides = table(
        columns,
        (
            (
                name,
                fmt.count(len(side)),
                _share(side, total),
                code(side.fingerprint.removeprefix("sha256:")[:8]),
            )
            for name, side in _sides(split)
        ),
    )
    head = p(strong("Split"), f" of {fmt.plural(total, 'row')}; no row and no prompt stands on two sides.")
    return root(head, sides, *(p(notice) for notice in split.notices))


def _sides(split: Split) -> list[tuple[str, Dataset]]:
    sides = (("train", split.train), ("validation", split.validation), ("test", split.test))
    return [(name, side) for name, side in sides if side is not None]


def _share(side: Dataset, total: int) -> str:
    return fmt.percent(len(side) / total, 1) if total else "0 %"
