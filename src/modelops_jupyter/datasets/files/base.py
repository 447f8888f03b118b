"""What all file types share: how one is opened, and rows that are converted on entry."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modelops_jupyter.datasets.source import Source
from modelops_jupyter.datasets.storage import Storage, stored_rows
from modelops_jupyter.errors import DatasetError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known when a file is opened: short name, number of its first line, types of its cells."""

    name: str | None
    first_line: int = 1
    types: Mapping[str, type] = field(default_factory=dict[str, type])


def refuse_rows_without_keys(columns: Iterable[str], rows: int) -> None:
    """Refuse to write a table without a column: its rows would be gone."""
    if rows and not list(columns):
        raise DatasetError("A table cannot hold rows without a single key; JSONL can.", code="no-columns")


def converted(rows: Iterable[tuple[int, bytes]], name: str | None, misfit: str = "") -> Source:
    """Put rows made from another file type at rest; each brings the line it came from."""
    storage, lines = stored_rows(rows)
    return Source(storage, file=name, lines=lines, misfit=misfit)


class StorageFile(io.RawIOBase):
    """Storage as a file object, for libraries that want to read one."""

    def __init__(self, storage: Storage) -> None:
        self._storage, self._at = storage, 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read in any order."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, counted from the start, from here, or from the end."""
        self._at = offset + (0, self._at, self._storage.size)[whence]
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill `buffer` and return how many bytes were read."""
        view: Any = memoryview(buffer).cast("B")
        end = min(self._at + len(view), self._storage.size)
        data = self._storage.read(self._at, max(end, self._at))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
