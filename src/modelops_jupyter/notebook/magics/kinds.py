"""The kinds of things that words of our magics name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.evaluation import EvaluationResult, Predictions
from modelops_jupyter.fine_tuning import FineTunedModel, FineTuningJob, load_model
from modelops_jupyter.notebook.magics.names import Kind
from modelops_jupyter.training import ModelSpec

_SCHEMES = ("registry:", "models:/")
BUILT_IN = ("tiny", "smollm2")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _is_model_name(text: str) -> bool:
    try:
        return text in BUILT_IN or text.startswith(_SCHEMES) or Path(text).is_dir()
    except (OSError, ValueError):
        return False


def _is_model(value: Any) -> bool:
    if isinstance(value, Dataset | type | str):
        return False
    return callable(getattr(value, "predict", None)) or callable(value)


def _is_base(value: Any) -> bool:
    return isinstance(value, FineTunedModel | ModelSpec)


def _is_labels(value: Any) -> bool:
    if isinstance(value, Predictions):
        return True
    if isinstance(value, str | bytes | Mapping | Dataset | EvaluationResult | type):
        return False
    return isinstance(value, Sequence) or (hasattr(value, "__len__") and hasattr(value, "__iter__"))


DATASET = Kind(
    "a dataset",
    lambda v: isinstance(v, Dataset),
    _is_file,
    "a file",
    read=lambda text: Dataset.from_file(text),
)
MODEL = Kind("a model", _is_model, _is_model_name, "a model", read=load_model, free=True)
BASE = Kind("a model", _is_base, _is_model_name, "a model", read=str, free=True)
RESULT = Kind("a result", lambda v: isinstance(v, EvaluationResult))
LABELS = Kind("a list of answers", _is_labels)
JOB = Kind("a job", lambda v: isinstance(v, FineTuningJob))

BY_NAME: dict[str, Kind] = {
    "dataset": DATASET,
    "model": MODEL,
    "base": BASE,
    "result": RESULT,
    "labels": LABELS,
}
