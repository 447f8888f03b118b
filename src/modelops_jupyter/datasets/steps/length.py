"""Steps about length: rows that are too short or too long, and conversations that can be cut."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from modelops_jupyter._format import count
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats import Turn, turns
from modelops_jupyter.datasets.steps.base import Decision, Step, names
from modelops_jupyter.datasets.tokens import UNITS, measure, text_lengths
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_TURN = re.compile(r"/(messages|conversations)/(\d+)")
_RULES = ("system", "developer")


@dataclass(frozen=True)
class LengthFilter(Step):
    """Keep rows whose text has between `min` and `max` units, both included; no text is 0.

    Parameters
    ----------
    unit
        "chars" or "tokens".
    tokenizer
        Anything with `encode(text)`; without one, tokens are estimated from bytes.
    """

    name: ClassVar[str] = "length_filter"
    min: int = 1
    max: int = 10_000
    unit: str = "chars"
    tokenizer: Any = field(default=None, compare=False)

    def __post_init__(self) -> None:
        names((self.unit,), "unit", UNITS)
        if self.min > self.max:
            raise ConfigError(f"min={self.min} is greater than max={self.max}.", code="length-range")

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Remove rows outside the range."""
        lengths = text_lengths(ds, self.unit, self.tokenizer)
        over, under = f"Longer than {count(self.max)}", f"Shorter than {count(self.min)}"
        for at in np.flatnonzero((lengths < self.min) | (lengths > self.max)).tolist():
            yield Decision(at, (over if lengths[at] > self.max else under,))


@dataclass(frozen=True)
class TruncateMessages(Step):
    """Shorten conversations to `max` units by dropping their oldest exchanges, whole.

    An exchange is what the user says and all that follows it, so no answer loses its question
    and no tool result its call. What the system says stays. A conversation that is too long
    with its last exchange alone is removed; rows that are no conversations stay as they are.

    Parameters
    ----------
    unit, tokenizer
        As in `LengthFilter`; without a tokenizer a token is taken as four bytes.
    """

    name: ClassVar[str] = "truncate_messages"
    max: int = 10_000
    unit: str = "chars"
    tokenizer: Any = field(default=None, compare=False)

    def __post_init__(self) -> None:
        names((self.unit,), "unit", UNITS)
        if self.max < 1:
            raise ConfigError(f"max={self.max} leaves no room for a turn.", code="length-range")

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Cut the rows that are too long, remove those that cannot be cut."""
        length = measure(self.unit, self.tokenizer)
        too_long = f"Last exchange longer than {count(self.max)}"
        bound = ds.row_lengths() if self.tokenizer is None else np.full(len(ds), self.max + 1)
        for at, row in ds.decoded():
            if row is None or bound[at] <= self.max:  # the text is no longer than its row
                continue
            said = turns(row, ds.format)
            if not any(_TURN.fullmatch(turn.pointer) for turn in said):
                continue
            lengths = [length(turn.text) if turn.text else 0 for turn in said]
            if sum(lengths) <= self.max:
                continue
            start = _start(said, lengths, self.max)
            if start is None:
                yield Decision(at, (too_long,))
            else:
                yield Decision(at, ("Oldest exchanges cut",), _cut(row, said, start))


def _start(said: list[Turn], lengths: list[int], limit: int) -> int | None:
    """Return where the longest end of a conversation that fits begins, or None if none does."""
    asks = [
        i for i, turn in enumerate(said) if turn.role == "user" and (i == 0 or said[i - 1].role != "user")
    ]
    rules = [turn.role in _RULES for turn in said]
    kept = sum(length for length, rule in zip(lengths, rules, strict=True) if rule)
    free = [0 if rule else length for length, rule in zip(lengths, rules, strict=True)]
    rest = [*accumulate(reversed(free), initial=kept)][::-1]  # length from each turn to the end
    last = max((i for i, turn in enumerate(said) if turn.role == "assistant"), default=0)
    return next((i for i in asks if rest[i] <= limit and i < last), None)


def _cut(row: Row, said: list[Turn], start: int) -> Row:
    new = dict(row)
    for key in ("messages", "conversations"):
        places = [
            (i, m) for i, turn in enumerate(said) if (m := _TURN.fullmatch(turn.pointer)) and m[1] == key
        ]
        if places:
            new[key] = [row[key][int(m[2])] for i, m in places if i >= start or said[i].role in _RULES]
    return new
