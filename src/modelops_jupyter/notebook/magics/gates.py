"""`--gate f1:max_drop=.01`: read a gate from its text; stop or warn by what it found."""

import warnings
from dataclasses import replace

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import EvaluationResult, Gate, GateResult
from modelops_jupyter.notebook.magics.spec import UsageError

LIMITS = ("max_drop", "min_value")


class GateWarning(UserWarning):
    """A gate could not be decided with the rows there are."""


def read(text: str, before: EvaluationResult | None) -> Gate:
    """Return the gate that ``metric:limit=number[,limit=number]`` says; its metric may be left out."""
    metric, _, limits = text.rpartition(":")
    given: dict[str, float] = {}
    for part in limits.split(","):
        name, equals, value = part.partition("=")
        key = name.strip().replace("-", "_")
        if key not in LIMITS or not equals:
            hint = f"{did_you_mean(key, LIMITS)} Write f1:max_drop=.01, or min_value=.9 for the first metric."
            raise UsageError(f"A gate cannot be {part.strip()!r}.", hint=hint)
        if key in given:
            raise UsageError(f"The gate has two limits {key}.", hint="Keep one of them.")
        try:
            given[key] = float(value)
        except ValueError:
            raise UsageError(f"{value!r} is not a number.", hint="Write a limit as max_drop=.01.") from None
    if "max_drop" in given and before is None:
        raise UsageError("max_drop compares with an earlier result.", hint="Add --compare BEFORE.")
    return Gate(metric, **given)


def judge(gate: Gate, result: EvaluationResult, before: EvaluationResult | None) -> GateResult:
    """Judge a result; a gate without a metric means the first."""
    metric = gate.metric or next(iter(result.metrics))
    if metric not in result.metrics:
        raise UsageError(f"The result has no metric {metric!r}.", hint=did_you_mean(metric, result.metrics))
    return replace(gate, metric=metric).check(result, before)


def enforce(found: GateResult) -> None:
    """Print a pass, warn when it stays open, and raise when it fails: an executed notebook stops there."""
    if found.outcome == "fail":
        raise EvaluationError(f"Gate: fail. {found.reason}", code="gate-failed")
    if found.outcome == "inconclusive":
        warnings.warn(
            f"Gate: inconclusive. {found.reason} More rows would decide.", GateWarning, stacklevel=2
        )
    else:
        print(f"Gate: pass. {found.reason}")  # noqa: T201 -- the answer that was asked for
