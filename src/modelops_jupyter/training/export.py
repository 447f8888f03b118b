"""Write a model as a folder that every tool of the field opens: safetensors and JSON."""

import shutil
from pathlib import Path
from typing import Any

from modelops_jupyter.training import checkpoints


def save(model: Any, tokenizer: Any, target: Path, *, step: int = 0) -> None:
    """Write model and tokenizer; the folder appears under its name only when it is whole."""
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(partial, safe_serialization=True)
    tokenizer.save_pretrained(partial)
    checkpoints.seal(partial, step)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def merged(model: Any) -> Any:
    """Return the plain model: an adapter is added into the weights it adapts."""
    return model.merge_and_unload() if hasattr(model, "merge_and_unload") else model
