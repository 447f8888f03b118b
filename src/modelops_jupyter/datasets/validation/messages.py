"""Rules for chat rows: messages, their content and their weights."""

from collections.abc import Iterator
from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object, type_name
from modelops_jupyter.datasets.formats.sharegpt import ROLES as SPEAKERS
from modelops_jupyter.datasets.formats.values import pretty
from modelops_jupyter.datasets.validation.conversation import Said, check_order, check_role
from modelops_jupyter.datasets.validation.problem import Finding
from modelops_jupyter.datasets.validation.tools import check_tools

_NEXT = {
    "": frozenset({"system", "user"}),
    "system": frozenset({"user"}),
    "user": frozenset({"assistant"}),
    "assistant": frozenset({"user"}),
}


def is_plain(messages: list[Any]) -> bool:
    """Tell quickly that nothing can be wrong: texts by user and assistant in turn, and no other keys.

    Nearly all rows are like this, so the rules below see only the rest.
    """
    before = ""
    for value in messages:
        message = as_object(value)
        if message is None or len(message) != 2:
            return False
        role, content = message.get("role"), message.get("content")
        if not isinstance(content, str) or not content or content.isspace():
            return False
        if not isinstance(role, str) or role not in _NEXT[before]:
            return False
        before = role
    return before == "assistant"


def check_messages(row: Row) -> Iterator[Finding]:
    """Check a row ``{"messages": [...]}``."""
    yield from _list_of_turns(row, "messages") or _check_messages(as_array(row["messages"]) or [])


def check_sharegpt(row: Row) -> Iterator[Finding]:
    """Check a row ``{"conversations": [...]}``."""
    yield from _list_of_turns(row, "conversations") or _check_entries(as_array(row["conversations"]) or [])


def _list_of_turns(row: Row, key: str) -> list[Finding]:
    value = row.get(key)
    if key not in row:
        return [Finding("missing-field", f"/{key}", f'The row has no "{key}".')]
    if as_array(value) == []:
        return [Finding("empty-field", f"/{key}", f'"{key}" is empty.')]
    if as_array(value) is not None:
        return []
    if isinstance(value, str) and pretty(value) != value:
        return [Finding("json-in-string", f"/{key}", "The conversation is hidden in a text.")]
    return [Finding("ill-typed-field", f"/{key}", f'"{key}" is {type_name(value)}, not a list.')]


def _check_messages(messages: list[Any]) -> Iterator[Finding]:
    said: list[Said] = []
    for i, value in enumerate(messages):
        at = f"/messages/{i}"
        message = as_object(value)
        if message is None:
            yield Finding("ill-typed-field", at, f"The message is {type_name(value)}, not an object.")
            continue
        role = message.get("role")
        if "role" in message:
            yield from check_role(role, f"{at}/role")
        else:
            yield Finding("missing-field", f"{at}/role", "The message has no role.")
        yield from _check_content(message, at)
        if isinstance(role, str):
            said.append(Said(role, f"{at}/role", at))
    if said:
        yield from check_order(said, "/messages")
    yield from check_tools(messages)
    yield from _check_weights(messages)


def _check_content(message: Row, at: str) -> Iterator[Finding]:
    role, content = message.get("role"), message.get("content")
    calls = role == "assistant" and bool(message.get("tool_calls") or message.get("function_call"))
    if isinstance(content, str):
        # What a tool returns may be nothing, and beside a call there is nothing to say.
        if not content.strip() and not calls and role not in ("tool", "function"):
            yield _empty(role, f"{at}/content")
    elif as_array(content) is not None:
        if not content and not calls:
            yield _empty(role, f"{at}/content")
    elif "content" not in message:
        if not calls:
            yield Finding("missing-field", f"{at}/content", "The message has no content.")
    elif not (content is None and calls):
        yield Finding("ill-typed-field", f"{at}/content", f"The content is {type_name(content)}, not a text.")


def _empty(role: Any, at: str) -> Finding:
    if role == "assistant":
        return Finding("empty-field", at, "The assistant's answer is empty.", "error")
    return Finding("empty-field", at, f"The {role} says nothing.", "warning")


def _check_weights(messages: list[Any]) -> Iterator[Finding]:
    answers: list[Any] = []
    for i, value in enumerate(messages):
        message = as_object(value) or {}
        weight: Any = message.get("weight", 1)
        if message.get("role") == "assistant":
            answers.append(weight)
        if "weight" not in message:
            continue
        at = f"/messages/{i}/weight"
        if message.get("role") != "assistant":
            yield Finding("weight-on-wrong-role", at, f"The {message.get('role')}'s turn carries a weight.")
        elif type(weight) is bool or weight not in (0, 1):
            yield Finding("weight-value", at, f"The weight {weight!r} is not 0 or 1.".replace("True", "true"))
    if answers and all(weight == 0 for weight in answers):
        yield Finding("nothing-to-learn", "/messages", "Every answer has the weight 0.")


def _check_entries(entries: list[Any]) -> Iterator[Finding]:
    said: list[Said] = []
    for i, value in enumerate(entries):
        at = f"/conversations/{i}"
        entry = as_object(value)
        if entry is None:
            yield Finding("ill-typed-field", at, f"The turn is {type_name(value)}, not an object.")
            continue
        for key in ("from", "value"):
            if key not in entry:
                yield Finding("missing-field", f"{at}/{key}", f'The turn has no "{key}".')
        speaker = entry.get("from")
        role = SPEAKERS.get(speaker, speaker) if isinstance(speaker, str) else speaker
        if "from" in entry:
            yield from check_role(role, f"{at}/from")
        text = entry.get("value", "?")
        if not isinstance(text, str):
            yield Finding("ill-typed-field", f"{at}/value", f"The value is {type_name(text)}, not a text.")
        elif not text.strip() and role != "tool":
            yield _empty(role, f"{at}/value")
        if isinstance(role, str):
            said.append(Said(role, f"{at}/from", at))
    if said:
        yield from check_order(said, "/conversations")
