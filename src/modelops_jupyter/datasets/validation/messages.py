"""Rules for chat rows: messages, their content and their weights."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object, type_name
from modelops_jupyter.datasets.formats.layouts import SPEAKERS
from modelops_jupyter.datasets.formats.values import content_text, pretty
from modelops_jupyter.datasets.validation.conversation import ROLES, complaints
from modelops_jupyter.datasets.validation.problem import Finding
from modelops_jupyter.datasets.validation.tools import check_definitions, check_tools

_USUAL = ("user", "assistant", "system", "tool")
_NO_NAMES: dict[str, str] = {}


def check_messages(row: Row) -> Iterator[Finding]:
    """Check a row ``{"messages": [...]}``."""
    messages = as_array(row.get("messages"))
    if messages:
        yield from check_each(messages, "/messages", order=True)
        yield from check_tools(messages)
        yield from _check_weights(messages)
    else:
        yield _no_turns(row, "messages")
    yield from check_definitions(row.get("tools"), "/tools")


def check_sharegpt(row: Row) -> Iterator[Finding]:
    """Check a row ``{"conversations": [...]}``."""
    entries = as_array(row.get("conversations"))
    if entries:
        yield from check_each(entries, "/conversations", "from", "value", SPEAKERS, order=True)
    else:
        yield _no_turns(row, "conversations")


def _no_turns(row: Row, key: str) -> Finding:
    value = row.get(key)
    if key not in row:
        return Finding("missing-field", f"/{key}", f'The row has no "{key}".')
    if value == []:
        return Finding("empty-field", f"/{key}", f'"{key}" is empty.')
    if isinstance(value, str) and pretty(value) != value:
        return Finding("json-in-string", f"/{key}", "The conversation is hidden in a text.")
    return Finding("ill-typed-field", f"/{key}", f'"{key}" is {type_name(value)}, not a list.')


def check_each(
    turns: list[Any],
    base: str,
    speaker: str = "role",
    text: str = "content",
    names: Mapping[str, str] = _NO_NAMES,
    *,
    order: bool = False,
) -> Iterator[Finding]:
    """Check each turn by itself, and their `order`.

    `speaker` and `text` are the two keys of a turn, `names` other words for roles.
    """
    roles: list[str | None] = []
    for i, value in enumerate(turns):
        turn = as_object(value)
        role = turn.get(speaker) if turn else None
        if isinstance(role, str):
            role = names.get(role, role)
        roles.append(role if isinstance(role, str) else None)
        if turn is None:
            message = f"The turn is {type_name(value)}, not an object."
            yield Finding("ill-typed-field", f"{base}/{i}", message)
        elif role not in _USUAL or "name" in turn or not _says_something(turn.get(text)):
            yield from _check_turn(turn, role, f"{base}/{i}", speaker, text)
    for complaint in complaints(tuple(roles)) if order else ():
        at = base if complaint.turn is None else f"{base}/{complaint.turn}"
        yield Finding(complaint.code, f"{at}/{speaker}" if complaint.role else at, complaint.message)


def _says_something(content: Any) -> bool:
    return isinstance(content, str) and content != "" and not content.isspace()


def _check_turn(turn: Row, role: Any, at: str, speaker: str, text: str) -> Iterator[Finding]:
    if speaker not in turn:
        yield Finding("missing-field", f"{at}/{speaker}", f'The turn has no "{speaker}".')
    elif not isinstance(role, str):
        yield Finding("ill-typed-field", f"{at}/{speaker}", "The role is not a text.")
    elif role not in ROLES:
        yield Finding("unknown-role", f"{at}/{speaker}", f'"{role}" is no role.')
    yield from _check_content(turn, role, text, f"{at}/{text}")
    if not isinstance(turn.get("name", ""), str):
        yield Finding("ill-typed-field", f"{at}/name", f"The name is {type_name(turn['name'])}, not a text.")


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
    turns = [as_object(value) or {} for value in messages]
    weighted = [i for i, turn in enumerate(turns) if "weight" in turn]
    for i in weighted:
        at, turn, weight = f"/messages/{i}/weight", turns[i], turns[i]["weight"]
        if turn.get("role") != "assistant":
            yield Finding("weight-on-wrong-role", at, f"The {turn.get('role')}'s turn carries a weight.")
        elif type(weight) is bool or weight not in (0, 1):
            yield Finding("weight-value", at, f"The weight {weight!r} is not 0 or 1.".replace("True", "true"))
    if not weighted:
        return
    answers = [turn.get("weight", 1) for turn in turns if turn.get("role") == "assistant"]
    if answers and all(weight == 0 for weight in answers):
        yield Finding("nothing-to-learn", "/messages", "Every answer has the weight 0.")
