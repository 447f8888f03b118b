"""What a row format is: how it is recognised, shown, asked and answered."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats.turn import Turn
from modelops_jupyter.errors import DatasetError


class DatasetFormat(StrEnum):
    """The layout of the rows of a dataset."""

    MESSAGES = "messages"
    PROMPT_COMPLETION = "prompt_completion"
    PREFERENCE = "preference"
    KTO = "kto"
    STEPWISE = "stepwise"
    ALPACA = "alpaca"
    SHAREGPT = "sharegpt"
    TEXT = "text"
    MIXED = "mixed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RowFormat:
    """One layout.

    Parameters
    ----------
    name
        Its name.
    keys
        The top-level keys that belong to it.
    matches
        Tells whether a row is of this layout; looks at keys and types only.
    turns
        The row as a conversation; of a broken row what can be shown.
    prompt
        The messages before the reference.
    reference
        The answer that training teaches.
    """

    name: DatasetFormat
    keys: frozenset[str]
    matches: Callable[[Row], bool]
    turns: Callable[[Row], list[Turn]]
    prompt: Callable[[Row], list[dict[str, Any]]]
    reference: Callable[[Row], str]


def missing(what: str, code: str = "missing-field") -> DatasetError:
    """Return the error for a row that lacks what was asked for."""
    return DatasetError(
        f"The row has no {what}.",
        code=code,
        hint="ds.validate() lists such rows, ds.drop_invalid() removes them.",
    )
