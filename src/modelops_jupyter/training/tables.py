"""Encoded rows as the tables that TRL's trainers read."""

# The tables of Hugging Face are typed only in part.
# pyright: reportUnknownMemberType=false

from typing import Any

import datasets as hf
import numpy as np

from modelops_jupyter.datasets.masks import IGNORED, Encoded
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.encode import Rows, packed
from modelops_jupyter.training.measure import row_losses

Pieces = tuple[list[int], list[int], list[int]]


def sequences(rows: Rows, config: TrainingConfig) -> Any:
    """Return the table for SFT; of packed rows each line holds several, with their lengths."""
    kept = rows.kept
    if not config.packing:
        columns = {"input_ids": [r.input_ids for r in kept], "labels": [r.labels for r in kept]}
        return hf.Dataset.from_dict({**columns, "row": list(range(len(kept)))})
    groups = packed(kept, config.max_length or 1024)
    return hf.Dataset.from_dict(
        {
            "input_ids": [[id for i in group for id in kept[i].input_ids] for group in groups],
            "labels": [[label for i in group for label in kept[i].labels] for group in groups],
            "seq_lengths": [[len(kept[i].input_ids) for i in group] for group in groups],
        }
    )


def pairs(model: Any, rows: Rows, config: TrainingConfig, pad: int) -> Any:
    """Return the table for DPO, with how likely `model`, as it is now, finds each answer.

    TRL would ask a second copy of the model at every step; asked once, a step takes 0.7 of the time.
    """
    pieces = [pair.split() for pair in rows.pairs]
    better, worse = likelihoods(model, pieces, config, pad)
    return hf.Dataset.from_dict(
        {
            "prompt_ids": [prompt for prompt, _, _ in pieces],
            "chosen_ids": [chosen for _, chosen, _ in pieces],
            "rejected_ids": [rejected for _, _, rejected in pieces],
            "ref_chosen_logps": better,
            "ref_rejected_logps": worse,
        }
    )


def likelihoods(
    model: Any, pieces: list[Pieces], config: TrainingConfig, pad: int
) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """Return the log-likelihood of the better and of the worse answer of each pair."""
    size = 2 * (config.batch_size or 8)
    better, worse = ([_asked(p, p[i]) for p in pieces] for i in (1, 2))
    return tuple(-row_losses(model, part, pad=pad, batch_size=size)[0] for part in (better, worse))  # type: ignore[return-value] # two of them


def _asked(pieces: Pieces, answer: list[int]) -> Encoded:
    return Encoded(pieces[0] + answer, [IGNORED] * len(pieces[0]) + answer)
