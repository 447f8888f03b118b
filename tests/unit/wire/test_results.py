"""A result as it travels: every number with its interval, and the rows behind it."""

import json
import math
from typing import Any

import pytest

from modelops_jupyter import EvaluationResult
from modelops_jupyter.datasets import Dataset
from modelops_jupyter.evaluation import create_evaluator, evaluate_model
from modelops_jupyter.wire.axis import enclosing
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.results import Shown, describe

TRUE = ["a"] * 30 + ["b"] * 20 + ["c"] * 10
PREDICTED = ["a"] * 25 + ["b"] * 5 + ["b"] * 20 + ["c"] * 7 + ["a"] * 3


def classified() -> EvaluationResult:
    return create_evaluator("multiclass").evaluate(TRUE, PREDICTED, ids=[f"id{i}" for i in range(60)])


def sums(answer_of: Any, title: str) -> EvaluationResult:
    ds = Dataset([{"prompt": f"{i}+{i}", "completion": str(2 * i)} for i in range(50)])
    return evaluate_model(lambda prompts: [answer_of(p) for p in prompts], ds, title=title)


def ask(result: EvaluationResult, **args: Any) -> Any:
    context = Context(resolve_result=lambda _: Shown(result))
    reply = answer({"v": 1, "id": "1", "op": "examples", "args": {"result": "r", **args}}, context)
    assert reply["ok"], reply
    return reply["result"]


def test_every_number_is_the_one_that_python_has() -> None:
    result = classified()
    for metric in describe(Shown(result))["metrics"]:
        value = result[metric["name"]]
        assert metric["value"] == float(value)
        assert metric["text"] == f"{float(value):.3f}"
        assert metric["interval_text"] == f"{value.low:.3f} to {value.high:.3f}"
        low, high = metric["axis"]
        assert low <= value.low <= value <= value.high <= high


def test_metrics_of_one_unit_share_an_axis() -> None:
    assert len({tuple(m["axis"]) for m in describe(Shown(classified()))["metrics"]}) == 1


def test_a_cell_leads_to_its_rows_by_index_and_by_name() -> None:
    result = classified()
    found = describe(Shown(result))
    matrix = found["confusion"]
    for i, true in enumerate(matrix["classes"]):
        for j, predicted in enumerate(matrix["classes"]):
            by_index = ask(result, true=i, predicted=j)
            assert by_index["total"] == matrix["matrix"][i][j]
            assert by_index == ask(result, true=true, predicted=predicted)
    assert matrix["row_totals"] == [30, 20, 10]
    assert found["most_confused"][0] == {"true": 0, "predicted": 1, "count": 5}
    cell = ask(result, true="a", predicted="b")
    assert cell["title"] == "a predicted as b"
    assert cell["share_text"].startswith("5 rows, 16.7 % of a [")
    assert [row["id"] for row in cell["rows"]] == [f"id{i}" for i in range(25, 30)]


def test_the_wrong_rows_are_counted_and_shown() -> None:
    result = classified()
    assert describe(Shown(result))["wrong"] == {"total": 8, "text": "8 of 60 rows are wrong"}
    page = ask(result, correct=False, start=2, stop=5)
    assert page["total"] == 8
    assert page["title"] == "Wrong rows"
    assert len(page["rows"]) == 3
    assert page["rows"][0]["reference"]["text"] == "a"


def test_the_most_certain_mistakes_come_first() -> None:
    scores = [0.6, 0.9, 0.99, 0.2]
    result = create_evaluator("binary").evaluate([0, 0, 0, 1], [1, 1, 1, 0], scores=scores)
    rows = ask(result, correct=False)["rows"]
    assert [row["score_text"] for row in rows] == ["0.990", "0.900", "0.200", "0.600"]


def test_a_comparison_puts_the_verdict_first() -> None:
    after = sums(lambda p: str(sum(map(int, p.split("+")))), "new")
    before = sums(lambda p: "x", "old")
    found = describe(Shown(after, after.compare(before)))
    assert found["metrics"][0]["baseline"] == {"value": 0.0, "text": "0.000 [0.000, 0.071]"}
    comparison = found["comparison"]
    assert comparison["title"] == "new minus old"
    assert comparison["verdict"]["icon"] == "ok"
    assert comparison["verdict"]["word"] == "Better."
    assert "+1.000" in comparison["verdict"]["text"]
    (row,) = comparison["rows"]
    assert (row["before_text"], row["text"]) == ("0.000 [0.000, 0.071]", "+1.000")
    assert row["after_text"] == "1.000 [0.929, 1.000]"
    low, high = comparison["axis"]
    assert low <= 0 <= row["low"] <= row["high"] <= high
    assert describe(Shown(before, before.compare(after)))["comparison"]["verdict"]["icon"] == "error"
    assert describe(Shown(after, after.compare(after)))["comparison"]["verdict"]["icon"] == "unsure"


def test_what_is_no_number_is_null_with_its_reason() -> None:
    result = create_evaluator("binary", ["auc_roc", "f1"]).evaluate([1, 1], [1, 1], scores=[0.5, 0.6])
    auc = describe(Shown(result))["metrics"][0]
    assert auc["value"] is None
    assert auc["undefined"]
    json.dumps(describe(Shown(result)), allow_nan=False)


def test_a_result_made_by_hand_has_no_rows_to_show() -> None:
    found = describe(Shown(EvaluationResult({"accuracy": 0.9}, "binary", 10)))
    assert found["wrong"] is None
    assert found["confusion"] is None


@pytest.mark.parametrize(
    ("numbers", "bounds"),
    [
        ([0.83, 0.91], (0, 1)),
        ([0.0], (0, 1)),
        ([1.0], (0, 1)),
        ([5.0], (-math.inf, math.inf)),
        ([-3e9, 7e9], (-math.inf, math.inf)),
        ([], (0, 1)),
        ([0.999, 1.0], (0, 1)),
        ([2e-24, 3e-24], (0, math.inf)),
    ],
)
def test_an_axis_encloses_what_stands_on_it(numbers: list[float], bounds: tuple[float, float]) -> None:
    low, high = enclosing(numbers, bounds)
    assert low < high
    assert not any(numbers) or high - low < 10 * max(map(abs, numbers))
    assert all(low <= n <= high for n in numbers)
    assert math.isfinite(low)
    assert math.isfinite(high)


def test_classes_that_would_not_be_seen_stand_in_quotes() -> None:
    names = ["", " ", "a", "a "]
    found = describe(Shown(create_evaluator("multiclass").evaluate(names * 3, names * 3)))
    assert found["confusion"]["classes"] == ["“”", "“ ”", "a", "“a ”"]
    assert [row["label"] for row in found["per_class"]] == found["confusion"]["classes"]


def test_too_many_classes_for_a_matrix_are_said() -> None:
    names = [f"c{i}" for i in range(51)]
    found = describe(Shown(create_evaluator("multiclass", ["accuracy"]).evaluate(names, names)))
    assert found["confusion"] is None
    assert found["footer"].endswith("51 classes, too many to show here: see result.confusion")
