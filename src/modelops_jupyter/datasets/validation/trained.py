"""Rules that need a tokenizer: what its chat template writes of a row, and what is learned of that."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from modelops_jupyter._format import count
from modelops_jupyter.datasets._json import as_array, as_object
from modelops_jupyter.datasets.chat import Chat, Message
from modelops_jupyter.datasets.formats import DatasetFormat
from modelops_jupyter.datasets.masks import Laid, control_tokens, lay_rendered
from modelops_jupyter.datasets.rendered import batches
from modelops_jupyter.datasets.validation.problem import Finding

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

NAMES = (
    "the tokens that are trained on: empty masks, cut answers, the end of a turn, start tokens, "
    "and what the chat template leaves out"
)
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


class _Tokens(NamedTuple):
    """What a tokenizer's own tokens are."""

    special: re.Pattern[str] | None
    ends: frozenset[int]
    start: int | None
    template: str

    @classmethod
    def of(cls, tokenizer: Any) -> "_Tokens":
        tokens = control_tokens(tokenizer)
        words = sorted(tokens, key=len, reverse=True)
        start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
        ends = frozenset({*tokens.values()} - {start} | {end})
        pattern = re.compile("|".join(map(re.escape, words))) if words else None
        return cls(pattern, ends, start, str(getattr(tokenizer, "chat_template", "")))


def check_trained(
    ds: "Dataset", tokenizer: Any, limit: int | None, format: DatasetFormat | None = None
) -> Iterator[tuple[int, Finding]]:
    """Look at every row as the trainer sees it.

    A row without a turn to learn is left to the rules for conversations.
    """
    own = _Tokens.of(tokenizer)
    for batch in batches(ds, tokenizer, format):
        for position, error in batch.refused:
            if error.code == "template-refuses":
                yield position, Finding(error.code, "", error.message)
        laid = lay_rendered(tokenizer, batch.chats, batch.texts)
        for position, chat, row in zip(batch.positions, batch.chats, laid, strict=True):
            for finding in _check(chat, row, own, limit):
                yield position, finding


def _check(chat: Chat, row: Laid, own: _Tokens, limit: int | None) -> Iterator[Finding]:
    yield from _control_tokens(chat, own)
    yield from _left_out(chat, row.text, own.template)
    if own.start is not None and row.ids[:2] == [own.start] * 2:
        yield Finding("start-token-doubled", "", "Two start tokens stand before the row.")
    size = len(row.ids)
    if limit is not None and size > limit:
        yield Finding(
            "over-token-limit", "", f"The row has {count(size)} tokens; the limit is {count(limit)}."
        )
    if any(chat.learned):
        yield from _check_mask(chat, row, own, limit)


def _check_mask(chat: Chat, row: Laid, own: _Tokens, limit: int | None) -> Iterator[Finding]:
    learned, kept = sum(row.learned), sum(row.learned[:limit])
    answer = [p for p, learn in zip(chat.pointers, chat.learned, strict=True) if learn][-1]
    if not kept:
        why = "the limit cuts the whole answer off" if learned else "the template renders no answer"
        yield Finding("mask-empty", "", f"No token of the row is trained on: {why}.")
    elif kept < learned:
        message = f"The limit cuts off {count(learned - kept)} of the {count(learned)} tokens of the answers."
        yield Finding("answer-cut", answer, message)
    if learned and not own.ends.intersection(row.said[-1:]):
        yield Finding(
            "end-of-turn-not-trained", answer, "No end token stands in the part that is trained on."
        )


def _control_tokens(chat: Chat, own: _Tokens) -> Iterator[Finding]:
    if own.special is None:
        return
    for pointer, message in zip(chat.pointers, chat.messages, strict=True):
        for at, text in _texts(message, pointer):
            if found := own.special.search(text):
                where = f'The text holds the control token "{found[0]}" at offset {found.start()}.'
                yield Finding("special-token-in-text", at, where)


def _texts(message: Message, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield all that a message says, with its place."""
    content, base = message["content"], pointer.removesuffix("/content")
    if isinstance(content, str):
        yield pointer, content
    for i, part in enumerate(as_array(content) or ()):
        text = (as_object(part) or {}).get("text")
        if isinstance(text, str):
            yield f"{pointer}/{i}/text", text
    for key in _THOUGHTS:
        if isinstance(thought := message.get(key), str):
            yield f"{base}/{key}", thought
    for i, call in enumerate(as_array(message.get("tool_calls")) or ()):
        function = as_object((as_object(call) or {}).get("function")) or {}
        yield f"{base}/tool_calls/{i}", str(function.get("name") or "")


def _left_out(chat: Chat, text: str, template: str) -> Iterator[Finding]:
    """Find what is said and not in the rendered text; blanks and escapes may be other ones there."""
    if chat.plain:
        return
    said = [item for p, m in zip(chat.pointers, chat.messages, strict=True) for item in _texts(m, p)]
    missing, dense = Counter(words for _, words in said), ""
    for words, times in missing.items():
        found = text.count(words.strip()) or times * (json.dumps(words)[1:-1] in text)
        if found < times:
            dense = dense or _dense(text)
            found = dense.count(_dense(words))
        missing[words] = times - found
    for at, words in said:
        if missing[words] > 0:  # of a turn that is said twice the earlier one
            missing[words] -= 1
            yield Finding("content-not-rendered", at, "The chat template leaves out part of this.")
    if chat.tools and "tools" not in template:
        yield Finding("content-not-rendered", "/tools", "The chat template does not write the tools.")


def _dense(text: str) -> str:
    return "".join(text.split())
