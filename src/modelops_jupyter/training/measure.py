"""The loss on held-out rows, weighted by tokens, with its interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelops_jupyter.datasets.masks import IGNORED, Encoded

Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Loss:
    """Mean loss of a token and its 95 % interval over rows."""

    value: float
    low: float
    high: float


def held_out(model: Any, rows: Sequence[Encoded], *, pad: int, batch_size: int) -> Loss:
    """Measure the loss of a token on rows that are not trained on; the model is left in its mode."""
    return ratio(*row_losses(model, rows, pad=pad, batch_size=batch_size))


def row_losses(
    model: Any, rows: Sequence[Encoded], *, pad: int, batch_size: int
) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """Return the summed loss and the number of trained tokens of each row."""
    import torch

    training = model.training
    model.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].input_ids))
    sums, counts = np.zeros(len(rows)), np.zeros(len(rows))
    with torch.inference_mode():
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            sums[batch], counts[batch] = _batch(model, [rows[i] for i in batch], pad)
    model.train(training)
    return sums, counts


def ratio(sums: "np.ndarray[Any, Any]", counts: "np.ndarray[Any, Any]") -> Loss:
    """Return sum / count with the interval of a ratio estimator (rows are the independent units).

    Cochran, Sampling Techniques, eq. 6.13: the tokens of one row are not independent.
    """
    n, total = len(sums), counts.sum()
    if not total:
        return Loss(math.nan, math.nan, math.nan)
    value = float(sums.sum() / total)
    if n < 2:
        return Loss(value, math.nan, math.nan)
    spread = float(np.sqrt(((sums - value * counts) ** 2).sum() * n / (n - 1)) / total)
    return Loss(value, max(0.0, value - Z95 * spread), value + Z95 * spread)


def _batch(model: Any, rows: Sequence[Encoded], pad: int) -> tuple[Any, Any]:
    import torch

    width = max(len(row.input_ids) for row in rows)
    ids = torch.tensor([row.input_ids + [pad] * (width - len(row.input_ids)) for row in rows])
    labels = torch.tensor([row.labels + [IGNORED] * (width - len(row.labels)) for row in rows])
    mask = torch.tensor([[1] * len(row.input_ids) + [0] * (width - len(row.input_ids)) for row in rows])
    device = model.device
    logits = model(input_ids=ids.to(device), attention_mask=mask.to(device), use_cache=False).logits
    targets = labels[:, 1:].to(device)
    losses = torch.nn.functional.cross_entropy(
        logits[:, :-1].float().transpose(1, 2), targets, ignore_index=IGNORED, reduction="none"
    )
    return losses.sum(1).double().cpu().numpy(), (targets != IGNORED).sum(1).cpu().numpy()
