"""Chat: ``{"messages": [{"role", "content", "tool_calls", …}], "tools": […]}``."""

from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.formats.base import DatasetFormat, RowFormat, missing
from modelops_jupyter.datasets.formats.turn import Part, Turn, text_parts
from modelops_jupyter.datasets.formats.values import content_text, pretty


def message_turns(messages: list[Any], pointer: str) -> list[Turn]:
    """Return the turns of a list of messages."""
    return [_turn(message, f"{pointer}/{i}") for i, message in enumerate(messages)]


def _turn(value: Any, pointer: str) -> Turn:
    message = as_object(value)
    if message is None:
        return Turn("unknown", (Part("json", pretty(value), pointer),), pointer, in_loss=False)
    role = message.get("role")
    role = role if isinstance(role, str) else "unknown"
    parts = content_parts(message.get("content"), f"{pointer}/content", tool=role in ("tool", "function"))
    for i, call in enumerate(as_array(message.get("tool_calls")) or ()):
        parts.append(_call(call, f"{pointer}/tool_calls/{i}"))
    name = message.get("name")
    learned = role == "assistant" and message.get("weight") != 0
    return Turn(role, tuple(parts), pointer, learned, name if isinstance(name, str) else None)


def content_parts(content: Any, pointer: str, *, tool: bool = False) -> list[Part]:
    """Return the parts of a message's content, whatever it is."""
    if content is None:
        return []
    if isinstance(content, str):
        return [Part("tool_result", content, pointer)] if tool else text_parts(content, pointer)
    items = as_array(content)
    if items is None:
        return [Part("json", pretty(content), pointer)]
    return [part for i, item in enumerate(items) for part in _content_item(item, f"{pointer}/{i}")]


def _content_item(item: Any, pointer: str) -> list[Part]:
    block = as_object(item) or {}
    text = block.get("text")
    if isinstance(text, str):
        return text_parts(text, f"{pointer}/text")
    kind = block.get("type")
    if isinstance(kind, str) and kind.startswith("image"):
        source = as_object(block.get("image_url")) or block
        return [Part("image", str(source.get("url") or kind)[:500], pointer)]
    return [Part("json", pretty(item), pointer)]


def _call(value: Any, pointer: str) -> Part:
    call = as_object(value) or {}
    function = as_object(call.get("function")) or call
    arguments = function.get("arguments", value)
    meta = {"name": str(function.get("name") or "?"), "id": str(call.get("id") or "")}
    return Part("tool_call", pretty(arguments), pointer, meta)


def last_answer(messages: list[Any]) -> int:
    """Return the index of the last assistant message, or -1."""
    for i in range(len(messages) - 1, -1, -1):
        if (as_object(messages[i]) or {}).get("role") == "assistant":
            return i
    return -1


def _messages(row: Row) -> list[Any]:
    return as_array(row.get("messages")) or []


def _prompt(row: Row) -> list[dict[str, Any]]:
    messages = _messages(row)
    at = last_answer(messages)
    if at < 0:
        raise missing("assistant turn", "assistant-missing")
    return [message for value in messages[:at] if (message := as_object(value)) is not None]


def _reference(row: Row) -> str:
    messages = _messages(row)
    at = last_answer(messages)
    if at < 0:
        raise missing("assistant turn", "assistant-missing")
    return content_text((as_object(messages[at]) or {}).get("content"))


MESSAGES = RowFormat(
    DatasetFormat.MESSAGES,
    frozenset({"messages", "tools", "functions", "parallel_tool_calls", "documents"}),
    lambda row: as_array(row.get("messages")) is not None,
    lambda row: message_turns(_messages(row), "/messages"),
    _prompt,
    _reference,
)
