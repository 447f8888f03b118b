"""ModelEvaluator and the pluggable Evaluator."""

import math
import time
from typing import Any

import numpy as np
import pytest

from modelops_jupyter import Evaluator
from modelops_jupyter.errors import ConfigError, EmptyInputError, EvaluationError
from modelops_jupyter.evaluation import F1Metric, Metric, ModelEvaluator, TaskType, create_evaluator
from modelops_jupyter.evaluators import exact_match_metric, length_ratio_metric


@pytest.mark.parametrize(
    ("word", "task"),
    [
        ("binary", TaskType.BINARY_CLASSIFICATION),
        ("multiclass", TaskType.MULTICLASS_CLASSIFICATION),
        ("regression", TaskType.REGRESSION),
        ("generation", TaskType.GENERATION),
        ("binary_classification", TaskType.BINARY_CLASSIFICATION),
        (TaskType.REGRESSION, TaskType.REGRESSION),
    ],
)
def test_create_evaluator_takes_short_words_and_task_types(word: Any, task: TaskType) -> None:
    assert create_evaluator(word).task_type is task


def test_unknown_names_ask_did_you_mean() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'regression'"):
        create_evaluator("regresion")
    with pytest.raises(ConfigError, match="Did you mean 'accuracy'"):
        ModelEvaluator("binary", ["acuracy"])


def test_a_name_is_taken_once_but_may_be_changed() -> None:
    e = ModelEvaluator("multiclass", ["f1"])
    with pytest.raises(ConfigError, match="name="):
        e.add_metric(F1Metric(average="micro"))
    e.add_metric(F1Metric(average="micro", name="f1_micro"))
    found = e.evaluate([0, 1, 2], [0, 1, 1])
    assert [v.label for v in found.metrics.values()] == ["F1, macro", "F1, micro"]


@pytest.mark.parametrize("metric", ["mse", "exact_match"])
def test_a_metric_must_fit_the_task(metric: str) -> None:
    with pytest.raises(ConfigError, match="needs"):
        ModelEvaluator("binary", [metric])


def test_batches_of_any_size_and_merged_evaluators_equal_one_call() -> None:
    rng = np.random.default_rng(0)
    y, p, s = rng.integers(0, 2, 100), rng.integers(0, 2, 100), rng.random(100)
    ids = [str(i) for i in range(100)]
    whole = create_evaluator("binary").evaluate(y, p, scores=s, ids=ids)
    parts = [create_evaluator("binary") for _ in range(3)]
    for part, cut in zip(parts, np.split(np.arange(100), [3, 70]), strict=True):
        for half in np.array_split(cut, 2):
            part.update(y[half], p[half], scores=s[half], ids=[ids[i] for i in half])
    assert parts[0].merge(parts[1]).merge(parts[2]).result() == whole
    assert create_evaluator("binary").merge(parts[0]).result() == whole


def test_evaluate_leaves_streamed_counts_alone() -> None:
    e = create_evaluator("binary").update([1], [1])
    assert e.evaluate([0, 1], [0, 0]).sample_count == 2
    assert e.result().sample_count == 1
    with pytest.raises(EmptyInputError):
        create_evaluator("binary").result()
    with pytest.raises(ConfigError, match="before update"):
        e.add_metric("mcc")


def test_ignored_labels_are_left_out_and_counted() -> None:
    y, p = [3, 7, -100, -100, 5], [3, 1, 0, 0, 5]
    found = ModelEvaluator("multiclass", ["accuracy"], ignore_label=-100).evaluate(y, p)
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert (found["accuracy"].n, found.skipped) == (3, 2)
    assert "2 rows left out." in found.notices
    with pytest.raises(EvaluationError, match="-100"):
        ModelEvaluator("multiclass", ["accuracy"]).evaluate(y, p)


def test_a_users_metric_needs_a_name_and_compute_and_gets_an_interval() -> None:
    class Worst(Metric):
        name = "worst_error"
        greater_is_better = False

        def compute(self, y_true: Any, y_pred: Any) -> float:
            return float(np.abs(y_true - y_pred).max())

    found = ModelEvaluator("regression", ["mae", Worst()]).evaluate([1.0, 2, 3, 9], [1.0, 2, 4, 5])[
        "worst_error"
    ]
    assert found == 4.0
    assert (found.low, found.high, found.n) == (0.0, 4.0, 4)
    assert found.label == "Worst error"
    assert "bootstrap" in found.method


