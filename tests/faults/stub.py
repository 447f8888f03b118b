"""A trainer of 10 ms steps that keeps checkpoints as the real one does; registered like anybody's provider.

Its "weights" are a chain of hashes over rows and steps: a step that is lost or done twice shows.
"""

import errno
import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import Any

from modelops_jupyter.fine_tuning.providers.base import Work
from modelops_jupyter.fine_tuning.providers.local import Local
from modelops_jupyter.training import checkpoints

EVERY = 10
KEEP = 2
FILES = ("weights.bin", "optimizer.bin", "trainer_state.json")
ENTRY_POINT = "[modelops_jupyter.providers]\nstub = tests.faults.stub:Stub\n"


class Stub(Local):
    """Trains nothing, and is as easily killed."""

    name = "stub"
    engines = ()

    @property
    def limit(self) -> int | None:
        """As many as a test says."""
        given = os.environ.get("STUB_LIMIT")
        return int(given) if given else None

    def check(self, spec: dict[str, Any]) -> None:
        """Need nothing."""

    def train(self, work: Work) -> bool:
        """Go on from the newest whole checkpoint."""
        found = checkpoints.newest(work.folder)
        step, state = (found.step, _state(found.path)) if found else (0, b"")
        work.emit("plan", {**work.spec["plan"], "first_step": step})
        rows = (work.folder / "train.jsonl").read_bytes().splitlines()
        for step in range(step + 1, int(work.spec["plan"]["total_steps"]) + 1):  # noqa: B020 -- goes on
            time.sleep(float(os.environ.get("STUB_STEP", "0.01")))
            state = hashlib.sha256(state + rows[step % len(rows)] + str(step).encode()).digest()
            work.emit("point", {"step": step, "values": {"loss": state[0] + state[1] / 256}})
            if work.should_stop():
                _save(work, step, state)
                return False
            if step % EVERY == 0:
                _save(work, step, state)
        folder = work.folder / "model"
        folder.mkdir(exist_ok=True)
        _write(folder / "weights.bin", state)
        return True


def _save(work: Work, step: int, state: bytes) -> None:
    """Write in place, delete the old ones, and only then seal: in the order of the real engine."""
    parent = work.folder / checkpoints.FOLDER
    folder = parent / f"checkpoint-{step}"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        _write(folder / name, state)
    for old in sorted(parent.iterdir(), key=lambda p: int(p.name[11:]))[:-KEEP]:
        shutil.rmtree(old)
    checkpoints.seal(folder, step)
    work.emit("checkpoint", {"step": step, "folder": f"{checkpoints.FOLDER}/{folder.name}"})


def _write(path: Path, state: bytes) -> None:
    with path.open("wb") as stream:
        for _ in range(20):  # in pieces, so that a kill leaves a part
            stream.write(state * 100)
            stream.flush()
        disk.use(path)


def _state(folder: Path) -> bytes:
    parts = {(folder / name).read_bytes() for name in FILES}
    content = parts.pop()
    assert not parts
    assert content == content[:32] * 2000, "a torn checkpoint was loaded"
    return content[:32]


class Disk:
    """Full or broken from the n-th use on, if it is told so."""

    left: float = float("inf")
    number = errno.ENOSPC

    def use(self, path: Path | str) -> None:
        """Count one write."""
        self.left -= 1
        if self.left < 0:
            raise OSError(self.number, os.strerror(self.number), str(path))


disk = Disk()
