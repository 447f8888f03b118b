"""Row ids: what a row is called for life, whatever selection it stands in."""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.errors import DatasetError, Where

_CHUNK = 1024


class RowIds(Sequence[str]):
    """A read-only sequence of ids, computed when first needed."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._id(i) for i in range(*index.indices(self._size))]
        at = index + self._size if index < 0 else index
        if not 0 <= at < self._size:
            raise IndexError(f"id {index} of {self._size}")
        return self._id(at)

    def __iter__(self) -> Iterator[str]:
        return (self._id(i) for i in range(self._size))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)  # pyright: ignore[reportUnknownArgumentType]  # any sequence of anything may be compared

    __hash__ = None  # type: ignore[assignment]  # compared by content, as lists are

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"[{shown}{', …' if self._size > 3 else ''}]"

    def take(self, positions: NDArray[np.int64]) -> "RowIds":
        """Return the ids of a selection."""
        return _Selection(self, positions)

    def _id(self, at: int) -> str:
        raise NotImplementedError


class ContentIds(RowIds):
    """16 hex digits of a hash of the raw bytes; equal rows get ``-2``, ``-3`` in source order."""

    def __init__(self, source: Source) -> None:
        super().__init__(len(source))
        self._source = source
        self._hashes: NDArray[np.uint64] | None = None
        self._copies: NDArray[np.int64] | None = None

    def _id(self, at: int) -> str:
        if self._hashes is None:
            self._compute()
        assert self._hashes is not None
        name = f"{int(self._hashes[at]):016x}"
        copy = 0 if self._copies is None else int(self._copies[at])
        return f"{name}-{copy + 1}" if copy else name

    def _compute(self) -> None:
        hashes = np.empty(len(self), dtype=np.uint64)
        for start in range(0, len(self), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(self)))
            hashes[rows] = [xxhash.xxh3_64_intdigest(raw) for raw in self._source.read(rows)]
        copies = occurrences(hashes)
        self._copies = copies if copies.any() else None
        self._hashes = hashes


class KeyIds(RowIds):
    """The value of one field; a row that cannot be read goes by its content."""

    def __init__(self, source: Source, key: str) -> None:
        super().__init__(len(source))
        self._source, self._key = source, key
        self._ids: list[str] | None = None

    def _id(self, at: int) -> str:
        if self._ids is None:
            self._ids = self._compute()
        return self._ids[at]

    def _compute(self) -> list[str]:
        ids: list[str] = []
        seen: dict[str, int] = {}
        for start in range(0, len(self), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(self)))
            for raw in self._source.read(rows):
                name = self._name(raw, len(ids))
                if name in seen:
                    message = f'Rows {seen[name]} and {len(ids)} both have the id "{name}".'
                    raise self._error(message, len(ids))
                seen[name] = len(ids)
                ids.append(name)
        return ids

    def _name(self, raw: bytes, at: int) -> str:
        row = try_decode(raw)
        if row is None:
            return f"{xxhash.xxh3_64_intdigest(raw):016x}-{at}"
        value = row.get(self._key)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self._error(f'Row {at} has no text or whole number under "{self._key}".', at)
        return str(value)

    def _error(self, message: str, at: int) -> DatasetError:
        return DatasetError(
            message,
            code="id-key",
            where=Where(file=self._source.file, line=self._source.line(at), row=at, field=self._key),
            hint="id_key= needs a field whose value is there and different in every row.",
        )


def source_ids(source: Source, key: str | None) -> RowIds:
    """Return the ids of a source: by `key`, or by content."""
    return ContentIds(source) if key is None else KeyIds(source, key)


class JoinedIds(RowIds):
    """Ids of several selections in a row; a later one that is taken gets a suffix."""

    def __init__(self, parts: Sequence[RowIds]) -> None:
        super().__init__(sum(map(len, parts)))
        self._parts = parts
        self._ids: list[str] | None = None

    def _id(self, at: int) -> str:
        if self._ids is None:
            self._ids = unique(name for part in self._parts for name in part)
        return self._ids[at]


class _Selection(RowIds):
    def __init__(self, base: RowIds, positions: NDArray[np.int64]) -> None:
        super().__init__(len(positions))
        self._base, self._positions = base, positions

    def take(self, positions: NDArray[np.int64]) -> RowIds:
        return _Selection(self._base, self._positions[positions])

    def _id(self, at: int) -> str:
        return self._base[int(self._positions[at])]


def unique(names: Iterator[str]) -> list[str]:
    """Suffix every name that was seen before, never onto another name."""
    taken: set[str] = set()
    out: list[str] = []
    for name in names:
        candidate, copy = name, 1
        while candidate in taken:
            copy += 1
            candidate = f"{name}-{copy}"
        taken.add(candidate)
        out.append(candidate)
    return out


def occurrences(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each key how many equal ones stand before it."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    fresh = np.ones(len(keys), dtype=np.bool_)
    fresh[1:] = ranked[1:] != ranked[:-1]
    starts = np.maximum.accumulate(np.where(fresh, np.arange(len(keys)), 0))
    out = np.empty(len(keys), dtype=np.int64)
    out[order] = np.arange(len(keys)) - starts
    return out
