"""`Conversion`: a dataset in another layout, and the rows that could not come along."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from modelops_jupyter._display import Rich
from modelops_jupyter._format import plural
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats import DatasetFormat, other_layout, shape
from modelops_jupyter.datasets.formats.into_chat import InexpressibleError
from modelops_jupyter.datasets.formats.rewrite import (
    CHATS,
    OPENAI_PREFERENCE,
    PREFERENCES,
    layout_of,
    rewrite,
)
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class NotConverted:
    """A row that the other layout cannot hold: its position and id before, and why."""

    row: int
    id: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Conversion(Rich):
    """The converted rows, and those that could not be converted.

    Examples
    --------
    >>> from modelops_jupyter import Dataset
    >>> conversion = Dataset([{"prompt": "2 + 2?", "completion": "4"}]).convert("messages")
    >>> conversion.dataset[0]["messages"][1]["content"], conversion.failed
    ('4', ())
    """

    kind: ClassVar[str] = "conversion"

    dataset: "Dataset"
    failed: tuple[NotConverted, ...]

    def __repr__(self) -> str:
        return f"Conversion({plural(len(self.dataset), 'row')}, {len(self.failed)} failed)"

    def __str__(self) -> str:
        head = f"{plural(len(self.dataset), 'row')} converted, {len(self.failed)} not"
        more = f"… and {len(self.failed) - _SHOWN} more" if len(self.failed) > _SHOWN else ""
        lines = [head, *(f"  {one}" for one in self.failed[:_SHOWN]), *([f"  {more}"] if more else [])]
        return "\n".join(lines)


def convert(ds: "Dataset", target: str) -> Conversion:
    """Convert row by row; see `Dataset.convert`."""
    _refuse_undefined(ds.format, target)
    failed: list[NotConverted] = []

    def made() -> Iterator[tuple[int, Row]]:
        for position, row in ds.decoded():
            try:
                new = _converted(row, ds.format, target)
            except InexpressibleError as reason:
                failed.append(NotConverted(position, ds.ids[position], f"{reason}."))
                continue
            if new is not None:
                yield position, new

    format = DatasetFormat.PREFERENCE if target == OPENAI_PREFERENCE else DatasetFormat(target)
    converted = ds.replaced(made(), "convert", format, target=target)
    if failed:
        converted = converted.take(np.delete(np.arange(len(ds)), [one.row for one in failed]))
    return Conversion(converted, tuple(failed))


def _converted(row: Row | None, format: DatasetFormat, target: str) -> Row | None:
    """Return a row in the layout `target`, None if it is in it already."""
    if row is None:
        raise InexpressibleError("the row cannot be read")
    mixed = format is DatasetFormat.MIXED
    own = shape(row) if mixed else other_layout(row, format) or format
    layout = layout_of(row, own)
    if own is not format and not mixed:
        raise InexpressibleError(f"the row has the layout {layout}, the dataset {format}")
    if layout == target:
        return None
    if target not in _targets(own):
        raise InexpressibleError(f"a row of the layout {layout} cannot become {target}")
    return rewrite(row, layout, target)


def _targets(format: DatasetFormat) -> tuple[str, ...]:
    if format in CHATS:
        return CHATS
    return PREFERENCES if format is DatasetFormat.PREFERENCE else ()


def _refuse_undefined(format: DatasetFormat, target: str) -> None:
    if target not in (*DatasetFormat, OPENAI_PREFERENCE):
        known = (*CHATS, *PREFERENCES)
        hint = did_you_mean(target, known)
        raise ConfigError(f'There is no row format "{target}".', code="unknown-format", hint=hint)
    possible = CHATS + PREFERENCES if format is DatasetFormat.MIXED else _targets(format)
    if target == format and target not in ("mixed", "unknown"):
        return
    if target not in possible:
        why = f"{format} rows can become {', '.join(possible)}." if possible else ""
        if format is DatasetFormat.PREFERENCE and target == "kto":
            why = "Each pair would become two rows, and a conversion keeps rows and ids one to one."
        raise ConfigError(
            f"A conversion from {format} to {target} is not defined.",
            code="conversion-undefined",
            hint=why or "Write the new rows yourself: ds.map(function).",
        )
