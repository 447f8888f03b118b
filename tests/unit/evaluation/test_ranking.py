"""Area under the ROC curve: exact, the positive class never guessed, DeLong's interval."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import AUCROCMetric, ModelEvaluator
from modelops_jupyter.evaluation.delong import place

TEXT = ["broken", "whole", "broken", "whole", "whole"]
SCORES = [0.9, 0.8, 0.7, 0.3, 0.2]


def auc(y: Any, scores: Any, **options: Any) -> Any:
    return ModelEvaluator("binary", ["auc_roc"], **options).evaluate(y, y, scores=scores)["auc_roc"]


@pytest.mark.parametrize(
    ("y", "scores", "expected"),
    [
        ([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.75),
        ([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5], 0.5),
        ([0, 1, 1], [0.5, 0.5, 0.9], 0.75),
        ([0, 1], [0.1, float("inf")], 1.0),
        ([0, 1], [[0.9, 0.1], [0.2, 0.8]], 1.0),
        ([False, True], [-1, 3], 1.0),
    ],
)
def test_area_is_exact(y: Any, scores: Any, expected: float) -> None:
    assert auc(y, scores) == expected
    assert AUCROCMetric().compute(y, scores) == expected


def test_the_scored_class_must_be_named_for_text_labels() -> None:
    with pytest.raises(EvaluationError) as caught:
        auc(TEXT, SCORES)
    for word in ("broken", "whole", "positive_class"):
        assert word in str(caught.value)
    right, wrong = auc(TEXT, SCORES, positive_class="broken"), auc(TEXT, SCORES, positive_class="whole")
    assert (right, wrong) == (pytest.approx(5 / 6, abs=1e-12), pytest.approx(1 / 6, abs=1e-12))
    assert right.note is None
    assert "below 0.5" in str(wrong.note)
    assert "positive_class" in str(wrong.note)


def test_one_class_is_nan_with_the_reason() -> None:
    found = auc([1, 1], [0.2, 0.3])
    assert math.isnan(found)
    assert "only one class" in str(found.undefined)
    assert not found.has_interval


def test_scores_are_asked_for() -> None:
    with pytest.raises(EvaluationError, match="scores="):
        ModelEvaluator("binary", ["auc_roc"]).evaluate([0, 1], [0, 1])
    assert "auc_roc" in ModelEvaluator("binary").evaluate([0, 1], [0, 1], scores=[0.1, 0.9])
    assert "auc_roc" not in ModelEvaluator("binary").evaluate([0, 1], [0, 1])
    with pytest.raises(ConfigError, match="needs labels"):
        ModelEvaluator("regression", ["auc_roc"])


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_more_classes_are_averaged_one_against_the_rest(average: Any) -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    scores = rng.dirichlet([1, 1, 1], 60) + np.eye(3)[y] * 0.3
    scores /= scores.sum(axis=1, keepdims=True)
    metric = AUCROCMetric(average=average)
    found = ModelEvaluator("multiclass", [metric]).evaluate(y, y, scores=scores)["auc_roc"]
    assert found == pytest.approx(sk.roc_auc_score(y, scores, multi_class="ovr", average=average), abs=1e-12)
    assert found.low < found < found.high
    with pytest.raises(EvaluationError, match="3 classes and 1 score column"):
        ModelEvaluator("multiclass", ["auc_roc"]).evaluate(y, y, scores=scores[:, 0])


def test_columns_follow_declared_labels_and_an_absent_class_is_named() -> None:
    scores = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.7, 0.2, 0.1]]
    found = ModelEvaluator("multiclass", ["auc_roc"], labels=["a", "b", "c"]).evaluate(
        ["a", "b", "a"], ["a", "b", "a"], scores=scores
    )["auc_roc"]
    assert math.isnan(found)
    assert "'c' never occurs" in str(found.undefined)


def test_variance_equals_delongs_double_sum() -> None:
    rng = np.random.default_rng(1)
    positive, scores = rng.random(80) < 0.4, np.round(rng.normal(size=80), 1)
    up, down = scores[positive], scores[~positive]
    wins = (up[:, None] > down) + 0.5 * (up[:, None] == down)
    v10, v01 = wins.mean(axis=1), wins.mean(axis=0)
    expected = v10.var(ddof=1) / len(up) + v01.var(ddof=1) / len(down)
    found = place(scores, positive)
    assert found.area == pytest.approx(wins.mean(), abs=1e-12)
    assert found.shares @ found.shares == pytest.approx(expected, rel=1e-12)


def test_interval_is_delongs_on_the_logit_scale() -> None:
    rng = np.random.default_rng(5)
    y = rng.integers(0, 2, 60)
    scores = y + rng.normal(size=60)
    value, (area, shares) = auc(y, scores), place(scores, y == 1)
    half = 1.959964 * math.sqrt(shares @ shares) / (area * (1 - area))
    low, middle, high = (math.log(v / (1 - v)) for v in (value.low, area, value.high))
    assert (middle - low, high - middle) == pytest.approx((half, half), rel=1e-6)


def test_weighted_area_equals_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    y, scores, w = rng.integers(0, 2, 50), np.round(rng.random(50), 1), rng.random(50)
    found = ModelEvaluator("binary", ["auc_roc"]).evaluate(y, y, scores=scores, weights=w)["auc_roc"]
    assert found == pytest.approx(sk.roc_auc_score(y, scores, sample_weight=w), abs=1e-12)


def test_perfect_separation_is_not_called_certain() -> None:
    found = auc([0] * 20 + [1] * 10, range(30))
    assert found == found.high == 1.0
    assert 0.6 < found.low < 0.8


def test_delong_interval_covers() -> None:
    rng = np.random.default_rng(3)
    truth = 0.8413447460685429  # Phi(sqrt(2) / sqrt(2)): positives shifted by sqrt(2)
    y = np.repeat([0, 1], 40)
    covered = 0
    for _ in range(600):
        value = auc(y, rng.normal(size=80) + y * math.sqrt(2))
        covered += value.low <= truth <= value.high
    assert 0.92 <= covered / 600 <= 0.98


def test_roc_points_are_scikit_learns() -> None:
    rng = np.random.default_rng(4)
    y, scores = rng.integers(0, 2, 200), np.round(rng.random(200), 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curve = ModelEvaluator("binary").evaluate(y, y, scores=scores).curve("roc")
    fpr, tpr, thresholds = sk.roc_curve(y, scores)
    np.testing.assert_allclose(curve.x, fpr)
    np.testing.assert_allclose(curve.y, tpr)
    np.testing.assert_allclose(curve.thresholds, thresholds)
    with pytest.raises(EvaluationError, match="no scores"):
        ModelEvaluator("binary").evaluate(y, y).curve("roc")
