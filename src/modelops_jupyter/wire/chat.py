"""Operations on a chat: say something, write on for a moment, stop, clear, take the row.

A view asks for an answer piece by piece: between two pieces the requests of other views are
answered, and an answer that nobody asks for any more is not written on.
"""

import json
from typing import Annotated, Any

import msgspec

from modelops_jupyter._format import percent, plural, visible
from modelops_jupyter.fine_tuning.chat import Answer, Chat, Turn
from modelops_jupyter.training import Token
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError

PIECE = 0.1  # seconds of writing in one request
MOST_TURNS = 30  # that a view shows of one conversation
DOUBTS = (0.9, 0.5, 0.2)  # a token under the first of these is underlined, under the next thicker
ENDS = {"": "", "ended": "", "stopped": "stopped"}  # else it was cut
Handle = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Words = Annotated[str, msgspec.Meta(max_length=20_000)]


class ChatArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which chat."""

    chat: Handle


class SayArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A prompt, and how it is to be answered."""

    chat: Handle
    prompt: Words
    system: Words
    temperature: Annotated[float, msgspec.Meta(ge=0, le=5)]
    max_new_tokens: Annotated[int, msgspec.Meta(ge=1, le=4096)]
    compare: bool


class NextArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many tokens of each answer of the last turn are known."""

    chat: Handle
    known: Annotated[list[Annotated[int, msgspec.Meta(ge=0)]], msgspec.Meta(max_length=2)]


def snapshot(chat: Chat) -> dict[str, Any]:
    """Return all that a view and a twin show, every text ready."""
    first = max(0, len(chat.turns) - MOST_TURNS)
    return {
        "voices": [visible(voice.name) for voice in chat.voices],
        "system": chat.system,
        "temperature": chat.temperature,
        "max_new_tokens": chat.max_new_tokens,
        "compare": chat.compare,
        "first": first,
        "turns": [_turn(turn) for turn in chat.turns[first:]],
        "rows_text": plural(len(chat.rows), "conversation"),
        **_going(chat),
    }


def _going(chat: Chat) -> dict[str, Any]:
    return {"running": chat.running, "loading": chat.loading}


def _turn(turn: Turn) -> dict[str, Any]:
    return {"prompt": visible(turn.prompt), "answers": [_answer(answer) for answer in turn.answers]}


def _answer(answer: Answer, known: int = 0) -> dict[str, Any]:
    tokens = answer.tokens[known:]
    cut = f"cut at {plural(len(answer.tokens), 'token')}"
    return {
        "name": visible(answer.name),
        "tokens": [_token(token) for token in tokens],
        "end": answer.end,
        "end_text": ENDS.get(answer.end, cut),
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "text": visible(token.text),
        "shown": _shown("end of the answer" if token.end else token.text),
        "doubt": sum(token.probability < limit for limit in DOUBTS),
        "percent": _percent(token.probability),
        "others": [[_shown(text), _percent(share)] for text, share in token.alternatives],
    }


def _shown(text: str) -> str:
    """Make a token that is looked at alone visible: its spaces at the ends, its line breaks."""
    inner = visible(text).replace("\n", "⏎").replace("\t", "⇥")
    bare = inner.strip(" ")
    left = len(inner) - len(inner.lstrip(" "))
    return "␣" * left + bare + "␣" * (len(inner) - left - len(bare)) or "(nothing)"


def _percent(share: float) -> str:
    """No certainty that there is not."""
    return "<1 %" if share < 0.005 else ">99 %" if share >= 0.995 else percent(share)


def _look(args: ChatArgs, context: Context) -> dict[str, Any]:
    return snapshot(context.resolve_chat(args.chat))


def _say(args: SayArgs, context: Context) -> dict[str, Any]:
    chat = context.resolve_chat(args.chat)
    chat.configure(
        system=args.system,
        temperature=args.temperature,
        max_new_tokens=args.max_new_tokens,
        compare=args.compare,
    )
    chat.begin(args.prompt)
    return {**_turn(chat.turns[-1]), **_going(chat)}


def _next(args: NextArgs, context: Context) -> dict[str, Any]:
    chat = context.resolve_chat(args.chat)
    chat.advance(PIECE)
    if not chat.turns:
        raise WireError("Nothing is being answered.", code="nothing-said")
    pairs = zip(chat.turns[-1].answers, [*args.known, 0, 0], strict=False)
    return {"answers": [_answer(answer, known) for answer, known in pairs], **_going(chat)}


def _stop(args: ChatArgs, context: Context) -> dict[str, Any]:
    chat = context.resolve_chat(args.chat)
    chat.stop()
    return snapshot(chat)


def _clear(args: ChatArgs, context: Context) -> dict[str, Any]:
    chat = context.resolve_chat(args.chat)
    chat.clear()
    return snapshot(chat)


def _row(args: ChatArgs, context: Context) -> dict[str, Any]:
    messages = context.resolve_chat(args.chat).messages
    return {"text": json.dumps({"messages": messages}, ensure_ascii=False)}


OPS = {
    "chat": Op(ChatArgs, _look),
    "chat.say": Op(SayArgs, _say),
    "chat.next": Op(NextArgs, _next),
    "chat.stop": Op(ChatArgs, _stop),
    "chat.clear": Op(ChatArgs, _clear),
    "chat.row": Op(ChatArgs, _row),
}
