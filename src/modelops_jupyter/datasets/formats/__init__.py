"""Row formats: recognised on a sample, shown as turns, asked and answered. One file a format."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats.alpaca import ALPACA
from modelops_jupyter.datasets.formats.base import DatasetFormat, RowFormat
from modelops_jupyter.datasets.formats.messages import MESSAGES
from modelops_jupyter.datasets.formats.plain_text import TEXT
from modelops_jupyter.datasets.formats.preference import PREFERENCE
from modelops_jupyter.datasets.formats.prompt_completion import KTO, PROMPT_COMPLETION
from modelops_jupyter.datasets.formats.sharegpt import SHAREGPT
from modelops_jupyter.datasets.formats.turn import Part, Turn
from modelops_jupyter.datasets.formats.values import pretty
from modelops_jupyter.errors import ConfigError, DatasetError

__all__ = [
    "DatasetFormat",
    "Part",
    "RowFormat",
    "Turn",
    "detect",
    "known_format",
    "prompt_messages",
    "reference",
    "row_format",
    "shape",
    "turns",
]

# The order decides for a row that fits several: the richer layout first.
FORMATS = (MESSAGES, SHAREGPT, PREFERENCE, KTO, PROMPT_COMPLETION, ALPACA, TEXT)
_BY_NAME = {known.name: known for known in FORMATS}


def shape(row: Row) -> DatasetFormat:
    """Return the layout of one row, `UNKNOWN` if it is none."""
    for known in FORMATS:
        if known.matches(row):
            return known.name
    return DatasetFormat.UNKNOWN


def detect(sample: Iterable[Row]) -> DatasetFormat:
    """Return the layout of most rows of a sample; `MIXED` if no layout has half of them."""
    seen = Counter(map(shape, sample))
    total = seen.total()
    del seen[DatasetFormat.UNKNOWN]
    if not seen or 2 * seen.total() < total:
        return DatasetFormat.UNKNOWN
    name, rows = seen.most_common(1)[0]
    return name if 2 * rows >= total else DatasetFormat.MIXED


def known_format(name: str) -> DatasetFormat | None:
    """Return a format by name, None for "auto"; an unknown name is an error with the nearest one."""
    if name == "auto":
        return None
    try:
        return DatasetFormat(name)
    except ValueError:
        hint = did_you_mean(name, ["auto", *DatasetFormat])
        raise ConfigError(f'There is no row format "{name}".', code="unknown-format", hint=hint) from None


def row_format(row: Row, format: DatasetFormat) -> RowFormat | None:
    """Return how to read `row`: as `format`, or by its own shape in a mixed dataset."""
    return _BY_NAME.get(format) or _BY_NAME.get(shape(row))


def turns(row: Row, format: DatasetFormat) -> list[Turn]:
    """Return a row as turns; one without a known layout is one turn of JSON.

    Examples
    --------
    >>> row = {"prompt": "2 + 2?", "completion": "4"}
    >>> [turn.role for turn in turns(row, DatasetFormat.PROMPT_COMPLETION)]
    ['user', 'assistant']
    """
    known = row_format(row, format)
    found = known.turns(row) if known else []
    return found or [Turn("row", (Part("json", pretty(row), ""),), "", in_loss=False)]


def prompt_messages(row: Row, format: DatasetFormat) -> list[dict[str, Any]]:
    """Return the messages before the reference, ready for a chat template."""
    return _needed(row, format).prompt(row)


def reference(row: Row, format: DatasetFormat) -> str:
    """Return the answer of a row: last assistant turn, completion, or chosen."""
    return _needed(row, format).reference(row)


def _needed(row: Row, format: DatasetFormat) -> RowFormat:
    known = row_format(row, format)
    if known is None:
        raise DatasetError(
            "The row has no prompt and no answer that we know.",
            code="unknown-format",
            hint='Use rows such as {"messages": [...]} or {"prompt": ..., "completion": ...}.',
        )
    return known
