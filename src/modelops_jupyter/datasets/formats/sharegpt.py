"""``{"conversations": [{"from", "value"}], "system", "tools"}``."""

from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.formats.base import DatasetFormat, RowFormat, missing
from modelops_jupyter.datasets.formats.messages import last_answer
from modelops_jupyter.datasets.formats.turn import Part, Turn, text_parts
from modelops_jupyter.datasets.formats.values import as_text, pretty

ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "system": "system",
    "observation": "tool",
    "tool": "tool",
    "function_call": "assistant",
}


def said(value: Any) -> tuple[str, str]:
    """Return (role, text) of one entry; an unknown speaker stays as written."""
    entry = as_object(value) or {}
    speaker = entry.get("from")
    speaker = speaker if isinstance(speaker, str) else "unknown"
    return ROLES.get(speaker, speaker), as_text(entry.get("value"))


def _entries(row: Row) -> list[Any]:
    return as_array(row.get("conversations")) or []


def _turns(row: Row) -> list[Turn]:
    turns: list[Turn] = []
    if as_text(row.get("system")):
        turns.append(
            Turn("system", tuple(text_parts(as_text(row["system"]), "/system")), "/system", in_loss=False)
        )
    for i, entry in enumerate(_entries(row)):
        at = f"/conversations/{i}"
        role, text = said(entry)
        parts = text_parts(text, f"{at}/value")
        if (as_object(entry) or {}).get("from") == "function_call":
            parts = [Part("tool_call", pretty(text), f"{at}/value")]
        elif role == "tool":
            parts = [Part("tool_result", text, f"{at}/value")]
        turns.append(Turn(role, tuple(parts), at, role == "assistant"))
    return turns


def as_messages(row: Row) -> list[dict[str, Any]]:
    """Return the conversation as chat messages."""
    system = as_text(row.get("system"))
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    return messages + [{"role": role, "content": text} for role, text in map(said, _entries(row))]


def _split(row: Row) -> tuple[list[dict[str, Any]], str]:
    messages = as_messages(row)
    at = last_answer(messages)
    if at < 0:
        raise missing("assistant turn", "assistant-missing")
    return messages[:at], messages[at]["content"]


SHAREGPT = RowFormat(
    DatasetFormat.SHAREGPT,
    frozenset({"conversations", "system", "tools"}),
    lambda row: as_array(row.get("conversations")) is not None,
    _turns,
    lambda row: _split(row)[0],
    lambda row: _split(row)[1],
)
