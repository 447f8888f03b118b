"""A collection of rows: what it is, and how its rows are read."""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar, Self, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._display import Rich
from modelops_jupyter._format import plural
from modelops_jupyter.datasets import parse
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats import DatasetFormat, detect
from modelops_jupyter.datasets.identity import RowIds
from modelops_jupyter.datasets.lineage import LineageStep, described
from modelops_jupyter.datasets.rows import Positions, Rows
from modelops_jupyter.errors import Where

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_SAMPLE = 256  # rows looked at to find the format


class Collection(Rich):
    """Rows with ids, a format and a lineage; it never changes, and what is derived shares its rows."""

    kind: ClassVar[str] = "dataset"

    def _setup(
        self,
        rows: Rows,
        ids: RowIds,
        format: DatasetFormat | None,
        name: str | None,
        lineage: tuple[LineageStep, ...],
        *,
        verbatim: bool = False,
    ) -> None:
        self._rows, self._ids, self._format, self._name = rows, ids, format, name
        self._lineage, self._verbatim = lineage, verbatim
        self.memo: dict[Any, Any] = {}  # what other modules computed from these unchanging rows

    @classmethod
    def _of(cls, *args: Any, **options: Any) -> Self:
        made = cls.__new__(cls)
        made._setup(*args, **options)
        return made

    def _derive(self, rows: Rows, ids: RowIds, operation: str, /, **arguments: Any) -> Self:
        step = LineageStep(operation, len(rows), {key: described(value) for key, value in arguments.items()})
        return self._of(rows, ids, self.format, self._name, (*self._lineage, step))

    @property
    def name(self) -> str | None:
        """What the dataset is called when shown."""
        return self._name

    @property
    def format(self) -> DatasetFormat:
        """The row format, detected on a sample spread over the rows."""
        if self._format is None:
            spread = np.unique(np.linspace(0, max(len(self) - 1, 0), _SAMPLE).astype(np.int64))
            raws = self._rows.read(spread[: len(self)])
            self._format = detect(row for raw in raws if (row := parse.try_decode(raw)) is not None)
        return self._format

    @property
    def source(self) -> str | None:
        """Short name of the file the rows came from, if there is one."""
        files = {source.file for source in self._rows.sources} - {None}
        return next(iter(files)) if len(files) == 1 else None

    @property
    def ids(self) -> RowIds:
        """The name of each row for life."""
        return self._ids

    @property
    def lineage(self) -> tuple[LineageStep, ...]:
        """What was done, step by step."""
        return self._lineage

    @cached_property
    def nbytes(self) -> int:
        """Size of all rows in bytes, without line ends."""
        return int(self.row_lengths().sum())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the rows, each led by its length: equal for equal rows in equal order."""
        digest = hashlib.sha256()
        for chunk in self._rows.chunks():
            digest.update(b"".join(len(raw).to_bytes(8, "little") + raw for raw in chunk))
        return f"sha256:{digest.hexdigest()}"

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Collection):
            return NotImplemented
        return self is other or (len(self) == len(other) and self.fingerprint == other.fingerprint)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        name = f"{self._name!r}, " if self._name else ""
        return f"Dataset({name}{plural(len(self), 'row')}, {self.format})"

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Row | Self:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            positions = np.arange(start, stop, step)
            return self._selected(positions, "slice", start=start, stop=stop, step=step)
        at = self._at(index)
        return self._decoded(self._rows.one(at), at)

    def __iter__(self) -> Iterator[Row]:
        at = 0
        for chunk in self._rows.chunks():
            for raw in chunk:
                try:
                    row = _decode(raw)
                except (ValueError, RecursionError):
                    row = self._decoded(raw, at)  # raises the error that names the place
                yield row
                at += 1

    def _at(self, index: int) -> int:
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of a dataset with {plural(len(self), 'row')}")
        return index % len(self)

    def _decoded(self, raw: bytes, at: int) -> Row:
        row = parse.try_decode(raw)
        if row is None:
            where = Where(file=self._rows.file(at), line=self._rows.line(at), row=at)
            raise parse.row_error(raw, where, self._rows.misfit(at))
        return row

    def raw(self, index: int) -> bytes:
        """Return the bytes of a row as they are at rest, without the line end."""
        return self._rows.one(self._at(index))

    def decoded(self) -> Iterator[tuple[int, Row | None]]:
        """Iterate over positions and rows; a row that cannot be read is None."""
        return enumerate(map(parse.try_decode, self._rows))

    def raws(self) -> Iterator[bytes]:
        """Iterate over the bytes of all rows."""
        return iter(self._rows)

    @property
    def stored(self) -> Rows:
        """The rows at rest, for modules that read many of them."""
        return self._rows

    @property
    def untouched(self) -> bool:
        """All rows of one source, as they were opened."""
        return self._verbatim

    def line(self, index: int) -> int:
        """Return the line of a row in its source, from 1."""
        return self._rows.line(self._at(index))

    def row_lengths(self) -> NDArray[np.int64]:
        """Return the length of each row in bytes; costs no reading."""
        return self._rows.lengths()

    @cached_property
    def valid(self) -> Self:
        """The rows that can be read: JSON objects, whatever else is wrong with them."""
        keep = [i for i, row in self.decoded() if row is not None]
        return self._selected(np.array(keep, dtype=np.int64), "valid")

    def _selected(self, positions: Positions, operation: str, /, **arguments: Any) -> Self:
        return self._derive(self._rows.take(positions), self._ids.take(positions), operation, **arguments)
