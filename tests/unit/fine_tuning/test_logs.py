"""A log that is written to for ever takes a bounded part of the disk, and loses none of its newest lines."""

import subprocess
import sys
from pathlib import Path

import pytest

from modelops_jupyter.fine_tuning import logs


def test_a_full_log_is_moved_aside_while_its_writer_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LIMIT", 100)
    code = "import sys\nfor line in sys.stdin: print(line.strip() * 20, flush=True)"
    with (tmp_path / logs.LOG).open("ab") as log:
        writer = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=log, text=True)
    assert writer.stdin is not None
    for number in range(10):
        writer.stdin.write(f"{number}\n")
        writer.stdin.flush()
        while (tmp_path / logs.LOG).stat().st_size < (number % 5 + 1) * 21:
            pass
        if number % 5 == 4:
            logs.rotate(tmp_path)
            assert (tmp_path / logs.LOG).stat().st_size == 0
    writer.stdin.close()
    writer.wait()
    assert [line[0] for line in (tmp_path / logs.OLDER).read_text().split()] == list("56789")
    assert (tmp_path / logs.LOG).read_bytes() == b""


def test_a_short_log_and_none_at_all_are_left_alone(tmp_path: Path) -> None:
    logs.rotate(tmp_path)
    (tmp_path / logs.LOG).write_text("short")
    logs.rotate(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [logs.LOG]
