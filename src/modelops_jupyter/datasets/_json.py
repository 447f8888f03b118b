"""JSON values as types the checker understands, and narrowing that it believes."""

from typing import Any, TypeAlias

import msgspec

Row: TypeAlias = dict[str, Any]


def as_object(value: Any) -> Row | None:
    """Return `value` if it is a JSON object."""
    row: Row = value  # a cast would be a call, and this is asked for every value there is
    return row if isinstance(value, dict) else None


def as_array(value: Any) -> list[Any] | None:
    """Return `value` if it is a JSON array."""
    items: list[Any] = value
    return items if isinstance(value, list) else None


def decoded(text: Any) -> Any:
    """Return the value of a JSON text, None if it is none."""
    try:
        return msgspec.json.decode(text)
    except (TypeError, ValueError, RecursionError):
        return None


def type_name(value: Any) -> str:
    """Return the word JSON has for the type of `value`, with its article."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "an array"
        case _:
            return "an object"


def escape_pointer(key: str) -> str:
    """Escape one step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
