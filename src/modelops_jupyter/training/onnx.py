"""A model as an ONNX graph, free in batch and length."""

import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

from modelops_jupyter._extras import require
from modelops_jupyter.training import engine, models

FILE = "model.onnx"


class Loaded:
    """An ONNX graph that answers greedily, in the words of transformers."""

    device = "cpu"

    def __init__(self, file: Path) -> None:
        ort: Any = require("onnxruntime", extra="export", purpose="run ONNX")
        _, transformers = engine.torch_and_transformers("read an ONNX model's settings")
        options = ort.SessionOptions()
        options.log_severity_level = 3  # it warns of graph optimisations that it does not know
        self._session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self.config = transformers.AutoConfig.from_pretrained(file.parent)
        self.generation_config = transformers.GenerationConfig.from_pretrained(file.parent)

    def generate(
        self, input_ids: Any, attention_mask: Any, *, max_new_tokens: int, pad_token_id: int,
        eos_token_id: list[int], **_: Any,
    ) -> Any:  # fmt: skip
        """Return prompts (padded on the left) with their answers, padded on the right."""
        torch, _library = engine.torch_and_transformers("answer")
        ended = torch.zeros(len(input_ids), dtype=torch.bool)
        for _step in range(max_new_tokens):
            given = {"input_ids": input_ids.numpy(), "attention_mask": attention_mask.numpy()}
            best = torch.from_numpy(self._session.run(["logits"], given)[0][:, -1]).argmax(-1)
            best[ended] = pad_token_id
            input_ids = torch.cat([input_ids, best[:, None]], dim=1)
            attention_mask = torch.cat([attention_mask, torch.ones_like(best)[:, None]], dim=1)
            ended |= torch.isin(best, torch.tensor(eos_token_id))
            if ended.all():
                break
        return input_ids


def load(file: Path) -> tuple[Loaded, Any]:
    """Return the graph and the tokenizer that lies beside it."""
    _, transformers = engine.torch_and_transformers("read a tokenizer")
    return Loaded(file), transformers.AutoTokenizer.from_pretrained(file.parent)


def write(source: Path, tokenizer: Any, target: Path) -> None:
    """Write `model.onnx` (ids and mask → logits) with tokenizer and settings beside it.

    Raises
    ------
    MissingExtraError
        If `onnx` and `onnxscript` are not installed.
    """
    torch, _ = engine.torch_and_transformers("write ONNX")
    for package in ("onnx", "onnxscript"):
        require(package, extra="export", purpose="write ONNX")
    model, _ = models.load({"kind": "folder", "path": str(source)})

    class Logits(torch.nn.Module):
        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits

    wrapped = Logits()
    wrapped.model = model
    ids = torch.ones((2, 8), dtype=torch.int64)
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    free = {0: batch, 1: length}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it tells of packages that are not needed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch to itself
        program = torch.onnx.export(
            wrapped.eval(),
            (ids, torch.ones_like(ids)),
            dynamo=True,
            opset_version=18,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_shapes={"input_ids": free, "attention_mask": free},
            verbose=False,
        )
    target.mkdir(parents=True)
    program.save(target / FILE, external_data=False)
    tokenizer.save_pretrained(target)
    for name in ("config.json", "generation_config.json"):
        if (source / name).exists():
            shutil.copy2(source / name, target / name)
