"""What is found, as a table with aligned columns and a sentence."""

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from modelops_jupyter import _documents
from modelops_jupyter._display import Rich


class Finding(Rich):
    """What a table and a sentence tell; notebook and terminal show both.

    `asked` says that the numbers come from asking a model: they differ from machine to machine.
    """

    document: ClassVar[str] = ""  # of its files, where it is not just the kind
    asked: bool = False

    @property
    def title(self) -> str:
        """What it is about."""
        raise NotImplementedError

    @property
    def summary(self) -> str:
        """The finding in one sentence; '' where the table says all."""
        return ""

    @property
    def notices(self) -> tuple[str, ...]:
        """What deserves a second look."""
        return ()

    def table(self) -> "Table | None":
        """Return the numbers as an aligned table; None where the sentence says all."""
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; NaN is null."""
        raise NotImplementedError

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the JSON text; with a path also write it there."""
        body = self.to_dict()
        if path is not None:
            held = {k: v for k, v in body.items() if k not in ("kind", "schema")}
            _documents.dump(path, self.document or self.kind, held)
        return json.dumps(body, ensure_ascii=False, allow_nan=False)

    @property
    def body(self) -> str:
        """All but the title."""
        table = self.table()
        shown = str(table) if table is not None and table.rows else ""
        return "\n".join(filter(None, [shown, self.summary, *self.notices]))

    def __str__(self) -> str:
        return self.body

    def __repr__(self) -> str:
        return str(self)


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
