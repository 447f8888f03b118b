"""The root: complete, lazy, one object per name."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import modelops_jupyter

CONTRACT = """
Dataset DatasetSanitizer FineTuningJob Evaluator TaskType EvaluationResult Metric AccuracyMetric
PrecisionMetric RecallMetric F1Metric ConfusionMatrix MSEMetric MAEMetric RMSEMetric R2Metric
AUCROCMetric ModelEvaluator create_evaluator exact_match_metric length_ratio_metric evaluate_model
evaluation training datasets fine_tuning registry optimization vector_store evaluators
load_ipython_extension unload_ipython_extension __version__ doctor
ModelOpsError DatasetError RowError SourceNotFoundError ConfigError EvaluationError EmptyInputError
LengthMismatchError JobError StoreError RegistryError MissingExtraError
""".split()
# Whoever deletes one of these rooms breaks no test but the room's own.
REMOVABLE = {"registry", "optimization", "vector_store"}


def test_root_offers_exactly_the_contract() -> None:
    assert sorted(modelops_jupyter.__all__) == sorted(CONTRACT)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_name_resolves(name: str) -> None:
    if name in REMOVABLE and not (Path(modelops_jupyter.__file__).parent / name).exists():
        pytest.skip(f"{name} was taken out of this copy")
    assert getattr(modelops_jupyter, name) is not None


@pytest.mark.parametrize("package", ["datasets", "evaluation", "fine_tuning", "evaluators", "errors"])
def test_a_name_is_the_same_object_at_the_root_and_in_its_package(package: str) -> None:
    module = importlib.import_module(f"modelops_jupyter.{package}")
    shared = set(module.__all__) & set(modelops_jupyter.__all__)
    assert shared
    for name in shared:
        assert getattr(modelops_jupyter, name) is getattr(module, name)


def test_import_is_light() -> None:
    code = "import json, sys, modelops_jupyter; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {"numpy", "IPython", "msgspec", "torch", "logging", "ipywidgets", "matplotlib", "sqlite3"}
    assert not heavy & set(json.loads(out))
