"""A gate: what a model must reach, judged with the data's uncertainty in mind."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.table import Finding

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.false_alarms import FalseAlarms
    from modelops_jupyter.evaluation.result import EvaluationResult
    from modelops_jupyter.evaluation.suites.result import SuiteResult

POWERED = "prediction-powered"  # how the method of a calibrated judge's value begins
Outcome = Literal["pass", "fail", "inconclusive"]


class Judged(NamedTuple):
    """A number that a limit was held against, with its interval."""

    label: str
    value: float
    low: float
    high: float
    limit: float
    outcome: Outcome


@dataclass(frozen=True, repr=False)
class GateResult(Finding):
    """What a gate found, with the numbers that decided; its truth value is whether it passed."""

    outcome: Outcome
    reason: str
    gate: "Gate"
    asked: bool = False
    judged: tuple[Judged, ...] = ()
    kind: ClassVar[str] = "gate"

    @property
    def title(self) -> str:
        """Which gate it was."""
        limits = {"max_drop": self.gate.max_drop, "min_value": self.gate.min_value}
        shown = ", ".join(f"{name}={_format.number(v)}" for name, v in limits.items() if v is not None)
        return f"Gate {_format.visible(self.gate.metric)}: {shown}"

    @property
    def summary(self) -> str:
        """The outcome and the number that decided."""
        return f"{self.outcome.capitalize()}. {self.reason}"

    def __bool__(self) -> bool:
        return self.outcome == "pass"

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 inconclusive, for scripts and CI."""
        return {"pass": 0, "fail": 1, "inconclusive": 3}[self.outcome]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        judged = [
            {
                k: None if isinstance(v, float) and not math.isfinite(v) else v
                for k, v in part._asdict().items()
            }
            for part in self.judged
        ]
        return {"outcome": self.outcome, "reason": self.reason, "gate": asdict(self.gate), "judged": judged}


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
        limits = [v for v in (self.max_drop, self.min_value) if v is not None]
        if not limits or not all(map(math.isfinite, limits)):
            raise ConfigError("A gate needs a finite limit.", hint="Give max_drop= or min_value=.")
        if self.max_drop is not None and self.max_drop < 0:
            raise ConfigError("max_drop is negative.", hint="0.01 allows one point of loss.")

    def check(self, result: "EvaluationResult", before: "EvaluationResult | None" = None) -> GateResult:
        """Judge a result; with two limits both must pass, and a fail decides."""
        value = result[self.metric]
        if math.isnan(value):
            reason = f"{value.label} has no value: {value.error or value.undefined}."
            return GateResult("fail", reason, self, result.asked)
        if value.caveat:
            raise EvaluationError(
                f"No gate can decide by {self.metric!r}: the value is {value.caveat}.",
                code="unfit-value",
                hint="A judge needs judge.calibrate(labelled) as it is now, a suite all its answers.",
            )
        found: list[tuple[Judged, str]] = []
        lower = value.greater_is_better is False
        if self.min_value is not None:
            limit, word = _format.number(self.min_value), "at most" if lower else "at least"
            text = f"{value.label} {value}, needed {word} {limit}."
            outcome = judge(value.low, value.high, self.min_value, lower)
            limits = (float(value), value.low, value.high, self.min_value)
            found.append((Judged(value.label, *limits, outcome), text))
        if self.max_drop is not None:
            found.append(self._drop(self.max_drop, lower, result, before))
        judged, texts = zip(*found, strict=True)
        outcome = min((part.outcome for part in judged), key=("fail", "inconclusive", "pass").index)
        return GateResult(outcome, " ".join(texts), self, result.asked, judged)

    def _drop(
        self, allowed: float, lower: bool, result: "EvaluationResult", before: "EvaluationResult | None"
    ) -> tuple[Judged, str]:
        if before is None:
            message = "max_drop compares with an earlier result, and none was given."
            raise EvaluationError(message, hint="Pass before=.")
        if result[self.metric].method.startswith(POWERED):
            message = "The difference of two judged scores is not corrected for the judge's errors."
            raise EvaluationError(message, code="unfit-value", hint="Judge the score itself: min_value=.")
        row = next((r for r in result.compare(before).rows if r.name == self.metric), None)
        if row is None:
            nothing = Judged(self.metric, math.nan, math.nan, math.nan, math.nan, "fail")
            return nothing, f"{self.metric} cannot be compared with the earlier result."
        text = f"{row}; largest {'rise' if lower else 'drop'} allowed {_format.number(allowed)}."
        limit = allowed if lower else -allowed
        outcome = judge(row.low, row.high, limit, lower)
        return Judged(f"{row.label}, difference", row.difference, row.low, row.high, limit, outcome), text

    def aa(
        self,
        result: "EvaluationResult | SuiteResult",
        before: "EvaluationResult | SuiteResult | None" = None,
        *,
        rounds: int = 400,
        seed: int = 0,
    ) -> "FalseAlarms":
        """Measure how often this gate fails a model that is exactly as good as it must be.

        Parameters
        ----------
        result
            What the gate is to judge.
        before
            For `max_drop`, the earlier result on the same rows: in every round each row's two
            answers change sides by a coin, so both sides are equally good (A against A). Not
            needed for a suite that was run with repeats: half of them stand against the others.
        rounds
            How many sets of as many rows are drawn, with replacement.

        Returns
        -------
        FalseAlarms
            It prints the share of rounds in which the gate failed, with its interval.
        """
        from modelops_jupyter.evaluation import false_alarms

        return false_alarms.measure(self, result, before, rounds, seed)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        return cls(**data)


def judge(low: float, high: float, limit: float, lower: bool) -> Outcome:
    """Compare an interval with a limit; for `lower`, small values are the good ones."""
    if lower:
        low, high, limit = -high, -low, -limit
    if low >= limit:
        return "pass"
    return "fail" if high < limit else "inconclusive"
