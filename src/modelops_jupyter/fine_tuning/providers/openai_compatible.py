"""Jobs at a service that speaks the public fine-tuning API: OpenAI's own, or any other `base_url`.

The store stays the truth. A job is marked with our id at the service; whoever looks asks the
service, and records the answer unless another reader was first. The key is read from
`OPENAI_API_KEY` at each call and kept nowhere.
"""

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from modelops_jupyter.errors import ConfigError, ModelOpsError
from modelops_jupyter.fine_tuning.providers.base import Provider
from modelops_jupyter.fine_tuning.providers.service import BusyError, Service, UnreachableError
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore, NewEvent, Point

if TYPE_CHECKING:
    from modelops_jupyter.training import TrainingConfig

OFFICIAL = "https://api.openai.com/v1"
TAKEN = ("epochs", "batch_size", "seed")  # of our settings; the rest is the service's business
# The service's words. One that is not here changes nothing.
STATUS = {
    "validating_files": JobStatus.QUEUED,
    "queued": JobStatus.QUEUED,
    "running": JobStatus.RUNNING,
    "succeeded": JobStatus.COMPLETED,
    "failed": JobStatus.FAILED,
    "cancelled": JobStatus.CANCELLED,
}
CURVES = {
    "train_loss": "loss",
    "valid_loss": "validation_loss",
    "full_valid_loss": "validation_loss",
    "train_mean_token_accuracy": "token_accuracy",
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenAICompatible(Provider):
    """Fine-tune at a service, through the official `openai` client.

    Parameters
    ----------
    base_url
        Where the API is; by default `$OPENAI_BASE_URL`, else OpenAI's own service.
    learning_rate_multiplier
        The service's own way to set the learning rate; left out, it chooses.

    Examples
    --------
    >>> FineTuningJob("gpt-4.1-mini", ds, provider="openai")  # doctest: +SKIP
    >>> FineTuningJob("m", ds, provider=OpenAICompatible("http://127.0.0.1:8000/v1"))  # doctest: +SKIP
    """

    base_url: str | None = None
    learning_rate_multiplier: float | None = None

    name = "openai-compatible"
    hosted = True
    target = "openai"
    pace = 5.0

    def model(self, reference: Any) -> tuple[dict[str, Any], str]:
        """Take the service's name of a model."""
        if not isinstance(reference, str) or not reference.strip():
            raise ConfigError(
                f"A service knows its models by name, not by {type(reference).__name__}.",
                hint="Give a name such as 'gpt-4.1-mini-2025-04-14'.",
            )
        return {"kind": "hosted", "name": reference}, reference

    def plan(
        self,
        config: "TrainingConfig",
        rows: int,
        base: dict[str, Any],  # noqa: ARG002
    ) -> "tuple[TrainingConfig, dict[str, Any]]":
        """Pass on what was given; what was not, the service decides."""
        usual = type(config)().to_dict()
        other = [key for key, value in config.to_dict().items() if value != usual[key] and key not in TAKEN]
        if other:
            raise ConfigError(
                f"A hosted job does not take {', '.join(other)}; it takes {', '.join(TAKEN)}.",
                code="setting-not-hosted",
                hint="Leave them out. The learning rate is set by "
                "provider=OpenAICompatible(learning_rate_multiplier=...).",
            )
        return config, {"total_steps": None, "epochs": config.epochs, "rows": rows}

    def settings(self) -> dict[str, Any]:
        """Return the address and the multiplier; the address may not hold a password."""
        url = (self.base_url or os.environ.get("OPENAI_BASE_URL") or OFFICIAL).rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
            raise ConfigError(
                "The base_url of the service is not a plain http(s) address.",
                code="base-url",
                hint="Give it like https://host/v1; the key goes into OPENAI_API_KEY.",
            )
        return {"base_url": url, "learning_rate_multiplier": self.learning_rate_multiplier}

    def check(self, spec: dict[str, Any]) -> None:
        """Refuse when the client or the key is missing, or the rows are no conversations."""
        if spec["format"] != "messages":
            raise ConfigError(
                f"Rows of the format '{spec['format']}' cannot be sent to a service.",
                code="format-not-trainable",
                hint="Use ds.convert('messages').dataset.",
            )
        _service(spec)

    def start(self, store: JobStore, row: JobRow) -> None:
        """Send the rows and create the job; after a lost answer, look before anything else."""
        try:
            service = _service(row.spec)
            remote = service.find(row.id, _files(store, row)) if row.attempt > 1 else None
            remote = remote or self._submit(service, store, row)
        except UnreachableError as error:
            # Nobody knows whether it is there: the next look at the service tells.
            store.note(row.id, row.attempt, "warning", {"text": str(error)})
            return
        except ModelOpsError as error:
            store.fail(row.id, row.attempt, error.code.replace("-", "_"), str(error))
            raise
        if remote and not store.adopt(row.id, row.attempt, remote):
            service.cancel(remote)  # the job was ended or queued anew while it was being sent

    def refresh(self, store: JobStore, row: JobRow) -> JobRow:
        """Ask the service and record what it says; without an answer the last one stands."""
        if row.status.final:
            return row
        try:
            service = _service(row.spec)
            if row.remote_id is None:
                row = self._look_for(service, store, row)
            return row if row.remote_id is None else _ask(service, store, row)
        except (UnreachableError, BusyError) as error:
            _log.warning("%s", error)
            return store.get(row.id)

    def cancel(self, store: JobStore, row: JobRow) -> JobStatus:
        """Note the wish and pass it on at once if the service can be reached."""
        store.request_cancel(row.id)
        return self.refresh(store, store.get(row.id)).status

    def _submit(self, service: Service, store: JobStore, row: JobRow) -> str | None:
        settings: dict[str, Any] = {"model": row.base_model, "seed": row.spec["seed"], "suffix": row.id[:40]}
        for key, name in (("training_file", "train.jsonl"), ("validation_file", "validation.jsonl")):
            path = store.folder(row.id) / name
            if path.exists():
                settings[key] = service.upload(path, f"{row.id}-{name}")
        store.note(row.id, row.attempt, "uploaded", {"file": settings["training_file"], "text": "Rows sent"})
        if numbers := _hyperparameters(row.spec):
            settings["method"] = {"type": "supervised", "supervised": {"hyperparameters": numbers}}
        if store.stop_requested(row.id, row.attempt, status=JobStatus.QUEUED):
            return None
        return service.create(row.id, settings, _files(store, row))

    def _look_for(self, service: Service, store: JobStore, row: JobRow) -> JobRow:
        found = service.find(row.id, _files(store, row))
        if found:
            store.adopt(row.id, row.attempt, found)
        elif row.cancel_requested:
            store.stopped(row.id, row.attempt, "Cancelled before the service had it.")
        return store.get(row.id)


def _service(spec: dict[str, Any]) -> Service:
    url, key = str(spec["settings"]["base_url"]), os.environ.get("OPENAI_API_KEY", "")
    if not key and url == OFFICIAL:
        raise ConfigError(
            "There is no key for the service.", code="service-key", hint="Set OPENAI_API_KEY before the job."
        )
    return Service(url, key or "none")  # services of one's own often want none; the client insists on a word


def _hyperparameters(spec: dict[str, Any]) -> dict[str, Any]:
    config = spec["config"]
    given = {
        "n_epochs": config["epochs"] and round(config["epochs"]),
        "batch_size": config["batch_size"],
        "learning_rate_multiplier": spec["settings"]["learning_rate_multiplier"],
    }
    return {key: value for key, value in given.items() if value is not None}


def _files(store: JobStore, row: JobRow) -> set[str]:
    events = store.events(row.id, limit=100_000)
    return {event.data["file"] for event in events if event.kind == "uploaded"}


def _ask(service: Service, store: JobStore, row: JobRow) -> JobRow:
    assert row.remote_id is not None
    if row.cancel_requested:
        service.cancel(row.remote_id)
    job = service.job(row.remote_id)
    status = STATUS.get(job.status)
    happened = [e for e in store.events(row.id, limit=100_000) if e.attempt == row.attempt]
    known = {e.data["remote"] for e in happened if "remote" in e.data}
    drawn = {step for step, _ in store.points(row.id).get("loss", [])}

    def is_known(event: Any) -> bool:
        return event.id in known or _data(event).get("step") in drawn

    events: list[NewEvent] = []
    points: list[Point] = []
    fresh = service.events(row.remote_id, is_known, everything=status is not None and status.final)
    for event in fresh:
        data = _data(event)
        if "step" in data:
            points += _points(data, event.created_at - job.created_at)
        else:
            kind = "note" if event.level == "info" else "warning"
            said = {"text": service.clean(event.message), "remote": event.id}
            events.append((event.created_at, kind, said))
    total = max((_data(e).get("total_steps") or 0 for e in fresh), default=0)
    if total and not any(e.kind == "plan" for e in happened):
        events.append((fresh[0].created_at, "plan", {"rows": row.spec["rows"], "total_steps": total}))
    saved = {e.data["step"] for e in happened if e.kind == "checkpoint"}
    for point in service.checkpoints(row.remote_id):
        if point.step_number not in saved:
            model = service.clean(point.fine_tuned_model_checkpoint)
            events.append((point.created_at, "checkpoint", {"step": point.step_number, "model": model}))
            points += _points({"step": point.step_number, "valid_loss": point.metrics.full_valid_loss})
    return store.observe(row, status, _end(service, job), points=points, events=events)


def _data(event: Any) -> dict[str, Any]:
    data: Any = event.data
    return data if isinstance(data, dict) else {}  # pyright: ignore[reportUnknownVariableType] -- JSON of any shape


def _points(data: dict[str, Any], elapsed: float | None = None) -> list[Point]:
    found = [
        (name, int(data["step"]), float(data[key]))
        for key, name in CURVES.items()
        if isinstance(data.get(key), int | float)
    ]
    return found if elapsed is None else [*found, ("elapsed", int(data["step"]), float(elapsed))]


def _end(service: Service, job: Any) -> dict[str, Any]:
    status = STATUS.get(job.status)
    if status is JobStatus.COMPLETED:
        model = service.clean(job.fine_tuned_model)
        return {"reason": None, "text": f"Completed: {model}", "model": model}
    if status is JobStatus.FAILED:
        said = getattr(job.error, "message", None) or "it gave no reason"
        return {"reason": "service", "text": f"The service says: {service.clean(said)}"}
    return {"reason": "cancelled", "text": "Stopped at the service."}
