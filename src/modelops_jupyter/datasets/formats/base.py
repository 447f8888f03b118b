"""What a row format is: how it is recognised, and how its rows become messages."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from modelops_jupyter.datasets._json import Row, as_object


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


class Said(msgspec.Struct, gc=False):
    """One message of a row: as chat writes it, where it stands, and where in that its words stand."""

    message: Any
    pointer: str
    words: str = ""
    learned: bool = True
    name: str | None = None
    is_call: bool = False  # its text is a tool call

    @property
    def role(self) -> Any:
        """Who speaks."""
        return (as_object(self.message) or {}).get("role")


Exchange: TypeAlias = tuple[list[Said], list[Said]]


@dataclass(frozen=True, slots=True)
class RowFormat:
    """One layout.

    Parameters
    ----------
    name, keys
        Its name and the top-level keys that belong to it.
    matches
        Tells whether a row is of this layout; looks at keys and types only.
    said
        What is asked and what is answered; of a broken row what can be shown.
    answer
        The field that holds the answer, if it is not the last turn of the assistant.
    """

    name: DatasetFormat
    keys: frozenset[str]
    matches: Callable[[Row], bool]
    said: Callable[[Row], Exchange]
    answer: str = ""
