"""The layouts that are known: how a row of each becomes messages."""

from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.formats.base import DatasetFormat, Exchange, RowFormat, Said
from modelops_jupyter.datasets.formats.values import as_text

SPEAKERS = {  # of ShareGPT
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


def _text(role: str, value: Any, at: str, learned: bool = True, name: str | None = None) -> Said:
    content = value if value is None or isinstance(value, str) else as_text(value)
    return Said({"role": role, "content": content}, at, "", learned, name)


def _list(values: list[Any], at: str, learned: bool = True, name: str | None = None) -> list[Said]:
    return [Said(value, f"{at}/{i}", "/content", learned, name) for i, value in enumerate(values)]


def _field(row: Row, key: str, role: str, learned: bool = True, name: str | None = None) -> list[Said]:
    """Return one field that is a text or a list of messages."""
    if key not in row:
        return []
    messages = as_array(row[key])
    if messages is None:
        return [_text(role, row[key], f"/{key}", learned, name)]
    return _list(messages, f"/{key}", learned, name)


def _cut(said: list[Said]) -> Exchange:
    """Divide a conversation before the last answer."""
    for at in range(len(said) - 1, -1, -1):
        if said[at].role == "assistant":
            return said[:at], said[at:]
    return said, []


def _chat(row: Row) -> Exchange:
    return _cut(_list(as_array(row.get("messages")) or [], "/messages"))


def _sharegpt(row: Row) -> Exchange:
    system = as_text(row.get("system"))
    said = [_text("system", system, "/system")] if system else []
    for i, value in enumerate(as_array(row.get("conversations")) or ()):
        entry, at = as_object(value) or {}, f"/conversations/{i}"
        speaker = entry.get("from")
        speaker = speaker if isinstance(speaker, str) else "unknown"
        message = {"role": SPEAKERS.get(speaker, speaker), "content": as_text(entry.get("value"))}
        said.append(Said(message, at, "/value", is_call=speaker == "function_call"))
    return _cut(said)


def preference_keys(row: Row) -> tuple[str, str]:
    """Return the keys of the better and the worse answer; OpenAI has names of its own."""
    openai = "preferred_output" in row and "chosen" not in row
    return ("preferred_output", "non_preferred_output") if openai else ("chosen", "rejected")


def _preference(row: Row) -> Exchange:
    better, worse = preference_keys(row)
    chosen = _field(row, better, "assistant", name="chosen")
    rejected = _field(row, worse, "assistant", learned=False, name="rejected")
    if better != "chosen":
        asked = as_array((as_object(row.get("input")) or {}).get("messages")) or []
        return _list(asked, "/input/messages", learned=False), chosen + rejected
    if "prompt" in row:
        return _field(row, "prompt", "user", learned=False), chosen + rejected
    asked, answered = _cut(chosen)  # the prompt is then the common beginning
    return (asked, answered + rejected) if answered else ([], asked + rejected)


def _stepwise(row: Row) -> Exchange:
    steps = enumerate(as_array(row.get("completions")) or ())
    said = [_text("assistant", step, f"/completions/{i}") for i, step in steps]
    return _field(row, "prompt", "user", learned=False), said


def _prompt_completion(row: Row) -> Exchange:
    return _field(row, "prompt", "user", learned=False), _field(row, "completion", "assistant")


def _alpaca(row: Row) -> Exchange:
    system = as_text(row.get("system"))
    asked = [_text("system", system, "/system")] if system else []
    for i, pair in enumerate(as_array(row.get("history")) or ()):
        for j, said in enumerate((as_array(pair) or [])[:2]):
            asked.append(_text("assistant" if j else "user", said, f"/history/{i}/{j}"))
    task = "\n\n".join(text for key in ("instruction", "input") if (text := as_text(row.get(key))))
    answered = [_text("assistant", row["output"], "/output")] if "output" in row else []
    return [*asked, _text("user", task, "/instruction")], answered


# The order decides for a row that fits several: the richer layout first.
LAYOUTS = (
    RowFormat(
        DatasetFormat.MESSAGES,
        frozenset({"messages", "tools", "functions", "parallel_tool_calls", "documents"}),
        lambda row: isinstance(row.get("messages"), list),
        _chat,
    ),
    RowFormat(
        DatasetFormat.SHAREGPT,
        frozenset({"conversations", "system", "tools"}),
        lambda row: isinstance(row.get("conversations"), list),
        _sharegpt,
    ),
    RowFormat(
        DatasetFormat.PREFERENCE,
        frozenset(
            {"prompt", "chosen", "rejected", "tools", "input", "preferred_output", "non_preferred_output"}
        ),
        lambda row: all(key in row for key in preference_keys(row)),
        _preference,
        "chosen",
    ),
    RowFormat(
        DatasetFormat.STEPWISE,
        frozenset({"prompt", "completions", "labels"}),
        lambda row: all(key in row for key in ("prompt", "completions", "labels")),
        _stepwise,
        "completions",
    ),
    RowFormat(
        DatasetFormat.KTO,
        frozenset({"prompt", "completion", "label"}),
        lambda row: "prompt" in row and "completion" in row and isinstance(row.get("label"), bool),
        _prompt_completion,
        "completion",
    ),
    RowFormat(
        DatasetFormat.PROMPT_COMPLETION,
        frozenset({"prompt", "completion", "tools"}),
        lambda row: "prompt" in row and "completion" in row,
        _prompt_completion,
        "completion",
    ),
    RowFormat(
        DatasetFormat.ALPACA,
        frozenset({"instruction", "input", "output", "system", "history"}),
        lambda row: "instruction" in row and "output" in row,
        _alpaca,
        "output",
    ),
    RowFormat(
        DatasetFormat.TEXT,
        frozenset({"text"}),
        lambda row: "text" in row,
        lambda row: ([], [_text("text", row.get("text"), "/text")]),
        "text",
    ),
)
