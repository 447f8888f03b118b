"""Rows in which nothing can be wrong, told at a glance: nearly all chats and pairs are like this."""

import re
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from modelops_jupyter.datasets.formats import DatasetFormat

_Words = Annotated[str, msgspec.Meta(min_length=1)]
_encode = msgspec.json.Encoder().encode


class _Message(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["system", "user", "assistant"]
    content: _Words


_Value: TypeAlias = list[_Message] | str | int | float | bool | dict[str, Any] | None
_decode = msgspec.json.Decoder(dict[str, _Value]).decode
_AT, _LESS, _BACKSLASH = b"@<\\"
_ESCAPED = re.compile(rb"\\u00[347]")  # @ < or |, however written
_CHAT, _PAIR, _TEXT = DatasetFormat.MESSAGES, DatasetFormat.PROMPT_COMPLETION, DatasetFormat.TEXT
_FIELDS = ((["text"], ["text"]), (["prompt", "completion"], ["user", "assistant"]))
_OWN = frozenset({"messages", "prompt", "completion", "text"})
_CALLS = frozenset({"tools", "functions", "parallel_tool_calls", "documents"})  # have rules of their own


class Plain(msgspec.Struct, gc=False):
    """Who speaks and what they say in such a row, the answer last, and the keys of the row."""

    roles: list[str]
    texts: list[str]
    keys: dict[str, _Value]

    def asked_and_said(self) -> tuple[tuple[str, ...], str]:
        """Return what `duplicates.asked_and_said` returns for the row."""
        *asked, said = self.texts
        return (*self.roles[:-1], *asked), said.strip()


def plain(raw: bytes, format: DatasetFormat) -> Plain | None:
    """Return a row that is one text, a pair of texts, or texts by user and assistant in turn."""
    try:
        row = _decode(raw)
    except (ValueError, RecursionError):
        return None
    if format is _CHAT:
        messages = row.get("messages")
        if not isinstance(messages, list):
            return None
        roles = _in_turn(len(messages))
        if len(roles) < 2 or [m.role for m in messages] != roles:
            return None
        texts = [m.content for m in messages]
        own, keys = 1, 2 * len(texts) + 1
    elif format is _PAIR or format is _TEXT:
        fields, roles = _FIELDS[format is _PAIR]
        texts = [text for field in fields if isinstance(text := row.get(field), str) and text]
        own = keys = len(fields)
        if len(texts) < own:
            return None
    else:
        return None
    if True in map(str.isspace, texts):
        return None
    # A colon stands after each key, and in texts. If there are more, a key may stand there twice.
    colons = raw.count(b":")
    if len(row) > own:
        others = {key: value for key, value in row.items() if key not in _OWN}
        if any(key in _CALLS or isinstance(value, list) for key, value in others.items()):
            return None
        keys += _encode(others).count(b":")
    elif colons == keys:
        return Plain(roles, texts, row)
    if colons != keys + "".join(texts).count(":") or hides_colons(raw):
        return None
    return Plain(roles, texts, row)


def hides_colons(raw: bytes) -> bool:
    """Tell whether a colon may be written as an escape."""
    return _BACKSLASH in raw and b"\\u003a" in raw.lower()


@lru_cache(maxsize=256)
def _in_turn(turns: int) -> list[str]:
    """Return who speaks in a plain chat of so many turns; the system begins where they are odd."""
    return ["system"] * (turns % 2) + ["user", "assistant"] * (turns // 2)


def may_hold(raw: bytes, texts: list[str] | None = None) -> bool:
    """Tell whether a row may hold anything that a rule for texts looks for; quicker with its `texts`."""
    # To look for a number is several times faster than for a text of one byte.
    if _AT in raw or (_LESS in raw and b"<|" in raw):
        return True
    if _BACKSLASH not in raw:
        return False
    if texts is None:
        return b"\\u00" in raw and _ESCAPED.search(raw) is not None
    spoken = "".join(texts)
    return "@" in spoken or ("<" in spoken and "<|" in spoken)
