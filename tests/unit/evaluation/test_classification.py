"""Accuracy, precision, recall, F1 and friends: scikit-learn's numbers without its traps."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import (
    AccuracyMetric,
    BalancedAccuracyMetric,
    ConfusionMatrix,
    F1Metric,
    KappaMetric,
    MCCMetric,
    ModelEvaluator,
    PrecisionMetric,
    RecallMetric,
)
from modelops_jupyter.evaluation.intervals import wilson

Y, P = [0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_averages_equal_scikit_learn(average: Any) -> None:
    p, r, f, _ = sk.precision_recall_fscore_support(Y, P, average=average, zero_division=0)
    found = [m(average=average).compute(Y, P) for m in (PrecisionMetric, RecallMetric, F1Metric)]
    assert found == pytest.approx([p, r, f], abs=1e-15)
    beta = sk.fbeta_score(Y, P, beta=2, average=average, zero_division=0)
    assert F1Metric(average=average, beta=2).compute(Y, P) == pytest.approx(beta, abs=1e-15)


@pytest.mark.parametrize(
    ("labels", "average", "expected"),
    [([0, 3], "macro", 0.4), ([0, 1], "micro", 0.4444444444444444), ([0, 1, 2, 3, 4], "macro", None)],
)
def test_declared_labels_decide_what_averages_run_over(labels: Any, average: Any, expected: Any) -> None:
    expected = expected or sk.f1_score(Y, P, labels=labels, average=average, zero_division=0)
    result = ModelEvaluator("multiclass", ["f1"], labels=labels, average=average).evaluate(Y, P)
    assert result["f1"] == pytest.approx(expected, abs=1e-15)


def test_macro_runs_over_the_union_of_true_and_predicted_labels() -> None:
    assert F1Metric(average="macro").compute([0, 1], [0, 2]) == pytest.approx(1 / 3)


def test_absent_classes_change_macro_only_when_declared_and_are_named() -> None:
    y = [0, 0, 1, 1, 2]
    metric = F1Metric(average="macro")
    assert ModelEvaluator("multiclass_classification", [metric]).evaluate(y, y)["f1"] == 1.0
    declared = ModelEvaluator("multiclass_classification", [metric], labels=range(5)).evaluate(y, y)
    assert declared["f1"] == pytest.approx(0.6, abs=1e-12)
    assert "3, 4" in str(declared["f1"].undefined)
    assert [c.label for c in declared.per_class() if c.undefined] == [3, 4]


@pytest.mark.parametrize(
    ("metric", "reference", "y", "p"),
    [
        (BalancedAccuracyMetric(), sk.balanced_accuracy_score, [0, 0, 1], [0, 1, 1]),
        (BalancedAccuracyMetric(), sk.balanced_accuracy_score, [0, 0], [0, 1]),
        (MCCMetric(), sk.matthews_corrcoef, [0, 0], [0, 1]),
        (MCCMetric(), sk.matthews_corrcoef, [0, 1, 1, 0], [0, 1, 0, 0]),
        (MCCMetric(), sk.matthews_corrcoef, Y, P),
        (KappaMetric(), sk.cohen_kappa_score, Y, P),
        (KappaMetric(), sk.cohen_kappa_score, [0, 0], [0, 0]),
    ],
)
def test_further_metrics_equal_scikit_learn(metric: Any, reference: Any, y: Any, p: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = reference(y, p)
    assert metric.compute(y, p) == pytest.approx(expected, abs=1e-15, nan_ok=True)


@pytest.mark.parametrize(
    ("metric", "y", "p", "value", "reason"),
    [
        ("precision", [0, 0], [0, 0], 0.0, "no row was predicted as 1"),
        ("recall", [0, 0], [0, 1], 0.0, "no row is truly 1"),
        ("f1", [0, 0], [0, 0], 0.0, "0/0"),
        ("precision", [1, 1], [0, 0], 0.0, "no row was predicted as 1"),
        ("kappa", [0, 0], [0, 0], math.nan, "0/0"),
    ],
)
def test_zero_over_zero_is_marked_undefined(metric: str, y: Any, p: Any, value: float, reason: str) -> None:
    found = ModelEvaluator("binary", [metric]).evaluate(y, p)[metric]
    assert float(found) == pytest.approx(value, nan_ok=True)
    assert reason in str(found.undefined)
    assert "undefined" in str(found)


@pytest.mark.parametrize(
    ("y", "p", "positive", "expected"),
    [
        ([True, False, True], [True, True, False], "AUTO", 0.5),
        ([-1, 1], [1, 1], "AUTO", 2 / 3),
        ([1, 2], [1, 1], "AUTO", 2 / 3),
        (["a", "b"], ["a", "a"], "b", 0.0),
        (["a", "b"], ["a", "a"], "a", 2 / 3),
    ],
)
def test_the_positive_class_is_one_or_named(y: Any, p: Any, positive: Any, expected: float) -> None:
    metric = F1Metric() if positive == "AUTO" else F1Metric(positive_class=positive)
    assert metric.compute(y, p) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [PrecisionMetric(), RecallMetric(), F1Metric()])
def test_text_labels_need_a_named_positive_class(metric: Any) -> None:
    with pytest.raises(EvaluationError) as caught:
        metric.compute(["broken", "whole"], ["broken", "broken"])
    for word in ("'broken'", "'whole'", "positive_class="):
        assert word in str(caught.value)


def test_a_misspelt_positive_class_or_average_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(EvaluationError, match="broken"):
        F1Metric(positive_class="brokn").compute(["broken", "whole"], ["broken", "broken"])
    with pytest.raises(ConfigError, match="macro"):
        F1Metric(average="marco")  # type: ignore[arg-type]
    with pytest.raises(EvaluationError, match="3 labels"):
        F1Metric(average="binary").compute([0, 1, 2], [0, 1, 2])


def test_the_task_decides_the_average_not_the_labels_that_happen_to_occur() -> None:
    y, p = [0, 1, 1, 0], [0, 1, 0, 0]
    assert "macro" in ModelEvaluator("multiclass").evaluate(y, p)["f1"].method
    assert "positive class 1" in ModelEvaluator("binary").evaluate(y, p)["f1"].method


@pytest.mark.parametrize("weights", [[1, 2, 3, 1, 1, 2], [0, 1, 1, 1, 0.5, 2]])
def test_weights_give_scikit_learns_numbers(weights: list[float]) -> None:
    found = ModelEvaluator("multiclass").evaluate(Y, P, weights=weights)
    p, r, f, _ = sk.precision_recall_fscore_support(
        Y, P, average="macro", sample_weight=weights, zero_division=0
    )
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(Y, P, sample_weight=weights))
    assert [found[m] for m in ("precision", "recall", "f1")] == pytest.approx([p, r, f])


def test_equal_weights_change_no_interval_and_unequal_ones_widen_it() -> None:
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 200), rng.integers(0, 2, 200)
    plain, equal = (ModelEvaluator("binary").evaluate(y, p, weights=w) for w in (None, np.full(200, 3.0)))
    for name in plain.metrics:
        assert (equal[name].low, equal[name].high) == pytest.approx(
            (plain[name].low, plain[name].high), abs=1e-12
        )
    heavy = ModelEvaluator("binary").evaluate(y, p, weights=np.where(np.arange(200) < 20, 20.0, 1.0))[
        "accuracy"
    ]
    assert heavy.high - heavy.low > 1.5 * (plain["accuracy"].high - plain["accuracy"].low)


def test_every_value_lies_in_an_interval_inside_its_bounds() -> None:
    names = ["accuracy", "precision", "recall", "f1", "balanced_accuracy", "mcc", "kappa"]
    rng = np.random.default_rng(1)
    for _ in range(20):
        y, p = rng.integers(0, 3, 30), rng.integers(0, 3, 30)
        for value in ModelEvaluator("multiclass", names).evaluate(y, p).metrics.values():
            low, high = value.bounds
            assert low <= value.low <= value <= value.high <= high


@pytest.mark.parametrize("metric", ["accuracy", "precision", "recall", "f1", "mcc", "kappa"])
def test_perfect_answers_on_few_rows_are_not_called_certain(metric: str) -> None:
    y = [0, 1, 2] * 5
    found = ModelEvaluator("multiclass", [metric]).evaluate(y, y)[metric]
    assert found == 1.0 == found.high
    assert found.low < 0.85


def test_binary_f1_interval_is_wilsons_for_the_share_of_hits() -> None:
    y, p = [1] * 12 + [0] * 8, [1] * 9 + [0] * 3 + [1] * 2 + [0] * 6  # 9 hits, 3 misses, 2 false alarms
    value = ModelEvaluator("binary", ["f1"]).evaluate(y, p)["f1"]
    low, high, _ = wilson(9, 14)
    assert (value.low, value.high) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)), abs=1e-12)


def test_binary_f1_interval_covers() -> None:
    rng = np.random.default_rng(2)
    shares = np.array([0.5, 0.1, 0.05, 0.35])  # tn fp fn tp
    truth = 2 * shares[3] / (2 * shares[3] + shares[1] + shares[2])
    covered = 0
    for tn, fp, fn, tp in rng.multinomial(60, shares, size=1000):
        y = [0] * tn + [0] * fp + [1] * fn + [1] * tp
        p = [0] * tn + [1] * fp + [0] * fn + [1] * tp
        value = ModelEvaluator("binary", ["f1"]).evaluate(y, p)["f1"]
        covered += value.low <= truth <= value.high
    assert 935 <= covered <= 970


def test_macro_interval_has_the_row_bootstraps_width() -> None:
    rng = np.random.default_rng(3)
    y = rng.integers(0, 4, 300)
    p = np.where(rng.random(300) < 0.7, y, rng.integers(0, 4, 300))
    value = ModelEvaluator("multiclass", ["f1"]).evaluate(y, p)["f1"]
    picks = rng.integers(0, 300, (400, 300))
    draws = [sk.f1_score(y[i], p[i], average="macro") for i in picks]
    low, high = np.quantile(draws, [0.025, 0.975])
    assert (value.low, value.high) == pytest.approx((low, high), abs=0.015)


def test_many_classes_cost_no_dense_table() -> None:
    y = np.arange(5000) * 7
    result = ModelEvaluator("multiclass", ["accuracy"]).evaluate(y, np.roll(y, 1))
    assert result["accuracy"] == 0.0
    assert len(ConfusionMatrix([0], [0]).classes) == 1
    assert AccuracyMetric().compute(y, y) == 1.0
