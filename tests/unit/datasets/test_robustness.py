"""Files that bring others down: one clear error each, and the process goes on."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import DatasetError

from .build import jsonl, opened, pairs, saved
from .passing import pass_through


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"text": "x", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"text": "x", "deep": ' + b'{"a":[' * 50_000,
        b"\0" * (1 << 20),
        b'{"text": "' + b"\0" * 1000 + b'"}',
        b'{"text": "' + b"\\" * 100_001 + b'"}',
        b'{"n": 1' + b"0" * 100_000 + b"}",
    ],
    ids=["arrays", "objects", "deep inside", "cut", "NULs", "NULs in a text", "backslashes", "digits"],
)
def test_a_monstrous_line_is_one_problem_between_good_rows(tmp_path: Path, line: bytes) -> None:
    ds = pass_through(saved(tmp_path, b'{"text": "a"}\n' + line + b'\n{"text": "b"}\n'))
    assert [p.row for p in ds.validate() if p.severity == "error"] == [1]
    assert [ds[0]["text"], ds[2]["text"]] == ["a", "b"]


def test_a_line_of_50_megabytes_is_shown_checked_and_copied(tmp_path: Path) -> None:
    long = b"long " * 10_000_000
    ds = pass_through(saved(tmp_path, b'{"text": "a"}\n{"text": "' + long + b'"}\n{"text"\n'))
    assert len(ds.raw(1)) == len(long) + 12
    assert [p.row for p in ds.validate() if p.severity == "error"] == [2]


def test_a_deep_json_array_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nested too deeply"):
        opened(tmp_path, b"[" * 100_000 + b"]" * 100_000, "a.json")


def shrink(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"prompt": "more"}\n')


def overwrite(path: Path) -> None:
    stat = path.stat()
    with path.open("r+b") as file:
        file.write(b"x" * 50)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))


USES: list[Callable[[Dataset], object]] = [
    lambda ds: ds[40],
    lambda ds: ds.raw(0),
    lambda ds: ds.fingerprint,
    lambda ds: ds.validate(),
    lambda ds: ds.filter(lambda row: True),
    lambda ds: list(ds.ids),
    lambda ds: ds.search("question"),
]


@pytest.mark.parametrize("change", [shrink, empty, grow, overwrite])
def test_a_file_changed_under_an_open_dataset_is_an_error_in_every_use(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    for use in USES:
        path = saved(tmp_path, jsonl(pairs(50)))
        ds = Dataset.from_file(path)
        change(path)
        with pytest.raises(DatasetError, match="changed while it was open") as caught:
            use(ds)
        assert caught.value.code == "source-changed"


def test_a_file_changed_under_an_open_dataset_is_not_written_on(tmp_path: Path) -> None:
    path, out = saved(tmp_path, jsonl(pairs(50))), saved(tmp_path, "old", "out.jsonl")
    ds = Dataset.from_file(path)
    turned = ds[::-1]
    shrink(path)
    for made in (ds, turned):
        with pytest.raises(DatasetError, match="changed while it was open"):
            made.to_jsonl(out)
    assert out.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data.jsonl", "out.jsonl"]


@pytest.mark.parametrize("change", [shrink, empty, grow, overwrite])
def test_a_file_changed_while_it_is_opened_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    path = saved(tmp_path, jsonl(pairs(50)))
    real = os.preadv

    def late(*args: Any) -> int:
        count = real(*args)
        change(path)
        return count

    monkeypatch.setattr(os, "preadv", late)
    with pytest.raises(DatasetError, match="changed while it was open"):
        Dataset.from_file(path)


def test_a_folder_a_pipe_and_a_device_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path, tmp_path / "pipe.csv", Path("/dev/zero")):
        with pytest.raises(DatasetError) as caught:
            Dataset.from_file(path)
        assert caught.value.code == "not-a-file"


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, jsonl(pairs(1)))

    def refused(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)  # the tests may run as root, who may read everything
    with pytest.raises(DatasetError, match=r"data\.jsonl cannot be opened: Permission denied") as caught:
        Dataset.from_file(path)
    assert caught.value.code == "not-readable"


def test_permissions_and_links_survive_being_written_over(tmp_path: Path) -> None:
    path = saved(tmp_path, jsonl(pairs(1)))
    path.chmod(0o640)
    (tmp_path / "link.jsonl").symlink_to(path)
    Dataset(pairs(2)).to_jsonl(tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (path.stat().st_mode & 0o777, len(Dataset.from_file(path))) == (0o640, 2)


LIMITED = """
import resource, sys
from pathlib import Path
import psutil
from modelops_jupyter.datasets import Dataset
Dataset.from_text('{"text": "a"}').validate()  # what is loaded late is loaded now
room = int(sys.argv[2])
now = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (now + room, now + room))
path = Path(sys.argv[1])
assert path.stat().st_size > 3 * room
ds = Dataset.from_file(path)
rows = len(ds)
assert ds.fingerprint.startswith("sha256:")
assert len(ds.filter(lambda row: row["text"].startswith("1"))) > 0
assert len(ds.filter({"text": "1"})) == 0
assert ds.validate().ok
assert len(ds.dedupe()) == rows
out = path.with_name("out.jsonl")
ds.to_jsonl(out)
assert out.stat().st_size == path.stat().st_size
ds[::-1].to_jsonl(out)
assert out.stat().st_size == path.stat().st_size
try:
    ds.to_list()
except MemoryError:
    print("done")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_dataset_larger_than_memory_is_filtered_checked_and_written(tmp_path: Path) -> None:
    """100 MB of rows in a process that may take 30 MB more than it has; holding all rows fails there."""
    room, body = 30 << 20, "word " * 2000
    with (tmp_path / "big.jsonl").open("w") as file:
        file.writelines(f'{{"text": "{at} {body}"}}\n' for at in range(10_000))
    words = [sys.executable, "-c", LIMITED, str(tmp_path / "big.jsonl"), str(room)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "done\n", done.stderr
