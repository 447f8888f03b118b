"""Plain text tables with aligned columns."""

import unicodedata
from collections.abc import Sequence


class Table:
    """Rows of text that print aligned: the first column left, the others right.

    Examples
    --------
    >>> print(Table(["metric", "value"], [["F1", "0.913"]]))
    metric  value
    F1      0.913
    """

    def __init__(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)
    ) -> None:
        self.head = list(head)
        self.rows = [list(row) for row in rows]
        self.left = set(left)

    def __str__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
        return "\n".join(self._line(line, widths) for line in lines)

    def __repr__(self) -> str:
        return str(self)

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = (
            cell + " " * (width - _width(cell)) if i in self.left else " " * (width - _width(cell)) + cell
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Columns a terminal gives the text: two for wide characters, none for combining ones."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
