"""The number in an answer."""

import math
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.scorers.base import Reference, Scorer, need

# A sign counts unless it joins two words (3-5, gpt-4); thousands need groups of three digits.
_NUMBER = re.compile(
    r"(?<![\w.])(?:(?<![^\s(\[{=:$€£¥])[-+−])?[$€£¥]?[-−]?"
    r"((?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
)


@dataclass(frozen=True)
class Numeric(Scorer):
    """1 if the number in the answer is the number in the reference, within a tolerance.

    Currency signs, thousands separators (`1,200`), percent signs and closing punctuation are
    left aside; decimals have a point. An answer without a number is wrong; `detail` says which
    number was taken.

    Parameters
    ----------
    absolute, relative
        How far it may be off: the larger of `absolute` and `relative` times the reference.
    take
        Which of several numbers counts: the "last" or the "first".

    Raises
    ------
    EvaluationError
        If the reference holds no number.

    Examples
    --------
    >>> Numeric().detail("Between 3 and 5, so 4 , roughly.", "4")
    {'score': 1.0, 'number': 4.0, 'expected': 4.0}
    """

    absolute: float = 0.0
    relative: float = 0.0
    take: Literal["last", "first"] = "last"
    kind: ClassVar[str] = "numeric"

    def one(self, output: str, reference: str | None) -> float:
        """1 or 0."""
        found, expected = self.number(output), self._expected(reference)
        allowed = max(self.absolute, self.relative * abs(expected))
        return float(found is not None and abs(found - expected) <= allowed)

    def number(self, text: str) -> float | None:
        """Return the number that is taken from a text, or None if it has none."""
        found = [value for m in _NUMBER.finditer(text) if math.isfinite(value := _read(m.group()))]
        return (found[-1] if self.take == "last" else found[0]) if found else None

    def detail(self, output: str, reference: Reference = None) -> dict[str, Any]:
        """Return the score and both numbers; `number` is None where there is none."""
        several = (reference,) if reference is None or isinstance(reference, str) else tuple(reference)
        expected = [self._expected(r) for r in several]
        shown = expected[0] if len(expected) == 1 else expected
        return {"score": self.score(output, reference), "number": self.number(output), "expected": shown}

    def _expected(self, reference: str | None) -> float:
        found = self.number(str(need(reference, self)))
        if found is None:
            raise EvaluationError(f"The reference {reference!r} holds no number.")
        return found


def _read(text: str) -> float:
    return float(re.sub(r"[$€£¥,]", "", text.replace("−", "-")))
