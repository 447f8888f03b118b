"""Turns and parts: what a row of any format looks like as a conversation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

PartKind = Literal["text", "code", "tool_call", "tool_result", "image", "json"]
_FENCE = re.compile(r"^```([\w+#.-]*)[^\n]*\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one kind inside a turn; `pointer` says where in the row it stands."""

    kind: PartKind
    text: str
    pointer: str
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Turn:
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


def text_parts(text: str, pointer: str) -> list[Part]:
    """Split a text at its fenced code blocks."""
    if "```" not in text:
        return [Part("text", text, pointer)] if text else []
    parts: list[Part] = []
    at = 0
    for fence in _FENCE.finditer(text):
        if text[at : fence.start()].strip():
            parts.append(Part("text", text[at : fence.start()], pointer))
        parts.append(Part("code", fence[2].rstrip("\n"), pointer, {"language": fence[1]}))
        at = fence.end()
    if text[at:].strip() or not parts:
        parts.append(Part("text", text[at:], pointer))
    return parts
