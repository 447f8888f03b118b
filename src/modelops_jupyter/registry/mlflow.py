"""To an MLflow server and back, with the hashes beside the files so that both ends can be compared."""

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelops_jupyter import _documents
from modelops_jupyter._extras import require
from modelops_jupyter.errors import ModelOpsError, RegistryError
from modelops_jupyter.registry import provenance
from modelops_jupyter.registry.artifact import files_of
from modelops_jupyter.registry.blobs import content_of, digest

if TYPE_CHECKING:
    from modelops_jupyter.registry.registry import ModelRegistry
    from modelops_jupyter.registry.version import ModelVersion

EXPERIMENT = "modelops_jupyter"
NOTE = "modelops.json"  # beside the files of the model, on the server
_LONGEST = 5000  # characters of a parameter or tag


def push(version: "ModelVersion", server: str) -> str:
    """Log the files to a run of the server, and register the run's model; return the number there."""
    mlflow, client = _client(server)
    facts, tags = dict(version.facts), {**version.tags, "modelops.digest": version.digest}
    try:
        found = client.get_experiment_by_name(EXPERIMENT)
        experiment = found.experiment_id if found else client.create_experiment(EXPERIMENT)
        run = client.create_run(experiment, run_name=f"{version.name} {version.version}").info.run_id
        for name, value in version.metrics.items():
            if math.isfinite(value):
                client.log_metric(run, name, float(value))
        for name, value in provenance.flat(version.parameters).items():
            client.log_param(run, name, str(value)[:_LONGEST])
        with tempfile.TemporaryDirectory() as folder:
            made = version.registry.download(version.name, version.version, Path(folder) / "model")
            about = {"digest": version.digest, "facts": facts, "tags": dict(version.tags)}
            _documents.dump(
                Path(folder) / NOTE, "registry-version", about | {"description": version.description}
            )
            client.log_artifacts(run, str(made), "model")
            client.log_artifact(run, str(Path(folder) / NOTE))
        client.set_terminated(run)
        _name(client, version.name, mlflow.exceptions.MlflowException)
        source = f"{client.get_run(run).info.artifact_uri}/model"
        made = client.create_model_version(
            version.name,
            source,
            run,
            tags={key: value[:_LONGEST] for key, value in tags.items()},
            description=version.description,
            await_creation_for=0,
        )
    except (mlflow.exceptions.MlflowException, OSError) as error:
        raise _failed("was not pushed", server, error) from error
    return str(made.version)


def pull(registry: "ModelRegistry", name: str, version: int, server: str) -> "ModelVersion":
    """Fetch the files of a version and register them here."""
    mlflow, client = _client(server)
    with tempfile.TemporaryDirectory() as folder:
        try:
            there = client.get_model_version(name, str(version))
            uri = client.get_model_version_download_uri(name, str(version))
            fetched = mlflow.artifacts.download_artifacts(
                artifact_uri=uri, dst_path=str(Path(folder)), tracking_uri=server
            )
            told = _told(mlflow, client, there, server, Path(folder) / "note")
        except (mlflow.exceptions.MlflowException, OSError) as error:
            if isinstance(error, ModelOpsError):
                raise
            raise _failed("was not pulled", server, error) from error
        files = {path: content_of(source) for path, source in files_of(fetched, Path, registry.path)}
        if told["digest"] is not None and digest(files.items()) != told["digest"]:
            raise RegistryError(
                f"'{name}' version {version} has changed at the server since it was pushed: "
                "its files do not have the hashes they had.",
                code="registry-damaged",
            )
        return registry.keep(
            name,
            fetched,
            lambda story: (
                told["facts"] or provenance.of(told["metrics"], None, None, told["parameters"], story)
            ),
            tags={**told["tags"], "mlflow.version": str(version)},
            description=told["description"],
        )


def _told(mlflow: Any, client: Any, there: Any, server: str, folder: Path) -> dict[str, Any]:
    """Return what is known of a version: from our note if it is ours, else from its run."""
    ours = there.tags.get("modelops.digest")
    own = {key: value for key, value in there.tags.items() if not key.startswith(("mlflow.", "modelops."))}
    run = client.get_run(there.run_id) if there.run_id else None
    told: dict[str, Any] = {"digest": ours, "facts": {}, "tags": own, "description": there.description or ""}
    told["metrics"] = dict(run.data.metrics) if run else {}
    told["parameters"] = dict(run.data.params) if run else {}
    if run and ours:
        note = mlflow.artifacts.download_artifacts(
            run_id=there.run_id, artifact_path=NOTE, dst_path=str(folder), tracking_uri=server
        )
        told |= _documents.load(note, "registry-version")
    return told


def _client(server: str) -> tuple[Any, Any]:
    mlflow: Any = require("mlflow", extra="mlflow", purpose="talk to an MLflow server")
    return mlflow, mlflow.MlflowClient(tracking_uri=server, registry_uri=server)


def _name(client: Any, name: str, refused: type[Exception]) -> None:
    try:
        client.get_registered_model(name)
    except refused:
        client.create_registered_model(name)


def _failed(what: str, server: str, error: Exception) -> RegistryError:
    first = str(error).strip().splitlines()[0][:300]
    return RegistryError(f"The version {what}: {first.rstrip('.')}.", code="mlflow", hint=f"Is {server} up?")
