"""Frames in and out, by what they can do rather than by what they are."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from modelops_jupyter._extras import require
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.errors import DatasetError


def records(data: Any) -> list[Any]:
    """Return the records of a list, a frame, or anything that gives its rows as mappings."""
    if data is None:
        return []
    if isinstance(data, str | Path):
        raise DatasetError(
            f"Dataset(...) takes records, not the path {str(data)!r}.",
            code="path-given",
            hint=f"Open a file with Dataset.from_file({str(data)!r}).",
        )
    module = type(data).__module__.partition(".")[0]
    if module == "pandas":
        return [_without_missing(row) for row in data.to_dict("records")]
    for method in ("to_dicts", "to_pylist", "to_list"):  # polars, pyarrow, Hugging Face
        if callable(getattr(data, method, None)):
            return [_without_missing(row) for row in getattr(data, method)()]
    kind = type(data).__name__
    if isinstance(data, Mapping) or not isinstance(data, Iterable):
        raise DatasetError(
            f"A dataset cannot be made of {kind}.",
            code="not-records",
            hint="Give a list of mappings, one for each row.",
        )
    return list(cast("Iterable[Any]", data))


def _without_missing(row: Row) -> Row:
    # A frame has every column in every row; what is missing there is missing here.
    return {key: value for key, value in row.items() if not _is_missing(value)}


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return True
    return isinstance(value, float) and value != value


def to_pandas(rows: list[Row]) -> Any:
    """Return a pandas frame."""
    pandas = require("pandas", extra="files", purpose="make a pandas frame")
    return pandas.DataFrame(rows)
