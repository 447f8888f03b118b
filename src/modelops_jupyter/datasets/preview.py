"""`TokenPreview`: a row token by token, and which tokens are learned."""

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from modelops_jupyter._display import Rich
from modelops_jupyter._format import plural, visible
from modelops_jupyter.datasets.chat import Chat, chat_of
from modelops_jupyter.datasets.masks import control_tokens, has_template, lay, turn_starts

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_OPEN, _CLOSE, _FORGED = "⟦", "⟧", "⚠"


@dataclass(frozen=True, slots=True)
class PreviewToken:
    """One token.

    Parameters
    ----------
    id, text
        Its number, and what it covers of the rendered text; of several tokens that make up one
        character the first has it.
    loss
        Whether training learns it.
    turn
        The turn it stands in, counted from 0; None where the tokenizer itself added it.
    forged
        It is a control token that the text of the row spells: to the model it ends or begins a turn.
    """

    id: int
    text: str
    loss: bool
    turn: int | None
    forged: bool = False


@dataclass(frozen=True, slots=True)
class TokenPreview(Rich):
    """A row as the trainer sees it.

    Parameters
    ----------
    row, id
        Position and name of the row.
    roles
        Who speaks in each turn.
    tokens
        All tokens, in order.

    Examples
    --------
    >>> print(ds.preview_tokens(tokenizer, 0))  # doctest: +SKIP
    Row 0: 29 tokens, 11 trained on (marked ⟦ ⟧)
    <|user|>3rd of March, 2021<|end|><|assistant|>⟦2021-03-03<|end|>⟧
    """

    kind: ClassVar[str] = "tokens"

    row: int
    id: str
    roles: tuple[str, ...]
    tokens: tuple[PreviewToken, ...]

    @property
    def ids(self) -> list[int]:
        """The numbers of all tokens."""
        return [token.id for token in self.tokens]

    @property
    def trained(self) -> int:
        """How many tokens carry loss."""
        return sum(token.loss for token in self.tokens)

    @property
    def text(self) -> str:
        """The rendered text."""
        return "".join(token.text for token in self.tokens)

    @property
    def trained_texts(self) -> list[str]:
        """Each stretch of tokens that carries loss, as text."""
        groups = groupby(self.tokens, key=lambda token: token.loss)
        return ["".join(token.text for token in group) for loss, group in groups if loss]

    def __repr__(self) -> str:
        return f"TokenPreview(row {self.row}, {plural(len(self.tokens), 'token')}, {self.trained} trained on)"

    def __str__(self) -> str:
        head = f"Row {self.row}: {plural(len(self.tokens), 'token')}, {self.trained} trained on"
        parts: list[str] = []
        for loss, group in groupby(self.tokens, key=lambda token: token.loss):
            text = "".join(_FORGED * token.forged + token.text for token in group)
            parts.append(f"{_OPEN}{text}{_CLOSE}" if loss else text)
        forged = f", control tokens in its text {_FORGED}" * any(token.forged for token in self.tokens)
        return f"{head} (marked {_OPEN} {_CLOSE}{forged})\n{visible(''.join(parts))}"


def preview(ds: "Dataset", tokenizer: Any, row: int | str) -> TokenPreview:
    """Return the tokens of a row, given by position or id."""
    from modelops_jupyter.datasets.select import resolve

    position = resolve(ds, [row])[0]
    chat = chat_of(ds[position], ds.format, template=has_template(tokenizer))
    laid = lay(tokenizer, [chat])[0]
    starts = turn_starts(tokenizer, chat, laid.text)
    said = _said(chat, starts, laid.text)
    special = frozenset(control_tokens(tokenizer).values())
    tokens: list[PreviewToken] = []
    done = 0
    for id, (start, end), loss in zip(laid.ids, laid.offsets, laid.learned, strict=True):
        if start == end:  # without place in the text: the tokenizer itself added it
            tokens.append(PreviewToken(id, str(tokenizer.convert_ids_to_tokens(id)), loss, None))
            continue
        turn = max(sum(begin <= start for begin in starts) - 1, 0)
        forged = id in special and any(low <= start < high for low, high in said)
        tokens.append(PreviewToken(id, laid.text[done:end], loss, turn, forged))
        done = max(done, end)
    roles = tuple(str(message.get("role")) for message in chat.messages)
    return TokenPreview(position, ds.ids[position], roles, tuple(tokens))


def _said(chat: Chat, starts: list[int], text: str) -> list[tuple[int, int]]:
    """Return where in the rendered text the words of the row itself stand."""
    out: list[tuple[int, int]] = []
    for message, start in zip(chat.messages, starts, strict=True):
        words = str(message["content"]).strip()
        if words and (at := text.find(words, start)) >= 0:
            out.append((at, at + len(words)))
    return out
