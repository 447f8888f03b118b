"""Curves for a chart: no extreme is lost, nothing lags."""

import math
import random

import pytest

from modelops_jupyter.fine_tuning.curves import band, thin
from modelops_jupyter.fine_tuning.history import History

LONG = [(step, random.Random(step).gauss(2, 0.3)) for step in range(1, 20_001)]


def test_a_short_curve_leaves_as_it_is() -> None:
    assert thin([(1, 2.0), (2, 1.5)]) == [[1, 2.0], [2, 1.5]]


def test_a_long_curve_keeps_ends_extremes_and_order() -> None:
    spiky = [*LONG]
    spiky[7777] = (7778, 99.0)
    spiky[12_345] = (12_346, -5.0)
    cut = thin(spiky, most=600)
    steps = [step for step, _ in cut]
    assert len(cut) <= 600
    assert steps == sorted(set(steps))
    assert {1, 7778, 12_346, 20_000} <= set(steps)


def test_nan_is_a_gap_that_thinning_keeps() -> None:
    holed = [*LONG]
    holed[500] = (501, math.nan)
    assert [501, None] in thin(holed, most=600)
    assert thin([(1, math.inf)]) == [[1, None]]


def test_the_band_holds_its_mean_and_every_batch() -> None:
    rows = band(LONG)
    assert rows[0][0] == 1
    assert rows[-1][0] == 20_000
    assert all(low <= mean <= high for _, mean, low, high in rows)
    assert min(row[2] for row in rows) == min(value for _, value in LONG)


def test_the_mean_of_a_line_does_not_lag() -> None:
    line = [(step, 100.0 - step) for step in range(1, 101)]
    inner = [row for row in band(line) if 1 < row[0] < 100]
    assert inner
    for step, mean, *_ in inner:
        assert mean == pytest.approx(100 - step)


def test_a_band_of_nothing_is_nothing() -> None:
    assert band([]) == []
    assert band([(1, math.nan)]) == []


def falling(n: int) -> list[tuple[int, float]]:
    return [(step, 2 / step) for step in range(1, n + 1)]


def test_a_healthy_run_warns_of_nothing() -> None:
    curves = {
        "loss": falling(200),
        "validation_loss": falling(10),
        "tokens_per_second": [(s, 900.0) for s in range(200)],
    }
    assert History(curves).warnings() == []


@pytest.mark.parametrize(
    ("name", "curve", "words"),
    [
        ("loss", [(1, 2.0), (2, math.nan)], "not a number since step 2"),
        ("loss", [(1, 2.0), (2, math.nan), (3, 1.9)], "not a number at step 2"),
        ("loss", [(step, 2.0) for step in range(100)], "not fallen"),
        (
            "validation_loss",
            [(10, 0.9), (20, 0.4), (30, 0.5), (40, 0.6), (50, 0.7)],
            "Overfitting since step 20",
        ),
        ("tokens_per_second", [(s, 900.0 if s < 90 else 200.0) for s in range(100)], "twice as long"),
    ],
)
def test_each_trouble_is_named_with_advice(name: str, curve: list[tuple[int, float]], words: str) -> None:
    (warning,) = History({name: curve}).warnings()
    assert words in warning


@pytest.mark.parametrize("rise", [0.0, 1e-6, math.nan])
def test_a_validation_loss_that_stands_still_is_not_called_overfitting(rise: float) -> None:
    assert History({"validation_loss": [(s, 6.046 + rise * s) for s in range(1, 9)]}).warnings() == []


def test_history_gives_curves_by_name() -> None:
    history = History({"loss": [(1, 2.0), (5, 1.0)], "learning_rate": [(1, 0.1)]})
    assert (history.steps, history.losses, len(history)) == ([1, 5], [2.0, 1.0], 2)
    assert history["memory"] == []
    assert history.to_dict()["loss"] == {"step": [1, 5], "value": [2.0, 1.0]}
