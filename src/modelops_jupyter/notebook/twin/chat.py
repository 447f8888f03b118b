"""The twin of a chat: the conversation so far. What the models said differs from training to training."""

from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.fine_tuning import Chat
from modelops_jupyter.notebook.twin.grammar import (
    Column,
    Html,
    code,
    data,
    details,
    mark,
    p,
    root,
    strong,
    table,
)
from modelops_jupyter.wire.chat import snapshot

_TOKENS = 40  # of the last answer, in the table
_CLIP = 500  # characters of an answer


def text(chat: Chat) -> str:
    """Return the settings, then a line for each thing said."""
    shown = snapshot(chat)
    lines = [f"Chat with {_title(shown)}"]
    lines += [f"system: {fmt.visible(shown['system'])}"] if shown["system"].strip() else []
    for turn in shown["turns"]:
        lines.append(f"user: {fmt.clip(turn['prompt'], _CLIP)}")
        lines += [f"{answer['name']}: {mark(_said(answer))}" for answer in turn["answers"]]
    return "\n".join(lines)


def html(chat: Chat) -> Html:
    """Return the twin."""
    shown = snapshot(chat)
    system = [p("system: ", shown["system"])] if shown["system"].strip() else []
    turns: list[dict[str, Any]] = shown["turns"]
    if not turns:
        asks = (". Nothing said yet: ", code("chat.say(prompt)"), " asks.")
        return root(p(strong("Chat with "), _title(shown), *asks), *system)
    voices = shown["voices"][: max(len(turn["answers"]) for turn in turns)]
    columns = [Column("turn", number=True), Column("prompt"), *map(Column, voices)]
    rows = [
        (fmt.count(number), fmt.clip(turn["prompt"], _CLIP), *_cells(turn["answers"], len(voices)))
        for number, turn in enumerate(turns, shown["first"] + 1)
    ]
    more = f"{len(turns)} of {fmt.plural(shown['first'] + len(turns), 'turn')}; "
    kept = (code("chat.turns"), " has every token, ", code("chat.rows"), " what was said as a dataset.")
    return root(
        p(strong("Chat with "), _title(shown)),
        *system,
        table(columns, rows),
        _tokens(turns[-1]),
        p(more, *kept),
    )


def _title(shown: dict[str, Any]) -> str:
    beside = f" beside {shown['voices'][1]}" if shown["compare"] else ""
    drawn = f"temperature {shown['temperature']:g}" if shown["temperature"] else "likeliest tokens"
    return f"{shown['voices'][0]}{beside}: {drawn}, up to {fmt.plural(shown['max_new_tokens'], 'token')}"


def _said(answer: dict[str, Any]) -> str:
    said = fmt.clip("".join(token["text"] for token in answer["tokens"]), _CLIP) or "(no answer)"
    return said if answer["end"] == "ended" else f"{said} ({answer['end_text'] or 'being written'})"


def _cells(answers: list[dict[str, Any]], width: int) -> list[object]:
    return [*(data(_said(answer)) for answer in answers), *[""] * (width - len(answers))]


def _tokens(turn: dict[str, Any]) -> Html:
    """How sure the model was of the last answer, in the same place whatever it said."""
    tokens = turn["answers"][0]["tokens"]
    columns = [Column("token"), Column("probability", number=True), Column("else")]
    rows = [
        (t["shown"], t["percent"], ", ".join(f"{other} {share}" for other, share in t["others"]))
        for t in tokens[:_TOKENS]
    ]
    title = f"Tokens of the last answer: {min(len(tokens), _TOKENS)} of {fmt.count(len(tokens))}"
    return data(details(title, table(columns, rows)))
