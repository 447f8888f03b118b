"""Frames in and out, by what they can do rather than by what they are."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from modelops_jupyter._extras import require
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.files import arrow
from modelops_jupyter.errors import DatasetError

_BATCH = 1024  # rows of a Hugging Face dataset at once


def records(data: Any) -> Iterable[Any]:
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
        return (_without_missing(row) for row in data.to_dict("records"))
    if hasattr(data, "__arrow_c_stream__"):  # polars, pyarrow, DuckDB
        return arrow.stream_rows(data)
    if callable(getattr(data, "with_format", None)) and not isinstance(data, Mapping):  # Hugging Face
        return arrow.batch_rows(data.with_format("arrow").iter(batch_size=_BATCH))
    if isinstance(data, Mapping) or not isinstance(data, Iterable):
        raise DatasetError(
            f"A dataset cannot be made of {type(cast('Any', data)).__name__}.",
            code="not-records",
            hint="Give a list of mappings, one for each row; of a mapping of splits, give one split.",
        )
    return cast("Iterable[Any]", data)


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


def to_huggingface(table: Any) -> Any:
    """Return a Hugging Face dataset over an Arrow table."""
    return require("datasets", extra="train", purpose="make a Hugging Face dataset").Dataset(table)
