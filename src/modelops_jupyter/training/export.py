"""Write a model as a folder that every tool of the field opens: safetensors and JSON."""

import shutil
from pathlib import Path
from typing import Any

from modelops_jupyter import _documents
from modelops_jupyter.training import checkpoints

ADAPTER = "adapter"  # the folder, inside the model's, of an adapter before it was merged
STORY = "training.json"  # how the model was made


def save(
    model: Any, tokenizer: Any, target: Path, *, step: int = 0, story: dict[str, Any] | None = None
) -> None:
    """Write model and tokenizer; the folder appears under its name only when it is whole.

    An adapter is kept in a folder of its own and merged into the weights.
    """
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if hasattr(model, "merge_and_unload"):
        model.save_pretrained(partial / ADAPTER)
        model = model.merge_and_unload()
    model.save_pretrained(partial, safe_serialization=True)
    tokenizer.save_pretrained(partial)
    if story:
        _documents.dump(partial / STORY, "training", story)
    checkpoints.seal(partial, step)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
