"""What is recorded about a version: numbers, settings, rows and the job, as plain JSON."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from modelops_jupyter import _documents
from modelops_jupyter._format import visible
from modelops_jupyter.errors import RegistryError, StoreError

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation import EvaluationResult

STORY = "training.json"  # what a fine-tuned model's folder says of how it was made
Facts = dict[str, Any]


def of(
    metrics: "Mapping[str, float] | EvaluationResult | None",
    dataset: "Dataset | str | None",
    job: object,
    parameters: Mapping[str, Any] | None,
    story: Path | None,
) -> Facts:
    """Gather the facts of a new version; what is not known is left out.

    Parameters
    ----------
    story
        The artifact's own account of its training, if it has one; a job knows more.
    """
    made = _job(job) or ({} if story is None else _told(story))
    rows = _dataset(dataset)
    learned = made.pop("dataset", None)
    if rows and learned and rows.get("fingerprint", learned["fingerprint"]) != learned["fingerprint"]:
        text = "The dataset is not the one that the model learned from: their fingerprints differ."
        hint = "Leave dataset= out, or give the rows of the training."
        raise RegistryError(text, code="registry-dataset", hint=hint)
    facts: Facts = {
        "metrics": _numbers(metrics),
        "evaluation": _evaluation(metrics),
        "parameters": mapping(parameters, "parameters"),
        "dataset": {**(learned or {}), **rows} or None,
        "job": made or None,
    }
    kept = {key: value for key, value in facts.items() if value}
    try:
        return json.loads(json.dumps(kept, allow_nan=False, default=_plain))
    except (TypeError, ValueError, RecursionError) as error:
        raise RegistryError(f"A parameter cannot be kept as JSON: {error}.", code="registry-value") from error


def _numbers(metrics: Any) -> Facts:
    from modelops_jupyter.evaluation import EvaluationResult, TaskType

    if metrics is None:
        return {}
    if not isinstance(metrics, EvaluationResult):
        given = {str(name): value for name, value in mapping(metrics, "metrics").items()}
        for name, value in given.items():
            if isinstance(value, bool | str) or not hasattr(value, "__float__"):
                text = f"The metric '{visible(name)}' is no number: {visible(repr(value)[:80])}."
                raise RegistryError(text, code="registry-value")
        metrics = EvaluationResult(given, TaskType.GENERATION, 0)
    # The scores of the rows stand in the evaluation, which is kept beside the facts.
    return {
        name: value.to_dict() | {"rows": None, "n": value.n or None}
        for name, value in metrics.metrics.items()
    }


def _evaluation(metrics: Any) -> Facts | None:
    if not hasattr(metrics, "sample_count"):
        return None
    rows = metrics.metadata.get("dataset")
    return {
        "title": metrics.title,
        "rows": metrics.sample_count,
        "dataset": rows,
        "task": metrics.task_type.value,
    }


def _dataset(dataset: "Dataset | str | None") -> Facts:
    from modelops_jupyter.datasets import Dataset

    match dataset:
        case None:
            return {}
        case str():
            return {"fingerprint": dataset}
        case Dataset():
            return {
                "fingerprint": dataset.fingerprint,
                "name": dataset.name,
                "rows": len(dataset),
                "steps": [step.to_json() for step in dataset.lineage],
            }
        case _:
            raise RegistryError(f"dataset= is a Dataset or its fingerprint, not {type(dataset).__name__}.")


def _job(job: Any) -> Facts:
    """Return what a job's row says; an id alone says only itself."""
    if job is None:
        return {}
    if isinstance(job, str):
        return {"id": job}
    if not hasattr(job, "store"):
        raise RegistryError(f"job= is a FineTuningJob or its id, not {type(job).__name__}.")
    row = job.store.get(job.id)
    spec = row.spec
    keys = ("config", "seed", "versions", "simulated")
    told = {"id": row.id, "name": row.name, "provider": row.provider, "status": str(row.status)}
    rows = {"fingerprint": spec.get("fingerprint"), "name": spec.get("data"), "rows": spec.get("rows")}
    base = {"base_model": _base(spec.get("base", {})) or row.base_model}
    return told | base | {key: spec[key] for key in keys if spec.get(key)} | {"dataset": rows}


def _told(story: Path) -> Facts:
    try:
        told = _documents.load(story, "training")
    except StoreError:
        return {}  # another program's file of this name
    rows = {"fingerprint": told.get("dataset"), "rows": told.get("rows")}
    made = {"base_model": _base(told.get("base", {})), "config": told.get("config")}
    return {key: value for key, value in made.items() if value} | (
        {"dataset": rows} if rows["fingerprint"] else {}
    )


def _base(base: Mapping[str, Any]) -> str | None:
    """Return the name of what a training began with; a folder's own name is enough for others."""
    path = base.get("path")
    name = base.get("reference") or base.get("id") or base.get("word") or base.get("name")
    return name or (Path(path).name if path else None)


def _plain(value: Any) -> Any:
    """Return a number of numpy or torch as Python's own."""
    found = value.item() if callable(getattr(value, "item", None)) else None
    if found is None or (isinstance(found, float) and not math.isfinite(found)):
        raise TypeError(f"{type(value).__name__} is not JSON")
    return found


def flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested settings under dotted names, without those that are not set."""
    found: dict[str, Any] = {}
    for key, value in facts.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")  # pyright: ignore[reportUnknownArgumentType] -- JSON of any shape
        elif value is not None and value != []:
            found[prefix + key] = value
    return found


def mapping(value: Any, what: str) -> Facts:
    """Return names and values as a dictionary, empty for None."""
    if value is not None and not isinstance(value, Mapping):
        wrong = f"{what}= is a mapping of names to values, not {type(value).__name__}."
        raise RegistryError(wrong, code="registry-value")
    return dict(cast("Facts", value or {}))


def text(value: object, what: str) -> str:
    """Return a text that a database can keep."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            pass
        else:
            return value
    raise RegistryError(f"The {what} {visible(repr(value)[:80])} is no text.", code="registry-value")
