"""How long a model takes, how much memory, how many bytes: all in one run, taking turns."""

import math
import pickle
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

BATCH = 8
_ROUNDS, _FEW = 5, 2
_SLOW = 5.0  # seconds of a round from which on there are few of them
_PATIENCE = 600.0  # seconds for the process whose memory is measured


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds for one answer alone and for a batch of eight, and how many times the first model's speed.

    A median of rounds; the speeds are medians of the ratios within each round.
    """

    alone: float
    batch: float
    alone_speed: float
    batch_speed: float
    tokens_per_second: float


def times(models: Mapping[str, Any], rows: "Dataset") -> dict[str, Timing]:
    """Let the models take turns at the rows, each row alone and then all together."""
    single = [rows[i : i + 1] for i in range(len(rows))]
    tokens = {name: _tokens(model, model.predict(rows)) for name, model in models.items()}  # warms up too
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in models}
    start, rounds = time.perf_counter(), _ROUNDS
    while len(next(iter(found.values()))) < rounds:
        for name, model in models.items():
            alone = statistics.median(_seconds(model, row) for row in single)
            found[name].append((alone, _seconds(model, rows)))
        if time.perf_counter() - start > _SLOW:
            rounds = _FEW
    first = next(iter(found.values()))
    return {name: _timing(own, first, tokens[name]) for name, own in found.items()}


def _timing(own: list[tuple[float, float]], first: list[tuple[float, float]], tokens: float) -> Timing:
    alone, batch = (statistics.median(side) for side in zip(*own, strict=True))
    pairs = list(zip(own, first, strict=True))
    speed = [statistics.median(theirs[k] / mine[k] for mine, theirs in pairs) for k in (0, 1)]
    return Timing(alone, batch, speed[0], speed[1], tokens / batch)


def _seconds(model: Any, rows: "Dataset") -> float:
    start = time.perf_counter()
    model.predict(rows)
    return time.perf_counter() - start


def _tokens(model: Any, texts: Any) -> float:
    """Return how many tokens the answers have, NaN where nobody knows."""
    tokenizer = getattr(model, "tokenizer", None)
    if tokenizer is None and callable(getattr(model, "load", None)):
        tokenizer = model.load()[1]
    return math.nan if tokenizer is None else sum(len(ids) for ids in tokenizer(list(texts))["input_ids"])


def size(model: Any) -> float:
    """Return the bytes of a model's weights, NaN where nobody knows."""
    if isinstance(known := getattr(model, "size", None), int):
        return known
    if not callable(getattr(model, "load", None)):
        return math.nan
    return sum(p.numel() * p.element_size() for p in model.load()[0].parameters())


def memory(model: Any, rows: "Dataset") -> float:
    """Return the most bytes that a fresh process holds which loads the model and answers the rows.

    NaN if the model cannot be sent there: it was made in a notebook, or holds what no other process can have.
    """
    try:
        sent = pickle.dumps(sys.path) + pickle.dumps((model, list(rows)))
    except Exception:  # whatever a model's parts raise when they are copied
        return math.nan
    command = [sys.executable, "-m", __spec__.name]
    try:
        done = subprocess.run(command, input=sent, capture_output=True, timeout=_PATIENCE, check=False)
        return float(done.stdout.split()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return math.nan


def _peak() -> int:
    """Return the most bytes that this process ever held."""
    status = Path("/proc/self/status")
    if status.exists():  # what `getrusage` tells there may be the parent's
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) * 1024
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS


def _main() -> None:
    from modelops_jupyter.datasets import Dataset

    # From the process that started this one; the path first, by which the model's class is found.
    sys.path[:] = pickle.load(sys.stdin.buffer)  # noqa: S301
    model, rows = pickle.load(sys.stdin.buffer)  # noqa: S301
    model.predict(Dataset.from_records(rows))
    sys.stdout.write(f"\n{_peak()}\n")


if __name__ == "__main__":
    _main()
