"""One problem of one row, and the finding a rule makes of it."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.validation.codes import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about a row: the code, the JSON pointer of the place, a sentence.

    `severity` and `fix` are given only where they differ from the code's own.
    """

    code: str
    pointer: str
    message: str
    severity: Severity | None = None
    fix: str | None = None


Rule: TypeAlias = Callable[[Row], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its exact place.

    Parameters
    ----------
    id, row, line
        The row: its id, its position from 0, its line from 1.
    column, byte_column
        Where in the line, from 1, in characters and in bytes.
    pointer
        JSON pointer into the row, empty for the row as a whole.
    """

    id: str
    row: int
    line: int
    column: int
    byte_column: int
    pointer: str
    code: str
    severity: Severity
    message: str
    fix: str

    def to_json(self) -> dict[str, Any]:
        """Return the problem as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        place = f"row {self.row}, line {self.line}, column {self.column}"
        return f"{place}: {self.severity} {self.code}: {self.message}"
