"""Several datasets in shares: rows drawn at random from each, interleaved evenly."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter._format import count, plural
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets.lineage import LineageStep
from modelops_jupyter.datasets.select import scrambled
from modelops_jupyter.datasets.tokens import text_lengths
from modelops_jupyter.errors import ConfigError, DatasetError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

By = Literal["rows", "tokens"]
Stop = Literal["n", "first_exhausted", "all_exhausted"]
Floats = NDArray[np.float64]


def mix(
    parts: Sequence[tuple["Dataset", float]], n: int | None, by: By, stop: Stop, seed: int, tokenizer: Any
) -> "Dataset":
    """Mix datasets; see `Dataset.mix`."""
    _check(parts, n, by, stop)
    total = sum(share for _, share in parts)
    shares = [share / total for _, share in parts]
    weights = [_weights(ds, by, tokenizer) for ds, _ in parts]
    until = _until([w.sum() / s for w, s in zip(weights, shares, strict=True)], stop)
    if n is not None:  # a little further, and cut exactly below
        until = min(until, n + float(sum(w.max() for w in weights)))
    drawn = [_drawn(w, s, until, seed, i) for i, (w, s) in enumerate(zip(weights, shares, strict=True))]
    order = np.argsort(np.concatenate([times for _, times in drawn]), kind="stable")
    if n is not None:
        taken = np.concatenate([w[rows] for w, (rows, _) in zip(weights, drawn, strict=True)])
        order = order[: int(np.searchsorted(np.cumsum(taken[order]), n, side="right"))]
    if stop == "n":
        sides = np.repeat(np.arange(len(parts)), [len(rows) for rows, _ in drawn])[order]
        _refuse_short(parts, np.bincount(sides, minlength=len(parts)))
    first, *others = (ds.take(rows) for (ds, _), (rows, _) in zip(parts, drawn, strict=True))
    mixed = first.concat(*others).take(order)
    sources = [
        {"name": ds.name, "share": share, "rows": len(ds), "lineage": [step.to_json() for step in ds.lineage]}
        for ds, share in parts
    ]
    arguments = {"datasets": sources, "n": n, "by": by, "stop": stop, "seed": seed}
    return mixed.with_lineage((LineageStep("mix", len(mixed), arguments),))


def _check(parts: Sequence[tuple["Dataset", float]], n: int | None, by: str, stop: str) -> None:
    for name, value, known in (("by", by, get_args(By)), ("stop", stop, get_args(Stop))):
        if value not in known:
            raise ConfigError(f'{name} does not know "{value}".', hint=did_you_mean(value, known))
    if not parts or not all(math.isfinite(share) and share > 0 for _, share in parts):
        raise ConfigError(
            "A mixture needs datasets with shares above 0.",
            code="mix-shares",
            hint="Write Dataset.mix([(a, 0.7), (b, 0.3)], n=1000).",
        )
    if n is None and stop == "n":
        hint = 'Give n=, or stop="first_exhausted" or "all_exhausted".'
        raise ConfigError("A mixture that stops at n needs n.", code="mix-size", hint=hint)
    if n is not None and n < 1:
        raise ConfigError(f"n={n} leaves nothing.", code="mix-size")


def _weights(ds: "Dataset", by: By, tokenizer: Any) -> Floats:
    weights = np.ones(len(ds)) if by == "rows" else text_lengths(ds, "tokens", tokenizer).astype(np.float64)
    if not weights.any():
        raise DatasetError(f"{_called(ds)} has no {by} to give.", code="mix-empty")
    return weights


def _until(ends: list[float], stop: Stop) -> float:
    """Return how far to draw; a dataset is used up at its size divided by its share."""
    return math.inf if stop == "n" else min(ends) if stop == "first_exhausted" else max(ends)


def _drawn(
    weights: Floats, share: float, until: float, seed: int, number: int
) -> tuple[NDArray[np.int64], Floats]:
    """Return rows of one dataset in random order, begun again when used up, and the time of each.

    A row's time is what stands before it, and half of itself, over the share: sorted by time,
    every beginning of the mixture has the shares.
    """
    cycles = max(1, math.ceil(until * share / weights.sum()))
    seeds = (xxhash.xxh3_64_intdigest(f"{seed}/{number}/{cycle}".encode()) for cycle in range(cycles))
    order = np.concatenate([scrambled(len(weights), each) for each in seeds])
    mine = weights[order]
    times = (np.cumsum(mine) - mine / 2) / share
    return order[times <= until], times[times <= until]


def _refuse_short(parts: Sequence[tuple["Dataset", float]], counts: NDArray[np.int64]) -> None:
    for (ds, _), wanted in zip(parts, counts.tolist(), strict=True):
        if wanted > len(ds):
            raise DatasetError(
                f"{_called(ds)} has {plural(len(ds), 'row')}, its share is {count(wanted)}.",
                code="mix-short",
                hint='Mix fewer rows, or say stop="all_exhausted": rows of small datasets then come again.',
            )


def _called(ds: "Dataset") -> str:
    return f'The dataset "{ds.name}"' if ds.name else "A dataset"
