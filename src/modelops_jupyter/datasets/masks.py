"""From a conversation to token ids, and which of them carry loss: the one place where it is decided.

Previews, validation, training and generation all use it, so they cannot see different tokens.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Any

from modelops_jupyter._format import visible
from modelops_jupyter.datasets.chat import Chat, Message, for_template, with_text_arguments
from modelops_jupyter.errors import ConfigError, DatasetError

IGNORED = -100
_GENERATION = re.compile(r"\{%[-+]?\s*generation\s*[-+]?%\}")
_PROBE = "\ue000\ue001\ue002"  # three characters that no text holds


@dataclass(frozen=True, slots=True)
class Encoded:
    """One row as the trainer sees it."""

    input_ids: list[int]
    labels: list[int]  # IGNORED where the token carries no loss
    cut: bool = False

    @property
    def trained(self) -> int:
        """How many tokens carry loss."""
        return sum(label != IGNORED for label in self.labels)


@dataclass(frozen=True, slots=True)
class Laid:
    """A rendered conversation, token by token.

    Parameters
    ----------
    text
        What the template wrote.
    ids, offsets, learned
        For each token its id, the characters of the text that it covers, and whether it carries loss.
    """

    text: str
    ids: list[int]
    offsets: list[tuple[int, int]]
    learned: list[bool]

    @property
    def said(self) -> list[int]:
        """The ids that carry loss, without blank space: many templates end a turn with a line break."""
        tokens = zip(self.ids, self.offsets, self.learned, strict=True)
        return [id for id, (low, high), learn in tokens if learn and not self.text[low:high].isspace()]

    def encoded(self, max_length: int | None = None) -> Encoded:
        """Return the ids and labels, the first `max_length` of them.

        The mask goes by position, because padding may be the same token as the end of a turn.
        """
        labels = [id if learn else IGNORED for id, learn in zip(self.ids, self.learned, strict=True)]
        cut = max_length is not None and len(self.ids) > max_length
        return Encoded(self.ids[:max_length], labels[:max_length], cut)


def prompt_ids(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """Return the ids after which the model is to answer."""
    text = _render(tokenizer, [for_template(message) for message in messages], answer=True)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def encode(
    tokenizer: Any, messages: Sequence[Message], *, assistant_only: bool = True, max_length: int | None = None
) -> Encoded:
    """Return the ids of a conversation, with the tokens that carry loss."""
    learned = [m.get("role") == "assistant" and m.get("weight") != 0 for m in messages]
    chat = Chat([for_template(message) for message in messages], learned, [""] * len(learned))
    return lay(tokenizer, [chat], assistant_only=assistant_only)[0].encoded(max_length)


def lay(tokenizer: Any, chats: Sequence[Chat], *, assistant_only: bool = True) -> list[Laid]:
    """Render conversations, cut them into tokens in one go, and mark what is learned.

    The template writes every special token itself; the tokenizer must not add a second start
    token. Only plain text is left to the tokenizer, with the end token after it.

    Raises
    ------
    ConfigError
        If the tokenizer has no chat template, or cannot tell which characters a token covers.
    DatasetError
        If the template refuses a conversation.
    """
    return lay_rendered(tokenizer, chats, [render(tokenizer, chat) for chat in chats], assistant_only)


def lay_rendered(
    tokenizer: Any, chats: Sequence[Chat], texts: Sequence[str], assistant_only: bool = True
) -> list[Laid]:
    """Do the same with conversations that are rendered already."""
    out: dict[int, Laid] = {}
    for plain in (False, True):
        at = [i for i, chat in enumerate(chats) if chat.plain is plain]
        for i, (ids, offsets) in zip(at, _tokens(tokenizer, [texts[i] for i in at], plain), strict=True):
            learned = (
                _learned(tokenizer, chats[i], texts[i], offsets) if assistant_only else [True] * len(ids)
            )
            out[i] = Laid(texts[i], ids, offsets, learned)
    return [out[i] for i in range(len(chats))]


def render(tokenizer: Any, chat: Chat) -> str:
    """Return a conversation as the tokenizer gets it; plain text has the end token after it."""
    if not chat.plain:
        return _render(tokenizer, chat.messages, chat.tools)
    text, end = "".join(str(m["content"]) for m in chat.messages), tokenizer.eos_token or ""
    return text if text.endswith(end) else text + end


def has_template(tokenizer: Any) -> bool:
    """Tell whether a tokenizer knows how to write a chat."""
    return bool(getattr(tokenizer, "chat_template", None))


def control_tokens(tokenizer: Any) -> dict[str, int]:
    """Return the tokens that are no text: those with a task, and all that the tokenizer calls special."""
    named = zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True)
    added = getattr(tokenizer, "added_tokens_decoder", {}).items()
    return {str(token): id for id, token in added if token.special} | dict(named)


def no_template() -> ConfigError:
    """Return the error that says so."""
    return ConfigError(
        "The tokenizer of this model has no chat template.",
        code="no-chat-template",
        hint="Use a chat model, or set tokenizer.chat_template.",
    )


def turn_starts(tokenizer: Any, chat: Chat, text: str) -> list[int]:
    """Return for each message the character of the rendered text at which its turn begins."""
    out: list[int] = []
    for i in range(len(chat.messages)):
        if chat.plain:
            start = sum(len(str(m["content"])) for m in chat.messages[:i])
        else:
            before = _try(tokenizer, chat, chat.messages[:i]) if i else ""
            apart = before is None or not text.startswith(before)
            start = _by_difference(tokenizer, chat, text, i)[0] if apart else len(before or "")
        out.append(max([start, *out[-1:]]))
    return out


def _tokens(tokenizer: Any, texts: list[str], plain: bool) -> list[tuple[list[int], list[tuple[int, int]]]]:
    if not texts:
        return []
    if fast := fast_tokenizer(tokenizer):
        return [(e.ids, e.offsets) for e in fast.encode_batch(texts, add_special_tokens=plain)]
    try:
        found = tokenizer(texts, add_special_tokens=plain, return_offsets_mapping=True)
    except NotImplementedError:
        raise ConfigError(
            "This tokenizer cannot tell which characters a token covers.",
            code="slow-tokenizer",
            hint="Load its fast form: AutoTokenizer.from_pretrained(..., use_fast=True).",
        ) from None
    return list(zip(found["input_ids"], found["offset_mapping"], strict=True))


def fast_tokenizer(tokenizer: Any) -> Any:
    """Return what does the work inside a fast tokenizer: its wrapper takes twice the time.

    None where there is none, or where somebody set it to cut or to pad.
    """
    fast = getattr(tokenizer, "backend_tokenizer", None)
    return fast if fast is not None and fast.truncation is None and fast.padding is None else None


def _learned(tokenizer: Any, chat: Chat, text: str, offsets: list[tuple[int, int]]) -> list[bool]:
    if chat.plain:
        starts = [*turn_starts(tokenizer, chat, text), len(text)]
        spans = [span for span, learn in zip(pairwise(starts), chat.learned, strict=True) if learn]
        return _inside(offsets, spans)
    if not _GENERATION.search(str(tokenizer.chat_template)):
        return _inside(offsets, _answers(tokenizer, chat, text, chat.learned))
    # The template says itself what is learned; a turn without weight is taken out.
    options = {"tokenize": True, "return_dict": True, "return_assistant_tokens_mask": True}
    marked = _apply(tokenizer, chat.messages, chat.tools, **options)["assistant_masks"]
    unlearned = _inside(offsets, _answers(tokenizer, chat, text, [not learn for learn in chat.learned]))
    return [bool(mark) and not skip for mark, skip in zip(marked, unlearned, strict=True)]


def _inside(offsets: list[tuple[int, int]], spans: list[tuple[int, int]]) -> list[bool]:
    """Tell for each token whether it covers a character of a span."""
    out = [False] * len(offsets)
    for low, high in spans:
        first = bisect_right(offsets, low, key=itemgetter(1))
        after = bisect_left(offsets, high, key=itemgetter(0))
        out[first:after] = [True] * (after - first)
    return out


def _answers(tokenizer: Any, chat: Chat, text: str, wanted: list[bool]) -> list[tuple[int, int]]:
    """Characters of the assistant's turns that are wanted, end of turn included.

    Found by rendering the beginnings, which needs no mark in the template: stock templates have
    none. The line break that many put after the end of a turn is left out, else the model would
    learn to write it. Where a template changes earlier turns when later ones are added, the
    answer is what changes when another stands in its place.
    """
    return [
        _answer(tokenizer, chat, text, i)
        for i, message in enumerate(chat.messages)
        if wanted[i] and message.get("role") == "assistant"
    ]


def _answer(tokenizer: Any, chat: Chat, text: str, i: int) -> tuple[int, int]:
    messages, last = chat.messages, i == len(chat.messages) - 1
    through = text if last else _try(tokenizer, chat, messages[: i + 1])
    opens = i > 0 and "add_generation_prompt" in str(tokenizer.chat_template)
    opened = _try(tokenizer, chat, messages[:i], answer=True) if opens else None
    if opened and through and text.startswith(opened) and text.startswith(through):
        return len(opened), len(through.rstrip("\n"))
    start, end = _by_difference(tokenizer, chat, text, i)
    if opened and text.startswith(opened):
        start = len(opened)
    if through and text.startswith(through):
        return start, len(through.rstrip("\n"))
    closed = _try(tokenizer, chat, [*messages[:i], _probe(messages[i])]) or ""
    tail = closed.rpartition(_PROBE[-1])[2].rstrip("\n")
    if not text.startswith(tail, end):  # the last turn ends otherwise than those before it
        tail = next((token for token in control_tokens(tokenizer) if text.startswith(token, end)), "")
    return start, end + len(tail)


def _by_difference(tokenizer: Any, chat: Chat, text: str, i: int) -> tuple[int, int]:
    """Return which characters of `text` change when message `i` says something else."""
    messages = [*chat.messages[:i], _probe(chat.messages[i]), *chat.messages[i + 1 :]]
    other = _try(tokenizer, chat, messages)
    if other is None:
        return len(text), len(text)
    start = _shared(text, other)
    return start, len(text) - _shared(text[start:][::-1], other[start:][::-1])


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    alike = (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(alike, min(len(one), len(other)))


def _probe(message: Message) -> Message:
    return {"role": message.get("role"), "content": _PROBE}


def _try(tokenizer: Any, chat: Chat, messages: Sequence[Message], *, answer: bool = False) -> str | None:
    try:
        return _render(tokenizer, messages, chat.tools, answer=answer)
    except DatasetError:  # part of a conversation may be none for this template
        return None


def _render(
    tokenizer: Any, messages: Sequence[Message], tools: list[Any] | None = None, *, answer: bool = False
) -> str:
    if not has_template(tokenizer):
        raise no_template()
    return str(_apply(tokenizer, messages, tools, tokenize=False, add_generation_prompt=answer))


def _apply(
    tokenizer: Any, messages: Sequence[Message], tools: list[Any] | None = None, **options: Any
) -> Any:
    if tools is not None:
        options["tools"] = tools
    try:
        return tokenizer.apply_chat_template(list(messages), **options)
    except Exception as error:  # a template is a program of somebody else and may raise anything
        if (other := with_text_arguments(messages)) is not None:
            return _apply(tokenizer, other, **options)
        why = visible(str(error).strip() or type(error).__name__).rstrip(".")
        raise DatasetError(
            f"The chat template refuses the row: {why}.",
            code="template-refuses",
            hint="Bring the turns into the order that it wants, or set another tokenizer.chat_template.",
        ) from error
