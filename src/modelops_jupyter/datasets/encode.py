"""From Python values to the bytes of a row, exactly or not at all."""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, cast

import msgspec
import numpy as np

from modelops_jupyter.datasets._json import Row, escape_pointer
from modelops_jupyter.errors import DatasetError, Where

_encode = msgspec.json.Encoder().encode


def encode_record(record: Any, position: int) -> bytes:
    """Return one line of JSON for a record; refuse what JSON cannot hold, with row and key."""
    if not isinstance(record, Mapping):
        raise DatasetError(
            f"Record {position} is {type(record).__name__}, not a mapping.",
            code="not-an-object",
            where=Where(row=position),
            hint='A row is a mapping such as {"messages": [...]}.',
        )
    try:
        return encode_row(cast("Row", plain(record, position)))
    except RecursionError:
        raise _refused("it is nested too deeply", position, "") from None


def encode_row(row: Row) -> bytes:
    """Return one line of JSON for a row that is JSON already."""
    try:
        return _encode(row)
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8; its escape is what was read
        return json.dumps(row, separators=(",", ":")).encode()


def plain(value: Any, position: int, pointer: str = "") -> Any:
    """Return `value` as plain JSON types, converted exactly."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float():
            return _finite(float(value), position, pointer)
        case np.generic():
            return _from_numpy(value, position, pointer)
        case Mapping():
            return _object(cast("Mapping[Any, Any]", value), position, pointer)
        case list() | tuple():
            items = cast("list[Any]", value)
            return [plain(item, position, f"{pointer}/{i}") for i, item in enumerate(items)]
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            raise _refused(f"{type(value).__name__} has no exact form in JSON", position, pointer)


def _finite(value: float, position: int, pointer: str) -> float:
    if not math.isfinite(value):
        raise _refused("NaN and infinity are no JSON numbers", position, pointer)
    return value


def _from_numpy(value: Any, position: int, pointer: str) -> Any:
    item = value.item()
    if isinstance(item, bool | int | float | str):
        return plain(item, position, pointer)
    if value.dtype.kind == "M" and not np.isnat(value):
        return str(value)
    raise _refused(f"{type(value).__name__} has no exact form in JSON", position, pointer)


def _object(value: Mapping[Any, Any], position: int, pointer: str) -> Row:
    out: Row = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise _refused(f"the key {key!r} is not a text", position, pointer)
        out[key] = plain(item, position, f"{pointer}/{escape_pointer(key)}")
    return out


def _refused(why: str, position: int, pointer: str) -> DatasetError:
    return DatasetError(
        f"Row {position} cannot be written as JSON: {why}.",
        code="not-json-value",
        where=Where(row=position, field=pointer or None),
        hint="Convert the value (for example with str() or float()) or leave the key out.",
    )
