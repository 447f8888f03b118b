"""Row formats: recognised on a sample, shown as turns, asked and answered."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats.base import DatasetFormat, RowFormat, Said
from modelops_jupyter.datasets.formats.layouts import LAYOUTS, preference_keys
from modelops_jupyter.datasets.formats.turn import Part, Turn, turn_of
from modelops_jupyter.datasets.formats.values import content_text, pretty
from modelops_jupyter.errors import ConfigError, DatasetError

__all__ = [
    "DatasetFormat",
    "Part",
    "RowFormat",
    "Turn",
    "detect",
    "exchange",
    "known_format",
    "prompt_messages",
    "reference",
    "row_format",
    "shape",
    "turns",
]

_BY_NAME = {known.name: known for known in LAYOUTS}
# Formats in which one prompt may have many answers, good ones and bad ones.
_SEVERAL = (DatasetFormat.PREFERENCE, DatasetFormat.KTO, DatasetFormat.STEPWISE)


def shape(row: Row) -> DatasetFormat:
    """Return the layout of one row, `UNKNOWN` if it is none."""
    return next((known.name for known in LAYOUTS if known.matches(row)), DatasetFormat.UNKNOWN)


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


def other_layout(row: Row, format: DatasetFormat) -> DatasetFormat | None:
    """Return the layout of a row where it is another than `format`, None if it fits or fits none."""
    known = _BY_NAME.get(format)
    if known is None or known.matches(row):
        return None
    own = shape(row)
    # A KTO row whose label is no truth value is a KTO row with a fault.
    unlabelled = format is DatasetFormat.KTO and own is DatasetFormat.PROMPT_COMPLETION
    return None if unlabelled or own is DatasetFormat.UNKNOWN else own


def turns(row: Row, format: DatasetFormat) -> list[Turn]:
    """Return a row as turns; one without a known layout is one turn of JSON.

    Examples
    --------
    >>> row = {"prompt": "2 + 2?", "completion": "4"}
    >>> [turn.role for turn in turns(row, DatasetFormat.PROMPT_COMPLETION)]
    ['user', 'assistant']
    """
    known = row_format(row, format)
    asked, answered = known.said(row) if known else ([], [])
    found = [turn_of(said) for said in asked + answered]
    return found or [Turn("row", (Part("json", pretty(row), ""),), "", in_loss=False)]


def prompt_messages(row: Row, format: DatasetFormat) -> list[dict[str, Any]]:
    """Return the messages before the reference, ready for a chat template."""
    known = _needed(row, format)
    asked, answered = known.said(row)
    if not answered and not known.answer:
        raise _missing("assistant turn", "assistant-missing")
    return _objects(asked)


def reference(row: Row, format: DatasetFormat) -> str:
    """Return the answer of a row: last assistant turn, completion, or chosen."""
    known = _needed(row, format)
    field = preference_keys(row)[0] if known.answer == "chosen" else known.answer
    if field and row.get(field) is None:
        raise _missing(f'"{field}"', "missing-field")
    answer = _answer(known.said(row)[1])
    if answer is None:
        raise _missing("assistant turn", "assistant-missing")
    return answer


def exchange(row: Row, format: DatasetFormat) -> tuple[list[dict[str, Any]], str]:
    """Return what a row asks and what it answers; no answer where a format has several to one prompt."""
    known = row_format(row, format)
    if known is None:
        return [], ""
    asked, answered = known.said(row)
    said = "" if known.name in _SEVERAL else _answer(answered) or ""
    return (_objects(asked) if answered or known.answer else []), said


def _objects(said: list[Said]) -> list[dict[str, Any]]:
    # A field that is null was not asked; it is shown all the same.
    messages = [one.message for one in said if one.words or one.message["content"] is not None]
    return [message for message in messages if isinstance(message, dict)]


def _answer(answered: list[Said]) -> str | None:
    for said in reversed(answered):
        if said.role in ("assistant", "text") and said.name != "rejected":
            return content_text(said.message.get("content"))
    return None


def _needed(row: Row, format: DatasetFormat) -> RowFormat:
    known = row_format(row, format)
    if known is None:
        raise DatasetError(
            "The row has no prompt and no answer that we know.",
            code="unknown-format",
            hint='Use rows such as {"messages": [...]} or {"prompt": ..., "completion": ...}.',
        )
    return known


def _missing(what: str, code: str) -> DatasetError:
    return DatasetError(
        f"The row has no {what}.",
        code=code,
        hint="ds.validate() lists such rows, ds.drop_invalid() removes them.",
    )