def test_a_metric_without_compute_or_name_is_refused() -> None:
    class Empty(Metric):
        name = "empty"

    with pytest.raises(ConfigError, match="compute"):
        ModelEvaluator("binary", [Empty()]).evaluate([0], [0])
    with pytest.raises(ConfigError, match="name"):
        ModelEvaluator("binary", [Metric()])
    with pytest.raises(ConfigError, match="int"):
        ModelEvaluator("binary", [3])  # type: ignore[list-item]


def test_functions_return_a_number_or_one_per_row() -> None:
    def spread(predictions: list[str], references: list[str]) -> float:
        return float(len(set(predictions)))

    e = Evaluator({"short": lambda p, r: [len(a) < 3 for a in p], "spread": spread})
    found = e.evaluate(["a", "bb", "cccc"], ["a", "b", "c"])
    assert found["short"] == pytest.approx(2 / 3)
    assert "wilson" in found["short"].method
    assert found["short"].rows is not None
    assert found["spread"] == 3
    assert "bootstrap" in found["spread"].method


def test_a_slow_function_is_not_called_again_and_again() -> None:
    calls: list[int] = []

    def judge(predictions: list[str], references: list[str]) -> float:
        calls.append(len(predictions))
        time.sleep(0.05)
        return 0.5

    found = Evaluator({"judge": judge}).evaluate(["a", "b"], ["a", "c"])
    assert found["judge"] == 0.5
    assert not found["judge"].has_interval
    assert "a score per row" in found["judge"].method
    assert len(calls) <= 4
    assert found.compare(found)["judge"].verdict == "no difference shown"


def test_a_function_that_raises_is_nan_with_its_error_and_the_others_stand() -> None:
    found = Evaluator({"bad": lambda p, r: 1 / 0, "ok": lambda p, r: [1.0] * len(p)}).evaluate(["a"], ["a"])
    assert math.isnan(found["bad"])
    assert "ZeroDivisionError" in str(found["bad"].error)
    assert found["ok"] == 1.0
    assert "error" in str(found)


def test_a_function_with_the_wrong_number_of_scores_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="2 scores for 1 rows"):
        Evaluator({"two": lambda p, r: [1, 2]}).evaluate(["a"], ["a"])


def test_the_shipped_functions_plug_in_by_themselves() -> None:
    found = Evaluator([exact_match_metric, length_ratio_metric]).evaluate(["a ", "b", "cc"], ["a", "x", ""])
    assert list(found) == ["exact_match", "length_ratio"]
    assert found["length_ratio"].skipped == 1
    assert found["exact_match"].n == 3


def test_an_empty_answer_is_wrong_not_missing() -> None:
    p, r = ["the gate is open", "", "no", ""], ["the gate is open", "the gate is shut", "no", ""]
    match, ratio = exact_match_metric(p, r), length_ratio_metric(p, r)
    assert match.rows is not None
    assert ratio.rows is not None
    assert (match.rows.tolist(), float(match), match.n) == ([1, 0, 1, 1], 0.75, 4)
    assert (float(ratio), ratio.n, ratio.skipped) == (pytest.approx(2 / 3), 3, 1)
    assert np.flatnonzero(np.isnan(ratio.rows)).tolist() == [3]


def test_a_ratio_to_nothing_but_empty_references_is_undefined() -> None:
    found = length_ratio_metric(["a"], [""])
    assert math.isnan(found)
    assert "every reference is empty (row 0)" in str(found.undefined)


def test_level_is_honoured_and_checked() -> None:
    wide, narrow = (
        create_evaluator("binary", level=v).evaluate([1, 0], [1, 1])["accuracy"] for v in (0.99, 0.8)
    )
    assert wide.high - wide.low > narrow.high - narrow.low
    with pytest.raises(ConfigError, match=r"0\.95"):
        create_evaluator("binary", level=95)
