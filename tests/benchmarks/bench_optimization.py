"""A trained model that reads dates: as torch, as ONNX, with INT8 and with INT4 weights, taking turns.

Each has one thread: two that wait for one another measure who else works on the machine.
MODELOPS_BENCH_MODEL names the folder of the model; without it, the tiny model is trained for 400 steps first.
"""

import os
import tempfile
from pathlib import Path

import torch

from modelops_jupyter import Dataset, DatasetSanitizer
from modelops_jupyter.datasets import steps
from modelops_jupyter.evaluation import Gate
from modelops_jupyter.fine_tuning import FineTunedModel
from modelops_jupyter.optimization import OnnxModel, compare_variants, export_onnx, quantize
from modelops_jupyter.training import TrainingPipeline
from tests.benchmarks._measure import Row, ratio

DATES = Path(__file__).parents[2] / "notebooks" / "data" / "dates.jsonl"
GOALS = {("INT8", 1): 1 / 1.5}
SMALLER = {"INT8": 0.45}
LONGEST = 16  # tokens of an answer; a date has eleven


def measure() -> list[Row]:
    """Return time over torch's and size over the float32 weights', with what it costs in quality."""
    cleaning = DatasetSanitizer([steps.DropInvalid(), steps.DropDuplicates(), steps.DropConflicts()])
    train, test = cleaning.run(Dataset.from_file(DATES)).dataset.split(test=0.2, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        model = trained(train, Path(folder))
        exported = export_onnx(model, Path(folder) / "onnx")
        drift = exported.drift
        assert drift is not None
        exported = OnnxModel(exported.file, threads=1)
        torch.set_num_threads(1)
        small = {"INT8": quantize(exported), "INT4": quantize(exported, "int4-weight-only")}
        gate = Gate("exact_match", max_drop=0.02)
        found = compare_variants(model, {"ONNX": exported, **small}, test, gate=gate)
        rows = [
            timed(name, graph, model, [str(row["messages"][0]["content"]) for row in test[:batch]])
            for batch in (1, 8)
            for name, graph in {"ONNX": exported, **small}.items()
        ]
        for name in small:
            one = found[name]
            quality = one.change
            note = f"exact match {quality.change} on {quality.n} rows, gate (drop of 0.02): {one.outcome}"
            share = one.size / found["original"].size
            rows.append(Row(f"{name}, bytes", "float32 weights", share, SMALLER.get(name), note))
        note = f"largest difference {drift.largest:.1e}, largest logit {drift.scale:.3g}"
        rows.append(Row("logits of the float32 graph", "1e-5 from torch's", drift.largest / 1e-5, 1.0, note))
        return rows


def timed(name: str, graph: OnnxModel, model: FineTunedModel, prompts: list[str]) -> Row:
    """Compare the time of whole answers."""
    time = ratio(
        lambda: graph.generate(prompts, max_new_tokens=LONGEST),
        lambda: model.generate(prompts, max_new_tokens=LONGEST),
    )
    what = f"{name}, answer {len(prompts)} prompt{'s' * (len(prompts) > 1)}"
    return Row(what, "torch", time, GOALS.get((name, len(prompts))), f"{1 / time:.1f} times as fast")


def trained(rows: Dataset, folder: Path) -> FineTunedModel:
    """Return the model to measure."""
    given = os.environ.get("MODELOPS_BENCH_MODEL")
    return FineTunedModel(
        given or TrainingPipeline({"max_steps": 400}, folder=folder / "model").run(rows).path
    )
