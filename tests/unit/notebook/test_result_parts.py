"""The folded parts of a result's twin hold the numbers of its view."""

from typing import Any

import numpy as np
import pytest

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import EvaluationResult, Gate, create_evaluator
from modelops_jupyter.notebook.twin import result as twin
from modelops_jupyter.wire import curves, residuals, slices
from modelops_jupyter.wire.shown import Shown

RNG = np.random.default_rng(3)
Z = RNG.normal(size=300)
SCORES = 1 / (1 + np.exp(-2 * Z))
Y = (RNG.random(300) < SCORES).astype(int)
BINARY = create_evaluator("binary").evaluate(Y, (SCORES > 0.5).astype(int), scores=SCORES)
NUMBERS = create_evaluator("regression").evaluate(Z, Z + RNG.normal(size=300))
THREE = create_evaluator("multiclass").evaluate(
    np.arange(300) % 3, np.where(np.arange(300) < 200, np.arange(300) % 3, 0), scores=np.eye(3)[Y + 1]
)


def html(result: EvaluationResult, **more: Any) -> str:
    return str(twin.html_of(Shown(result, **more)))


def test_a_curve_stands_as_picture_and_as_thresholds_with_intervals() -> None:
    found, shown = curves.describe(BINARY, curves.CurveArgs(result="")), html(BINARY)
    assert f"ROC curve: {found['finding']}" in shown
    for place in (found["start"], found["cheapest"]):
        for column in ("text", "recall", "precision"):
            assert found[column][place] in shown
    calibration = found["calibration"]
    for x, low, high in zip(calibration["x"], calibration["low"], calibration["high"], strict=True):
        assert fmt.number(x) in shown
        assert fmt.interval(low, high) in shown


def test_errors_of_numbers_stand_by_prediction_and_by_size() -> None:
    found, shown = residuals.describe(NUMBERS), html(NUMBERS)
    assert f"Errors: {found['finding']}" in shown
    assert sum(b["n"] for b in found["bins"]) == 300
    assert all(f">{fmt.count(b['n'])}<" in shown for b in found["bins"])


def test_the_worst_slices_stand_with_all_rows_below() -> None:
    found, shown = slices.describe(Shown(THREE), slices.SEARCH), html(THREE)
    assert found["rows"]
    assert f"Worst slices: {found['finding']}" in shown
    assert all(row["label"] in shown and row["interval_text"] in shown for row in found["rows"])
    assert found["overall"]["interval_text"] in shown


def test_a_search_that_takes_long_is_left_to_its_method() -> None:
    many = create_evaluator("multiclass").evaluate(np.arange(3_000) % 3, np.zeros(3_000, int))
    assert "Worst slices" not in html(many)


@pytest.mark.parametrize("form", ["text", "html"])
def test_what_a_gate_found_stands_above_the_values(form: str) -> None:
    judged = Gate("f1", min_value=0.99).check(BINARY)
    shown = Shown(BINARY, None, judged)
    told = str(twin.html_of(shown)) if form == "html" else twin.text_of(shown)
    assert "Gate: fail." in told
    assert told.index("Gate: fail.") < told.index("Precision")


@pytest.mark.parametrize("labels", [None, [0, 1]])
def test_rows_of_one_class_are_displayed_without_their_curves(labels: list[int] | None) -> None:
    evaluator = create_evaluator("binary", positive_class=1, labels=labels)
    result = evaluator.evaluate([1] * 50, [1] * 50, scores=[0.7] * 50)
    told = str(twin.html(result))
    assert "Accuracy" in told
    assert "<p>Curves: " in told
