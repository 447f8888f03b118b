"""A full disk, a failing disk, `kill -9` at every step of a write: the old file or the new one, no mix."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import StoreError

from .write_steps import faulty

pytestmark = pytest.mark.faults

OLD = b"".join(b'{"text": "old %d"}\n' % at for at in range(3000))
ROWS = [{"text": f"new {at}"} for at in range(3000)]
NEW = b"".join(b'{"text":"new %d"}\n' % at for at in range(3000))
MAX_STEPS = 60

Write = Callable[[Path], None]


def rows_from_python(path: Path) -> None:
    Dataset(ROWS).to_jsonl(path)


def over_its_own_source(path: Path) -> None:
    Dataset.from_file(path)[::-1].to_jsonl(path)


def another_file_byte_for_byte(path: Path) -> None:
    Dataset.from_file(path.with_name("other.jsonl")).to_jsonl(path)


def as_parquet(path: Path) -> None:
    Dataset(ROWS).to_file(path, file_type="parquet")


def raised(number: int) -> Callable[[], None]:
    def fault() -> None:
        raise OSError(number, os.strerror(number))

    return fault


def prepared(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "other.jsonl").write_bytes(NEW)
    (folder / "data.jsonl").write_bytes(OLD)
    return folder / "data.jsonl"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize(
    "write", [rows_from_python, over_its_own_source, another_file_byte_for_byte, as_parquet]
)
def test_an_error_at_any_step_leaves_one_whole_file_and_nothing_else(
    tmp_path: Path, write: Write, number: int
) -> None:
    folder = tmp_path / "data"
    path = prepared(folder)
    write(path)
    new, names = path.read_bytes(), list[str]()
    for at in range(1, MAX_STEPS):
        prepared(folder)
        with faulty(at, raised(number)) as steps:
            try:
                write(path)
            except StoreError as error:
                assert os.strerror(number) in str(error)  # noqa: PT017
            else:
                names = steps.names
                break
        replaced = "replace" in steps.names[:-1]
        assert path.read_bytes() == (new if replaced else OLD), steps.names
        assert sorted(p.name for p in folder.iterdir()) == ["data.jsonl", "other.jsonl"], steps.names
    assert path.read_bytes() == new
    assert names[-4:] == ["fsync", "chmod", "replace", "fsync"], (
        "on disk before it has the name; the folder too"
    )
    assert "write" in names


KILLED = """
import json, os, signal, sys
from pathlib import Path
from tests.faults import test_dataset_writes as writes
from tests.faults.write_steps import faulty

folder, name = Path(sys.argv[1]), sys.argv[2]
for at in range(1, writes.MAX_STEPS):
    path = writes.prepared(folder)
    child = os.fork()
    if not child:
        with faulty(at, lambda: os.kill(os.getpid(), signal.SIGKILL), kills=True):
            getattr(writes, name)(path)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    seen = sorted(p.name for p in folder.iterdir())
    print(json.dumps({"status": status, "content": path.read_text(), "seen": seen}), flush=True)
    for left in folder.glob(".data*"):
        left.unlink()
    if status == 0:
        break
"""


@pytest.mark.parametrize("write", [rows_from_python, over_its_own_source])
def test_a_kill_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path, write: Write) -> None:
    words = [sys.executable, "-c", KILLED, str(tmp_path / "data"), write.__name__]
    root = Path(__file__).parents[2]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=True, cwd=root)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    write(path := prepared(tmp_path / "data"))
    new = path.read_text()
    assert runs[-1]["status"] == 0
    assert len(runs) > 10
    for run in runs[:-1]:
        assert os.WTERMSIG(run["status"]) == signal.SIGKILL
        assert run["content"] in (OLD.decode(), new)
        # What a killed writer leaves behind is hidden, and no pattern for data takes it for data.
        for name in set(run["seen"]) - {"data.jsonl", "other.jsonl"}:
            assert name.startswith(".data.jsonl.")
            assert name.endswith(".tmp")
    contents = [run["content"] for run in runs]
    assert contents == sorted(contents, key=lambda content: content == new), "once new, always new"
