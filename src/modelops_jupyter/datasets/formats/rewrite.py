"""Rows of one layout written in another: exactly, or not at all and with the reason."""

from collections.abc import Callable

from modelops_jupyter.datasets._json import Row, as_object
from modelops_jupyter.datasets.formats.base import DatasetFormat
from modelops_jupyter.datasets.formats.into_chat import (
    TO_MESSAGES,
    InexpressibleError,
    conversation,
    texts_or_messages,
)
from modelops_jupyter.datasets.formats.layouts import preference_keys
from modelops_jupyter.datasets.formats.out_of_chat import FROM_MESSAGES, is_plain

OPENAI_PREFERENCE = "openai_preference"
# The keys that hold the conversation itself; all other keys go along as they are.
_OWN: dict[str, tuple[str, ...]] = {
    "messages": ("messages",),
    "sharegpt": ("conversations", "system"),
    "alpaca": ("instruction", "input", "output", "system", "history"),
    "prompt_completion": ("prompt", "completion"),
    "text": ("text",),
    "preference": ("prompt", "chosen", "rejected", "tools", "parallel_tool_calls"),
    OPENAI_PREFERENCE: ("input", "preferred_output", "non_preferred_output"),
}
CHATS = ("messages", "sharegpt", "alpaca", "prompt_completion", "text")
PREFERENCES = ("preference", OPENAI_PREFERENCE)


def layout_of(row: Row, format: DatasetFormat) -> str:
    """Return the name of a row's layout; OpenAI's preferences have one of their own."""
    openai = format is DatasetFormat.PREFERENCE and preference_keys(row)[0] != "chosen"
    return OPENAI_PREFERENCE if openai else format.value


def rewrite(row: Row, layout: str, target: str) -> Row:
    """Return a row in another layout, with all keys that do not belong to its own.

    Raises
    ------
    InexpressibleError
        If something would be lost.
    """
    if layout in PREFERENCES:
        return _with_rest(_PREFERENCES[target](row), row, layout)
    messages = TO_MESSAGES[layout](row)
    if target == "messages":
        return _with_rest({"messages": messages}, row, layout)
    if target in ("alpaca", "text") and row.get("tools"):
        raise InexpressibleError(f"{target} rows cannot hold tools")
    made = _with_rest(FROM_MESSAGES[target](messages), row, layout)
    if TO_MESSAGES[target](made) != messages:
        raise InexpressibleError(f"{target} rows cannot hold all of it: it would not come back the same")
    return made


def _with_rest(made: Row, row: Row, layout: str) -> Row:
    rest = {key: value for key, value in row.items() if key not in _OWN[layout]}
    for key in rest:
        if key in made:
            raise InexpressibleError(f'the key "{key}" of the row is taken in the other layout')
    return made | rest


def _to_openai(row: Row) -> Row:
    chosen, rejected = (texts_or_messages(row, key, "assistant") for key in ("chosen", "rejected"))
    if "prompt" in row:
        asked = texts_or_messages(row, "prompt", "user")
    else:
        pairs = enumerate(zip(chosen, rejected, strict=False))
        shared = next((i for i, (one, two) in pairs if one != two), min(len(chosen), len(rejected)))
        asked, chosen, rejected = chosen[:shared], chosen[shared:], rejected[shared:]
    if not (asked and chosen and rejected):
        raise InexpressibleError("there is no prompt, or an answer is only what both have in common")
    more = {key: row[key] for key in ("tools", "parallel_tool_calls") if key in row}
    return {
        "input": {"messages": asked, **more},
        "preferred_output": chosen,
        "non_preferred_output": rejected,
    }


def _from_openai(row: Row) -> Row:
    asked = as_object(row.get("input")) or {}
    if stray := set(asked) - {"messages", "tools", "parallel_tool_calls"}:
        raise InexpressibleError(f'the key "{min(stray)}" of "input" has no place')
    prompt = conversation(asked.get("messages"), "input")
    outputs = [conversation(row.get(key), key) for key in ("preferred_output", "non_preferred_output")]
    more = {key: value for key, value in asked.items() if key != "messages"}
    plain = all(len(said) == 1 and is_plain(said[0], "assistant") for said in outputs)
    if plain and len(prompt) == 1 and is_plain(prompt[0], "user"):
        texts = (said[0]["content"] for said in (prompt, *outputs))
        return dict(zip(("prompt", "chosen", "rejected"), texts, strict=True)) | more
    return {"prompt": prompt, "chosen": outputs[0], "rejected": outputs[1], **more}


_PREFERENCES: dict[str, Callable[[Row], Row]] = {"preference": _from_openai, OPENAI_PREFERENCE: _to_openai}
