"""Chat rows in which nothing can be wrong, told at a glance: nearly all rows are like this."""

import re
from typing import Literal

import msgspec


class _Message(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["system", "user", "assistant"]
    content: str


class _Chat(msgspec.Struct, gc=False):
    messages: list[_Message]


_ESCAPED = re.compile(rb"\\u00[347]")  # @ < or |, however written
_decode = msgspec.json.Decoder(_Chat).decode


class Plain(msgspec.Struct, gc=False):
    """What such a row asks and answers, as `asked_and_said` says it; `alone`: it has no other keys."""

    asked: str
    said: str
    alone: bool


def plain(raw: bytes) -> Plain | None:
    """Return the exchange of a row whose messages are texts by user and assistant in turn."""
    if may_hold(raw):
        return None
    try:
        messages = _decode(raw).messages
    except (ValueError, RecursionError):
        return None
    roles, texts = [m.role for m in messages], [m.content for m in messages]
    turns = roles[1:] if roles[:1] == ["system"] else roles
    if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
        return None
    if not all(texts) or any(map(str.isspace, texts)):
        return None
    asked = "\0".join([f"{role}\0{text}" for role, text in zip(roles[:-1], texts, strict=False)])
    # Each message has eight quotation marks; more are another key, or one that stands twice.
    return Plain(asked, texts[-1].strip(), quotes(raw) == 8 * len(messages) + 2)


def quotes(raw: bytes) -> int:
    """Return the number of quotation marks around texts; -1 if that would take a parser to tell.

    A text that ends with a backslash hides its last one.
    """
    if b"\\" not in raw:
        return raw.count(b'"')
    return -1 if b'\\\\"' in raw else raw.count(b'"') - raw.count(b'\\"')


def may_hold(raw: bytes) -> bool:
    """Tell whether the bytes of a row may hold anything a rule for texts looks for."""
    return b"@" in raw or b"<|" in raw or (b"\\" in raw and _ESCAPED.search(raw) is not None)
