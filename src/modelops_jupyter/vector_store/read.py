"""What a feature store answers: the features of one entity now, or of many at many moments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter._atomic import atomic_write
from modelops_jupyter._display import Rich
from modelops_jupyter._extras import require
from modelops_jupyter.errors import DatasetError, Where
from modelops_jupyter.vector_store.features import Column, Mask
from modelops_jupyter.vector_store.moments import Micros, shown

State: TypeAlias = Literal["found", "unknown", "not yet known", "expired"]
STATES: tuple[State, ...] = ("found", "unknown", "not yet known", "expired")
_ARROW = {"int": "int64", "float": "float64", "str": "string", "bool": "bool_"}


@dataclass(frozen=True, repr=False)
class FeatureVector(Rich, Mapping[str, Any]):
    """The features of one entity at one moment: a mapping from name to value, None where missing.

    Attributes
    ----------
    missing, defaulted
        Names without a value, and names whose value rests on a default.
    state
        "found"; "unknown" if there is no row; "not yet known" if there are only rows that were
        created later; "expired" if the newest is older than the group's ttl.
    event_time
        From when on the row was true, as ISO text; None if none was found.
    """

    kind: ClassVar[str] = "feature_vector"
    group: str
    entity: str | int
    values_by_name: Mapping[str, Any]
    missing: tuple[str, ...]
    defaulted: tuple[str, ...]
    state: State
    event_time: str | None

    def __getitem__(self, name: str) -> Any:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def how(self, name: str) -> str:
        """Return "", "missing" or "default" for a feature."""
        return "missing" if name in self.missing else "default" if name in self.defaulted else ""

    @property
    def summary(self) -> str:
        """One line: of whom, and how it was found."""
        since = f", true since {self.event_time}" if self.event_time else ""
        return f"{self.group} of {self.entity}: {self.state}{since}"

    def __repr__(self) -> str:
        lines = [f"  {name} = {value!r}  {self.how(name)}".rstrip() for name, value in self.items()]
        return fmt.visible("\n".join([self.summary, *lines]))


@dataclass(frozen=True, repr=False, eq=False)
class HistoricalFeatures(Rich):
    """Features of many entities, each as it was known at its own moment.

    Attributes
    ----------
    columns
        The columns that were given, in their order, then the features; None where missing.
    missing, defaulted
        For each feature the rows without a value, and those whose value rests on a default.
    states
        For each row "found", "unknown", "not yet known" or "expired", as in `FeatureVector.state`.
    late
        How many rows a join by event time alone would have answered with what nobody knew yet.
    """

    kind: ClassVar[str] = "historical"
    group: str
    types: Mapping[str, type]
    columns: Mapping[str, Column | list[Any]]
    moments: Micros
    timestamp: str
    missing: Mapping[str, Mask]
    defaulted: Mapping[str, Mask]
    states: tuple[State, ...]
    late: int

    def __len__(self) -> int:
        return len(self.moments)

    def __getitem__(self, row: int) -> dict[str, Any]:
        return {name: column[row] for name, column in self.columns.items()}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[row] for row in range(len(self)))

    def column(self, name: str) -> list[Any]:
        """Return one column as a list."""
        return list(self.columns[name])

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are in each state."""
        return {state: count for state in STATES if (count := self.states.count(state))}

    @property
    def summary(self) -> str:
        """One or two sentences."""
        counts = ", ".join(f"{name} {fmt.count(count)}" for name, count in self.counts.items())
        text = f"{self.group} at {fmt.plural(len(self), 'moment')}: {counts or 'none'}."
        if self.late:
            text += f" By event time alone {fmt.plural(self.late, 'row')} would hold what nobody knew yet."
        return text

    def __repr__(self) -> str:
        lines = [
            f"  {name}: missing {fmt.count(int(self.missing[name].sum()))}, "
            f"by default {fmt.count(int(self.defaulted[name].sum()))}"
            for name in self.types
        ]
        return "\n".join([self.summary, *lines])

    def to_arrow(self) -> Any:
        """Return an Arrow table; features have their own type, moments are UTC."""
        pa = require("pyarrow", extra="files", purpose="make an Arrow table")
        types: dict[str, Any] = {name: getattr(pa, _ARROW[t.__name__])() for name, t in self.types.items()}
        types[self.timestamp] = pa.timestamp("us", tz="UTC")
        arrays: dict[str, Any] = {}
        for name, column in {**self.columns, self.timestamp: self.moments}.items():
            try:
                arrays[name] = pa.array(column, types.get(name))
            except pa.ArrowException as error:
                where = Where(field=name)
                raise DatasetError(f"A column has no one type in Arrow: {error}", where=where) from error
        return pa.table(arrays)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_parquet(self, path: str | Path) -> None:
        """Write a Parquet file that is whole or not there."""
        parquet = require("pyarrow.parquet", extra="files", purpose="write a Parquet file")
        with atomic_write(path) as stream:
            parquet.write_table(self.to_arrow(), stream)


def vector(
    group: str, entity: str | int, names: list[str], state: State, moment: int | None, done: Any
) -> FeatureVector:
    """Return the first row of completed columns as a vector."""
    values, missing, defaulted = done
    return FeatureVector(
        group,
        entity,
        {name: values[name][0] for name in names},
        tuple(name for name in names if missing[name][0]),
        tuple(name for name in names if defaulted[name][0]),
        state,
        None if moment is None else shown(moment),
    )


def states_of(place: Any, by_event: Any, alive: Any) -> tuple[State, ...]:
    """Name the state of each row of a join."""
    number: Any = np.where(place >= 0, np.where(alive, 0, 3), np.where(by_event >= 0, 2, 1))
    places: list[int] = number.tolist()
    return tuple(STATES[at] for at in places)
