"""Finished calls on disk, so that a run that broke off goes on without paying for them again."""

import json
import os
import re
from typing import Any, BinaryIO, Self, cast

from modelops_jupyter._home import home
from modelops_jupyter._where import Where
from modelops_jupyter.errors import ConfigError, StoreError

Body = dict[str, Any]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class RunStore:
    """One file per run, `suites/<run_id>.jsonl` in the home folder: a head, then one line per call.

    Lines are only ever added, each on disk before the next call counts. A last line that a
    crash cut is dropped.

    Parameters
    ----------
    run_id
        Name of the run.
    head
        What the run is about; an earlier run of this name must have been about the same.
    """

    def __init__(self, run_id: str, head: Body) -> None:
        if not _NAME.fullmatch(run_id):
            raise ConfigError(
                f"{run_id!r} cannot name a run.", hint="Use letters, digits, dots, dashes, underscores."
            )
        self.path = home() / "suites" / f"{run_id}.jsonl"
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        self._file: BinaryIO = self.path.open("a+b")
        try:
            self._lock()
            self.records = self._read(head)
        except BaseException:
            self._file.close()
            raise

    def _read(self, head: Body) -> list[Body]:
        self._file.seek(0)
        lines = self._file.read().split(b"\n")
        if lines[-1]:  # cut by a crash in the middle of writing
            self._file.truncate(sum(len(line) + 1 for line in lines[:-1]))
        try:
            found = [json.loads(line) for line in lines[:-1]]
        except ValueError as error:
            raise StoreError(f"The run cannot be read: {error}.", where=Where(file=str(self.path))) from None
        if not found:
            self.append(head)
            return []
        differs = [k for k in head if cast("Body", found[0]).get(k) != head[k]]
        if differs:
            raise ConfigError(
                f"The run {self.path.stem!r} was made with another {differs[0].replace('_', ' ')}:"
                f" {found[0].get(differs[0])!r}, and this is {head[differs[0]]!r}.",
                code="another-run",
                hint="Give this run another run_id.",
            )
        return found[1:]

    def append(self, record: Body) -> None:
        """Add a line; it is on disk when this returns."""
        self._file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _lock(self) -> None:
        """Keep a second process out: both would pay for every call."""
        try:
            import fcntl
        except ImportError:  # Windows has no such lock
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(
                f"The run {self.path.stem!r} is going on elsewhere.",
                code="busy",
                where=Where(file=str(self.path)),
                hint="Wait for it, or give this run another run_id.",
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
