"""An export computes what torch computes, at every shape and token by token, or it is refused."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelops_jupyter import Dataset, evaluate_model
from modelops_jupyter.datasets.masks import prompt_ids
from modelops_jupyter.errors import ConfigError, MissingExtraError, ModelOpsError
from modelops_jupyter.fine_tuning import FineTunedModel
from modelops_jupyter.optimization import OnnxModel, export, export_onnx
from modelops_jupyter.training import tiny_chat_model

from .conftest import PROMPTS, damaged

torch: Any = pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
SHAPES = [(1, 1), (1, 7), (2, 7), (5, 3), (4, 40)]


def differences(model: Any, graph: OnnxModel, shape: tuple[int, int]) -> float:
    """Compare the file in a session of its own with torch on the same ids."""
    session = graph.session
    ids = np.random.default_rng(shape[0]).integers(0, 400, shape)
    given: dict[str, Any] = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    for part in session.get_inputs():
        if part.name not in given:
            given[part.name] = np.zeros((shape[0], part.shape[1], 0, part.shape[3]), np.float32)
    with torch.inference_mode():
        expected = model(input_ids=torch.from_numpy(ids)).logits.numpy()
    found = session.run(["logits"], given)[0]
    assert found.shape == (*shape, 400)
    return float(np.abs(found - expected).max())


@pytest.mark.train
@pytest.mark.parametrize("shape", SHAPES)
def test_logits_of_a_trained_model_equal_torchs_at_five_shapes(
    tuned: FineTunedModel, exported: OnnxModel, shape: tuple[int, int]
) -> None:
    assert differences(tuned.load()[0], exported, shape) <= 1e-5


@pytest.mark.train
def test_answers_equal_torchs_token_by_token_and_so_do_their_logits(
    tuned: FineTunedModel, exported: OnnxModel
) -> None:
    model, tokenizer = tuned.load()
    prompts = [prompt_ids(tokenizer, [{"role": "user", "content": p}]) for p in PROMPTS[:8]]
    answers = exported.generate_ids(prompts, max_new_tokens=12)
    for prompt, answer in zip(prompts, answers, strict=True):
        whole = torch.tensor([prompt + answer])
        with torch.inference_mode():
            expected = model(input_ids=whole).logits[0].numpy()
            alone = model.generate(input_ids=torch.tensor([prompt]), max_new_tokens=12, do_sample=False)
        steps = [step[0, 0] for step in exported.steps(whole.numpy(), np.ones_like(whole.numpy()))]
        assert np.abs(np.array(steps) - expected).max() <= 1e-5
        assert alone[0, len(prompt) :].tolist() == answer


def test_a_bare_model_works_at_other_shapes_and_is_left_as_it_was(nano: tuple[Any, OnnxModel]) -> None:
    model, graph = nano
    assert model.training
    assert model.model.layers[0].training
    assert not model.lm_head.training
    assert graph.drift is not None
    assert graph.drift.largest <= 1e-5
    assert max(differences(model.eval(), graph, shape) for shape in SHAPES[:4]) <= 1e-5
    model.train()
    model.lm_head.eval()
    with pytest.raises(
        ConfigError, match=r"no tokenizer beside .* export_onnx\(\(model, tokenizer\), path\)"
    ):
        graph.generate(["a"])


def test_a_graph_holds_weights_and_no_paths_of_this_machine(nano: tuple[Any, OnnxModel]) -> None:
    model, graph = nano
    assert str(Path(export.__file__).parent).encode() not in graph.file.read_bytes()
    assert graph.size <= 1.2 * sum(p.numel() * 4 for p in model.parameters())


def planted(graph: OnnxModel, change: Callable[[Path], object]) -> Callable[[Any, Path], None]:
    """Return an exporter that hands out a graph made before, with a fault."""

    def write(_: Any, file: Path) -> None:
        shutil.copy(graph.file, file)
        change(file)

    return write


def test_an_export_that_drifts_is_refused_with_the_numbers(
    nano: tuple[Any, OnnxModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, graph = nano
    fault = planted(graph, lambda file: damaged(graph, file, 1.01))
    monkeypatch.setattr(export, "_write", fault)
    with pytest.raises(
        ModelOpsError, match=r"batch \d+ and length \d+ .* by \d\.\de-0[1-4], and 1\.\de-05"
    ) as found:
        export_onnx(model, tmp_path / "bad")
    assert found.value.code == "export-drift"
    assert not (tmp_path / "bad").exists()
    assert model.training


def test_a_model_that_differs_from_itself_cannot_be_checked(
    nano: tuple[Any, OnnxModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, graph = nano
    monkeypatch.setattr(export, "_write", planted(graph, lambda _: None))
    handle = model.lm_head.register_forward_hook(lambda _, __, out: out + 0.01 * torch.rand_like(out))
    try:
        with pytest.raises(ModelOpsError, match="answers differently when it is asked twice"):
            export_onnx(model, tmp_path / "bad")
    finally:
        handle.remove()


def test_nothing_is_written_over(
    nano: tuple[Any, OnnxModel], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model, graph = nano
    with pytest.raises(ConfigError, match="exists already"):
        export_onnx(model, graph.file)
    monkeypatch.setattr(export, "_write", planted(graph, lambda _: None))
    (tmp_path / "config.json").write_text("mine")
    with pytest.raises(ConfigError, match=r"config\.json' exists already"):
        export_onnx(model, tmp_path / "model.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]
    assert (tmp_path / "config.json").read_text() == "mine"


def test_a_classifier_gives_the_labels_that_torch_gives(tmp_path: Path) -> None:
    transformers: Any = pytest.importorskip("transformers")
    _, tokenizer = tiny_chat_model("nano").load()
    with torch.random.fork_rng():
        torch.manual_seed(1)
        config = transformers.BertConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
            num_attention_heads=2, max_position_embeddings=64, pad_token_id=tokenizer.pad_token_id,
            id2label={0: "bad", 1: "good", 2: "odd"}, initializer_range=1.0,
        )  # fmt: skip
        model = transformers.BertForSequenceClassification(config).eval()
    graph = export_onnx((model, tokenizer), tmp_path / "classes")
    assert not graph.generates
    texts = [f"{'very ' * (i % 5)}good number {i}" for i in range(20)]
    expected: list[str] = []
    for text in texts:
        with torch.inference_mode():
            best = model(**tokenizer(text, return_tensors="pt", return_token_type_ids=False)).logits.argmax()
        expected.append(config.id2label[int(best)])
    assert len(set(expected)) > 1
    rows = Dataset([{"prompt": t, "completion": label} for t, label in zip(texts, expected, strict=True)])
    assert graph.predict(rows, batch_size=7).texts == tuple(expected)
    result = evaluate_model(graph, rows, metrics=["accuracy"], baselines=None)
    assert result["accuracy"] == 1.0
    with pytest.raises(ConfigError, match="classifies"):
        graph.generate(["a"])


@pytest.mark.parametrize("package", ["onnx", "onnxscript", "onnxruntime"])
def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"'{package}' is needed.*modelops_jupyter\[onnx\]"):
        export_onnx(torch.nn.Linear(1, 1), tmp_path / "x")


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    for thing in ("tiny", torch.nn.Linear(1, 1), 3):
        with pytest.raises(ConfigError, match="cannot be exported"):
            export_onnx(thing, tmp_path / "x")
