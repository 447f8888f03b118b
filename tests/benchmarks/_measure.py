"""Times as ratios: ours against a peer, in turns, in one process.

A machine is never as fast twice; two functions that take turns see the same weather. A sample
repeats a short call until 20 ms are full, as timeit does: the clock, and what the other side
left in the processor's cache, are not what is measured.
"""

import gc
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: what we did, against what, our time over the peer's, and the goal.

    `ratio` below 1 means that we are faster. `goal` is the largest ratio aimed at, None
    where there is none. `note` is said beside the number: sizes, methods, why a goal is missed.
    """

    what: str
    peer: str
    ratio: float
    goal: float | None = None
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.goal is None or self.ratio <= self.goal


def seconds(function: Callable[[], Any]) -> float:
    """Return the time of one call, without a garbage collection in it."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start
    finally:
        gc.enable()


def sampled(function: Callable[[], Any]) -> Callable[[], float]:
    """Return what times one sample: seconds a call, over as many calls as fill 20 ms."""
    function()
    times = max(1, math.ceil(0.02 / seconds(function)))

    def repeated() -> None:
        for _ in range(times):
            function()

    return lambda: seconds(repeated) / times


def ratio(ours: Callable[[], Any], peer: Callable[[], Any], rounds: int = 7) -> float:
    """Return the median over rounds of our time over the peer's; both run twice before."""
    mine, theirs = sampled(ours), sampled(peer)
    return statistics.median(mine() / theirs() for _ in range(rounds))


def shown(rows: list[Row]) -> str:
    """Return the rows as a Markdown table; a ratio under 1 is told as how many times faster."""
    lines = ["| what | against | time | goal | |", "|---|---|---|---|---|"]
    for row in rows:
        goal = "" if row.goal is None else f"≤ {_times(row.goal)}"
        mark = "" if row.goal is None else ("reached" if row.met else "**missed**")
        note = f"{row.note}; {mark}" if row.note and mark else row.note or mark
        lines.append(f"| {row.what} | {row.peer} | {_times(row.ratio)} | {goal} | {note} |")
    return "\n".join(lines)


def _times(ratio: float) -> str:
    return f"1/{1 / ratio:,.1f}" if ratio < 0.5 else f"{ratio:.2f} ×"
