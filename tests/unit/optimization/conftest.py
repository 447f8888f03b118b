"""A model that was really trained, and its graphs: each made once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.fine_tuning import FineTunedModel
from modelops_jupyter.optimization import OnnxModel, export_onnx, quantize
from modelops_jupyter.training import TrainingPipeline, tiny_chat_model

WORDS = (
    "red blue green black white grey pink brown day night week month year hour north south east west one two "
    "three four five six seven eight nine ten cat cow hen pig fox owl bee ant elk sun moon star rain snow "
    "wind fire ice tree leaf root seed corn rice salt milk bread meat fish egg"
).split()
PROMPTS = [f"Say {word}." for word in WORDS]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for one another are slow where others work too."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def rows() -> Dataset:
    made = [{"prompt": p, "completion": w} for p, w in zip(PROMPTS, WORDS, strict=True)]
    return Dataset.from_records(made, name="words")


@pytest.fixture(scope="session")
def tuned(rows: Dataset, tmp_path_factory: pytest.TempPathFactory) -> FineTunedModel:
    pytest.importorskip("trl")
    settings = {"max_steps": 120, "batch_size": 16, "save_steps": 1000}
    return FineTunedModel(TrainingPipeline(settings, folder=tmp_path_factory.mktemp("tuned")).run(rows).path)


@pytest.fixture(scope="session")
def exported(tuned: FineTunedModel, tmp_path_factory: pytest.TempPathFactory) -> OnnxModel:
    pytest.importorskip("onnxruntime")
    return export_onnx(tuned, tmp_path_factory.mktemp("onnx") / "words")


@pytest.fixture(scope="session")
def small(exported: OnnxModel) -> OnnxModel:
    return quantize(exported)


@pytest.fixture(scope="session")
def broken(small: OnnxModel) -> OnnxModel:
    """A bad quantisation: the scales of one layer are three times what they should be."""
    return damaged(small, small.file.with_name("broken.onnx"), 3.0)


@pytest.fixture(scope="session")
def nano(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, OnnxModel]:
    """A bare torch model in training mode, but for a part of it, and its graph without a tokenizer."""
    pytest.importorskip("onnxruntime")
    model, _ = tiny_chat_model("nano").load()
    model.train()
    model.lm_head.eval()
    return model, export_onnx(model, tmp_path_factory.mktemp("nano") / "graph.onnx")


def damaged(model: OnnxModel, target: Path, factor: float) -> OnnxModel:
    """Write the graph with some of its numbers multiplied."""
    onnx: Any = pytest.importorskip("onnx")
    graph = onnx.load(model.file)
    scales = [i for i in graph.graph.initializer if i.name.endswith("_scale") and len(i.dims) == 1]
    weights = scales or [i for i in graph.graph.initializer if len(i.dims) == 2]
    for part in weights[len(weights) // 2 :][:4]:
        changed = np.asarray(onnx.numpy_helper.to_array(part) * factor, np.float32)
        part.CopyFrom(onnx.numpy_helper.from_array(changed, part.name))
    onnx.save(graph, target)
    return OnnxModel(target)
