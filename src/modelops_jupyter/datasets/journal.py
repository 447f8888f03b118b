"""The journal of edits or ratings: a file that is longer by one whole entry, or as it was.

The first line names the dataset. Each later line is ``{"sum": …, "entry": …}``; the sum covers
the entry and the sum before it, so that a torn, changed or missing line is seen. An entry is on
disk before what it tells counts.
"""

import contextlib
import json
import os
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import xxhash

from modelops_jupyter._atomic import atomic_write
from modelops_jupyter.errors import StoreError, Where

SCHEMA = 1
Entry = dict[str, Any]
_LONGEST_HEADER = 10_000
_HEAD, _MIDDLE, _TAIL = b'{"sum":"', b'","entry":', b"}\n"
_SUM = slice(len(_HEAD), len(_HEAD) + 16)
_BODY = slice(_SUM.stop + len(_MIDDLE), -len(_TAIL))


class Journal:
    """An open journal.

    Attributes
    ----------
    fingerprint
        Of the dataset that the entries change.
    entries
        What it held when it was opened.
    torn
        Whether its last entry was cut off, and is therefore left out.
    """

    def __init__(self, path: str | Path, fingerprint: str, rows: int, kind: str = "edit") -> None:
        self._file, self._kind = -1, kind
        self._path = Path(path)
        self.fingerprint, self._rows = fingerprint, rows
        self.entries: list[Entry] = []
        self.torn = self._begun = False
        with self._guarded("cannot be opened"):
            if self._path.exists() and self._path.stat().st_size:
                with self._path.open("rb") as stream:
                    self._read(stream)
                self._open()
        if not self._begun:
            self.begin(fingerprint, rows)

    def begin(self, fingerprint: str, rows: int) -> None:
        """Start anew for another dataset: the old file or the new one, whatever happens."""
        self.close()  # an open file cannot be replaced on Windows
        self.fingerprint, self._rows, self._begun = fingerprint, rows, False
        header = {"kind": f"{self._kind}_journal", "schema": SCHEMA, "fingerprint": fingerprint, "rows": rows}
        line = json.dumps(header).encode() + b"\n"
        with self._guarded("was not begun"):
            with atomic_write(self._path) as stream:
                stream.write(line)
            self._last, self._size = _sum(b"", line), len(line)
            self._open()

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add an entry; when this returns, it is on disk.

        Raises
        ------
        StoreError
            If it cannot be written (then it is not there), or if another session went on
            with this journal.
        """
        if not self._begun:
            self.begin(self.fingerprint, self._rows)
        body = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "backslashreplace"
        )
        last = _sum(self._last, body)
        line = _HEAD + last + _MIDDLE + body + _TAIL
        with self._guarded("was not continued"), _locked(self._file):
            self._be_alone()
            try:
                os.ftruncate(self._file, self._size)  # a torn end, of this session or one before
                _write(self._file, line, self._size)
                os.fsync(self._file)
            except OSError:
                with contextlib.suppress(OSError):  # what is left of it has no right sum
                    os.ftruncate(self._file, self._size)
                    os.fsync(self._file)
                raise
        self._last, self._size = last, self._size + len(line)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        self.close()

    def _open(self) -> None:
        self.close()
        self._file = os.open(self._path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        self._begun = True

    def _read(self, stream: BinaryIO) -> None:
        line = stream.readline(_LONGEST_HEADER)
        try:
            header: Any = json.loads(line)
            kind, schema = header["kind"], int(header["schema"])
            self.fingerprint = str(header["fingerprint"])
        except (ValueError, LookupError, TypeError):
            kind, schema = None, 0
        if kind != f"{self._kind}_journal":
            raise self._error(
                f"is no journal of {self._kind}s", "not-a-journal", "Give the path of a new file."
            )
        if schema > SCHEMA:
            raise self._error("was written by a newer version", "newer", "Update modelops_jupyter.")
        self._last, self._size = _sum(b"", line), len(line)
        self._read_entries(stream)

    def _read_entries(self, stream: BinaryIO) -> None:
        for number, line in enumerate(stream, 2):
            entry = _entry(line, self._last)
            if entry is not None:
                self.entries.append(entry)
                self._last, self._size = line[_SUM], self._size + len(line)
            elif stream.read(1):
                raise self._error(
                    f"was changed by hand: line {number} does not fit its sum",
                    "journal-damaged",
                    "Delete that line and all after it to go on from there.",
                )
            else:
                self.torn = True

    def _be_alone(self) -> None:
        """Refuse to go on where another session has."""
        at_path, here = self._path.stat(), os.fstat(self._file)
        continued = not os.path.samestat(at_path, here) or here.st_size < self._size
        if not continued and here.st_size > self._size:
            with self._path.open("rb") as stream:
                stream.seek(self._size)
                continued = _entry(stream.readline(), self._last) is not None
        if continued:
            hint = "Open it again: run the call with journal= once more."
            raise self._error("was continued by another session", "journal-continued", hint)

    @contextlib.contextmanager
    def _guarded(self, what: str) -> Generator[None]:
        try:
            yield
        except StoreError:
            raise
        except OSError as error:
            hint = f"The {self._kind}s that are on disk stay; this one was not made."
            raise self._error(f"{what}: {error.strerror or error}", "not-written", hint) from error

    def _error(self, what: str, code: str, hint: str) -> StoreError:
        where = Where(file=str(self._path))
        return StoreError(f"The journal {self._path.name} {what}.", code=code, where=where, hint=hint)


def _sum(before: bytes, body: bytes) -> bytes:
    return xxhash.xxh3_64_hexdigest(before + body).encode()


def _entry(line: bytes, before: bytes) -> Entry | None:
    """Return the entry of a line, or None if the line does not fit its sum."""
    whole = line.startswith(_HEAD) and line.endswith(_TAIL)
    return json.loads(line[_BODY]) if whole and _sum(before, line[_BODY]) == line[_SUM] else None


def _write(file: int, data: bytes, at: int) -> None:
    os.lseek(file, at, os.SEEK_SET)
    while data:  # the system may take less than it was given
        data = data[os.write(file, data) :]


@contextlib.contextmanager
def _locked(file: int) -> Generator[None]:
    """Keep other sessions out while an entry is added; a dead process holds no lock."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with contextlib.suppress(OSError):  # some network disks have no locks
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)
