"""What a run left behind: its curves, and what they warn of."""

import math
from dataclasses import dataclass
from typing import Any

Curve = list[tuple[int, float]]


@dataclass(frozen=True)
class History:
    """Every curve of a job, in step order.

    Examples
    --------
    >>> History({"loss": [(1, 2.5), (2, 2.1)]}).losses
    [2.5, 2.1]
    """

    curves: dict[str, Curve]

    def __getitem__(self, name: str) -> Curve:
        """Return (step, value) pairs of one curve; empty if it was never reported."""
        return self.curves.get(name, [])

    def __len__(self) -> int:
        return len(self["loss"])

    @property
    def steps(self) -> list[int]:
        """Steps at which the training loss was reported."""
        return [step for step, _ in self["loss"]]

    @property
    def losses(self) -> list[float]:
        """Training loss at `steps`."""
        return self._values("loss")

    @property
    def tokens_per_second(self) -> list[float]:
        """Throughput at each report."""
        return self._values("tokens_per_second")

    @property
    def memory(self) -> list[float]:
        """Bytes that the worker held at each report, of the GPU if it trains on one."""
        return self._values("memory")

    @property
    def validation(self) -> Curve:
        """(step, loss) on the validation rows."""
        return self["validation_loss"]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists for JSON or a frame."""
        return {
            name: {"step": [s for s, _ in c], "value": [v for _, v in c]} for name, c in self.curves.items()
        }

    def warnings(self) -> list[str]:
        """Say what in the curves deserves a look, each with plain advice."""
        found = (_not_a_number(self["loss"]), _flat(self["loss"]), _overfitting(self.validation))
        return [text for text in (*found, _slower(self["tokens_per_second"])) if text]

    def _values(self, name: str) -> list[float]:
        return [value for _, value in self[name]]


def _not_a_number(loss: Curve) -> str:
    bad = next((step for step, value in loss if not math.isfinite(value)), None)
    if bad is None:
        return ""
    when = "at" if math.isfinite(loss[-1][1]) else "since"
    return f"The loss is not a number {when} step {bad}. Use a smaller learning_rate, or more warmup_steps."


def _flat(loss: Curve) -> str:
    if len(loss) < 60:
        return ""
    head, tail = ([v for _, v in part if math.isfinite(v)] for part in (loss[:20], loss[-20:]))
    if not head or not tail or sum(tail) / len(tail) < 0.95 * sum(head) / len(head):
        return ""
    return "The loss has not fallen since the start. Check learning_rate and which tokens carry loss."


def _overfitting(validation: Curve) -> str:
    if len(validation) < 4:
        return ""
    best = min(range(len(validation)), key=lambda i: validation[i][1])
    later = [value for _, value in validation[best + 1 :]]
    # What rises by less than a hundredth is a loss that stands still.
    if len(later) < 3 or later != sorted(later) or not later[-1] > 1.01 * validation[best][1]:
        return ""
    step = validation[best][0]
    return (
        f"Overfitting since step {step}: the validation loss rises. "
        "Stop earlier, or keep the best checkpoint with load_best_model_at_end."
    )


def _slower(pace: Curve) -> str:
    if len(pace) < 60:
        return ""
    usual = sorted(value for _, value in pace)[len(pace) // 2]
    recent = sorted(value for _, value in pace[-10:])[5]
    if recent > 0.5 * usual:
        return ""
    return "The last steps took twice as long as usual. Something else may be using the processor."
