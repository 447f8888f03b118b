"""At which byte of a row the value stands that a JSON pointer names."""

import json
import re

_SKIP = re.compile(rb"[ \t\r\n]*")
_QUOTED = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRING = re.compile(_QUOTED, re.DOTALL)
_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _QUOTED + rb")*+([\[\]{}])", re.DOTALL)
_SCALAR = re.compile(rb"[^,\]}\s]+")


def offset_of(raw: bytes, pointer: str) -> int:
    """Return the offset of the value at `pointer`; where it is missing, that of its nearest parent.

    Of a key that is there twice it is the later one, as readers take it.
    """
    at = _skip(raw, 0)
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        inner = _enter(raw, at, key)
        if inner is None:
            break
        at = inner
    return at


def span_of(raw: bytes, pointer: str) -> tuple[int, int]:
    """Return where the value at `pointer` begins and ends."""
    start = offset_of(raw, pointer)
    return start, _end(raw, start)


def _enter(raw: bytes, at: int, key: str) -> int | None:
    opener = raw[at : at + 1]
    found, number = None, 0
    if opener not in (b"{", b"["):
        return None
    at = _skip(raw, at + 1)
    while at < len(raw) and raw[at : at + 1] not in (b"}", b"]"):
        name = str(number)
        if opener == b"{":
            quoted = _STRING.match(raw, at)
            if quoted is None:
                return found
            name = _unquoted(quoted[0])
            at = _skip(raw, _skip(raw, quoted.end()) + 1)  # past the colon
        if name == key:
            found = at
            if opener == b"[":
                return found
        at = _skip(raw, _end(raw, at))
        if raw[at : at + 1] == b",":
            at = _skip(raw, at + 1)
        number += 1
    return found


def _end(raw: bytes, at: int) -> int:
    """Return the end of the value that begins at `at`, without recursion."""
    if raw[at : at + 1] not in (b"{", b"["):
        match = _STRING.match(raw, at) or _SCALAR.match(raw, at)
        return match.end() if match else len(raw)
    depth = 0
    for bracket in _BRACKET.finditer(raw, at):
        depth += 1 if bracket[1] in (b"{", b"[") else -1
        if depth == 0:
            return bracket.end()
    return len(raw)


def _skip(raw: bytes, at: int) -> int:
    if at < len(raw) and raw[at] > 32:
        return at
    match = _SKIP.match(raw, at)
    return match.end() if match else at


def _unquoted(quoted: bytes) -> str:
    return str(json.loads(quoted)) if b"\\" in quoted else quoted[1:-1].decode("utf-8", "replace")
