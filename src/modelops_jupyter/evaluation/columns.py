"""What rows can be parted by: a field of the dataset, or any value per row."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import inputs
from modelops_jupyter.evaluation.arrays import Array

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation.result import EvaluationResult

Column = str | Sequence[Any] | Array | Mapping[str, Any]
MISSING = "(missing)"
MOST = 50  # groups of one column
_FEW = 12  # so many different numbers are groups of their own


class Groups(NamedTuple):
    """The groups of a column in their order, and the group of each row."""

    names: list[str]
    codes: Array


def values_of(result: "EvaluationResult", column: Column) -> tuple[str, list[Any]]:
    """Return the name and the values of a column, one per row of the result.

    Raises
    ------
    EvaluationError
        If the dataset has no such field, or the values are not as many as the rows.
    """
    rows = result.need_rows("part")
    if isinstance(column, str):
        if result.dataset is None:
            raise EvaluationError(
                f"The result does not know its dataset, so no field {column!r}.",
                hint="Pass the values: result.by(list_with_one_value_per_row).",
            )
        return column, field(result.dataset, column)
    name = str(getattr(column, "name", None) or "group")
    if isinstance(column, Mapping):
        if len(column) != 1:
            raise EvaluationError("Rows are parted by one column at a time.", hint="Pass {name: values}.")
        name, column = next(iter(column.items()))
    values: list[Any] = list(column.tolist() if hasattr(column, "tolist") else column)  # pyright: ignore
    inputs.check_lengths({"the rows": rows.y_true, "the column": values})
    return name, values


def field(dataset: "Dataset", path: str) -> list[Any]:
    """Return one field of every row; dots lead to inner ones.

    Raises
    ------
    EvaluationError
        If no row has it; the nearest name is in the hint.
    """
    rows = [dataset[i] for i in range(len(dataset))]
    keys = path.split(".")
    found = [row[path] if path in row else _inside(row, keys) for row in rows]
    if all(value is None for value in found):
        fields: list[str] = sorted({key for row in rows for key in row})
        hint = f"{did_you_mean(path, fields)} Fields: {', '.join(fields[:12])}."
        raise EvaluationError(f"No row has the field {path!r}.", hint=hint.strip())
    return found


def _inside(row: Any, keys: list[str]) -> Any:
    for key in keys:
        row = cast("dict[str, Any]", row).get(key) if isinstance(row, Mapping) else None
    return row


def numeric(values: list[Any]) -> Array | None:
    """Return numbers as float64, missing as NaN, if these are numbers of which many differ."""
    if not all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values):
        return None
    numbers = np.array([math.nan if v is None else v for v in values], dtype=np.float64)
    return numbers if len(np.unique(numbers[~np.isnan(numbers)])) > _FEW else None


def groups_of(name: str, values: list[Any]) -> Groups:
    """Part the rows: by value, or into four groups of like size where many numbers differ."""
    numbers = numeric(values)
    if numbers is not None:
        return _quarters(numbers)
    texts = [MISSING if _absent(v) else _format.clip(_format.visible(str(v)), 80) for v in values]
    names = sorted(set(texts), key=lambda text: (text == MISSING, text))
    if len(names) > MOST:
        raise EvaluationError(
            f"{name!r} has {len(names)} different values, too many for groups.",
            hint="Use a column with few values, or numbers: they are put into four groups.",
        )
    place = {text: i for i, text in enumerate(names)}
    return Groups(names, np.array([place[text] for text in texts], np.int64))


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _quarters(numbers: Array) -> Groups:
    known = ~np.isnan(numbers)
    cuts = np.unique(np.quantile(numbers[known], [0.25, 0.5, 0.75]))
    codes = np.where(known, np.searchsorted(cuts, numbers, side="left"), len(cuts) + 1)
    present, codes = np.unique(codes, return_inverse=True)
    names: list[str] = []
    for i, part in enumerate(present.tolist()):
        inside = numbers[codes == i]
        names.append(MISSING if part > len(cuts) else f"{inside.min():g} to {inside.max():g}")
    return Groups(names, codes)
