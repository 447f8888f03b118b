"""Validation against parsing the rows and doing nothing with them.

MODELOPS_BENCH_ROWS sets the number of rows (200,000). The peer reads the file line by line and
parses each line with orjson; orjson is not needed by the library: `uv pip install orjson`.
"""

import os
import tempfile
from collections import deque
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.duplicates import Answers
from modelops_jupyter.datasets.validation.engine import check_rows
from tests.benchmarks._chats import write_chats
from tests.benchmarks._measure import Row, ratio


def measure() -> list[Row]:
    """Return our times over the peer's."""
    count = int(os.environ.get("MODELOPS_BENCH_ROWS", "200000"))
    try:
        loads: Any = import_module("orjson").loads
    except ImportError:
        print("orjson is not installed: validation is not measured.")
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = write_chats(Path(folder) / "chats.jsonl", count)
        tools = write_chats(Path(folder) / "tools.jsonl", count // 10, tools=1.0)
        raws = list(Dataset.from_file(path).raws())

        def lines(of: Path) -> None:
            with of.open("rb") as file:
                spent(map(loads, file))

        def rows(of: Path, *, answers: bool = False) -> None:
            ds = Dataset.from_file(of)
            spent(check_rows(ds, ds.format, answers=Answers(len(ds)) if answers else None))

        note = f"{count:,} chats, {path.stat().st_size // count} bytes each"
        peer = "orjson, line by line"
        held = "orjson, rows already in memory"
        return [
            Row(
                "all codes of single rows, duplicate keys too",
                peer,
                ratio(lambda: rows(path), lambda: lines(path)),
                2.5,
                note,
            ),
            Row(
                "the same",
                held,
                ratio(lambda: rows(path), lambda: spent(map(loads, raws))),
                None,
                "reading is ours alone",
            ),
            Row(
                "and note what is asked and answered",
                peer,
                ratio(lambda: rows(path, answers=True), lambda: lines(path)),
                None,
                note,
            ),
            Row(
                "validate(), with copies and conflicts",
                peer,
                ratio(lambda: Dataset.from_file(path).validate(), lambda: lines(path), 3),
                None,
                note,
            ),
            Row(
                "all codes of single rows, each with a tool call",
                peer,
                ratio(lambda: rows(tools), lambda: lines(tools), 3),
                None,
                f"{count // 10:,} chats",
            ),
        ]


def spent(items: Iterable[Any]) -> None:
    """Run through all items and keep none."""
    deque(items, maxlen=0)
