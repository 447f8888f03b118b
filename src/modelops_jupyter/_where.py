"""Where something went wrong: file, line, column, row, field."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the user's material; every part is optional.

    Examples
    --------
    >>> str(Where(file="data.jsonl", line=3, column=7))
    'data.jsonl, line 3, column 7'
    """

    file: str | None = None
    line: int | None = None  # from 1, as an editor shows it
    column: int | None = None  # from 1, in characters
    row: int | None = None  # from 0, as ds[i] takes it
    field: str | None = None  # a JSON pointer or a name

    def __str__(self) -> str:
        parts = [self.file] if self.file else []
        parts += [
            f"{word} {value}"
            for word, value in (
                ("line", self.line),
                ("column", self.column),
                ("row", self.row),
                ("field", self.field),
            )
            if value is not None
        ]
        return ", ".join(parts)
