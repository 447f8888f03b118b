"""Rows as they are offered, and what of them can be stored: each bad value with row, field and reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter._display import Rich
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets import frames
from modelops_jupyter.errors import ConfigError, DatasetError, Where
from modelops_jupyter.vector_store.checks import is_text
from modelops_jupyter.vector_store.features import FeatureGroup, checked
from modelops_jupyter.vector_store.moments import Micros, micros_of

_INT = 2**63


@dataclass(frozen=True, slots=True)
class BadRow:
    """One value that cannot be stored; its row was left out."""

    row: int  # in the batch, from 0
    field: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.field}: {self.reason}"


@dataclass(frozen=True, repr=False)
class IngestReport(Rich):
    """What became of a batch.

    Attributes
    ----------
    group, rows, accepted
        The group's name, how many rows were offered, and how many are now in the store.
    bad
        What is wrong with the others; a row stands here once for each of its bad fields.
    """

    kind: ClassVar[str] = "ingest_report"
    group: str
    rows: int
    accepted: int
    bad: tuple[BadRow, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every row is in the store."""
        return not self.bad

    @property
    def summary(self) -> str:
        """One line."""
        left = self.rows - self.accepted
        tail = f", {fmt.count(left)} left out" if left else ""
        return (
            f"{fmt.count(self.accepted)} of {fmt.plural(self.rows, 'row')} ingested into {self.group}{tail}"
        )

    def __repr__(self) -> str:
        lines = [f"  {one}" for one in self.bad[:10]]
        more = len(self.bad) - len(lines)
        return fmt.visible("\n".join([self.summary, *lines, *[f"  … {fmt.count(more)} more"] * (more > 0)]))


@dataclass
class Batch:
    """Columns of one length; `reasons` holds what is wrong, by (row, field)."""

    count: int
    entities: list[Any]
    event: Micros
    created: Micros
    values: list[list[Any]]
    reasons: dict[tuple[int, str], str]

    @property
    def bad(self) -> tuple[BadRow, ...]:
        """What is wrong, in the order of the rows."""
        return tuple(BadRow(row, name, why) for (row, name), why in sorted(self.reasons.items()))


def table_of(data: Any, names: Sequence[str]) -> tuple[dict[str, Any], int, dict[tuple[int, str], str]]:
    """Return named columns of rows or of a mapping of columns, their length, and what is wrong with rows.

    Raises
    ------
    ConfigError
        If columns have different lengths, or a name that is not known.
    """
    if isinstance(data, Mapping):
        given = cast("Mapping[str, Any]", data)
        if unknown := [name for name in given if name not in names]:
            text = f"There is no field {unknown[0]!r}."
            raise ConfigError(text, code="unknown-field", hint=did_you_mean(str(unknown[0]), names))
        count = length_of(given)
        return {name: given.get(name, [None] * count) for name in names}, count, {}
    rows: list[Any] = list(frames.records(data))
    reasons: dict[tuple[int, str], str] = {}
    known = set(names)
    for at, row in enumerate(rows):
        if not isinstance(row, Mapping):
            reasons[at, ""] = f"is no mapping but a {type(row).__name__}"
            rows[at] = {}
        elif not row.keys() <= known:  # pyright: ignore[reportUnknownMemberType]
            for name in cast("Mapping[Any, Any]", row).keys() - known:
                reasons[at, str(name)] = f"is no field. {did_you_mean(str(name), names)}"
    return {name: [row.get(name) for row in rows] for name in names}, len(rows), reasons


def length_of(columns: Mapping[str, Any]) -> int:
    """Return how long columns are.

    Raises
    ------
    ConfigError
        If one is a single value, or they have different lengths.
    """
    for name, column in columns.items():
        if isinstance(column, str | bytes) or not hasattr(column, "__len__"):
            hint = "Rows are a list of mappings: [{…}, {…}]."
            raise ConfigError(f"{name!r} is one value and no column.", code="length-mismatch", hint=hint)
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ConfigError("The columns have different lengths.", code="length-mismatch")
    return lengths.pop() if lengths else 0


def batch_of(group: FeatureGroup, data: Any, now: int) -> Batch:
    """Return rows as checked columns of a group; `now` is when they become known if they do not say."""
    times = filter(None, dict.fromkeys((group.event_time, group.created_time)))
    names = [group.entity, *times, *(one.name for one in group.stored)]
    columns, count, reasons = table_of(data, names)

    def noted(name: str, found: dict[int, str]) -> None:
        reasons.update({(at, name): why for at, why in found.items() if (at, "") not in reasons})

    entities, why = entities_of(columns[group.entity])
    noted(group.entity, why)
    event, why = micros_of(columns[group.event_time])
    noted(group.event_time, why)
    created = event if group.created_time == group.event_time else np.full(count, now, np.int64)
    if group.created_time not in (None, group.event_time):
        created, why = micros_of(columns[group.created_time])
        noted(group.created_time, why)
    values: list[list[Any]] = []
    for one in group.stored:
        column, why = _column(columns[one.name], one.type)
        noted(one.name, why)
        values.append(column)
    return Batch(count, entities, event, created, values, reasons)


def entities_of(column: Any) -> tuple[list[Any], dict[int, str]]:
    """Return keys as texts and whole numbers, and what is wrong with the others."""
    entities: list[Any] = column.tolist() if isinstance(column, np.ndarray) else list(column)
    if set(map(type, entities)) == {str} and is_text("".join(entities)):
        return entities, {}
    why: dict[int, str] = {}
    for at, value in enumerate(entities):
        found, reason = checked(value, int if isinstance(value, int | np.integer) else str)
        entities[at] = found
        if reason:
            why[at] = "is missing" if value is None else reason
    return entities, why


def _column(column: Any, kind: type) -> tuple[list[Any], dict[int, str]]:
    """Check a column at once if it holds one type, else value by value."""
    values: list[Any] = column.tolist() if isinstance(column, np.ndarray) else list(column)
    if set(map(type, values)) <= {kind, type(None)} and _all_fit([v for v in values if v is not None], kind):
        return values, {}
    why: dict[int, str] = {}
    for at, value in enumerate(values):
        if value is not None:
            values[at], reason = checked(value, kind)
            if reason:
                why[at] = reason
    return values, why


def _all_fit(values: list[Any], kind: type) -> bool:
    if kind is float:
        return bool(np.isfinite(np.array(values, np.float64)).all())
    if kind is int:
        return not values or (min(values) >= -_INT and max(values) < _INT)
    return kind is bool or is_text("".join(values))


def refuse(bad: Sequence[BadRow]) -> None:
    """Raise the first of several things that are wrong, if any.

    Raises
    ------
    DatasetError
        With row and field.
    """
    if bad:
        first = bad[0]
        text = f"{fmt.plural(len(bad), 'value')} cannot be used; the first {first.reason.rstrip('.')}."
        raise DatasetError(text, code="bad-rows", where=Where(row=first.row, field=first.field or None))
