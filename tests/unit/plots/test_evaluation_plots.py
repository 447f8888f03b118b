"""Curves, slices, residuals and comparisons as figures that can be read without colour."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from modelops_jupyter import Dataset
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import Gate, compare_suite, create_evaluator, evaluate_model
from modelops_jupyter.evaluation.suites import BenchmarkCase, BenchmarkSuite

RNG = np.random.default_rng(0)
N = 300
Z = RNG.normal(size=N)
SCORES = 1 / (1 + np.exp(-2 * Z))
Y = (RNG.random(N) < SCORES).astype(int)
TOPIC = np.array(["a", "b$", "c"])[RNG.integers(0, 3, N)]
RESULT = create_evaluator("binary").evaluate(
    Y, np.where((TOPIC == "a") & (RNG.random(N) < 0.6), 1 - Y, Y), scores=SCORES
)
BEFORE = create_evaluator("binary").evaluate(Y, RNG.permutation(Y), scores=RNG.permutation(SCORES))
NUMBERS = create_evaluator("regression").evaluate(Z, Z + RNG.normal(size=N))
MANY = create_evaluator("regression").evaluate(np.arange(9_000.0), RNG.normal(size=9_000))
ASKED = evaluate_model(
    lambda prompts: ["no"] * len(prompts),
    Dataset.from_records([{"prompt": str(i), "completion": ("yes", "no")[i % 3 == 0]} for i in range(60)]),
)
CASES = [BenchmarkCase(str(i), f"{i}?", ("yes", "no")[i % 2]) for i in range(3)]
SUITE = BenchmarkSuite("small", "1", CASES)


def words(figure: Figure) -> str:
    figure.canvas.draw()
    found = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return "\n".join(t.get_text() for t in found)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: RESULT.plot("roc"), [f"ROC {RESULT['auc_roc'].brief}", "chance", "95 % band"]),
        (lambda: RESULT.plot("pr"), ["Precision and recall", "positive rows", "recall"]),
        (lambda: RESULT.plot("calibration"), ["Calibration error", "dashed: perfect", "observed share"]),
        (lambda: RESULT.plot("threshold", cost_fp=1, cost_fn=4), ["Cheapest threshold", "a miss 4", "range"]),
        (lambda: RESULT.plot("slices", by=TOPIC), ["worse", "better", r"b\$", "n="]),
        (lambda: RESULT.by(TOPIC).plot(), ["dashed: all rows", RESULT["accuracy"].brief]),
        (lambda: RESULT.worst_slices({"topic": TOPIC}).plot(), ["topic = a", "Share wrong", "elsewhere"]),
        (lambda: BEFORE.worst_slices({"x": Y}, k=0).plot(), ["Nothing stands out"]),
        (lambda: NUMBERS.plot("residuals"), [f"MSE {NUMBERS['mse'].brief}", "diamonds", "300 rows"]),
        (lambda: MANY.plot("residuals"), ["9,000 rows"]),
        (lambda: compare_suite(RESULT, BEFORE).plot(), ["corrected for 5 looks", "better", "AUC"]),
        (
            lambda: Gate("accuracy", min_value=0.3, max_drop=0.1).check(RESULT, BEFORE).plot(),
            ["Gate accuracy: max_drop=0.100, min_value=0.300: pass", "Accuracy, difference", "the limit"],
        ),
        (
            lambda: Gate("accuracy", min_value=0.3).aa(RESULT, rounds=20).plot(),
            ["False alarms", "failed rounds", "20 rounds of 300 rows"],
        ),
        (lambda: RESULT.threshold(cost_fp=1, cost_fn=4).plot(), ["Cheapest threshold", "a miss 4"]),
        (lambda: SUITE.run(lambda _: "yes", repeats=2).plot(), ["small", "3 cases, 6 answers"]),
        (lambda: ASKED.plot("baselines"), ["majority answer", "worse", "Exact match minus that of"]),
    ],
)
def test_each_figure_says_in_words_what_it_draws(
    make: Callable[[], Figure], expected: list[str], tmp_path: Any
) -> None:
    figure = make()
    assert figure.patch.get_alpha() == 0
    text = words(figure)
    assert [word for word in expected if word not in text] == []
    figure.savefig(tmp_path / "p.png")


def test_the_band_is_the_band_of_the_curve() -> None:
    curve = RESULT.curve("roc")
    (band,) = RESULT.plot("roc").axes[0].findobj(PolyCollection)
    points = band.get_paths()[0].vertices
    for x, low, high in zip(curve.x, curve.low, curve.high, strict=True):
        assert np.abs(points - [x, low]).sum(axis=1).min() < 1e-9
        assert np.abs(points - [x, high]).sum(axis=1).min() < 1e-9


def test_better_and_worse_differ_by_more_than_colour() -> None:
    axes = RESULT.by(TOPIC).plot().axes[0]
    hatches = {bar.get_hatch() for bar in axes.patches}
    assert len(hatches) >= 2


def test_pictures_that_cannot_be_drawn_say_why() -> None:
    with pytest.raises(ConfigError, match="by="):
        RESULT.plot("slices")
    with pytest.raises(EvaluationError, match="measured numbers"):
        RESULT.plot("residuals")
    with pytest.raises(EvaluationError, match="no baselines"):
        RESULT.plot("baselines")


def test_a_class_without_a_name_is_seen_beside_its_tiles() -> None:
    names = ["", "a", "a "]
    figure = create_evaluator("multiclass").evaluate(names * 5, names * 5).plot("confusion")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["“”", "a", "“a ”"]
