"""The kinds of things that words of our magics name."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.evaluation import EvaluationResult, Predictions
from modelops_jupyter.fine_tuning import FineTunedModel, load_model
from modelops_jupyter.notebook.magics.names import Kind
from modelops_jupyter.training import ModelSpec

_SCHEMES = ("registry:", "models:/")
BUILT_IN = ("tiny", "smollm2")


def _is_model_name(text: str) -> bool:
    # os.path says no where Path raises: for a name too long, or one with a NUL
    return text in BUILT_IN or text.startswith(_SCHEMES) or os.path.isdir(text)  # noqa: PTH112


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
    os.path.isfile,
    "a file",
    read=lambda text: Dataset.from_file(text),
)
MODEL = Kind("a model", _is_model, _is_model_name, "a model", read=load_model, free=True)
BASE = Kind("a model", _is_base, _is_model_name, "a model", read=str, free=True)
RESULT = Kind("a result", lambda v: isinstance(v, EvaluationResult))
LABELS = Kind("a list of answers", _is_labels)

BY_NAME: dict[str, Kind] = {
    "dataset": DATASET,
    "model": MODEL,
    "base": BASE,
    "result": RESULT,
    "labels": LABELS,
}
