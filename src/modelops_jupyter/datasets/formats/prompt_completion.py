"""``{"prompt", "completion"}``, each a text or a list of messages."""

from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.formats.base import DatasetFormat, RowFormat, missing
from modelops_jupyter.datasets.formats.messages import last_answer, message_turns
from modelops_jupyter.datasets.formats.turn import Turn, text_parts
from modelops_jupyter.datasets.formats.values import as_text, content_text


def field_turns(
    row: Row, key: str, role: str, *, in_loss: bool = False, name: str | None = None
) -> list[Turn]:
    """Return the turns of one field that is a text or a list of messages."""
    if key not in row:
        return []
    value = row[key]
    messages = as_array(value)
    if messages is None:
        parts = tuple(text_parts(as_text(value), f"/{key}"))
        return [Turn(role, parts, f"/{key}", in_loss, name)]
    turns = message_turns(messages, f"/{key}")
    return [Turn(t.role, t.parts, t.pointer, t.in_loss and in_loss, t.name or name) for t in turns]


def field_messages(row: Row, key: str, role: str) -> list[dict[str, Any]]:
    """Return one field as messages."""
    value = row.get(key)
    messages = as_array(value)
    if messages is None:
        return [{"role": role, "content": as_text(value)}] if value is not None else []
    return [message for item in messages if (message := as_object(item)) is not None]


def field_answer(row: Row, key: str) -> str:
    """Return the answer that one field holds."""
    if row.get(key) is None:
        raise missing(f'"{key}"')
    messages = as_array(row[key])
    if messages is None:
        return as_text(row[key])
    at = last_answer(messages)
    if at < 0:
        raise missing("assistant turn", "assistant-missing")
    return content_text((as_object(messages[at]) or {}).get("content"))


def _turns(row: Row) -> list[Turn]:
    return [*field_turns(row, "prompt", "user"), *field_turns(row, "completion", "assistant", in_loss=True)]


PROMPT_COMPLETION = RowFormat(
    DatasetFormat.PROMPT_COMPLETION,
    frozenset({"prompt", "completion", "tools"}),
    lambda row: "prompt" in row and "completion" in row,
    _turns,
    lambda row: field_messages(row, "prompt", "user"),
    lambda row: field_answer(row, "completion"),
)

KTO = RowFormat(
    DatasetFormat.KTO,
    frozenset({"prompt", "completion", "label"}),
    lambda row: "prompt" in row and "completion" in row and isinstance(row.get("label"), bool),
    _turns,
    PROMPT_COMPLETION.prompt,
    PROMPT_COMPLETION.reference,
)
