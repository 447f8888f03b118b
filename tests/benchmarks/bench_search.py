"""Search against the fastest method that needs no other library: `find` over a map of the file.

MODELOPS_BENCH_ROWS sets the number of rows (200,000).
"""

import mmap
import os
import tempfile
from pathlib import Path

import numpy as np

from modelops_jupyter.datasets import Dataset
from tests.benchmarks._chats import write_chats
from tests.benchmarks._measure import Row, ratio

RARE, FEW = "nowhere to be found", "someone@example"


def measure() -> list[Row]:
    """Return our times over the peer's."""
    count = int(os.environ.get("MODELOPS_BENCH_ROWS", "200000"))
    with tempfile.TemporaryDirectory() as folder:
        path = write_chats(Path(folder) / "chats.jsonl", count)
        ds = Dataset.from_file(path)
        starts = ds.stored.sources[0].index.starts
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:

            def peer(text: str) -> int:
                needle, hits = text.encode(), list[int]()
                at = view.find(needle)
                while at >= 0:
                    hits.append(at)
                    at = view.find(needle, at + 1)
                return len(np.unique(np.searchsorted(starts, np.array(hits, dtype=np.int64), side="right")))

            def ours(text: str, *, case: bool) -> int:
                ds.memo.pop("queries", None)  # an answer is kept; here every search is a new one
                return len(ds.search(text, case=case))

            assert ours(FEW, case=True) == peer(FEW)
            note, method = f"{path.stat().st_size / 1e6:.0f} MB", "mmap.find + searchsorted"
            rows = [
                Row(
                    f"a text that {what}{how}",
                    method,
                    ratio(lambda t=t, c=c: ours(t, case=c), lambda t=t: peer(t)),
                    2.0 if c else None,
                    note,
                )
                for t, what in ((RARE, "stands nowhere"), (FEW, "stands in a few rows"))
                for c, how in ((True, ""), (False, ", capitals or not"))
            ]
            first = ratio(lambda: len(Dataset.from_file(path).search(RARE, case=True)), lambda: peer(RARE))
            return [*rows, Row("open the file and search for the first time", method, first, None, note)]
