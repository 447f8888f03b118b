"""A registration against MLflow's, both durable on the same disk, in turns.

MODELOPS_BENCH_VERSIONS sets how many versions a round registers (10). Without MLflow the peer is a bare one:
copy, hash, sync and one SQLite transaction, which is the least that a registration can be.
"""

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelops_jupyter._atomic import sync_folder
from modelops_jupyter.registry import ModelRegistry
from tests.benchmarks._measure import Row, ratio

GOAL = 0.1


def measure() -> list[Row]:
    """Return our time over the peers'."""
    count = int(os.environ.get("MODELOPS_BENCH_VERSIONS", "10"))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        registry = ModelRegistry(root / "registry")
        source = root / "model.bin"

        def changed() -> Path:
            source.write_bytes(os.urandom(10_000))
            return source

        def ours() -> None:
            for _ in range(count):
                registry.register("dates", changed(), parameters={"depth": 3})

        note = f"{count} versions of 10 kB a round"
        bare = bare_peer(root / "bare", changed, count)
        rows = [
            Row(
                "register a version", "copy, SHA-256, two syncs, one commit", ratio(ours, bare, 5), None, note
            )
        ]
        peer = mlflow_peer(root / "mlflow", changed, count)
        if peer is not None:
            rows.insert(
                0,
                Row("register a version", "MLflow, SQLite and local files", ratio(ours, peer, 5), GOAL, note),
            )
        registry.close()
        return rows


def bare_peer(root: Path, changed: Callable[[], Path], count: int) -> Callable[[], None]:
    """Return the least that keeps a file for certain and notes it."""
    root.mkdir()
    db = sqlite3.connect(root / "db.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode = wal")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE version(number INTEGER PRIMARY KEY, sha256 TEXT)")

    def run() -> None:
        for _ in range(count):
            sha256 = hashlib.sha256(changed().read_bytes()).hexdigest()
            with (root / f".{sha256}").open("wb") as stream:
                stream.write(changed().read_bytes())
                os.fsync(stream.fileno())
            (root / f".{sha256}").replace(root / sha256)
            sync_folder(root)
            db.execute("INSERT INTO version(sha256) VALUES (?)", (sha256,))

    return run


def mlflow_peer(root: Path, changed: Callable[[], Path], count: int) -> Callable[[], None] | None:
    """Return MLflow's way: a run with the file and the parameter, and its model version."""
    try:
        import mlflow
    except ImportError:
        return None
    root.mkdir()
    address = f"sqlite:///{root}/mlflow.db"
    module: Any = mlflow
    client = module.MlflowClient(tracking_uri=address, registry_uri=address)
    try:
        experiment = client.create_experiment("bench", artifact_location=(root / "kept").as_uri())
    except Exception:  # only the client is installed: no local store
        shutil.rmtree(root)
        return None
    client.create_registered_model("dates")

    def run() -> None:
        for _ in range(count):
            run = client.create_run(experiment).info
            client.log_param(run.run_id, "depth", 3)
            client.log_artifact(run.run_id, str(changed()), "model")
            client.create_model_version(
                "dates", f"{run.artifact_uri}/model", run.run_id, await_creation_for=0
            )

    return run
