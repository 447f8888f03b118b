"""Figures draw the numbers of the result, without a display, on no ground of their own."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from modelops_jupyter import plots
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import ConfusionMatrix, EvaluationResult, ModelEvaluator, create_evaluator
from modelops_jupyter.plots import style

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 90)
RESULT = create_evaluator("multiclass").evaluate(Y, np.where(RNG.random(90) < 0.8, Y, 0))
BEFORE = create_evaluator("multiclass").evaluate(Y, RNG.permutation(Y))
BINARY = create_evaluator("binary").evaluate(Y > 0, Y > 1, scores=Y + RNG.random(90))
NUMBERS = create_evaluator("regression").evaluate(Y * 1.0, Y + RNG.normal(size=90))


def words(figure: Figure) -> str:
    figure.canvas.draw()
    found = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return "\n".join(t.get_text() for t in found)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "make",
    [
        RESULT.plot,
        lambda: RESULT.plot("confusion"),
        lambda: RESULT.plot("confusion", normalize=True),
        lambda: BINARY.plot("roc"),
        NUMBERS.plot,
        lambda: RESULT.compare(BEFORE).plot(),
        lambda: ConfusionMatrix(["a"], ["b"]).plot(),
        lambda: EvaluationResult({"accuracy": 0.9}, "binary", 10).plot(),
        lambda: ModelEvaluator("generation", {"bad": lambda p, r: 1 / 0}).evaluate(["a"], ["b"]).plot(),
    ],
)
def test_every_plot_is_a_transparent_figure(make: Callable[[], Figure], tmp_path: Any) -> None:
    figure = make()
    assert isinstance(figure, Figure)
    assert figure.patch.get_alpha() == 0
    figure.savefig(tmp_path / "p.png")
    figure.savefig(tmp_path / "p.svg")


def test_figures_print_each_value_with_its_interval() -> None:
    text = words(RESULT.plot())
    for value in RESULT.metrics.values():
        assert value.interval_text in text
        assert value.label in text
    assert "MSE ↓" in words(NUMBERS.plot())
    assert "R²\n" in words(NUMBERS.plot()) + "\n"


def test_the_forest_says_the_verdict_in_words() -> None:
    comparison = RESULT.compare(BEFORE)
    text = words(comparison.plot())
    assert comparison["accuracy"].verdict in text
    assert "paired by position" in text


def test_the_confusion_figure_prints_every_count() -> None:
    assert RESULT.confusion is not None
    text = words(RESULT.plot("confusion"))
    for count in RESULT.confusion.matrix.ravel():
        assert f"{count}" in text


def test_labels_are_text_never_maths_or_control_characters() -> None:
    figure = ConfusionMatrix(["$x^2$", "a\u202e"], ["$x^2$", "a\u202e"]).plot()
    text = words(figure)
    assert r"\$x^2\$" in text
    assert "\u202e" not in text


def test_a_picture_that_does_not_exist_is_an_error_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'confusion'"):
        RESULT.plot("confuson")
    with pytest.raises(ConfigError, match="no picture"):
        plots.plot(3)
    with pytest.raises(EvaluationError, match="no classes"):
        NUMBERS.plot("confusion")
    with pytest.raises(ConfigError, match="50 classes"):
        ConfusionMatrix(range(50), range(50)).plot()


@pytest.mark.parametrize("colour", [style.INK, style.BLUE, style.ORANGE, style.GREEN])
def test_colours_read_on_light_and_dark(colour: str) -> None:
    least = 4.0 if colour == style.INK else 3.0
    assert contrast(colour, "#ffffff") >= least
    assert contrast(colour, "#121316") >= least


def contrast(a: str, b: str) -> float:
    light = []
    for colour in (a, b):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(light) + 0.05) / (min(light) + 0.05)


def test_plotting_leaves_pyplot_alone_and_evaluation_leaves_matplotlib_alone() -> None:
    code = """if True:
        import sys
        from modelops_jupyter.evaluation import create_evaluator
        result = create_evaluator("binary").evaluate([0, 1], [0, 1])
        assert "matplotlib" not in sys.modules
        result.plot()
        assert "matplotlib.pyplot" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], check=True)
