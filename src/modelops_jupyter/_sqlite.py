"""SQLite as every store uses it: our own file or none, migrated by number, durable per commit."""

import os
import sqlite3
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from modelops_jupyter._home import is_network_disk
from modelops_jupyter._where import Where
from modelops_jupyter.errors import ModelOpsError, StoreError

BUSY_SECONDS = 10.0
_MAGIC = b"SQLite format 3\0"
# Files this process has a connection to, as (device, inode). Closing any other descriptor of such
# a file would drop SQLite's locks on it, and another process could then take its log away.
_connected: set[tuple[int, int]] = set()
_opening = threading.Lock()


class Database:
    """One store file.

    Parameters
    ----------
    path
        The file; it and its folder are made when first needed.
    application_id
        Four bytes that mark the file as ours; a file with other bytes is refused, unchanged.
    migrations
        One script a schema version; number n brings a file from n - 1 to n.
    what
        What the store holds, for messages: "job store".
    network
        Whether the disk is a network disk; looked up when None.
    """

    def __init__(
        self,
        path: Path,
        *,
        application_id: int,
        migrations: Sequence[str],
        what: str,
        network: bool | None = None,
    ) -> None:
        self.path = path
        self.what = what
        self._application_id = application_id
        self._migrations = migrations
        self._pid = os.getpid()
        self._local = threading.local()
        with self._errors():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.network = is_network_disk(path.resolve()) if network is None else network
        self.connection()

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        if os.getpid() != self._pid:
            raise StoreError(
                f"This {self.what} was opened by another process; SQLite files do not survive a fork.",
                where=Where(file=str(self.path)),
                hint="Open the store again in this process.",
            )
        held: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if held is None:
            with self._errors():
                held = self._open()
            self._local.connection = held
        return held

    def close(self) -> None:
        """Close this thread's connection; other threads' end with their threads."""
        held: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if held is not None:
            self._local.connection = None
            held.close()

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """One consistent view over several statements."""
        yield from self._transaction("BEGIN")

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start: all of it is kept, or nothing."""
        yield from self._transaction("BEGIN IMMEDIATE")

    def data_version(self) -> int:
        """A number that differs after any commit, by this thread or any other process."""
        connection = self.connection()
        with self._errors():
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
        return (version << 32) + connection.total_changes

    def _transaction(self, begin: str) -> Generator[sqlite3.Connection]:
        connection = self.connection()
        with self._errors():
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk may have rolled it back already
                    connection.execute("ROLLBACK")
                raise

    def _open(self) -> sqlite3.Connection:
        with _opening:
            self._refuse_foreign()
            connection = self._connect()
            found = self.path.stat()
            _connected.add((found.st_dev, found.st_ino))
            return connection

    def _connect(self) -> sqlite3.Connection:
        filled = self.path.exists() and self.path.stat().st_size > 0
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            if filled and connection.execute("PRAGMA application_id").fetchone()[0] != self._application_id:
                raise self._foreign()  # it took the place of a file of ours
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA synchronous = {'EXTRA' if self.network else 'FULL'}")
            self._migrate(connection)
            self._journal(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _refuse_foreign(self) -> None:
        # By bytes, because merely opening a stranger's file with SQLite may change it. Our own file
        # carries its mark from the first commit on, which is made before the switch to WAL.
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return
        if found.st_size == 0 or (found.st_dev, found.st_ino) in _connected:
            return
        with self.path.open("rb") as stream:
            header = stream.read(100)
        mark = int.from_bytes(header[68:72], "big")
        if not header.startswith(_MAGIC) or len(header) < 100 or mark != self._application_id:
            raise self._foreign()

    def _foreign(self) -> StoreError:
        return StoreError(
            f"This file is not a {self.what}; it was left as it is.",
            code="not-a-store",
            where=Where(file=str(self.path)),
            hint="Move it away, or set MODELOPS_HOME to another folder.",
        )

    def _migrate(self, connection: sqlite3.Connection) -> None:
        newest = len(self._migrations)
        if _version(connection) == newest:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = _version(connection)  # another process may have been first
            if found > newest:
                raise StoreError(
                    f"This {self.what} was made by a newer version (schema {found}, "
                    f"this version knows {newest}).",
                    code="newer-store",
                    where=Where(file=str(self.path)),
                    hint="Update modelops_jupyter; the file was left as it is.",
                )
            for script in self._migrations[found:]:
                for statement in _statements(script):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {self._application_id}")
            connection.execute(f"PRAGMA user_version = {newest}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _journal(self, connection: sqlite3.Connection) -> None:
        mode = "truncate" if self.network else "wal"
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                if connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0] == mode:
                    return
                raise StoreError(
                    f"The disk of this {self.what} does not support the journal mode '{mode}'.",
                    where=Where(file=str(self.path)),
                    hint="Set MODELOPS_HOME to a folder on a local disk.",
                )
            except sqlite3.OperationalError as error:
                # Changing the mode needs the file alone, and SQLite does not wait for that itself.
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    @contextmanager
    def _errors(self) -> Generator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise  # a broken rule of ours: a bug, or handled by the caller
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, ModelOpsError):
                raise
            raise StoreError(
                f"The {self.what} cannot be used: {error}.",
                where=Where(file=str(self.path)),
                hint=_advice(error),
            ) from error


def numbered(package: str, folder: str = "migrations") -> list[str]:
    """Read the scripts `0001_name.sql`, `0002_name.sql`, … of a package, in order."""
    files = sorted(
        (f for f in resources.files(package).joinpath(folder).iterdir() if f.name.endswith(".sql")),
        key=lambda f: f.name,
    )
    for number, file in enumerate(files, 1):
        if not file.name.startswith(f"{number:04d}_"):
            raise AssertionError(f"migration {number} of {package} is missing; found {file.name}")
    return [file.read_text("utf-8") for file in files]


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Generator[str]:
    # executescript() would commit first, and a half-made schema could be left behind.
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _advice(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "Another process has kept it locked for a long time; try again."
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return "The file is damaged; move it away and restore a copy if there is one."
    if code == sqlite3.SQLITE_FULL:
        return "The disk is full; free some space."
    return "Check that its folder exists, is writable and has free space, or set MODELOPS_HOME."
