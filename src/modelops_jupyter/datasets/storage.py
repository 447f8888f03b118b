"""Bytes at rest: a file of the user's, memory, or a temporary file for what does not fit there."""

import os
import stat
import tempfile
import threading
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._suggest import near_file
from modelops_jupyter.errors import DatasetError, SourceNotFoundError, Where

_SCAN = 256 << 10  # bytes that stay in the processor's cache while they are looked at
SPILL = 64 << 20  # bytes of rows made in Python that may stay in memory
_seek_lock = threading.Lock()


class Storage(Protocol):
    """Random access to bytes that do not change."""

    size: int

    def read(self, start: int, end: int) -> bytes:
        """Return exactly the bytes of ``[start, end)``."""
        ...

    def read_all(self, spans: Iterable[tuple[int, int]]) -> list[bytes]:
        """Return exactly the bytes of each of some spans."""
        ...

    def fill(self, room: memoryview, start: int) -> None:
        """Put into `room` exactly the bytes from `start` on."""
        ...

    def scan(self) -> Iterator[memoryview]:
        """Yield the whole content in blocks; each is good until the next is asked for."""
        ...


class MemoryStorage:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, start: int, end: int) -> bytes:
        """Return exactly the bytes of ``[start, end)``."""
        return self._data[start:end]

    def read_all(self, spans: Iterable[tuple[int, int]]) -> list[bytes]:
        """Return exactly the bytes of each of some spans."""
        data = self._data
        return [data[start:end] for start, end in spans]

    def fill(self, room: memoryview, start: int) -> None:
        """Put into `room` exactly the bytes from `start` on."""
        room[:] = self._data[start : start + len(room)]

    def scan(self) -> Iterator[memoryview]:
        """Yield the whole content in blocks, without a copy."""
        view = memoryview(self._data)
        for start in range(0, self.size, _SCAN):
            yield view[start : start + _SCAN]


class _DescriptorStorage:
    """Reads by position on one descriptor, so threads and forks do not disturb each other."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self.size = size

    def read(self, start: int, end: int) -> bytes:
        """Return exactly the bytes of ``[start, end)``."""
        return self.read_all(((start, end),))[0]

    def read_all(self, spans: Iterable[tuple[int, int]]) -> list[bytes]:
        """Return exactly the bytes of each of some spans."""
        descriptor, out = self._descriptor, list[bytes]()
        for start, end in spans:
            data = _read_at(descriptor, end - start, start)
            while len(data) < end - start:  # the system may return less than asked for
                more = _read_at(descriptor, end - start - len(data), start + len(data))
                if not more:
                    self._shrunk()
                data += more
            out.append(data)
        return out

    def fill(self, room: memoryview, start: int) -> None:
        """Put into `room` exactly the bytes from `start` on."""
        while room:  # the system may return less than asked for
            count = _read_into(self._descriptor, room, start)
            if count == 0:
                self._shrunk()
            room, start = room[count:], start + count

    def scan(self) -> Iterator[memoryview]:
        """Yield the whole content in blocks, all in one buffer: a third faster than a new one each."""
        view = memoryview(bytearray(min(_SCAN, self.size)))
        for at in range(0, self.size, _SCAN):
            part = view[: self.size - at]
            self.fill(part, at)
            yield part

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

    def read_all(self, spans: Iterable[tuple[int, int]]) -> list[bytes]:
        """Return exactly the bytes of each of some spans, or fail if the file was changed."""
        out = super().read_all(spans)
        self._check()  # afterwards: what was changed during the reads is noticed too
        return out

    def fill(self, room: memoryview, start: int) -> None:
        """Put into `room` exactly the bytes from `start` on, or fail if the file was changed."""
        super().fill(room, start)
        self._check()

    def _check(self) -> None:
        found = os.fstat(self._descriptor)
        self.refuse_other((found.st_size, found.st_mtime_ns))

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (str(self.path), self._mark)

    def refuse_other(self, mark: tuple[int, int]) -> None:
        """Fail if size and time of the file were not those of `mark` when it was opened."""
        if self._mark != mark:
            self._shrunk()

    def _shrunk(self) -> None:
        raise DatasetError(
            f"{self.path.name} was changed while it was open.",
            code="source-changed",
            where=Where(file=str(self.path)),
            hint="Open it again with Dataset.from_file(...).",
        )


def _reopened(path: str, mark: tuple[int, int]) -> FileStorage:
    storage = FileStorage(path)
    storage.refuse_other(mark)
    return storage


def _open(path: Path) -> int:
    where = Where(file=str(path))
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        near = f" {path.parent} does not exist." if not path.parent.is_dir() else ""
        text = f"There is no file {path.name}.{near}"
        raise SourceNotFoundError(text, where=where, hint=near_file(path)) from None
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


def _seek_and_read(descriptor: int, count: int, offset: int) -> bytes:
    with _seek_lock:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, count)


_read_at = getattr(os, "pread", _seek_and_read)  # Windows has no pread


def _read_into(descriptor: int, buffer: memoryview, offset: int) -> int:
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, [buffer], offset)
    data = _read_at(descriptor, len(buffer), offset)  # Windows
    buffer[: len(data)] = data
    return len(data)


def stored_rows(rows: Iterable[tuple[int, bytes]]) -> tuple[Storage, NDArray[np.int64]]:
    """Put rows at rest, each with a line end; return them and the numbers they bring."""
    numbers = array("q")

    def lines() -> Iterator[bytes]:
        for number, raw in rows:
            numbers.append(number)
            yield raw + b"\n"

    return stored(lines()), np.array(numbers, dtype=np.int64)


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
