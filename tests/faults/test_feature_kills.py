"""`kill -9` while features are ingested or vectors replaced: a batch is there as a whole or not at all.

MODELOPS_KILLS sets the number of kills of each kind.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from modelops_jupyter.vector_store import FeatureDefinition, FeatureGroup, FeatureStore, VectorStore

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("MODELOPS_KILLS", "5"))
ROWS = 3000
GROUP = FeatureGroup("g", [FeatureDefinition("batch", int)], created_time="event_time")
NOON = datetime(2026, 3, 1, tzinfo=UTC)


def write(kind: str, path: str, first: int) -> None:
    """Write batch after batch, and say so after each, until killed."""
    names = [f"e{at}" for at in range(ROWS)]
    if kind == "ingest":
        features = FeatureStore(path)
        times = np.full(ROWS, "2026-03-01", "datetime64[us]")
        for batch in range(first, first + 10_000):
            rows = {"entity": names, "event_time": times, "batch": np.full(ROWS, batch)}
            features.ingest(GROUP, rows)
            print(batch, flush=True)
    vectors = VectorStore(path)
    for batch in range(first, first + 10_000):
        vectors.upsert(names, np.full((ROWS, 8), batch, "float32"))
        print(batch, flush=True)


def killed(kind: str, path: Path, first: int, chance: random.Random) -> int:
    """Start a writer, kill it in the middle of something, and return the last batch it had finished."""
    command = [sys.executable, __file__, kind, str(path), str(first)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        last = [writer.stdout.readline() for _ in range(2)][-1]
        time.sleep(chance.random() * 0.06)  # a batch takes about as long
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split("\n")
    assert writer.returncode == -signal.SIGKILL
    return max([int(last), *(int(line) for line in rest[:-1])])


@pytest.mark.parametrize("kind", ["ingest", "upsert"])
def test_a_batch_is_whole_or_not_there(kind: str, tmp_path: Path) -> None:
    path, chance, first = tmp_path / "store.sqlite3", random.Random(kind), 1
    for _ in range(KILLS):
        last = killed(kind, path, first, chance)
        found = batches(kind, path)
        # All that was said to be there is there, at most one batch more, and each with all its rows.
        assert max(found) in (last, last + 1)
        assert set(found.values()) == {ROWS}
        if kind == "ingest":
            assert set(range(1, last + 1)) <= set(found) | set(range(1, first))
        else:
            assert len(found) == 1
        first = max(found) + 1


def batches(kind: str, path: Path) -> Counter[int]:
    """Return how many rows of which batch a new process would see."""
    if kind == "upsert":
        store = VectorStore(path)
        found = store.search(np.ones(8), k=ROWS + 1)
        vectors = [store.get(id)[0] for id in found.ids]
        return Counter(int(vector[0]) for vector in vectors if len(set(vector.tolist())) == 1)
    features = FeatureStore(path)
    with features._db.read() as db:  # every row, not only the newest of each entity
        return Counter(int(row["data"][1:-1]) for row in db.execute("SELECT data FROM feature_row"))


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], int(sys.argv[3]))
