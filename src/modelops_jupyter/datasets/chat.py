"""A row of any layout as the conversation that a chat template is given."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object, decoded
from modelops_jupyter.datasets.formats import DatasetFormat, row_format
from modelops_jupyter.datasets.formats.base import Said
from modelops_jupyter.errors import DatasetError

Message = dict[str, Any]
_PAIRS = (DatasetFormat.PROMPT_COMPLETION, DatasetFormat.KTO, DatasetFormat.PREFERENCE)


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation, ready to be rendered.

    Parameters
    ----------
    messages
        As templates want them: text parts joined, tool arguments as objects, no null content.
    learned
        For each message, whether training learns it.
    pointers
        For each message, where in the row it stands.
    tools
        What the row offers, if it does.
    plain
        Its texts are put one after the other; no template and no speaker stands between them.
    """

    messages: list[Message]
    learned: list[bool]
    pointers: list[str]
    tools: list[Any] | None = None
    plain: bool = False


def chat_of(row: Row, format: DatasetFormat, *, template: bool = True) -> Chat:
    """Return what a row says, of a preference the prompt and the better answer.

    Without a chat template, a prompt and its answer that are texts are plain text.

    Raises
    ------
    DatasetError
        If the row has no known layout, nothing in it is said, or a turn is no object.
    """
    known = row_format(row, format)
    if known is None or known.name is DatasetFormat.STEPWISE:
        what = "rates steps, it is not learned as text" if known else "has no layout that we know"
        raise DatasetError(f"The row {what}.", code="format-not-trainable", hint='Use {"messages": [...]}.')
    asked, answered = known.said(row)
    said = [one for one in asked + answered if one.name != "rejected"]
    if not said or not all(as_object(one.message) for one in said):
        raise DatasetError(
            "The row holds no conversation.", code="ill-typed-field", hint="See ds.validate()."
        )
    holder = (as_object(row.get("input")) or {}) if "preferred_output" in row else row
    messages = [_message(one) for one in said]
    return Chat(
        [for_template(message) for message in messages],
        [_learned(one) for one in said],
        [one.pointer + one.words for one in said],
        _tools(holder.get("tools")),
        plain=known.name is DatasetFormat.TEXT
        or (not template and known.name in _PAIRS and not any(one.words for one in said)),
    )


def _learned(said: Said) -> bool:
    return said.learned and said.role in ("assistant", "text") and said.message.get("weight") != 0


def _message(said: Said) -> Message:
    return (
        {"role": "assistant", "tool_calls": [call_of(said.message["content"])]}
        if said.is_call
        else said.message
    )


def call_of(text: str) -> dict[str, Any]:
    """Return the tool call that ShareGPT writes as a text."""
    call = as_object(decoded(text)) or {}
    return {
        "type": "function",
        "function": {"name": call.get("name"), "arguments": call.get("arguments", text)},
    }


def for_template(message: Message) -> Message:
    """Return a message in the form that chat templates are written for."""
    made = {"content": "", **message}
    parts = as_array(made["content"]) or []
    texts = [text for part in parts if isinstance(text := (as_object(part) or {}).get("text"), str)]
    if made["content"] is None:
        made["content"] = ""  # templates add it to a text
    elif parts and len(texts) == len(parts):
        made["content"] = "".join(texts)
    if calls := as_array(made.get("tool_calls")):
        made["tool_calls"] = [_call(call) for call in calls]
    return made


def _call(value: Any) -> Any:
    call = as_object(value) or {}
    function = as_object(call.get("function")) or {}
    arguments = function.get("arguments")
    value_of = as_object(decoded(arguments)) if isinstance(arguments, str) else None
    # Templates write the arguments as JSON themselves; a text would come out in quotes.
    return value if value_of is None else {**call, "function": {**function, "arguments": value_of}}


def with_text_arguments(messages: Sequence[Message]) -> list[Message] | None:
    """Return messages with tool arguments as JSON text, as a few templates want them; None without any."""
    made = [_with_text(message) for message in messages]
    return made if made != list(messages) else None


def _with_text(message: Message) -> Message:
    calls: list[Any] = []
    for value in as_array(message.get("tool_calls")) or ():
        call = as_object(value) or {}
        function = as_object(call.get("function")) or {}
        if as_object(function.get("arguments")) is not None:
            text = json.dumps(function["arguments"], ensure_ascii=False)
            call = {**call, "function": {**function, "arguments": text}}
        calls.append(call or value)
    return {**message, "tool_calls": calls} if calls else message


def _tools(value: Any) -> list[Any] | None:
    return as_array(decoded(value) if isinstance(value, str) else value) or None
