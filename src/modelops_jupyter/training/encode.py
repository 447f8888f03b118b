"""From the rows of a dataset to what the trainer gets, and what training will see of them."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from modelops_jupyter.datasets.chat import Chat, chat_of
from modelops_jupyter.datasets.formats import DatasetFormat
from modelops_jupyter.datasets.formats.layouts import preference_keys
from modelops_jupyter.datasets.masks import (
    IGNORED,
    Encoded,
    Laid,
    control_tokens,
    has_template,
    lay,
    lay_rendered,
    no_template,
    turn_starts,
)
from modelops_jupyter.datasets.rendered import batches
from modelops_jupyter.errors import ConfigError, DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

TRAINABLE = ("messages", "prompt_completion", "sharegpt", "alpaca", "text")
PAIRS = "preference"


class Pair(NamedTuple):
    """One preference: the same prompt with the better and with the worse answer."""

    chosen: Encoded
    rejected: Encoded

    def split(self) -> tuple[list[int], list[int], list[int]]:
        """Return prompt, better and worse answer; each answer up to its last token with loss."""
        masks = [[label != IGNORED for label in row.labels] for row in self]
        start = min(mask.index(True) for mask in masks)
        alike = (i for i in range(start) if self.chosen.input_ids[i] != self.rejected.input_ids[i])
        start = next(alike, start)
        ends = [len(mask) - mask[::-1].index(True) for mask in masks]
        better, worse = (row.input_ids[start:end] for row, end in zip(self, ends, strict=True))
        return self.chosen.input_ids[:start], better, worse


@dataclass
class Rows:
    """The encoded rows of a dataset, and where in it stands what deserves a look.

    Parameters
    ----------
    kept, positions
        The rows that teach something, and their places in the dataset.
    total, tokens, trained
        Rows looked at; tokens of the kept ones, and how many of these carry loss.
    empty, cut, unended, stray
        Places of rows without a word that carries loss, with an answer that `max_length` cuts,
        with an answer whose end is not trained, and with loss on what is no answer.
    """

    kept: list[Encoded] = field(default_factory=list[Encoded])
    worse: list[Encoded] = field(default_factory=list[Encoded])  # of preferences, beside `kept`
    positions: list[int] = field(default_factory=list[int])
    total: int = 0
    empty: list[int] = field(default_factory=list[int])
    cut: list[int] = field(default_factory=list[int])
    unended: list[int] = field(default_factory=list[int])
    stray: list[int] = field(default_factory=list[int])

    @property
    def tokens(self) -> int:
        """Tokens that one pass reads."""
        return sum(len(row.input_ids) for row in (*self.kept, *self.worse))

    @property
    def trained(self) -> int:
        """Tokens of one pass that carry loss."""
        return sum(row.trained for row in (*self.kept, *self.worse))

    @property
    def pairs(self) -> list[Pair]:
        """The preferences."""
        return [Pair(*both) for both in zip(self.kept, self.worse, strict=True)]

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return max((len(row.input_ids) for row in (*self.kept, *self.worse)), default=0)

    def add(self, position: int, laid: tuple[Laid, ...], limit: int | None, ends: frozenset[int]) -> None:
        """Take a row: one conversation, or a better and a worse one.

        One that would learn nothing but to end its turn teaches nothing: its template leaves the answer out.
        """
        self.total += 1
        rows, said = [one.encoded(limit) for one in laid], [one.said for one in laid]
        if not all(row.trained for row in rows) or not set(said[0]) - ends:
            self.empty.append(position)
            return
        if any(row.trained < sum(one.learned) for row, one in zip(rows, laid, strict=True)):
            self.cut.append(position)
        if any(ids[-1] not in ends for ids in said):
            self.unended.append(position)
        self.positions.append(position)
        self.kept.append(rows[0])
        self.worse += rows[1:]


def refuse_untrainable(format: str, method: str = "sft") -> None:
    """Raise `ConfigError` for a row format that the method does not train on."""
    wanted = (PAIRS,) if method == "dpo" else TRAINABLE
    if format not in wanted:
        other = " Or use method='dpo', which learns from preferences." if format == PAIRS else ""
        raise ConfigError(
            f"Rows of the format '{format}' cannot be trained on with the method '{method}'.",
            code="format-not-trainable",
            hint=f"Convert them to {'one of: ' if len(wanted) > 1 else ''}{', '.join(wanted)}.{other}",
        )


def encoded_rows(
    dataset: "Dataset", tokenizer: Any, *, method: str = "sft", answers_only: bool = True,
    max_length: int | None = None,
) -> Rows:  # fmt: skip
    """Encode every row.

    Raises
    ------
    ConfigError
        If rows of this format are not trained on, or the tokenizer has no chat template.
    DatasetError
        If a row cannot be read, or the template refuses it.
    """
    refuse_untrainable(dataset.format, method)
    if dataset.format not in ("text", PAIRS) and not has_template(tokenizer):
        raise no_template()
    own = frozenset(control_tokens(tokenizer).values())
    ends = own - {tokenizer.bos_token_id} | {tokenizer.eos_token_id}
    marked = answers_only and "generation" in str(tokenizer.chat_template)
    strays: dict[tuple[Any, ...], bool] = {}  # by the order of speakers, which decides it
    out = Rows()
    for batch in batches(dataset, tokenizer):
        for position, error in batch.refused:
            error.where = Where(dataset.source, dataset.line(position), row=position)
            raise error
        laid = lay_rendered(tokenizer, batch.chats, batch.texts, answers_only)
        if method == "dpo":
            worse = lay(tokenizer, [_worse(dataset, at, tokenizer) for at in batch.positions])
            both = list(zip(laid, worse, strict=True))
        else:
            both = [(row,) for row in laid]
        for position, chat, row in zip(batch.positions, batch.chats, both, strict=True):
            out.add(position, row, max_length, ends)
            if not marked or chat.plain:
                continue
            order = tuple(
                (m.get("role"), learn) for m, learn in zip(chat.messages, chat.learned, strict=True)
            )
            if order not in strays:
                strays[order] = _strays(tokenizer, chat, row[0])
            if strays[order]:
                out.stray.append(position)
    if out.total < len(dataset):
        for _ in dataset:  # raises at the row that cannot be read
            pass
    return out


def _strays(tokenizer: Any, chat: Chat, laid: Laid) -> bool:
    """Tell whether a token carries loss in a turn that is not to be learned."""
    starts = turn_starts(tokenizer, chat, laid.text)
    learned = [low for (low, _), learn in zip(laid.offsets, laid.learned, strict=True) if learn]
    return any(not chat.learned[max(0, bisect_right(starts, low) - 1)] for low in learned)


def _worse(dataset: "Dataset", position: int, tokenizer: Any) -> Chat:
    """Return the conversation with the worse answer: of the row with its answers exchanged, the better."""
    row = dataset[position]
    better, worse = preference_keys(row)
    try:
        exchanged = {**row, better: row[worse], worse: row[better]}
        return chat_of(exchanged, DatasetFormat.PREFERENCE, template=has_template(tokenizer))
    except (DatasetError, KeyError) as error:
        where = Where(dataset.source, dataset.line(position), row=position, field=worse)
        raise DatasetError("The worse answer cannot be read.", code="ill-typed-field", where=where) from error


def packed(rows: list[Encoded], limit: int) -> list[list[int]]:
    """Lay rows together, longest first, each where it leaves the least room; return which go together."""
    held: list[list[int]] = []
    room: list[tuple[int, int]] = []  # what is left in each, ascending
    for i in sorted(range(len(rows)), key=lambda i: -len(rows[i].input_ids)):
        size = len(rows[i].input_ids)
        at = bisect_left(room, (size, 0))
        left, into = room.pop(at) if at < len(room) else (limit, len(held))
        held[into : into + 1] = [[*held[into], i] if into < len(held) else [i]]
        insort(room, (left - size, into))
    return held
