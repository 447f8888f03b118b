"""Messages as a row of another layout; what it cannot hold is an error with the reason."""

import json
from collections.abc import Callable

from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.formats.into_chat import InexpressibleError, Message, dumps

_FROM = {"user": "human", "assistant": "gpt", "system": "system"}


def _to_sharegpt(messages: list[Message]) -> Row:
    return {"conversations": [_entry(message) for message in messages]}


def _entry(message: Message) -> Row:
    calls = as_array(message.get("tool_calls"))
    if message["role"] == "tool":
        _only(message, "sharegpt", "tool_call_id")
        return {"from": "observation", "value": _text_of(message)}
    if calls is None:
        _only(message, "sharegpt")
        if message["role"] not in _FROM:
            raise InexpressibleError(f"sharegpt rows have no {message['role']}")
        return {"from": _FROM[message["role"]], "value": _text_of(message)}
    _only(message, "sharegpt", "tool_calls")
    function = as_object((as_object(calls[0]) or {}).get("function")) if len(calls) == 1 else None
    if function is None or message.get("content"):
        raise InexpressibleError("sharegpt rows hold one tool call a turn, without text beside it")
    try:
        arguments = json.loads(function["arguments"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise InexpressibleError("the arguments of a tool call are no JSON text") from None
    return {"from": "function_call", "value": dumps({"name": function.get("name"), "arguments": arguments})}


def _to_alpaca(messages: list[Message]) -> Row:
    system = messages[0]["role"] == "system"
    spoken = messages[system:]
    if [message["role"] for message in spoken] != ["user", "assistant"] * (len(spoken) // 2) or not spoken:
        raise InexpressibleError("alpaca rows hold questions and answers in turn, nothing else")
    for message in messages:
        _only(message, "alpaca")
    texts = [_text_of(message) for message in spoken]
    made: Row = {"instruction": texts[-2], "input": "", "output": texts[-1]}
    if system:
        made["system"] = _text_of(messages[0])
    if history := [list(pair) for pair in zip(texts[:-2:2], texts[1:-2:2], strict=True)]:
        made["history"] = history
    return made


def _to_pair(messages: list[Message]) -> Row:
    *asked, answer = messages
    if answer["role"] != "assistant" or not asked:
        raise InexpressibleError("the last turn is no answer")
    if any(m["role"] == "assistant" and m.get("weight") != 0 for m in asked):
        raise InexpressibleError(
            "of several answers only the last would be learned; give the others weight 0"
        )
    if len(asked) == 1 and is_plain(asked[0], "user") and is_plain(answer, "assistant"):
        return {"prompt": asked[0]["content"], "completion": answer["content"]}
    prompt = [{k: v for k, v in m.items() if k != "weight" or m["role"] != "assistant"} for m in asked]
    return {"prompt": prompt, "completion": [answer]}


def _to_text(messages: list[Message]) -> Row:
    asked, answered = messages[0], messages[-1]
    if len(messages) != 2 or not is_plain(asked, "user") or not is_plain(answered, "assistant"):
        raise InexpressibleError("a text has one speaker")
    if asked["content"]:
        raise InexpressibleError("a text has no prompt; who says what would be lost")
    return {"text": answered["content"]}


def is_plain(message: Message, role: str) -> bool:
    """Tell whether a message is a text by `role` and nothing else."""
    return (
        set(message) == {"role", "content"}
        and message["role"] == role
        and isinstance(message["content"], str)
    )


def _only(message: Message, target: str, *more: str) -> None:
    for key in message:
        if key not in ("role", "content", *more):
            what = {"weight": "the weight", "tool_calls": "the tool calls"}.get(key, f'the key "{key}"')
            raise InexpressibleError(f"{target} rows cannot hold {what} of a turn")


def _text_of(message: Message) -> str:
    if not isinstance(message.get("content"), str):
        raise InexpressibleError("the content of a turn is no text")
    return message["content"]


FROM_MESSAGES: dict[str, Callable[[list[Message]], Row]] = {
    "sharegpt": _to_sharegpt,
    "alpaca": _to_alpaca,
    "prompt_completion": _to_pair,
    "text": _to_text,
}
