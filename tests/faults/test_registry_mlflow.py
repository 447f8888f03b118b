"""Push to a real MLflow server, read there with MLflow's own client, pull back: all hashes equal.

Skipped where MLflow's server is not installed; `uv pip install mlflow` beside the package brings it.
"""

import hashlib
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset, create_evaluator
from modelops_jupyter.errors import RegistryError
from modelops_jupyter.registry import ModelRegistry

from .conftest import until

mlflow: Any = pytest.importorskip("mlflow")
pytest.importorskip("mlflow.server.handlers", reason="only the client of MLflow is installed")
pytestmark = pytest.mark.faults
QUIET = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
FILES = {"config.json": b"{}", "deep/weights.bin": bytes(range(256)) * 500, "empty": b""}


def up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    words += [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination",
        str(folder / "kept"),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *words],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, **QUIET},
        )
        try:
            until(lambda: up(f"http://127.0.0.1:{port}"), patience=240)
            yield f"http://127.0.0.1:{port}", folder
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def client(server: tuple[str, Path]) -> Any:
    return mlflow.MlflowClient(tracking_uri=server[0], registry_uri=server[0])


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    made = ModelRegistry(tmp_path / "registry")
    for path, held in FILES.items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_bytes(held)
    rows = Dataset([{"prompt": "a", "completion": "b"}] * 3).shuffle(1)
    measured = create_evaluator("binary").evaluate([0, 1] * 50, [0, 1] * 50)
    made.register("dates", tmp_path / "in", metrics=measured, dataset=rows, parameters={"lora": {"r": 8}},
                  tags={"team": "a"}, description="Reads dates.")  # fmt: skip
    return made


def test_pushed_read_there_and_pulled_back_everything_is_equal(
    registry: ModelRegistry, server: tuple[str, Path], client: Any, tmp_path: Path
) -> None:
    address = server[0]
    number = registry.push("dates", 1, address)
    there = client.get_model_version("dates", number)
    assert (there.description, there.tags["team"]) == ("Reads dates.", "a")
    run = client.get_run(there.run_id)
    assert run.data.metrics["accuracy"] == 1.0
    assert run.data.params == {"lora.r": "8"}
    mlflow.set_tracking_uri(address)
    fetched = Path(
        mlflow.artifacts.download_artifacts(f"models:/dates/{number}", dst_path=str(tmp_path / "theirs"))
    )
    ours = registry.get("dates", 1)
    assert {p: hashlib.sha256(held).hexdigest() for p, held in files(fetched).items()} == {
        path: content.sha256 for path, content in ours.files.items()
    }
    back = ModelRegistry(tmp_path / "other").pull("dates", number, address)
    assert (back.digest, back.facts, back.description) == (ours.digest, ours.facts, ours.description)
    assert back.tags == {"team": "a", "mlflow.version": number}
    assert files(back.path) == FILES


def test_a_version_that_changed_at_the_server_is_refused(
    registry: ModelRegistry, server: tuple[str, Path], tmp_path: Path
) -> None:
    number = registry.push("dates", 1, server[0])
    for path in (server[1] / "kept").rglob("weights.bin"):
        path.write_bytes(b"other" + path.read_bytes()[5:])
    with pytest.raises(RegistryError, match="has changed at the server"):
        ModelRegistry(tmp_path / "other").pull("dates", number, server[0])
    assert ModelRegistry(tmp_path / "other").list_models() == []


def test_a_version_that_others_made_brings_its_run_s_numbers(
    server: tuple[str, Path], client: Any, tmp_path: Path
) -> None:
    run = client.create_run(client.create_experiment("theirs")).info.run_id
    client.log_metric(run, "f1", 0.5)
    client.log_param(run, "depth", 3)
    (tmp_path / "model.pkl").write_bytes(b"x")
    client.log_artifact(run, str(tmp_path / "model.pkl"), "m")
    client.create_registered_model("theirs")
    source = f"{client.get_run(run).info.artifact_uri}/m"
    client.create_model_version("theirs", source, run, tags={"a": "b"})
    back = ModelRegistry(tmp_path / "registry").pull("theirs", 1, server[0])
    assert files(back.path) == {"model.pkl": b"x"}
    assert (float(back.metrics["f1"]), back.parameters) == (0.5, {"depth": "3"})
    assert back.tags == {"a": "b", "mlflow.version": "1"}
    with pytest.raises(RegistryError, match="was not pulled"):
        ModelRegistry(tmp_path / "registry").pull("theirs", 9, server[0])
