"""A journal under a failing disk and kill -9: old or new, at every single call that writes."""

import errno
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset, EditSession
from modelops_jupyter.errors import StoreError

CALLS = ("write", "fsync", "ftruncate", "replace", "lseek")  # all that the journal and atomic files use
State = tuple[list[bytes], int]

ACTIONS: list[Callable[[EditSession, Path], Any]] = [
    lambda session, _: session.patch({0: {"text": "A" * 200}}),
    lambda session, _: session.drop([1, 2]),
    lambda session, _: session.label([0], "ok"),
    lambda session, _: session.undo(),
    lambda session, source: session.save(source),
    lambda session, _: session.drop([1]),
    lambda session, _: session.undo(),
]


def begun(folder: Path) -> tuple[Path, Path]:
    folder.mkdir()
    source = folder / "data.jsonl"
    source.write_bytes(b"".join(b'{"text" : "%d"}\n' % i for i in range(6)))
    return source, folder / "edits.jsonl"


def state(session: EditSession) -> State:
    return list(session.dataset.raws()), len(session.history)


def reopened(source: Path, journal: Path) -> State:
    """Return what a new process would see; looked at in a copy, for it may tidy up."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (source, journal):
            if path.exists():
                shutil.copy(path, folder)
        return state(Dataset.from_file(Path(folder) / source.name).edit(Path(folder) / journal.name))


def clean_run(folder: Path) -> list[State]:
    """Return the state before the first action and after each, as a restart shows it."""
    source, journal = begun(folder)
    session = Dataset.from_file(source).edit(journal)
    states = [state(session)]
    for action in ACTIONS:
        action(session, source)
        states.append(state(session))
        assert reopened(source, journal) == states[-1]
    return states


class Trap:
    """Counts the calls that write, and does something at one of them."""

    def __init__(self, at: int, spring: Callable[[str, Any, Any], Any]) -> None:
        self.at, self.count, self.spring = at, 0, spring
        self._real = {name: getattr(os, name) for name in CALLS}

    def _call(self, name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                return self.spring(name, self._real[name], args)
            return self._real[name](*args)

        return call

    def set(self) -> None:
        for name in CALLS:
            setattr(os, name, self._call(name))

    def remove(self) -> None:
        for name, real in self._real.items():
            setattr(os, name, real)


def calls_of_a_clean_run(folder: Path) -> int:
    source, journal = begun(folder)
    trap = Trap(0, lambda *_: None)
    trap.set()
    try:
        session = Dataset.from_file(source).edit(journal)
        for action in ACTIONS:
            action(session, source)
    finally:
        trap.remove()
    return trap.count


def fails(code: int, part: bool) -> Callable[[str, Any, Any], Any]:
    def spring(name: str, real: Any, args: Any) -> Any:
        if part and name == "write":
            real(args[0], args[1][: len(args[1]) // 2])  # a full disk takes the beginning
        raise OSError(code, os.strerror(code))

    return spring


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("part", [False, True])
def test_a_failing_call_leaves_the_old_state_and_the_next_try_works(
    code: int, part: bool, tmp_path: Path
) -> None:
    states = clean_run(tmp_path / "clean")
    total = calls_of_a_clean_run(tmp_path / "counted")
    assert total > 3 * len(ACTIONS)
    for at in range(1, total + 1):
        source, journal = begun(tmp_path / str(at))
        trap = Trap(at, fails(code, part))
        trap.set()
        try:
            try:
                session = Dataset.from_file(source).edit(journal)
            except StoreError:
                session = Dataset.from_file(source).edit(journal)
            for number, action in enumerate(ACTIONS):
                try:
                    action(session, source)
                except StoreError:
                    assert list(session.dataset.raws()) == states[number][0]
                    assert reopened(source, journal) in (states[number], states[number + 1])
                    action(session, source)
                assert state(session) == states[number + 1]
        finally:
            trap.remove()
        assert trap.count >= total
        assert reopened(source, journal) == states[-1]


def test_a_disk_that_stays_dead_loses_no_edit_that_was_made(tmp_path: Path) -> None:
    states = clean_run(tmp_path / "clean")
    total = calls_of_a_clean_run(tmp_path / "counted")
    for at in range(1, total + 1):
        source, journal = begun(tmp_path / str(at))
        trap = Trap(at, fails(errno.EIO, part=True))
        dead = trap.spring

        def spring(name: str, real: Any, args: Any, trap: Trap = trap, dead: Any = dead) -> Any:
            trap.at = trap.count + 1  # and the next call too
            return dead(name, real, args)

        trap.spring = spring
        trap.set()
        made = 0
        try:
            session = Dataset.from_file(source).edit(journal)
            for action in ACTIONS:
                action(session, source)
                made += 1
        except StoreError:
            pass
        finally:
            trap.remove()
        assert reopened(source, journal) in states[made : made + 2]


def killed(folder: Path, at: int, when: str) -> int:
    """Run the actions in a process that is killed at one call; return how many were finished."""
    source, journal = begun(folder)
    done, report = os.pipe()
    child = os.fork()
    if not child:
        write = os.write

        def spring(name: str, real: Any, args: Any) -> Any:
            if when == "after":
                real(*args)
            elif when == "half" and name == "write":
                real(args[0], args[1][: len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

        try:
            Trap(at, spring).set()
            session = Dataset.from_file(source).edit(journal)
            for action in ACTIONS:
                action(session, source)
                write(report, b".")
        finally:
            os._exit(1)
    os.close(report)
    with os.fdopen(done, "rb") as stream:
        finished = len(stream.read())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    return finished


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("when", ["before", "half", "after"])
def test_kill_9_at_every_call_leaves_the_old_or_the_new_state(when: str, tmp_path: Path) -> None:
    states = clean_run(tmp_path / "clean")
    files = {tuple(states[0][0]), tuple(states[5][0])}
    for at in range(1, calls_of_a_clean_run(tmp_path / "counted") + 1):
        folder = tmp_path / str(at)
        made = killed(folder, at, when)
        source, journal = folder / "data.jsonl", folder / "edits.jsonl"
        assert tuple(Dataset.from_file(source).raws()) in files
        assert reopened(source, journal) in states[made : made + 2]
        session = Dataset.from_file(source).edit(journal)  # and the session goes on
        session.label([0], at)
        assert reopened(source, journal) == state(session)
