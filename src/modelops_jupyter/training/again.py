"""Whether a run that goes on from a checkpoint is still the run that wrote it.

The engine goes on with whatever rows and settings it is given, and says nothing; the result is then
that of no run.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelops_jupyter import _documents
from modelops_jupyter._format import visible
from modelops_jupyter.errors import ConfigError, SourceNotFoundError
from modelops_jupyter.training.config import TrainingConfig

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

NOTE = "run.json"
KIND = "run"
HARMLESS = {"report_to"}  # who listens changes nothing


def ingredients(
    config: TrainingConfig, base: dict[str, Any], train: "Dataset", validation: "Dataset | None"
) -> dict[str, Any]:
    """Return what makes the result, by the words for it."""
    settings = {name: value for name, value in config.to_dict().items() if name not in HARMLESS}
    return {
        "the model": base,
        "the training rows": train.fingerprint,
        "the validation rows": validation.fingerprint if validation is not None else None,
        **settings,
    }


def require_same(folder: Path, now: dict[str, Any], *, resumes: bool, force: bool) -> None:
    """Note what a run is made of, or refuse to go on with something else.

    Raises
    ------
    ConfigError
        Naming each difference, unless `force`.
    """
    now = json.loads(json.dumps(now))  # as it will be read
    try:
        then = _documents.load(folder / NOTE, KIND)["made_of"] if resumes else now
    except SourceNotFoundError:
        then = {}
    changed = [_told(name, then.get(name), value) for name, value in now.items() if then.get(name) != value]
    if changed and not force:
        raise ConfigError(
            f"The run in {visible(str(folder))} would not go on as it began: {visible('; '.join(changed))}.",
            code="run-differs",
            hint="Restore that, use another folder, or accept another result with run(force=True).",
        )
    if changed or not resumes:
        _documents.dump(folder / NOTE, KIND, {"made_of": now})


def _told(name: str, then: object, now: object) -> str:
    if name.startswith("the "):
        return f"{name} {'is' if name == 'the model' else 'are'} not what it began with"
    return f"{name} was {then!r} and is {now!r}"
