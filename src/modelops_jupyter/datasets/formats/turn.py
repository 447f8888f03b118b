"""Turns and parts: what a message of any format looks like when it is shown."""

import re
from typing import Any, Literal

import msgspec

from modelops_jupyter.datasets._json import as_array, as_object
from modelops_jupyter.datasets.formats.base import Said
from modelops_jupyter.datasets.formats.values import pretty

PartKind = Literal["text", "code", "tool_call", "tool_result", "image", "json"]
_FENCE = re.compile(r"^```([\w+#.-]*)[^\n]*\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)


class Part(msgspec.Struct, frozen=True):
    """A stretch of one kind inside a turn; `pointer` says where in the row it stands."""

    kind: PartKind
    text: str
    pointer: str
    meta: dict[str, Any] = {}  # a Struct makes a fresh one


class Turn(msgspec.Struct, frozen=True):
    """One speaker's turn; `in_loss` tells whether training learns it."""

    role: str
    parts: tuple[Part, ...]
    pointer: str
    in_loss: bool
    name: str | None = None

    @property
    def text(self) -> str:
        """All that was said, without tool calls and pictures."""
        return "".join(p.text for p in self.parts if p.kind in ("text", "code", "tool_result"))


def turn_of(said: Said) -> Turn:
    """Return a message as a turn; what is no message is shown as JSON."""
    message, at = as_object(said.message), said.pointer
    if message is None:
        return Turn("unknown", (Part("json", pretty(said.message), at),), at, in_loss=False, name=said.name)
    role, name = message.get("role"), message.get("name")
    role = role if isinstance(role, str) else "unknown"
    if said.is_call:
        parts = [Part("tool_call", pretty(message["content"]), at + said.words)]
    else:
        parts = _content(message.get("content"), at + said.words, tool=role in ("tool", "function"))
    for i, call in enumerate(as_array(message.get("tool_calls")) or ()):
        parts.append(_call(call, f"{at}/tool_calls/{i}"))
    learned = said.learned and role in ("assistant", "text") and message.get("weight") != 0
    return Turn(role, tuple(parts), at, learned, name if isinstance(name, str) and name else said.name)


def _content(content: Any, at: str, *, tool: bool) -> list[Part]:
    if content is None:
        return []
    if isinstance(content, str):
        return [Part("tool_result", content, at)] if tool else _split_at_code(content, at)
    items = as_array(content)
    if items is None:
        return [Part("json", pretty(content), at)]
    return [part for i, item in enumerate(items) for part in _item(item, f"{at}/{i}")]


def _item(item: Any, at: str) -> list[Part]:
    block = as_object(item) or {}
    text, kind = block.get("text"), block.get("type")
    if isinstance(text, str):
        return _split_at_code(text, f"{at}/text")
    if isinstance(kind, str) and kind.startswith("image"):
        source = as_object(block.get("image_url")) or block
        return [Part("image", str(source.get("url") or kind)[:500], at)]
    return [Part("json", pretty(item), at)]


def _call(value: Any, at: str) -> Part:
    call = as_object(value) or {}
    function = as_object(call.get("function")) or call
    meta = {"name": str(function.get("name") or "?"), "id": str(call.get("id") or "")}
    return Part("tool_call", pretty(function.get("arguments", value)), at, meta)


def _split_at_code(text: str, at: str) -> list[Part]:
    if "```" not in text:
        return [Part("text", text, at)] if text else []
    parts: list[Part] = []
    done = 0
    for fence in _FENCE.finditer(text):
        if text[done : fence.start()].strip():
            parts.append(Part("text", text[done : fence.start()], at))
        parts.append(Part("code", fence[2].rstrip("\n"), at, {"language": fence[1]}))
        done = fence.end()
    if text[done:].strip() or not parts:
        parts.append(Part("text", text[done:], at))
    return parts
