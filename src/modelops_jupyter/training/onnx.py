"""A model as an ONNX graph, free in batch and length."""

import shutil
from pathlib import Path
from typing import Any

from modelops_jupyter._extras import require
from modelops_jupyter.training import engine, models

FILE = "model.onnx"


def write(source: Path, tokenizer: Any, target: Path) -> None:
    """Write `model.onnx` (ids and mask → logits) with tokenizer and settings beside it.

    Raises
    ------
    MissingExtraError
        If `onnx` and `onnxscript` are not installed.
    """
    torch, _ = engine.torch_and_transformers("write ONNX")
    for package in ("onnx", "onnxscript"):
        require(package, extra="train", purpose=f"write ONNX (pip install {package})")
    model, _ = models.load({"kind": "folder", "path": str(source)})

    class Logits(torch.nn.Module):
        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits

    wrapped = Logits()
    wrapped.model = model
    ids = torch.ones((2, 8), dtype=torch.int64)
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    free = {0: batch, 1: length}
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
