"""From rows to token ids and back to text: the one place where a conversation becomes tokens.

Training, the mask audit and generation all use it, so they cannot see different tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modelops_jupyter.errors import ConfigError

IGNORED = -100
Message = dict[str, Any]


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


def prompt_ids(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """Return the ids after which the model is to answer."""
    text = _render(tokenizer, messages, answer=True)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def encode(
    tokenizer: Any,
    messages: Sequence[Message],
    *,
    assistant_only: bool = True,
    max_length: int | None = None,
) -> Encoded:
    """Return the ids of a conversation, with the tokens that carry loss marked by their position.

    By position, because padding may be the same token as the end of a turn. The template writes
    every special token itself; the tokenizer must not add a second start token.
    """
    text = _render(tokenizer, messages)
    tokens = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = list(tokens["input_ids"])
    labels = list(ids)
    if assistant_only:
        spans = _answer_spans(tokenizer, messages, text)
        inside = [any(low <= start < high for low, high in spans) for start, _ in tokens["offset_mapping"]]
        labels = [token if learn else IGNORED for token, learn in zip(ids, inside, strict=True)]
    if max_length is not None and len(ids) > max_length:
        return Encoded(ids[:max_length], labels[:max_length], cut=True)
    return Encoded(ids, labels)


def _answer_spans(tokenizer: Any, messages: Sequence[Message], text: str) -> list[tuple[int, int]]:
    """Character spans of the answers, end of turn included, found by rendering the beginnings.

    It needs no mark in the template, which stock templates do not have. The line break that many
    templates put after the end of a turn is left out: the model would learn to write it.
    """
    spans: list[tuple[int, int]] = []
    for i, message in enumerate(messages):
        if message.get("role") != "assistant" or message.get("weight") == 0:
            continue
        before = _opening(tokenizer, messages, i)
        through = _render(tokenizer, messages[: i + 1])
        if not (text.startswith(through) and through.startswith(before)):
            raise ConfigError(
                "Which tokens are the assistant's cannot be told with this chat template: it changes earlier "
                "turns when later ones are added.",
                code="mask-unknown",
                hint="Use a template that renders turns one by one, or set assistant_only_loss=False.",
            )
        spans.append((len(before), len(through.rstrip("\n"))))
    return spans


def _opening(tokenizer: Any, messages: Sequence[Message], i: int) -> str:
    """Everything before the answer, the heading of its turn included."""
    earlier = _render(tokenizer, messages[:i]) if i else ""
    opened = _render(tokenizer, messages[:i], answer=True) if i else ""
    if opened != earlier:
        return opened
    # The template knows no opening of its own: the answer begins where its text does.
    through = _render(tokenizer, messages[: i + 1])
    return through[: max(len(earlier), through.find(str(messages[i].get("content")).strip(), len(earlier)))]


def _render(tokenizer: Any, messages: Sequence[Message], *, answer: bool = False) -> str:
    if not getattr(tokenizer, "chat_template", None):
        raise ConfigError(
            "The tokenizer of this model has no chat template.",
            code="no-chat-template",
            hint="Use a chat model, or set tokenizer.chat_template.",
        )
    return str(tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=answer))
