"""Write a model as a folder that every tool of the field opens: safetensors and JSON."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelops_jupyter import _documents
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import card, checkpoints, gguf, models

ADAPTER = "adapter"  # the folder, inside the model's, of an adapter before it was merged
STORY = "training.json"  # how the model was made


def save(
    model: Any, tokenizer: Any, target: Path, *, step: int = 0, story: dict[str, Any] | None = None
) -> Path:
    """Write model and tokenizer; the folder appears under its name only when it is whole.

    An adapter is kept in a folder of its own and merged into the weights.
    """
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if hasattr(model, "merge_and_unload"):
        model.save_pretrained(partial / ADAPTER)
        model = model.merge_and_unload()
    with models.no_bars():
        model.save_pretrained(partial, safe_serialization=True)
    tokenizer.save_pretrained(partial)
    if story:
        _documents.dump(partial / STORY, "training", story)
    checkpoints.seal(partial, step)
    shutil.rmtree(target, ignore_errors=True)
    return partial.rename(target)


def write(
    source: Path,
    tokenizer: Any,
    target: Path,
    format: str,
    name: str,
    graph: Callable[[Path], Any] | None = None,
) -> None:
    """Write the model in `source` into a new folder that others open; see `FineTunedModel.export`.

    `graph` writes the files of a format that is made elsewhere.
    """
    story: dict[str, Any] = _documents.load(source / STORY, "training") if (source / STORY).exists() else {}
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    if format == "adapter":
        if not (source / ADAPTER).is_dir():
            raise ConfigError(
                f"The model '{name}' was not trained as an adapter.", hint='Use format="merged".'
            )
        shutil.copytree(source / ADAPTER, partial, ignore=shutil.ignore_patterns("README.md"))
        tokenizer.save_pretrained(partial)
        _documents.dump(partial / STORY, "training", story)
    elif format == "merged":
        shutil.copytree(source, partial, ignore=shutil.ignore_patterns(ADAPTER, checkpoints.MANIFEST))
    elif format == "gguf":
        gguf.write(source, tokenizer, partial)
    elif graph is not None:
        graph(partial)
    (partial / "README.md").write_text(card.readme(target.name, story, adapter=format == "adapter"), "utf-8")
    if format in ("merged", "gguf"):
        weights = "." if format == "merged" else f"./{gguf.FILE}"
        (partial / "Modelfile").write_text(card.modelfile(tokenizer, weights), "utf-8")
    checkpoints.seal(partial, 0)
    partial.rename(target)
