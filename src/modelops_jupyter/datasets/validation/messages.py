"""Rules for chat rows: messages, their content and their weights."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object, type_name
from modelops_jupyter.datasets.formats.layouts import SPEAKERS
from modelops_jupyter.datasets.formats.values import content_text, pretty
from modelops_jupyter.datasets.validation.conversation import Said, check_order, check_role
from modelops_jupyter.datasets.validation.problem import Finding
from modelops_jupyter.datasets.validation.tools import check_definitions, check_tools


def check_messages(row: Row) -> Iterator[Finding]:
    """Check a row ``{"messages": [...]}``."""
    problems = _list_of_turns(row, "messages")
    yield from problems
    if not problems:
        messages = as_array(row["messages"]) or []
        yield from check_each(messages, "/messages")
        yield from _check_order(messages, "/messages")
        yield from check_tools(messages)
        yield from _check_weights(messages)
    yield from check_definitions(row.get("tools"), "/tools")


def check_sharegpt(row: Row) -> Iterator[Finding]:
    """Check a row ``{"conversations": [...]}``."""
    problems = _list_of_turns(row, "conversations")
    yield from problems
    if not problems:
        entries = as_array(row["conversations"]) or []
        yield from check_each(entries, "/conversations", "from", "value", SPEAKERS)
        yield from _check_order(entries, "/conversations", "from", SPEAKERS)


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


def check_each(
    turns: list[Any],
    base: str,
    speaker: str = "role",
    text: str = "content",
    roles: Mapping[Any, str] | None = None,
) -> Iterator[Finding]:
    """Check each turn by itself; `speaker` and `text` are its two keys."""
    for i, value in enumerate(turns):
        at, turn = f"{base}/{i}", as_object(value)
        if turn is None:
            yield Finding("ill-typed-field", at, f"The turn is {type_name(value)}, not an object.")
            continue
        role = _role(turn, speaker, roles)
        if speaker in turn:
            yield from check_role(role, f"{at}/{speaker}")
        else:
            yield Finding("missing-field", f"{at}/{speaker}", f'The turn has no "{speaker}".')
        yield from _check_content(turn, role, text, f"{at}/{text}")
        if not isinstance(turn.get("name", ""), str):
            yield Finding(
                "ill-typed-field", f"{at}/name", f"The name is {type_name(turn['name'])}, not a text."
            )


def _role(turn: Row, speaker: str, roles: Mapping[Any, str] | None) -> Any:
    role = turn.get(speaker)
    return roles.get(role, role) if roles and isinstance(role, str) else role


def _check_order(
    turns: list[Any], base: str, speaker: str = "role", roles: Mapping[Any, str] | None = None
) -> Iterator[Finding]:
    spoken = ((i, _role(as_object(value) or {}, speaker, roles)) for i, value in enumerate(turns))
    said = [Said(role, f"{base}/{i}/{speaker}", f"{base}/{i}") for i, role in spoken if isinstance(role, str)]
    if said:
        yield from check_order(said, base)


def _check_content(turn: Row, role: Any, key: str, at: str) -> Iterator[Finding]:
    content, parts = turn.get(key), as_array(turn.get(key))
    calls = role == "assistant" and bool(turn.get("tool_calls") or turn.get("function_call"))
    if key not in turn:
        if not calls:
            yield Finding("missing-field", at, f'The turn has no "{key}".')
    elif isinstance(content, str) or parts is not None:
        yield from _check_parts(parts or [], at)
        # What a tool returns may be nothing, and beside a call there is nothing to say.
        if not calls and role not in ("tool", "function") and _says_nothing(content):
            if role == "assistant":
                yield Finding("empty-field", at, "The assistant's answer is empty.", "error")
            else:
                yield Finding("empty-field", at, f"The {role} says nothing.", "warning")
    elif not (content is None and calls):
        yield Finding("ill-typed-field", at, f"The {key} is {type_name(content)}, not a text.")


def _says_nothing(content: Any) -> bool:
    parts = as_array(content) or []
    return not content_text(content).strip() and all("text" in (as_object(part) or {}) for part in parts)


def _check_parts(parts: list[Any], at: str) -> Iterator[Finding]:
    for i, value in enumerate(parts):
        part = as_object(value)
        if part is None:
            yield Finding("ill-typed-field", f"{at}/{i}", f"The part is {type_name(value)}, not an object.")
        elif part.get("type", "text") == "text" and not isinstance(part.get("text"), str):
            what = type_name(part["text"]) if "text" in part else "missing"
            yield Finding("ill-typed-field", f"{at}/{i}/text", f"The text of the part is {what}.")


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
