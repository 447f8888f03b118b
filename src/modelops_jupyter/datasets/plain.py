"""Rows in which nothing can be wrong, told at a glance: nearly all chats and pairs are like this."""

import re
from functools import lru_cache
from itertools import chain
from typing import Annotated, Literal

import msgspec

from modelops_jupyter.datasets.formats import DatasetFormat

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Message(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: Literal["system", "user", "assistant"]
    content: _Text


class _Chat(msgspec.Struct, gc=False):
    messages: Annotated[list[_Message], msgspec.Meta(min_length=1)]
    tools: None = None  # where there are some, they have rules of their own


class _Pair(msgspec.Struct, gc=False):
    prompt: _Text
    completion: _Text
    tools: None = None


_DECODE = {
    DatasetFormat.MESSAGES: msgspec.json.Decoder(_Chat).decode,
    DatasetFormat.PROMPT_COMPLETION: msgspec.json.Decoder(_Pair).decode,
}
_ESCAPED = re.compile(rb"\\u00[347]")  # @ < or |, however written


class Plain(msgspec.Struct, gc=False):
    """What such a row asks and answers, as `asked_and_said` says it.

    A row with more quotation marks than `marks` has a key that is new or stands twice.
    """

    asked: str
    said: str
    marks: int


def plain(raw: bytes, format: DatasetFormat) -> Plain | None:
    """Return the exchange of a row that is a pair of texts, or texts by user and assistant in turn."""
    decode = _DECODE.get(format)
    if decode is None:
        return None
    try:
        row = decode(raw)
    except (ValueError, RecursionError):
        return None
    if isinstance(row, _Pair):
        roles, texts, marks = ["user", "assistant"], [row.prompt, row.completion], 8
    else:
        roles, texts = [m.role for m in row.messages], [m.content for m in row.messages]
        marks = 8 * len(texts) + 2
    if any(map(str.isspace, texts)) or not _in_turn(tuple(roles)):
        return None
    said = texts.pop().strip()
    return Plain("\0".join(chain.from_iterable(zip(roles, texts, strict=False))), said, marks)


@lru_cache(maxsize=256)
def _in_turn(roles: tuple[str, ...]) -> bool:
    turns = roles[1:] if roles[0] == "system" else roles
    return len(turns) > 0 and turns == ("user", "assistant") * (len(turns) // 2)


def quotes(raw: bytes) -> int:
    """Return the number of quotation marks around texts; -1 if that would take a parser to tell.

    A text that ends with a backslash hides its last one.
    """
    if b"\\" not in raw:
        return raw.count(b'"')
    return -1 if b'\\\\"' in raw else raw.count(b'"') - raw.count(b'\\"')


def may_hold(raw: bytes) -> bool:
    """Tell whether the bytes of a row may hold anything that a rule for texts looks for."""
    if b"@" in raw or (b"<" in raw and b"<|" in raw):
        return True
    return b"\\" in raw and b"\\u00" in raw and _ESCAPED.search(raw) is not None
