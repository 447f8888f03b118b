"""Rows of every layout that is a conversation as messages."""

import json
from collections.abc import Callable
from typing import Any, cast

from modelops_jupyter.datasets._json import Row, as_array, as_object, decoded
from modelops_jupyter.datasets.formats.layouts import SPEAKERS

Message = dict[str, Any]


class InexpressibleError(ValueError):
    """A row says something that the other layout cannot hold; the text says what."""


def _from_chat(row: Row) -> list[Message]:
    return conversation(row.get("messages"), "messages")


def _from_sharegpt(row: Row) -> list[Message]:
    system = row.get("system")
    if system and not isinstance(system, str):
        raise InexpressibleError('"system" is no text')
    out: list[Message] = [{"role": "system", "content": system}] if system else []
    open_calls: list[str] = []
    calls = 0
    for entry in conversation(row.get("conversations"), "conversations", "from"):
        speaker, value = entry["from"], entry.get("value")
        if speaker not in SPEAKERS or not isinstance(value, str):
            raise InexpressibleError(f'the turn of "{speaker}" is none that we know, or has no text')
        message: Message = {"role": SPEAKERS[speaker], "content": value}
        if speaker == "function_call":
            calls += 1
            open_calls.append(f"call_{calls}")
            message = {"role": "assistant", "content": None, "tool_calls": [_call(value, open_calls[-1])]}
        elif message["role"] == "tool" and open_calls:
            message = {"role": "tool", "tool_call_id": open_calls.pop(0), "content": value}
        out.append(message | {k: v for k, v in entry.items() if k not in ("from", "value")})
    return out


def _call(text: str, name: str) -> Message:
    call = as_object(decoded(text))
    if call is None or set(call) != {"name", "arguments"} or as_object(call["arguments"]) is None:
        raise InexpressibleError("a function call is no JSON object with name and arguments")
    function = {"name": call["name"], "arguments": dumps(call["arguments"])}
    return {"id": name, "type": "function", "function": function}


def _from_alpaca(row: Row) -> list[Message]:
    texts = {key: row.get(key) or "" for key in ("system", "input")}
    texts |= {key: row.get(key) for key in ("instruction", "output")}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise InexpressibleError(f'"{key}" is missing or no text')
    out: list[Message] = [{"role": "system", "content": texts["system"]}] if texts["system"] else []
    history = as_array(row.get("history") or [])
    if history is None or not all(map(_is_pair, history)):
        raise InexpressibleError("the history is no list of pairs of texts")
    for question, answer in history:
        out += _asked_answered(question, answer)
    task = "\n\n".join(text for text in (texts["instruction"], texts["input"]) if text)
    return out + _asked_answered(task, cast("str", texts["output"]))


def _is_pair(value: Any) -> bool:
    pair = as_array(value) or []
    return len(pair) == 2 and all(isinstance(text, str) for text in pair)


def _from_pair(row: Row) -> list[Message]:
    asked = texts_or_messages(row, "prompt", "user")
    # An answer inside the prompt is not learned, which a chat says by its weight.
    asked = [m | {"weight": 0} if m["role"] == "assistant" else m for m in asked]
    return asked + texts_or_messages(row, "completion", "assistant")


def _from_text(row: Row) -> list[Message]:
    if not isinstance(row.get("text"), str):
        raise InexpressibleError('"text" is missing or no text')
    return _asked_answered("", row["text"])


def texts_or_messages(row: Row, key: str, role: str) -> list[Message]:
    """Return a field that is a text of `role`, or a list of messages."""
    value = row.get(key)
    return [{"role": role, "content": value}] if isinstance(value, str) else conversation(value, key)


def conversation(value: Any, key: str, speaker: str = "role") -> list[Message]:
    """Return the field `key` as turns that each name their speaker."""
    messages = as_array(value)
    if not messages or not all(isinstance((as_object(m) or {}).get(speaker), str) for m in messages):
        raise InexpressibleError(f'"{key}" is missing or holds no conversation')
    return messages


def _asked_answered(asked: str, answered: str) -> list[Message]:
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]


def dumps(value: Any) -> str:
    """Return JSON as people write it."""
    return json.dumps(value, ensure_ascii=False)


TO_MESSAGES: dict[str, Callable[[Row], list[Message]]] = {
    "messages": _from_chat,
    "sharegpt": _from_sharegpt,
    "alpaca": _from_alpaca,
    "prompt_completion": _from_pair,
    "text": _from_text,
}
