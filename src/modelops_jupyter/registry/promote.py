"""Whether a version may take an alias: its gates, judged against the version that holds it now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modelops_jupyter.errors import ConfigError, RegistryError
from modelops_jupyter.evaluation import Gate, GateResult

if TYPE_CHECKING:
    from modelops_jupyter.registry.version import ModelVersion


def judge(
    candidate: "ModelVersion", holder: "ModelVersion | None", gate: Gate | Sequence[Gate] | None
) -> list[GateResult]:
    """Judge every gate; a drop is measured against `holder`, and without one there is none to measure."""
    gates: list[Any] = [gate] if isinstance(gate, Gate | str) else list(gate or ())
    if not all(isinstance(g, Gate) for g in gates):
        raise ConfigError(f"{gate!r} is no gate.", hint='Write Gate("accuracy", min_value=0.9).')
    if not gates:
        return []
    result = candidate.evaluation
    drops = any(g.max_drop is not None for g in gates)
    before = holder.evaluation if holder is not None and drops else None
    return [
        _first(g, candidate) if before is None and g.max_drop is not None else g.check(result, before)
        for g in gates
    ]


def refuse(candidate: "ModelVersion", alias: str, found: Sequence[GateResult]) -> RegistryError | None:
    """Return why the version may not have the alias; None if every gate passed."""
    short = [g for g in found if not g]
    if not short:
        return None
    failed = any(g.outcome == "fail" for g in short)
    reasons = " ".join(f"{g.title}: {g.summary}" for g in short)
    return RegistryError(
        f"{candidate} does not become '{alias}'. {reasons}",
        code="gate-failed" if failed else "gate-inconclusive",
        hint="Nothing was moved."
        if failed
        else "Nothing was moved. Register it with metrics= an EvaluationResult on more rows.",
    )


def _first(gate: Gate, candidate: "ModelVersion") -> GateResult:
    reason = "No version holds the alias yet: there is nothing to drop from."
    if gate.min_value is None:
        return GateResult("pass", reason, gate)
    found = replace(gate, max_drop=None).check(candidate.evaluation)
    return replace(found, reason=f"{found.reason} {reason}", gate=gate)
