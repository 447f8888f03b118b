"""From the bytes of a row to its object, and the exact reason when there is none.

The fast path is msgspec, which keeps integers of any size. Only a row that it refuses is
looked at again, slowly, for the place and a plain word of what is wrong.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from modelops_jupyter.datasets._json import Row, as_object, type_name
from modelops_jupyter.errors import RowError, Where

_decode = msgspec.json.Decoder().decode
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)|(-?\d[\d.eE+-]*)')
_LONE = re.compile(
    r"(?<!\\)(?:\\\\)*(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
WAYS_ON = "Read the rows that can be read with ds.valid, or remove the bad ones with ds.drop_invalid()."


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be read, and at which byte."""

    code: str
    message: str
    offset: int


def try_decode(raw: bytes) -> Row | None:
    """Return the object of a row, or None if it has none."""
    try:
        return as_object(_decode(raw))
    except (ValueError, RecursionError):  # DecodeError and UnicodeDecodeError are ValueErrors
        return None


def row_error(raw: bytes, where: Where, misfit: str = "") -> RowError:
    """Return the error for a row that `try_decode` refused, with the place and the ways on."""
    fault = diagnose(raw)
    if misfit and fault.code == "not-an-object":
        fault = Fault("table-line", misfit, 0)
    return RowError(
        fault.message,
        code=fault.code,
        where=replace(where, column=column_at(raw, fault.offset)),
        hint=f"{WAYS_ON}\n{_caret(raw, fault.offset)}",
    )


def column_at(raw: bytes, offset: int) -> int:
    """Return the column, from 1, in characters of the byte at `offset`."""
    return len(raw[:offset].decode("utf-8", "replace")) + 1


def _caret(raw: bytes, offset: int) -> str:
    before = raw[max(0, offset - 40) : offset].decode("utf-8", "replace").replace("\t", " ")
    after = raw[offset : offset + 30].decode("utf-8", "replace").replace("\t", " ")
    return f"    {before}{after}\n    {' ' * len(before)}^"


def diagnose(raw: bytes) -> Fault:
    """Say what is wrong first with a row that `try_decode` refused."""
    return faults(raw)[0][0]


def faults(raw: bytes) -> tuple[list[Fault], Row | None]:
    """Say all that is wrong with a row that `try_decode` refused; with the row, where Python reads it."""
    try:
        text = raw.decode("utf-8")
        value: Any = json.loads(text)
    except UnicodeDecodeError as error:
        message = f"Byte 0x{raw[error.start]:02x} is not valid UTF-8."
        return [Fault("invalid-utf8", message, error.start)], None
    except json.JSONDecodeError as error:
        return [_syntax(error.doc, error)], None
    except RecursionError:
        return [Fault("not-json", "The row is nested too deeply to be read.", 0)], None
    except ValueError as error:  # a number of more digits than Python converts
        return [Fault("not-json", f"The row holds a number that cannot be read: {error}.", 0)], None
    found = list(_accepted_by_json(text))
    row = as_object(value)
    if row is None and not found:
        return [Fault("not-an-object", f"The row is {type_name(value)}, not an object.", 0)], None
    return found or [Fault("not-json", "The row is not valid JSON.", 0)], row


def _accepted_by_json(text: str) -> Iterator[Fault]:
    for token in _TOKENS.finditer(text):
        if token[1] or (token[2] and _overflows(token[2])):
            message = f"{token[0]} is not a JSON number."
            yield Fault("nan-or-infinity", message, _bytes(text, token.start()))
    end = -1
    for lone in _LONE.finditer(text):
        if lone.start() == end:  # the other half, in the wrong order
            continue
        end = lone.end()
        message = "Half of a surrogate pair (\\uD800 to \\uDFFF) stands alone."
        yield Fault("lone-surrogate", message, _bytes(text, lone.start()))


def _overflows(number: str) -> bool:
    try:
        return float(number) in (float("inf"), float("-inf"))
    except ValueError:
        return False


def _syntax(text: str, error: json.JSONDecodeError) -> Fault:
    at = error.pos
    if error.msg == "Extra data":
        if _is_value(text[at:]):
            return Fault("two-values-on-line", "A second value follows on the same line.", _bytes(text, at))
        return Fault("not-json", "Something follows after the end of the row.", _bytes(text, at))
    if error.msg.startswith("Unterminated string") or not text[at:].strip():
        return Fault("not-json", "The row ends before it is complete.", _bytes(text, len(text.rstrip())))
    return Fault("not-json", f"{_PLAIN.get(error.msg, error.msg)}.", _bytes(text, at))


_PLAIN = {
    "Expecting value": "A value is expected here",
    "Expecting ',' delimiter": "A comma or a closing bracket is expected here",
    "Expecting ':' delimiter": "A colon is expected here",
    "Expecting property name enclosed in double quotes": "A key in double quotes is expected here",
    "Illegal trailing comma before end of object": "The comma before the closing bracket has to go",
    "Illegal trailing comma before end of array": "The comma before the closing bracket has to go",
    "Invalid control character at": "A control character stands in the text; write it as an escape",
}


def _is_value(text: str) -> bool:
    try:
        json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _bytes(text: str, at: int) -> int:
    return len(text[:at].encode("utf-8"))
