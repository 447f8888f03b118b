"""Gates judge intervals, not points."""

import json
import math

import pytest

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import Gate, GateResult, ModelEvaluator
from modelops_jupyter.evaluation.gates import Judged


def result(right: int, n: int = 400):
    return ModelEvaluator("binary", ["accuracy"]).evaluate([1] * n, [1] * right + [0] * (n - right))


@pytest.mark.parametrize(
    ("limit", "outcome", "code"), [(0.8, "pass", 0), (0.9, "inconclusive", 3), (0.95, "fail", 1)]
)
def test_a_level_is_passed_by_the_whole_interval(limit: float, outcome: str, code: int) -> None:
    found = Gate("accuracy", min_value=limit).check(result(360))
    assert (found.outcome, found.exit_code, bool(found)) == (outcome, code, outcome == "pass")
    assert "[" in found.reason


@pytest.mark.parametrize(("after", "outcome"), [(360, "pass"), (340, "inconclusive"), (300, "fail")])
def test_a_drop_is_judged_by_the_paired_difference(after: int, outcome: str) -> None:
    gate = Gate("accuracy", max_drop=0.05)
    assert gate.check(result(after), result(360)).outcome == outcome
    assert result(after).check(gate, before=result(360)).outcome == outcome


def test_two_limits_must_both_hold_and_a_fail_decides() -> None:
    assert Gate("accuracy", max_drop=0.05, min_value=0.95).check(result(360), result(360)).outcome == "fail"


def test_lower_is_better_turns_both_limits_round() -> None:
    e = ModelEvaluator("regression", ["mae"])
    y = [float(i % 7) for i in range(60)]
    good, poor = (
        e.evaluate(y, [v + 0.1 * (i % 3) for i, v in enumerate(y)]),
        e.evaluate(y, [v + i % 5 for i, v in enumerate(y)]),
    )
    assert Gate("mae", min_value=0.5).check(good).outcome == "pass"
    assert Gate("mae", min_value=0.5).check(poor).outcome == "fail"
    assert Gate("mae", min_value=float(poor["mae"])).check(poor).outcome == "inconclusive"
    assert Gate("mae", max_drop=0.1).check(good, poor).outcome == "pass"
    assert Gate("mae", max_drop=0.1).check(poor, good).outcome == "fail"


def test_a_metric_without_a_value_fails() -> None:
    broken = ModelEvaluator("generation", {"bad": lambda p, r: 1 / 0}).evaluate(["a"], ["a"])
    found = Gate("bad", min_value=0.5).check(broken)
    assert found.outcome == "fail"
    assert "division" in found.reason


def test_a_gate_is_a_value_with_json() -> None:
    gate = Gate("f1", max_drop=0.01)
    assert Gate.from_dict(gate.to_dict()) == gate
    assert Gate("accuracy", min_value=0.1).check(result(360)).to_dict()["outcome"] == "pass"


@pytest.mark.parametrize("limits", [{}, {"max_drop": -0.1}, {"min_value": float("nan")}])
def test_senseless_limits_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Gate("accuracy", **limits)


def test_a_drop_needs_an_earlier_result_and_a_metric_must_exist() -> None:
    with pytest.raises(EvaluationError, match="before="):
        Gate("accuracy", max_drop=0.1).check(result(360))
    with pytest.raises(EvaluationError, match="accuracy"):
        Gate("acuracy", min_value=0.1).check(result(360))


def test_what_a_gate_found_is_json_even_where_nothing_could_be_compared() -> None:
    found = GateResult(
        "fail",
        "no",
        Gate("f1", max_drop=0.1),
        judged=(Judged("f1", math.nan, math.nan, math.nan, 0.1, "fail"),),
    )
    assert json.loads(found.to_json())["judged"][0] == {
        "label": "f1", "value": None, "low": None, "high": None, "limit": 0.1, "outcome": "fail",
    }  # fmt: skip
