"""How far, and how long still: a range that is honest, or no number at all."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from modelops_jupyter._format import duration, percent

ENOUGH_STEPS = 20  # before that an estimate would be invented
BLOCKS = 10
RECENT_STEPS = 400
Curve = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Eta:
    """Seconds still to go: the 80 % range and its middle."""

    low: float
    mid: float
    high: float

    def __str__(self) -> str:
        """In units that follow the width of the range: no "14 min 37 s"."""
        unit, word = _unit(self.high)
        low, mid, high = (max(1, round(value / unit)) for value in (self.low, self.mid, self.high))
        if low == high:
            return f"about {mid} {word} left"
        return f"about {mid} {word} left, {low} to {high} (80 % range)"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands.

    Examples
    --------
    >>> Progress(step=120, total_steps=400, fraction=0.3, eta=None).percent
    '30 %'
    """

    step: int
    total_steps: int | None
    fraction: float
    eta: Eta | None

    @property
    def percent(self) -> str:
        """The fraction as text; only the very end is 100 %."""
        return percent(min(self.fraction, 0.99) if self.fraction < 1 else 1.0)

    def __str__(self) -> str:
        steps = f"step {self.step} of {self.total_steps}" if self.total_steps else f"step {self.step}"
        return f"{self.percent} ({steps})" if self.fraction == 1 else f"{self.percent} ({steps}; {self.left})"

    @property
    def left(self) -> str:
        """How long still, as text."""
        return str(self.eta or "no estimate yet")


def estimate(elapsed: Curve, left: int, first_step: int = 0) -> Eta | None:
    """Estimate the seconds for `left` more steps from (step, seconds since the start) pairs.

    The recent steps are cut into blocks; the middle is their mean pace, the range the 10th and
    90th percentile of the blocks' paces, and never narrower than 5 % to each side.
    """
    recent = [(step, seconds) for step, seconds in elapsed if step > first_step][-RECENT_STEPS:]
    if not recent or recent[-1][0] - first_step < ENOUGH_STEPS or len(recent) < 3 or left <= 0:
        return None
    width = max(1, (len(recent) - 1) // BLOCKS)
    marks = recent[::-1][::width][::-1]  # counted from the newest, so that it is always one of them
    paces = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.pairwise(marks))
    mean = (recent[-1][1] - recent[0][1]) / (recent[-1][0] - recent[0][0])
    low, high = (paces[round(q * (len(paces) - 1))] for q in (0.1, 0.9))
    return Eta(left * min(low, 0.95 * mean), left * mean, left * max(high, 1.05 * mean))


def _unit(seconds: float) -> tuple[int, str]:
    if seconds < 120:
        return 1, "s"
    return (60, "min") if seconds < 7200 else (3600, "h")


def span(seconds: float | None) -> str:
    """Return a stage's length: '0:38' while it is short, in words when it is long."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}" if whole < 3600 else duration(seconds)
