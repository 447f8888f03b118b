"""Rows in which nothing can be wrong, told at a glance: nearly all chats and pairs are like this."""

import re
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from modelops_jupyter.datasets.formats import DatasetFormat

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_encode = msgspec.json.Encoder().encode


class _Message(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["system", "user", "assistant"]
    content: _Text


_Value: TypeAlias = list[_Message] | str | int | float | bool | dict[str, Any] | None
_decode = msgspec.json.Decoder(dict[str, _Value]).decode
_AT, _LESS, _BACKSLASH = b"@<\\"
_ESCAPED = re.compile(rb"\\u00[347]")  # @ < or |, however written
_FIELDS = {  # of each layout, and who speaks there
    DatasetFormat.MESSAGES: ((), ()),
    DatasetFormat.PROMPT_COMPLETION: (("prompt", "completion"), ("user", "assistant")),
    DatasetFormat.TEXT: (("text",), ("text",)),
}
_CALLS = frozenset({"tools", "functions", "parallel_tool_calls", "documents"})  # have rules of their own


class Plain(msgspec.Struct, gc=False):
    """Who speaks and what they say in such a row, the answer last, and the keys of the row.

    A row with more quotation marks than `marks` may have a key twice.
    """

    roles: tuple[str, ...]
    texts: list[str]
    keys: dict[str, _Value]
    marks: int

    def asked_and_said(self) -> tuple[tuple[str, ...], str]:
        """Return what `duplicates.asked_and_said` returns for the row."""
        *asked, said = self.texts
        return (*self.roles[:-1], *asked), said.strip()


def plain(raw: bytes, format: DatasetFormat) -> Plain | None:
    """Return a row that is one text, a pair of texts, or texts by user and assistant in turn."""
    layout = _FIELDS.get(format)
    if layout is None:
        return None
    try:
        row = _decode(raw)
    except (ValueError, RecursionError):
        return None
    fields, roles = layout
    if not fields:
        messages = row.get("messages")
        if not isinstance(messages, list):
            return None
        roles, texts = tuple([m.role for m in messages]), [m.content for m in messages]
        if not _in_turn(roles):
            return None
        known, marks = 1, 8 * len(texts) + 2
    else:
        known, marks = len(fields), 4 * len(fields)
        texts = [text for field in fields if isinstance(text := row.get(field), str) and text]
        if len(texts) < known:
            return None
    if True in map(str.isspace, texts):
        return None
    if len(row) > known:
        more = _other_marks(row)
        if more is None:
            return None
        marks += more
    return Plain(roles, texts, row, marks)


def _other_marks(row: dict[str, _Value]) -> int | None:
    """Count the quotation marks of the other keys; None where a rule may have something to say."""
    marks = 0
    for key, value in row.items():
        if key in ("messages", "prompt", "completion", "text"):
            continue
        if key in _CALLS or isinstance(value, list):
            return None
        if isinstance(value, str):
            marks += 2
        elif isinstance(value, dict):
            marks += _encode(value).count(b'"')
        marks += 2
    return marks


@lru_cache(maxsize=256)
def _in_turn(roles: tuple[str, ...]) -> bool:
    turns = roles[1:] if roles[:1] == ("system",) else roles
    return len(turns) > 0 and turns == ("user", "assistant") * (len(turns) // 2)


def quotes(raw: bytes) -> int:
    """Return the number of quotation marks around texts; -1 if that would take a parser to tell.

    A text that ends with a backslash hides its last one.
    """
    if _BACKSLASH not in raw:
        return raw.count(b'"')
    return -1 if b'\\\\"' in raw else raw.count(b'"') - raw.count(b'\\"')


def may_hold(raw: bytes) -> bool:
    """Tell whether the bytes of a row may hold anything that a rule for texts looks for."""
    # To look for a number is several times faster than for a text of one byte.
    if _AT in raw or (_LESS in raw and b"<|" in raw):
        return True
    return _BACKSLASH in raw and raw.find(b"\\u00") >= 0 and _ESCAPED.search(raw) is not None
