"""The rows that stand in the body of `%%evaluate`."""

from dataclasses import dataclass
from typing import Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter._where import Where
from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import DatasetError, EmptyInputError

_NEEDED = ("prediction", "reference")
_OPTIONAL = ("id", "score")


@dataclass(frozen=True, slots=True)
class Typed:
    """Columns of the typed rows; an optional one is None when no row has it."""

    predictions: list[Any]
    references: list[Any]
    ids: list[str] | None
    scores: list[Any] | None
    groups: list[Any] | None


def read(body: str, first_line: int, by: str | None = None) -> Typed:
    """Read the body; every mistake is named with the line the editor shows.

    `by` is a field that every row has besides: `groups` holds its values.
    """
    ds = Dataset.from_text(body, first_line=first_line, format="unknown")
    if not len(ds):
        raise EmptyInputError(
            "The cell has no rows.", hint='Write {"prediction": …, "reference": …}, one a line.'
        )
    refuse_errors(ds, "Mend the row.")
    rows = [_checked(ds, position, by) for position in range(len(ds))]
    columns = {name: [row.get(name) for row in rows] for name in (*_NEEDED, *_OPTIONAL)}
    for name in _OPTIONAL:
        missing = [i for i, row in enumerate(rows) if name not in row]
        if missing and len(missing) < len(rows):
            raise _fault(
                ds, missing[0], f"has no {name!r}, though others have.", "Give all rows one, or none."
            )
    ids = [str(value) for value in columns["id"]] if "id" in rows[0] else None
    scores = columns["score"] if "score" in rows[0] else None
    groups = None if by is None else [row[by] for row in rows]
    return Typed(columns["prediction"], columns["reference"], ids, scores, groups)


def refuse_errors(ds: Dataset, hint: str) -> None:
    """Raise the first error that the rows have, where it stands."""
    problem = next((p for p in ds.validate().problems if p.severity == "error"), None)
    if problem is not None:
        where = Where(line=problem.line, column=problem.column, row=problem.row)
        raise DatasetError(problem.message, code=problem.code, where=where, hint=hint)


def _checked(ds: Dataset, position: int, by: str | None) -> dict[str, Any]:
    row = ds[position]
    needed = _NEEDED if by is None else (*_NEEDED, by)
    for name in needed:
        if name not in row:
            raise _fault(ds, position, f"has no {name!r}.", did_you_mean(name, row))
    for name in row:
        if name not in (*needed, *_OPTIONAL):
            raise _fault(ds, position, f"has {name!r}.", did_you_mean(name, (*needed, *_OPTIONAL)))
    return row


def _fault(ds: Dataset, position: int, what: str, hint: str) -> DatasetError:
    line = ds.line(position)
    return DatasetError(f"The row on line {line} {what}", where=Where(line=line, row=position), hint=hint)
