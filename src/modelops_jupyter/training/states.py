"""The state of optimiser, schedule and random numbers as safetensors with JSON in its header: no pickle.

Whoever resumes a checkpoint would run what a pickle in it says. Numbers come back to the last bit.
"""
# torch and transformers are typed only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

PICKLE = "training_args.bin"  # which the engine writes and never reads


def write(path: Path, state: object) -> None:
    """Write nested dicts, lists and tuples of numbers, texts and tensors."""
    tensors: dict[str, torch.Tensor] = {}

    def packed(value: object) -> object:
        match value:
            case None | bool() | int() | float() | str():
                return value
            case torch.Tensor():
                name = str(len(tensors))
                tensors[name] = value.detach().cpu().contiguous().clone()
                return {"tensor": name}
            case dict():
                return {"dict": [[packed(key), packed(inner)] for key, inner in value.items()]}
            case list() | tuple():
                return {type(value).__name__: [packed(inner) for inner in value]}
            case _:
                raise TypeError(f"A {type(value).__name__} cannot be kept in a checkpoint.")

    save_file(tensors, path, metadata={"state": json.dumps(packed(state))})


def read(path: Path) -> Any:
    """Return what `write` wrote."""

    def unpacked(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        ((kind, inner),) = value.items()
        match kind:
            case "tensor":
                return file.get_tensor(inner)
            case "dict":
                return {unpacked(key): unpacked(one) for key, one in inner}
            case _:
                return (tuple if kind == "tuple" else list)(map(unpacked, inner))

    with safe_open(path, framework="pt") as file:
        return unpacked(json.loads(file.metadata()["state"]))


class NoPickles:
    """The part of the engine's trainer that saves and loads such states."""

    args: Any
    optimizer: Any
    lr_scheduler: Any

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        if self.args.should_save:
            state = {"optimizer": self.optimizer.state_dict(), "schedule": self.lr_scheduler.state_dict()}
            write(Path(output_dir) / "optimizer.safetensors", state)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            state = read(Path(checkpoint) / "optimizer.safetensors")
            self.optimizer.load_state_dict(state["optimizer"])
            self.lr_scheduler.load_state_dict(state["schedule"])

    def _save_rng_state(self, output_dir: str) -> None:
        kind, keys, *rest = np.random.get_state()
        state = {"python": random.getstate(), "numpy": (kind, np.asarray(keys).tolist(), *rest)}
        state |= {"torch": torch.random.get_rng_state(), "cuda": list(torch.cuda.random.get_rng_state_all())}
        write(self._random(output_dir), state)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            state = read(self._random(checkpoint))
            random.setstate(state["python"])
            np.random.set_state(state["numpy"])
            torch.random.set_rng_state(state["torch"])
            torch.cuda.random.set_rng_state_all(state["cuda"])

    def _random(self, folder: str) -> Path:
        return Path(folder) / f"random-{self.args.process_index}.safetensors"
