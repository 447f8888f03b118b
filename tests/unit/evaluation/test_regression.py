"""Regression metrics: scikit-learn's numbers, exact at large offsets, with intervals that cover."""

import math
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from modelops_jupyter.evaluation import MAPEMetric, ModelEvaluator, R2Metric, create_evaluator

Y, P = [3, -0.5, 2, 7], [2.5, 0, 2, 8]


@pytest.mark.parametrize("weights", [None, [1, 3, 0.5, 2]])
def test_values_equal_scikit_learn(weights: Any) -> None:
    found = create_evaluator("regression").evaluate(Y, P, weights=weights)
    expected = {
        "mse": sk.mean_squared_error(Y, P, sample_weight=weights),
        "mae": sk.mean_absolute_error(Y, P, sample_weight=weights),
        "rmse": sk.root_mean_squared_error(Y, P, sample_weight=weights),
        "r2": sk.r2_score(Y, P, sample_weight=weights),
    }
    assert dict(found.metrics) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("y", "p", "value", "reason"),
    [
        ([1], [1], math.nan, "2 rows"),
        ([1, 1], [1, 1], 1.0, "does not vary"),
        ([1, 1], [1, 2], 0.0, "does not vary"),
    ],
)
def test_r2_of_one_row_or_constant_truth_is_marked(y: Any, p: Any, value: float, reason: str) -> None:
    found = ModelEvaluator("regression", ["r2"]).evaluate(y, p)["r2"]
    assert float(found) == pytest.approx(value, nan_ok=True)
    assert reason in str(found.undefined)


def test_r2_is_exact_where_all_values_are_large() -> None:
    y = 1e9 + np.array([0.0, 1.0, 2.0, 3.0])
    assert R2Metric().compute(y, y + np.array([0.5, 0.0, -0.5, 0.0])) == pytest.approx(0.9, abs=1e-9)
    assert R2Metric().compute([2**60, 2**60 + 1], [2**60, 2**60 + 1]) == 1.0


def test_percentage_error_at_zero_is_undefined_and_names_the_rows() -> None:
    found = ModelEvaluator("regression", ["mape", "mae"]).evaluate([0, 10, 20], [1, 9, 22])
    assert found["mae"] == pytest.approx(4 / 3, abs=1e-12)
    assert math.isnan(found["mape"])
    assert "0 in 1 row (row 0)" in str(found["mape"].undefined)
    assert MAPEMetric().compute([10, 20], [9, 22]) == pytest.approx(0.1)


@pytest.mark.parametrize("name", ["mse", "mae", "rmse", "r2"])
def test_intervals_cover(name: str) -> None:
    rng = np.random.default_rng(0)
    truth = {"mse": 1.0, "mae": math.sqrt(2 / math.pi), "rmse": 1.0, "r2": 0.8}[name]
    evaluator = ModelEvaluator("regression", [name])
    covered = 0
    for _ in range(600):
        y = rng.normal(0, math.sqrt(5), 200)
        value = evaluator.evaluate(y, y + rng.normal(0, 1, 200))[name]
        covered += value.low <= truth <= value.high
    assert 0.92 <= covered / 600 <= 0.98


def test_the_r2_interval_knows_that_errors_grow_with_the_truth() -> None:
    rng = np.random.default_rng(1)
    y = rng.normal(size=400)
    p = y + y * rng.normal(0, 0.7, 400)
    value = ModelEvaluator("regression", ["r2"]).evaluate(y, p)["r2"]
    picks = rng.integers(0, 400, (3000, 400))
    draws = 1 - ((y[picks] - p[picks]) ** 2).mean(axis=1) / y[picks].var(axis=1)
    assert value.high - value.low == pytest.approx(3.92 * draws.std(), rel=0.12)


def test_lower_is_better_except_for_r2() -> None:
    found = create_evaluator("regression").evaluate(Y, P)
    assert [v.greater_is_better for v in found.metrics.values()] == [False, False, False, True]
    assert [v.label for v in found.metrics.values()] == ["MSE", "MAE", "RMSE", "R²"]


def test_squares_too_large_for_a_float_leave_the_value_without_an_interval() -> None:
    y = np.arange(50) * 1e150
    found = create_evaluator("regression").evaluate(y, -y)
    assert found["mse"] == pytest.approx(3.234e303, rel=1e-3)
    assert not found["mse"].has_interval
    assert found["mae"].has_interval
