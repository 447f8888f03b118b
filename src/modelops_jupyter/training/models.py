"""References to models: a word, a folder, a recipe; and how each becomes weights and a tokenizer."""

import json
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

from modelops_jupyter import _documents
from modelops_jupyter._extras import require
from modelops_jupyter._format import visible
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter._where import Where
from modelops_jupyter.errors import ConfigError, SourceNotFoundError, StoreError
from modelops_jupyter.training import engine, smollm2, tiny

Description = dict[str, Any]
TINY_WIDTH = 256
_HUB = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")  # owner/name


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
        case "smollm2":
            return {"kind": "folder", "path": str(smollm2.folder())}, "smollm2"
        case str() if _HUB.fullmatch(reference) and not Path(reference).exists():
            return {"kind": "hub", "id": reference}, reference.rpartition("/")[2]
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


def short_name(description: Description) -> str:
    """Return what people call a described model."""
    named = next((str(description[key]) for key in ("word", "name", "id") if key in description), None)
    return Path(description["path"]).name if named is None else named.rpartition("/")[2]


def is_tiny(description: Description) -> bool:
    """Tell whether a model is so small that it needs other settings than the models of the world."""
    match description["kind"]:
        case "word":
            return description["word"] == "tiny"
        case "spec":
            return dict(description["architecture"]).get("hidden_size", 0) <= TINY_WIDTH
        case "hub":
            return False
        case _:
            path = Path(description["path"])
            if not (path / "config.json").is_file():  # an adapter: as its base
                return is_tiny(_base(path))
            return (
                0 < json.loads((path / "config.json").read_text("utf-8")).get("hidden_size", 0) <= TINY_WIDTH
            )


def is_made(description: Description) -> bool:
    """Tell whether a model comes from a recipe, with weights that were never trained."""
    return description["kind"] in ("word", "spec")


def load(description: Description) -> tuple[Any, Any]:
    """Return the torch model, in evaluation mode, and the tokenizer of a description."""
    match description["kind"]:
        case "word" | "spec":
            return _spec(description).load()
        case "hub":
            return _pretrained(description["id"])
        case _:
            folder = Path(description["path"])
            if (folder / "config.json").is_file():
                return _pretrained(folder)
            wrapped, tokenizer = with_adapter(_base(folder), folder)
            return wrapped.merge_and_unload().eval(), tokenizer


def skeleton(description: Description) -> tuple[Any, Any]:
    """Return the shape of the model, without weights, and its tokenizer."""
    if is_made(description):
        return tiny.build(_spec(description), device="meta")
    place = description.get("id") or Path(description["path"])
    if isinstance(place, Path) and not (place / "config.json").is_file():
        return skeleton(_base(place))
    torch, transformers = engine.torch_and_transformers("read a model")
    with _readable(place) as options:
        config = transformers.AutoConfig.from_pretrained(place, **options)
        with torch.device("meta"):
            model = transformers.AutoModelForCausalLM.from_config(config)
        return model, transformers.AutoTokenizer.from_pretrained(place, **options)


def _spec(description: Description) -> ModelSpec:
    if description["kind"] == "word":
        return WORDS[description["word"]]()
    pairs = tuple((k, v) for k, v in description["architecture"])
    rest = {k: description[k] for k in ("name", "seed", "tokenizer", "chat_template")}
    return ModelSpec(architecture=pairs, **rest)


WORDS: dict[str, Callable[[], ModelSpec]] = {"tiny": lambda: tiny.tiny_chat_model()}


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
    if text.startswith(("registry:", "models:/")):
        raise ConfigError(
            f"'{visible(text)}' is a version of the registry, and here a folder is needed.",
            hint="fine_tuning.load_model(...).path is its folder.",
        )
    folder = Path(reference).expanduser()
    if not any((folder / name).is_file() for name in ("config.json", "adapter_config.json")):
        raise SourceNotFoundError(
            f"There is no model '{visible(text)}': neither a known name nor a folder with a config.json.",
            code="model-unknown",
            hint=did_you_mean(text, [*WORDS, "smollm2"]),
        )
    return folder.resolve()


def _pretrained(place: str | Path) -> tuple[Any, Any]:
    torch, transformers = engine.torch_and_transformers("load a model")
    with _readable(place) as options:
        # safetensors and JSON only: no pickle is ever opened, no code of the folder is run.
        model = transformers.AutoModelForCausalLM.from_pretrained(
            place, dtype=torch.float32, use_safetensors=True, **options
        )
        return model.eval(), transformers.AutoTokenizer.from_pretrained(place, **options)


@contextmanager
def _readable(place: str | Path) -> Generator[dict[str, Any]]:
    try:
        with no_bars():
            yield {"local_files_only": True} if isinstance(place, Path) else {}
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        hint = None if isinstance(place, Path) else "It is no folder here, and the hub could not give it."
        raise StoreError(
            f"The model cannot be loaded: {first.rstrip('.')}.", where=Where(file=str(place)), hint=hint
        ) from error


def _base(folder: Path) -> Description:
    """Return what an exported adapter belongs to."""
    if not folder.is_dir():
        raise SourceNotFoundError(f"There is no folder '{visible(str(folder))}' any more.")
    return _documents.load(folder / "training.json", "training")["base"]


def with_adapter(base: Description, folder: Path) -> tuple[Any, Any]:
    """Return a model with an adapter beside its weights, which can be switched off, and the tokenizer."""
    peft = cast("Any", require("peft", extra="train", purpose="load an adapter"))
    model, tokenizer = load(base)
    return peft.PeftModel.from_pretrained(model, folder).eval(), tokenizer


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
