"""Point-in-time joins against pandas and Feast, exact search against numpy and faiss, LanceDB's recall.

MODELOPS_BENCH_FEATURES sets the number of rows and of labels (1,000,000). faiss and lancedb are
skipped where they are missing. Feast wants its own environment: MODELOPS_FEAST names its Python
(`python -m venv feast && feast/bin/pip install feast`), and it is skipped where that is not set.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from modelops_jupyter.vector_store import FeatureDefinition, FeatureGroup, FeatureStore, VectorStore
from tests.benchmarks._measure import Row, ratio, seconds

FEATURES = ("clicks", "spent", "plan")
GROUP = FeatureGroup(
    "user",
    [FeatureDefinition("clicks", int), FeatureDefinition("spent", float), FeatureDefinition("plan", str)],
    created_time="event_time",
    ttl=timedelta(days=300),
)
START = np.datetime64("2026-01-01", "us")
_number = count()
_PATIENCE = 900  # seconds that Feast gets


def measure() -> list[Row]:
    """Return our times over the peers'."""
    size = int(os.environ.get("MODELOPS_BENCH_FEATURES", "1000000"))
    with tempfile.TemporaryDirectory() as folder:
        return [*joins(Path(folder), size), *searches(Path(folder))]


def histories(size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return feature rows of many entities over two years, and labels, as columns in random order."""
    chance = np.random.default_rng(3)
    names = np.array([f"user-{at:06}" for at in range(max(size // 20, 1))], object)

    def times() -> Any:
        return START + chance.integers(0, 730 * 86_400 * 10**6, size).astype("timedelta64[us]")

    rows = {"entity": names[chance.integers(0, len(names), size)], "event_time": times()}
    rows |= {"clicks": chance.integers(0, 1000, size), "spent": chance.random(size)}
    rows["plan"] = np.array(["free", "plus", "team"], object)[chance.integers(0, 3, size)]
    labels = {"entity": names[chance.integers(0, len(names), size)], "timestamp": times()}
    return rows, labels | {"label": chance.integers(0, 2, size)}


def joins(folder: Path, size: int) -> list[Row]:
    """The join alone, and everything from rows to a joined table on disk."""
    rows, labels = histories(size)
    frame, asked = pd.DataFrame(rows), pd.DataFrame(labels)
    store = FeatureStore(folder / "held.sqlite3")
    store.ingest(GROUP, rows)
    found, peer = store.get_historical(GROUP, labels), merged(frame, asked)
    assert found.column("clicks") == [None if v is None else int(v) for v in values(peer["clicks"])]
    assert found.column("plan") == values(peer["plan"])
    note = f"{size:,} rows, {size:,} labels, the same values; missing {found.missing['clicks'].mean():.0%}"
    whole = seconds(lambda: all_of_it(folder, rows, labels))
    late = rows | {"created": rows["event_time"] + np.timedelta64(7, "D")}
    group = FeatureGroup("late", GROUP.features, created_time="created", ttl=GROUP.ttl)
    store.ingest(group, late)
    out = [
        Row(
            "join, rows in memory",
            "pandas merge_asof with its sorting",
            ratio(lambda: store.get_historical(GROUP, labels), lambda: merged(frame, asked), 3),
            None,
            note,
        ),
        Row(
            "the same, each row known a week late",
            "the join above",
            ratio(
                lambda: store.get_historical(group, labels), lambda: store.get_historical(GROUP, labels), 3
            ),
            None,
            f"{store.get_historical(group, labels).late:,} answers of merge_asof would be leaks",
        ),
        Row(
            "ingest and check, store durably, read, join, write Parquet",
            "pandas: write and read Parquet, merge_asof, write Parquet",
            whole / seconds(lambda: all_with_pandas(folder, frame, asked)),
            None,
            f"{size:,} rows, {size:,} labels, one run each",
        ),
    ]
    store.close()
    return [*out, *feast(folder, frame, asked, whole)]


def values(column: Any) -> list[Any]:
    """Return a pandas column as a list with None where nothing was found."""
    return [None if missing else value for value, missing in zip(column, column.isna(), strict=True)]


def merged(frame: Any, asked: Any) -> Any:
    """Join with pandas, in the order of the labels."""
    found = pd.merge_asof(
        asked.reset_index().sort_values("timestamp"),
        frame.sort_values("event_time", kind="stable"),
        by="entity",
        left_on="timestamp",
        right_on="event_time",
        tolerance=pd.Timedelta(GROUP.ttl),
    )
    return found.sort_values("index")


def all_of_it(folder: Path, rows: Any, labels: Any) -> None:
    """From columns to a joined file, with a new store."""
    path = folder / f"{next(_number)}.sqlite3"
    store = FeatureStore(path)
    store.ingest(GROUP, rows)
    store.get_historical(GROUP, labels).to_parquet(folder / "ours.parquet")
    store.close()
    path.unlink()


def all_with_pandas(folder: Path, frame: Any, asked: Any) -> None:
    """Do the same by hand: one time, no types, nothing that survives a crash half-way."""
    frame.to_parquet(folder / "rows.parquet")
    merged(pd.read_parquet(folder / "rows.parquet"), asked).to_parquet(folder / "theirs.parquet")


FEAST = """
import json, sys, time
from datetime import timedelta
import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, Int64, String
folder = sys.argv[1]
store = FeatureStore(config=RepoConfig(project="p", provider="local", registry=f"{folder}/r.db",
    offline_store={"type": "file"}, online_store={"type": "sqlite", "path": f"{folder}/o.db"},
    entity_key_serialization_version=3))
user = Entity(name="user", join_keys=["entity"], value_type=ValueType.STRING)
start = time.perf_counter()
pd.read_parquet(f"{folder}/rows_utc.parquet").to_parquet(f"{folder}/ingested.parquet")
kinds = {"clicks": Int64, "spent": Float64, "plan": String}
schema = [Field(name=name, dtype=kind) for name, kind in kinds.items()]
view = FeatureView(name="user", entities=[user], ttl=timedelta(days=300), schema=schema,
    source=FileSource(path=f"{folder}/ingested.parquet", timestamp_field="event_time"))
store.apply([user, view])
asked = pd.read_parquet(f"{folder}/labels_utc.parquet").rename(columns={"timestamp": "event_timestamp"})
names = ["user:clicks", "user:spent", "user:plan"]
found = store.get_historical_features(entity_df=asked, features=names).to_df()
found.to_parquet(f"{folder}/feast.parquet")
taken = time.perf_counter() - start
print(json.dumps({"seconds": taken, "rows": len(found), "known": int(found["clicks"].notna().sum()),
    "clicks": int(found["clicks"].sum())}))
"""


def feast(folder: Path, frame: Any, asked: Any, whole: float) -> list[Row]:
    """The whole way against Feast's file store, whose own start-up is not counted.

    Feast answers only labels for which it finds something; those must be the same ones.
    """
    python = os.environ.get("MODELOPS_FEAST")
    if not python:
        print("MODELOPS_FEAST is not set: Feast is skipped.")
        return []
    frame.assign(event_time=frame["event_time"].dt.tz_localize("UTC")).to_parquet(folder / "rows_utc.parquet")
    asked.assign(timestamp=asked["timestamp"].dt.tz_localize("UTC")).to_parquet(folder / "labels_utc.parquet")
    command = [python, "-c", FEAST, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE)
    except subprocess.SubprocessError as error:
        print(f"Feast is skipped: {error} {(error.stderr or '')[-2000:]}")
        return []
    told = json.loads(done.stdout.strip().split("\n")[-1])
    peer = merged(frame, asked)["clicks"]
    assert (told["known"], told["clicks"]) == (int(peer.notna().sum()), int(peer.sum())), told
    note = (
        f"{len(frame):,} rows, {len(asked):,} labels, one run each, the same values; Feast leaves "
        f"{len(asked) - told['rows']:,} labels out, for which there is none"
    )
    return [Row("the whole way", "Feast, file store", whole / told["seconds"], None, note)]


def searches(folder: Path) -> list[Row]:
    """Exact search of many queries, and what LanceDB finds of it."""
    chance = np.random.default_rng(5)
    centers = chance.normal(size=(500, 128))
    matrix = (centers[chance.integers(0, 500, 50_000)] + chance.normal(size=(50_000, 128))).astype("float32")
    queries = (matrix[:256] + chance.normal(size=(256, 128)) * 0.5).astype("float32")
    store = VectorStore(folder / "vectors.sqlite3", metric="dot")
    store.add([str(at) for at in range(len(matrix))], matrix)
    peers: list[tuple[str, Callable[[], Any]]] = [
        ("numpy: one product, argpartition", lambda: plain(matrix, queries))
    ]
    try:
        library: Any = import_module("faiss")
    except ImportError:
        print("faiss is not installed: skipped.")
    else:
        index = library.IndexFlatIP(matrix.shape[1])
        index.add(matrix)
        peers.append(("faiss IndexFlatIP", lambda: index.search(queries, 10)))
    truth = plain(matrix, queries)
    found = [[int(id) for id in one.ids] for one in store.search_many(queries, 10)]
    assert found == truth.tolist()
    note = "50,000 vectors of 128, 256 queries, k = 10, the same neighbours"
    out = [
        Row("exact search", name, ratio(lambda: store.search_many(queries, 10), peer, 3), None, note)
        for name, peer in peers
    ]
    return [*out, *approximate(store, queries)]


def plain(matrix: Any, queries: Any) -> Any:
    """Search with one product of all with all."""
    scores = queries @ matrix.T
    best = np.argpartition(-scores, 10, axis=1)[:, :10]
    return np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1), 1)


def approximate(store: VectorStore, queries: Any) -> list[Row]:
    """LanceDB behind the same interface, one query at a time."""
    try:
        import_module("lancedb")
    except ImportError:
        print("lancedb is not installed: skipped.")
        return []
    other = VectorStore(store.path, metric="dot", engine="lancedb")
    recall = other.build_index()

    def asked(engine: VectorStore) -> Callable[[], Any]:
        return lambda: [engine.search(query, 10) for query in queries[:20]]

    time = ratio(asked(other), asked(store), 3)
    return [Row("approximate search, a query at a time", "our exact search", time, None, str(recall))]
