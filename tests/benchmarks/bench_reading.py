"""Opening a file and reading pages of it, against a bare newline scan and a bare parser.

MODELOPS_BENCH_MB sets the size of the file; 1000 is what the goals were written for.
"""

import mmap
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from modelops_jupyter.datasets import Dataset
from tests.benchmarks._chats import chats
from tests.benchmarks._measure import Row, ratio

BLOCK = 1 << 20
PAGE, PAGES = 100, 200
MEMORY = """
import sys, psutil
from modelops_jupyter.datasets import Dataset
Dataset.from_text('{"text": "a"}').head()
before = psutil.Process().memory_info().rss
ds = Dataset.from_file(sys.argv[1])
print(psutil.Process().memory_info().rss - before, len(ds))
"""


def measure(megabytes: int = int(os.environ.get("MODELOPS_BENCH_MB", "200"))) -> list[Row]:
    """Return our times over the peer's, for a file of that size."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "chats.jsonl", megabytes << 20)
        note = f"{path.stat().st_size / 1e9:.2f} GB"
        scan = min((scan_map, scan_buffer), key=lambda peer: ratio(lambda: peer(path), lambda: None, 3))
        opening = Row(
            "open a file",
            f"bare newline scan ({'map' if scan is scan_map else 'one buffer'}, the faster of two)",
            ratio(lambda: Dataset.from_file(path), lambda: scan(path)),
            1.5,
            note,
        )
        return [opening, memory(path), *pages(path)]


def write(path: Path, size: int) -> Path:
    """Fill a file with chats, the same 20 MB again and again."""
    part = b"".join(row.encode() + b"\n" for row in chats(33_000))
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(part)
    return path


def scan_map(path: Path) -> NDArray[np.int64]:
    """Find the newlines of a file through a map."""
    with mapped(path) as data:
        parts = [
            np.flatnonzero(np.frombuffer(data, np.uint8, min(BLOCK, len(data) - at), at) == 10) + at
            for at in range(0, len(data), BLOCK)
        ]
        return np.concatenate(parts)


def scan_buffer(path: Path) -> NDArray[np.int64]:
    """Find the newlines of a file through one buffer."""
    buffer, at = bytearray(BLOCK), 0
    found: list[NDArray[np.int64]] = []
    view = np.frombuffer(buffer, np.uint8)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            found.append(np.flatnonzero(view[:count] == 10) + at)
            at += count
    return np.concatenate(found)


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """Map a file for reading."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def memory(path: Path) -> Row:
    """Tell what an open file holds in memory, against 16 bytes a row and 20 MB."""
    words = [sys.executable, "-c", MEMORY, str(path)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    held, rows = map(int, said)
    note = f"{held / 1e6:.1f} MB for {rows:,} rows"
    return Row("memory held by an open file", "16 B a row + 20 MB", held / (16 * rows + 20e6), 1.0, note)


def pages(path: Path) -> list[Row]:
    """Read pages of rows, in file order and in the order of a sorted and filtered view."""
    ds = Dataset.from_file(path)
    starts = np.concatenate(([0], scan_map(path) + 1))
    view = ds.take(np.argsort(ds.row_lengths(), kind="stable")).filter(lambda row: len(row["messages"]) < 6)
    order = view.stored.order
    with mapped(path) as data:

        def bare(rows: NDArray[Any]) -> list[Any]:
            spans = zip(starts[rows].tolist(), (starts[rows + 1] - 1).tolist(), strict=True)
            return [orjson.loads(data[start:end]) for start, end in spans]

        return [
            Row(
                "a page of 100 neighbouring rows",
                "map + orjson of the same rows",
                paged(
                    lambda at: list(ds[at : at + PAGE]), lambda at: bare(np.arange(at, at + PAGE)), len(ds)
                ),
                1.3,
            ),
            Row(
                "a page of 100 scattered rows (sorted and filtered)",
                "map + orjson of the same rows",
                paged(
                    lambda at: list(view[at : at + PAGE]), lambda at: bare(order[at : at + PAGE]), len(view)
                ),
                1.6,
            ),
        ]


def paged(ours: Callable[[int], Any], peer: Callable[[int], Any], rows: int) -> float:
    """Return the ratio of reading the same pages at random places."""
    places = random.Random(0).choices(range(rows - PAGE), k=PAGES)
    assert ours(places[0]) == peer(places[0])
    return ratio(lambda: [ours(at) for at in places], lambda: [peer(at) for at in places])
