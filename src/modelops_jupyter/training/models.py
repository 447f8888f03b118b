"""References to models: a word, a folder, a recipe; and how each becomes weights and a tokenizer."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from modelops_jupyter._format import visible
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter._where import Where
from modelops_jupyter.errors import ConfigError, SourceNotFoundError, StoreError
from modelops_jupyter.training import engine

Description = dict[str, Any]
TINY_WIDTH = 256


@dataclass(frozen=True)
class ModelSpec:
    """A model that is made, not downloaded: its shape, the seed of its weights, its tokenizer.

    Parameters
    ----------
    name
        What to call it.
    architecture
        Arguments of `transformers.LlamaConfig`, as sorted pairs.
    seed
        Seed of the random weights.
    tokenizer
        The tokenizer as JSON text.
    chat_template
        How a conversation becomes text.
    """

    name: str
    architecture: tuple[tuple[str, Any], ...]
    seed: int
    tokenizer: str
    chat_template: str

    def load(self) -> tuple[Any, Any]:
        """Return the torch model, in evaluation mode, and its tokenizer."""
        from modelops_jupyter.training import tiny

        return tiny.build(self)


@runtime_checkable
class HasFolder(Protocol):
    """A model that lives in a folder (a fine-tuned one)."""

    @property
    def path(self) -> Path:
        """The folder."""
        ...


def describe(reference: object) -> tuple[Description, str]:
    """Return a reference as JSON that another process can load, and a short name for people."""
    match reference:
        case ModelSpec():
            if reference == _word_spec(reference.name):
                return {"kind": "word", "word": reference.name}, reference.name
            return {"kind": "spec", **_spec_json(reference)}, reference.name
        case str() if reference in WORDS:
            return {"kind": "word", "word": reference}, reference
        case str() | Path():
            folder = _folder(reference)
            return {"kind": "folder", "path": str(folder)}, folder.name
        case _ if isinstance(reference, HasFolder):
            return {"kind": "folder", "path": str(reference.path)}, Path(reference.path).name
        case _:
            raise ConfigError(
                "A model is a name, a folder, a ModelSpec or a FineTunedModel, "
                f"not {type(reference).__name__}."
            )


def is_tiny(description: Description) -> bool:
    """Tell whether a model is so small that it needs other settings than the models of the world."""
    match description["kind"]:
        case "word":
            return description["word"] == "tiny"
        case "spec":
            return dict(description["architecture"]).get("hidden_size", 0) <= TINY_WIDTH
        case _:
            text = (Path(description["path"]) / "config.json").read_text("utf-8")
            return 0 < json.loads(text).get("hidden_size", 0) <= TINY_WIDTH


def load(description: Description) -> tuple[Any, Any]:
    """Return the torch model, in evaluation mode, and the tokenizer of a description."""
    match description["kind"]:
        case "word":
            return WORDS[description["word"]]().load()
        case "spec":
            pairs = tuple((k, v) for k, v in description["architecture"])
            rest = {k: description[k] for k in ("name", "seed", "tokenizer", "chat_template")}
            return ModelSpec(architecture=pairs, **rest).load()
        case _:
            return _load_folder(Path(description["path"]))


def _tiny() -> ModelSpec:
    from modelops_jupyter.training.tiny import tiny_chat_model

    return tiny_chat_model()


WORDS: dict[str, Callable[[], ModelSpec]] = {"tiny": _tiny}


def _word_spec(name: str) -> ModelSpec | None:
    return WORDS[name]() if name in WORDS else None


def _spec_json(spec: ModelSpec) -> Description:
    return {
        "name": spec.name,
        "architecture": [list(pair) for pair in spec.architecture],
        "seed": spec.seed,
        "tokenizer": spec.tokenizer,
        "chat_template": spec.chat_template,
    }


def _folder(reference: str | Path) -> Path:
    text = str(reference)
    if text.startswith(("registry:", "models:/")) or text == "smollm2":
        raise ConfigError(
            f"The model reference '{visible(text)}' is not part of this version yet.",
            code="not-yet",
            hint="Use 'tiny' or the folder of a saved model.",
        )
    folder = Path(reference).expanduser()
    if not (folder / "config.json").is_file():
        raise SourceNotFoundError(
            f"There is no model '{visible(text)}': neither a known name nor a folder with a config.json.",
            code="model-unknown",
            hint=did_you_mean(text, WORDS),
        )
    return folder.resolve()


def _load_folder(folder: Path) -> tuple[Any, Any]:
    torch, transformers = engine.torch_and_transformers("load a model")
    try:
        with no_bars():
            # safetensors and JSON only: no pickle is ever opened, no code of the folder is run.
            model = transformers.AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
            )
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise StoreError(f"The model cannot be loaded: {first}.", where=Where(file=str(folder))) from error
    return model.eval(), tokenizer


@contextmanager
def no_bars() -> Generator[None]:
    """Keep transformers from drawing progress bars into somebody's notebook."""
    from transformers.utils import logging as bars

    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()
