"""Row ids: what a row is called for life, whatever selection it stands in."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import overload

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.errors import DatasetError, Where

Positions = NDArray[np.int64]

_by_content = re.compile(r"([0-9a-f]{16})(?:-([0-9]{1,9}))?").fullmatch
_COPY = 0x9E3779B97F4A7C15  # odd, so that copies of a row get different keys


class RowIds(Sequence[str]):
    """A read-only sequence of ids, computed when first needed."""

    def __init__(self, size: int, load: Callable[[], Sequence[str]] = tuple) -> None:
        self._size, self._load = size, load

    @cached_property
    def _names(self) -> Sequence[str]:
        return self._load()

    def _id(self, at: int) -> str:
        return self._names[at]

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """One number for each id: the same for the same id, whoever has it."""
        return np.fromiter(map(_key, self._names), np.uint64, self._size)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._id(i) for i in range(*index.indices(self._size))]
        if not -self._size <= index < self._size:
            raise IndexError(f"id {index} of {self._size}")
        return self._id(index % self._size)

    def __iter__(self) -> Iterator[str]:
        return map(self._id, range(self._size))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)  # pyright: ignore[reportUnknownArgumentType]  # any sequence of anything may be compared

    __hash__ = None  # type: ignore[assignment]  # compared by content, as lists are

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"[{shown}{', …' if self._size > 3 else ''}]"

    def take(self, positions: NDArray[np.int64]) -> "RowIds":
        """Return the ids of a selection."""
        return _Selection(self, positions)


class _Selection(RowIds):
    def __init__(self, base: RowIds, positions: NDArray[np.int64]) -> None:
        super().__init__(len(positions))
        self._base, self._positions = base, positions

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        return self._base.keys[self._positions]

    def take(self, positions: NDArray[np.int64]) -> RowIds:
        return _Selection(self._base, self._positions[positions])

    def _id(self, at: int) -> str:
        return self._base[int(self._positions[at])]


class _ContentIds(RowIds):
    """16 hex digits of a hash of the raw bytes; equal rows get ``-2``, ``-3`` in source order."""

    def __init__(self, source: Source) -> None:
        super().__init__(len(source))
        self._source = source

    @cached_property
    def _copies(self) -> NDArray[np.int64] | None:
        copies = copies_before(self._source.hashes)
        return copies if copies.any() else None

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        copies = self._copies  # without writing a million ids
        return self._source.hashes ^ (np.uint64(0) if copies is None else copies.astype(np.uint64) * _COPY)

    def _id(self, at: int) -> str:
        name = f"{int(self._source.hashes[at]):016x}"
        copy = 0 if self._copies is None else int(self._copies[at])
        return f"{name}-{copy + 1}" if copy else name


def as_ids(names: Sequence[str]) -> RowIds:
    """Return names as ids."""
    return names if isinstance(names, RowIds) else RowIds(len(names), lambda: names)


def _key(name: str) -> int:
    found = _by_content(name)
    if found is None:
        return xxhash.xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))
    return int(found[1], 16) ^ (int(found[2] or 1) - 1) * _COPY % 2**64


def source_ids(source: Source, key: str | None) -> RowIds:
    """Return the ids of a source: by the value of the field `key`, or by content."""
    return _ContentIds(source) if key is None else RowIds(len(source), partial(_by_key, source, key))


def joined_ids(parts: Sequence[RowIds]) -> RowIds:
    """Return the ids of several selections in a row; a later one that is taken gets a suffix."""
    return RowIds(sum(map(len, parts)), partial(_distinct, parts))


def _distinct(parts: Sequence[RowIds]) -> list[str]:
    out: dict[str, None] = {}
    for name in (name for part in parts for name in part):
        candidate, copy = name, 1
        while candidate in out:
            copy += 1
            candidate = f"{name}-{copy}"
        out[candidate] = None
    return list(out)


def _by_key(source: Source, key: str) -> list[str]:
    seen: dict[str, int] = {}
    for at, raw in enumerate(source):
        row = try_decode(raw)
        # One that cannot be read is named by its content.
        value = f"{int(source.hashes[at]):016x}-{at}" if row is None else row.get(key)
        problem = ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            problem = f'Row {at} has no text or whole number under "{key}".'
        elif str(value) in seen:
            problem = f'Rows {seen[str(value)]} and {at} both have the id "{value}".'
        if problem:
            raise DatasetError(
                problem,
                code="id-key",
                where=Where(file=source.file, line=source.line(at), row=at, field=key),
                hint="id_key= needs a field whose value is there and different in every row.",
            )
        seen[str(value)] = at
    return list(seen)


def ranked(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the stable order of `keys`, and for each place in it where its run of equal keys begins."""
    order = np.argsort(keys, kind="stable")
    same = np.zeros(len(keys), dtype=np.bool_)
    same[1:] = keys[order[1:]] == keys[order[:-1]]
    return order, np.maximum.accumulate(np.where(same, 0, np.arange(len(keys))))


def copies_before(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each of `keys` how many equal ones stand before it."""
    order, starts = ranked(keys)
    copies = np.empty_like(order)
    copies[order] = np.arange(len(order)) - starts
    return copies


def looked_up(keys: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> tuple[Positions, NDArray[np.bool_]]:
    """Return where each of `wanted` would stand among sorted `keys`, and whether it does."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return at, keys[at] == wanted
