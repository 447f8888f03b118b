"""A torch model as an ONNX graph, free in batch and length."""

import inspect
import logging
import shutil
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelops_jupyter._atomic import sync_folder
from modelops_jupyter._extras import require
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.optimization import drift
from modelops_jupyter.optimization.runtime import FILE, SUFFIX, OnnxModel

_MOST = 2_000_000_000  # bytes of weights; protobuf holds no more in one file


def export_onnx(model: Any, path: str | Path) -> OnnxModel:
    """Write a model as an ONNX graph, compare it with torch, and return it.

    A chat model keeps what it computed for earlier tokens (a KV cache), so that each new token of an
    answer costs one step. The model itself is left as it was, its training flag included.

    Parameters
    ----------
    model
        A `FineTunedModel`, a torch model of transformers (one that generates, or a classifier), or the
        pair of it and its tokenizer.
    path
        A folder, or a file that ends in `.onnx`. The tokenizer and the settings are put beside it.

    Raises
    ------
    MissingExtraError
        If the extra `onnx` or `train` is not installed.
    ConfigError
        If something of that name is there already, or the model is none that can be exported.
    ModelOpsError
        With the code `export-drift` and the numbers, if graph and torch differ; nothing is written.

    Examples
    --------
    >>> from modelops_jupyter.fine_tuning import load_model
    >>> exported = export_onnx(load_model("tiny"), "tiny-onnx")  # doctest: +SKIP
    >>> exported.generate(["3rd of March, 2021"])  # doctest: +SKIP
    """
    torch_model, tokenizer = _parts(model)
    file = Path(path).expanduser()
    file = file if file.suffix == SUFFIX else file / FILE
    if file.exists():
        raise ConfigError(f"The file '{file}' exists already.", hint="Choose a new folder.")
    with tempfile.TemporaryDirectory(prefix="modelops-onnx-") as made, _at_rest(torch_model):
        staged = Path(made) / file.name
        try:
            _write(torch_model, staged)
        except Exception as error:  # each model fails in its own way, in another's code
            first = str(error).strip().partition("\n")[0][:200] or type(error).__name__
            text = f"A {type(torch_model).__name__} cannot be exported: {first}"
            raise ConfigError(text, code="export-failed") from error
        for part in (torch_model.config, getattr(torch_model, "generation_config", None), tokenizer):
            if part is not None:
                part.save_pretrained(made)
        checked = drift.measure(OnnxModel(staged), torch_model)
        checked.refuse()
        _put(staged, file)
    found = OnnxModel(file)
    found.drift = checked
    return found


def _parts(model: Any) -> tuple[Any, Any]:
    """Return the torch model and the tokenizer, if there is one."""
    torch: Any = require("torch", extra="train", purpose="write ONNX")
    for package in ("onnx", "onnxscript", "onnxruntime"):
        require(package, extra="onnx", purpose="write ONNX")
    found: Any = model.load() if callable(getattr(model, "load", None)) else model
    pair: tuple[Any, Any] = found if isinstance(found, tuple) else (found, None)  # pyright: ignore[reportUnknownVariableType] -- what users pass
    torch_model, tokenizer = pair
    if not isinstance(torch_model, torch.nn.Module) or not hasattr(torch_model, "config"):
        text = f"A {type(model).__name__} cannot be exported."
        hint = "Pass a FineTunedModel, a torch model of transformers, or that and its tokenizer."
        raise ConfigError(text, hint=hint)
    if sum(p.numel() * 4 for p in torch_model.parameters()) > _MOST:
        raise ConfigError("A model of 2 GB or more cannot be exported to one ONNX file.", code="too-large")
    return torch_model, tokenizer


@contextmanager
def _at_rest(model: Any) -> Generator[None]:
    """Put the model into evaluation mode, and each of its parts back afterwards."""
    before = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, training in before:
            part.training = training


def _write(model: Any, file: Path) -> None:
    torch: Any = require("torch", extra="train", purpose="write ONNX")
    wrapped, example, names, shapes = (_generator if model.can_generate() else _classifier)(torch, model)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it tells of packages that are not needed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch to itself
        program: Any = torch.onnx.export(
            wrapped.eval(),
            example,
            dynamo=True,
            opset_version=18,
            input_names=["input_ids", "attention_mask", *names],
            output_names=["logits", *(name.replace("past", "present", 1) for name in names)],
            dynamic_shapes=shapes,
            verbose=False,
        )
    graph = program.model_proto
    # Where in whose files each operation comes from: a seventh of a small graph, and nobody's business.
    for part in (graph.graph, *graph.graph.node, *graph.graph.value_info, *graph.graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    file.write_bytes(graph.SerializeToString())


def _classifier(torch: Any, model: Any) -> tuple[Any, tuple[Any, ...], list[str], dict[str, Any]]:
    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()  # pyright: ignore[reportUnknownMemberType] -- torch is Any
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    ids = torch.ones((2, 8), dtype=torch.int64)
    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")}
    return Logits(), (ids, torch.ones_like(ids)), [], {"input_ids": free, "attention_mask": free}


def _generator(torch: Any, model: Any) -> tuple[Any, tuple[Any, ...], list[str], dict[str, Any]]:
    transformers: Any = require("transformers", extra="train", purpose="write ONNX")
    known = inspect.signature(model.forward).parameters
    name = "cache" if "cache" in known else "past_key_values"

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()  # pyright: ignore[reportUnknownMemberType] -- torch is Any
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, past: list[Any]) -> Any:
            # Positions count what is not padding, as `generate` of transformers does.
            at = (attention_mask.cumsum(-1) - 1).clamp(min=0)[:, -input_ids.shape[1] :]
            found = self.model(
                input_ids=input_ids,
                attention_mask=attention_mask,
                use_cache=True,
                **{name: transformers.DynamicCache(list(zip(past[::2], past[1::2], strict=True)))},
                **({"position_ids": at} if "position_ids" in known else {}),
            )
            kept = [(layer.keys, layer.values) for layer in found[name].layers]
            return found.logits, *(part for pair in kept for part in pair)

    ids = torch.ones((2, 8), dtype=torch.int64)
    with torch.inference_mode():
        layers: Any = model(input_ids=ids[:, :3], use_cache=True)[name].layers
    past = [torch.zeros(part.shape) for layer in layers for part in (layer.keys, layer.values)]
    names = [f"past.{i // 2}.{'value' if i % 2 else 'key'}" for i in range(len(past))]
    dim = torch.export.Dim
    batch = dim("batch")
    shapes: dict[str, Any] = {
        "input_ids": {0: batch, 1: dim("length")},
        "attention_mask": {0: batch, 1: dim.DYNAMIC},  # what was seen, and what is new
        "past": [{0: batch, 2: dim("seen")}] * len(past),
    }
    return Logits(), (ids, torch.ones((2, 11), dtype=torch.int64), past), names, shapes


def _put(staged: Path, file: Path) -> None:
    """Move the files to their place, the graph last: where it lies, all of it lies."""
    parts = sorted(staged.parent.iterdir(), key=lambda part: part == staged)
    there = next((name for part in parts if (name := file.parent / part.name).exists()), None)
    if there is not None:
        raise ConfigError(f"The file '{there}' exists already.", hint="Choose a new folder.")
    file.parent.mkdir(parents=True, exist_ok=True)
    for part in parts:
        near = file.parent / f".{part.name}.partial"
        shutil.move(part, near)
        near.rename(file.parent / part.name)
    sync_folder(file.parent)
