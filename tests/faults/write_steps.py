"""Every step of an atomic write, counted, so that a fault can strike at each of them in turn."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

Fault = Callable[[], None]


class Steps:
    """Counts steps and lets `fault` strike at one of them; a kill may also come after an operation."""

    def __init__(self, at: int, fault: Fault, kills: bool) -> None:
        self.at, self.fault, self.kills = at, fault, kills
        self.names: list[str] = []

    def step(self, name: str) -> bool:
        """Count a step; tell whether the fault is due in it."""
        self.names.append(name)
        return len(self.names) == self.at

    def wrapped(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function` as a step that can fail, or as two between which it happens."""

        def call(*args: Any, **options: Any) -> Any:
            if self.step(name):
                self.fault()
            out = function(*args, **options)
            if self.kills and self.step(f"after {name}"):
                self.fault()
            return out

        return call


class Stream:
    """A file whose writes can stop half-way."""

    def __init__(self, file: Any, steps: Steps) -> None:
        self._file, self._steps = file, steps
        self.flush = steps.wrapped("flush", file.flush)

    def write(self, data: bytes) -> int:
        """Write all of `data`, or half of it and then the fault."""
        if self._steps.step("write"):
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            self._steps.fault()
        return self._file.write(data)

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def faulty(at: int, fault: Fault, *, kills: bool = False) -> Iterator[Steps]:
    """Let `fault` strike at step `at` of the writes inside; a fault after the last step never comes."""
    steps = Steps(at, fault, kills)
    opened = os.fdopen
    with ExitStack() as patches:
        for owner, name in ((tempfile, "mkstemp"), (os, "fsync"), (Path, "chmod"), (Path, "replace")):
            patches.enter_context(patch.object(owner, name, steps.wrapped(name, getattr(owner, name))))
        patches.enter_context(
            patch.object(os, "fdopen", lambda *args, **more: Stream(opened(*args, **more), steps))
        )
        yield steps
