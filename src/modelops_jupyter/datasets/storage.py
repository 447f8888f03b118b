"""Bytes at rest: a file of the user's, memory, or a temporary file for what does not fit there."""

import os
import stat
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from modelops_jupyter.datasets.index import BLOCK
from modelops_jupyter.errors import DatasetError, SourceNotFoundError, Where

SPILL = 64 << 20  # bytes of rows made in Python that may stay in memory
_seek_lock = threading.Lock()


class Storage(Protocol):
    """Random access to bytes that do not change."""

    size: int

    def read(self, start: int, end: int) -> bytes:
        """Return exactly the bytes of ``[start, end)``."""
        ...


def blocks(storage: Storage) -> Iterator[bytes]:
    """Yield the whole content, a megabyte at a time."""
    for start in range(0, storage.size, BLOCK):
        yield storage.read(start, min(start + BLOCK, storage.size))


class MemoryStorage:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, start: int, end: int) -> bytes:
        """Return exactly the bytes of ``[start, end)``."""
        return self._data[start:end]


class _DescriptorStorage:
    """Reads by position on one descriptor, so threads and forks do not disturb each other."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self.size = size

    def read(self, start: int, end: int) -> bytes:
        """Return exactly the bytes of ``[start, end)``."""
        data = _read_at(self._descriptor, end - start, start)
        while len(data) < end - start:  # the system may return less than asked for
            more = _read_at(self._descriptor, end - start - len(data), start + len(data))
            if not more:
                self._shrunk()
            data += more
        return data

    def _shrunk(self) -> None:
        raise DatasetError("The temporary copy of the rows ended too early.", code="source-changed")

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class SpilledStorage(_DescriptorStorage):
    """A temporary file without a name, gone with its last reader."""

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy must not share the descriptor: the first to go would close it for the other.
        return MemoryStorage, (self.read(0, self.size),)


class FileStorage(_DescriptorStorage):
    """A file of the user's, opened once; never mapped, for a map of a truncated file kills the process.

    A file that is replaced by rename goes on serving its old content; one that is changed
    in place is an error at the next read.
    """

    def __init__(self, path: str | Path) -> None:
        self._descriptor = -1
        self.path = Path(path).absolute()
        self._descriptor = _open(self.path)
        found = os.fstat(self._descriptor)
        self._mark = (found.st_size, found.st_mtime_ns)
        super().__init__(self._descriptor, found.st_size)

    def read(self, start: int, end: int) -> bytes:
        """Return exactly the bytes of ``[start, end)``, or fail if the file was changed."""
        found = os.fstat(self._descriptor)
        if (found.st_size, found.st_mtime_ns) != self._mark:
            self._shrunk()
        return super().read(start, end)

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (str(self.path), self._mark)

    def is_marked(self, mark: tuple[int, int]) -> bool:
        """Tell whether size and time of the file are those of `mark`."""
        return self._mark == mark

    def _shrunk(self) -> None:
        raise DatasetError(
            f"{self.path.name} was changed while it was open.",
            code="source-changed",
            where=Where(file=str(self.path)),
            hint="Open it again with Dataset.from_file(...).",
        )


def _reopened(path: str, mark: tuple[int, int]) -> FileStorage:
    storage = FileStorage(path)
    if not storage.is_marked(mark):
        raise DatasetError(
            f"{storage.path.name} was changed since this copy of the dataset was made.",
            code="source-changed",
            where=Where(file=path),
            hint="Open it again with Dataset.from_file(...).",
        )
    return storage


def _open(path: Path) -> int:
    where = Where(file=str(path))
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        near = f" {path.parent} does not exist." if not path.parent.is_dir() else ""
        raise SourceNotFoundError(
            f"There is no file {path.name}.{near}", where=where, hint="Check the path."
        ) from None
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path.name} cannot be opened: {error}.", where=where) from None
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "not a regular file"
        raise DatasetError(
            f"{path.name} is {what}.", code="not-a-file", where=where, hint="Give the path of one file."
        )
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise DatasetError(
            f"{path.name} cannot be opened: {error.strerror}.", code="not-readable", where=where
        ) from None


def _read_at(descriptor: int, count: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, count, offset)
    with _seek_lock:  # Windows has no pread
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, count)


def stored(parts: Iterable[bytes]) -> Storage:
    """Put bytes at rest: in memory, or in a temporary file when they grow."""
    with tempfile.SpooledTemporaryFile(max_size=SPILL) as file:
        for part in parts:  # `writelines` looks at the size only when all is written
            file.write(part)
        size = file.tell()
        if size > SPILL:
            file.flush()
            return SpilledStorage(os.dup(file.fileno()), size)
        file.seek(0)
        return MemoryStorage(file.read())
