"""A gate: what a model must reach, judged with the data's uncertainty in mind."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError, EvaluationError

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.result import EvaluationResult

Outcome = Literal["pass", "fail", "inconclusive"]
EXIT_CODES: Mapping[str, int] = {"pass": 0, "fail": 1, "inconclusive": 3}


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate found, with the number that decided.

    Truth value: whether it passed. `exit_code` is 0 pass, 1 fail, 3 inconclusive.
    """

    outcome: Outcome
    reason: str
    gate: "Gate"

    def __bool__(self) -> bool:
        return self.outcome == "pass"

    @property
    def exit_code(self) -> int:
        """The exit code for scripts and CI."""
        return EXIT_CODES[self.outcome]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        return {"outcome": self.outcome, "reason": self.reason, "gate": self.gate.to_dict()}

    def __str__(self) -> str:
        return f"{self.outcome.capitalize()}. {self.reason}"


@dataclass(frozen=True, slots=True)
class Gate:
    """A limit for one metric: pass if the whole interval is on the good side, fail if none of it is.

    Parameters
    ----------
    metric
        Name of the metric.
    max_drop
        How much worse than before it may be; the paired difference decides. Needs `before`.
    min_value
        What it must reach; for metrics where lower is better, what it must stay under.

    Examples
    --------
    >>> from modelops_jupyter.evaluation import ModelEvaluator
    >>> result = ModelEvaluator("binary", ["accuracy"]).evaluate([0, 1] * 50, [0, 1] * 50)
    >>> Gate("accuracy", min_value=0.9).check(result).outcome
    'pass'
    """

    metric: str
    max_drop: float | None = None
    min_value: float | None = None

    def __post_init__(self) -> None:
        if self.max_drop is None and self.min_value is None:
            raise ConfigError("A gate needs a limit.", hint="Give max_drop= or min_value=.")
        for name in ("max_drop", "min_value"):
            limit = getattr(self, name)
            if limit is not None and not math.isfinite(limit):
                raise ConfigError(f"{name} is {limit}; a finite number is needed.")
        if self.max_drop is not None and self.max_drop < 0:
            raise ConfigError("max_drop is negative.", hint="0.01 allows one point of loss.")

    def check(self, result: "EvaluationResult", before: "EvaluationResult | None" = None) -> GateResult:
        """Judge a result; with two limits both must pass, and a fail decides."""
        value = result[self.metric]
        if value.error or math.isnan(value):
            return GateResult("fail", f"{value.label} has no value: {value.error or value.undefined}.", self)
        found: list[tuple[Outcome, str]] = []
        if self.min_value is not None:
            found.append(self._level(result))
        if self.max_drop is not None:
            found.append(self._drop(result, before))
        outcome, _ = min(found, key=lambda f: ("fail", "inconclusive", "pass").index(f[0]))
        return GateResult(outcome, " ".join(text for _, text in found), self)

    def _level(self, result: "EvaluationResult") -> tuple[Outcome, str]:
        value, limit = result[self.metric], self.min_value or 0.0
        lower = value.greater_is_better is False
        low, high = (-value.high, -value.low) if lower else (value.low, value.high)
        word = "at most" if lower else "at least"
        text = f"{value.label} {value}, needed {word} {_format.number(limit)}."
        return _judge(low, high, -limit if lower else limit), text

    def _drop(self, result: "EvaluationResult", before: "EvaluationResult | None") -> tuple[Outcome, str]:
        if before is None:
            raise EvaluationError(
                "max_drop compares with an earlier result, and none was given.", hint="Pass before=."
            )
        row = next((r for r in result.compare(before).rows if r.name == self.metric), None)
        allowed = self.max_drop or 0.0
        if row is None:
            return "fail", f"{self.metric} cannot be compared with the earlier result."
        lower = row.greater_is_better is False
        low, high = (-row.high, -row.low) if lower else (row.low, row.high)
        sign = "rise" if lower else "drop"
        text = f"{row}; largest {sign} allowed {_format.number(allowed)}."
        return _judge(low, high, -allowed), text

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        return cls(**data)


def _judge(low: float, high: float, limit: float) -> Outcome:
    if low >= limit:
        return "pass"
    return "fail" if high < limit else "inconclusive"
