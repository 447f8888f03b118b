"""The validation loss is a mean over tokens, with an interval over rows."""

import math

import numpy as np
import pytest

from modelops_jupyter.training.measure import ratio


def test_long_rows_weigh_more_than_short_ones() -> None:
    loss = ratio(np.array([1.0, 90.0]), np.array([1, 9]))
    assert loss.value == pytest.approx(9.1)


def test_rows_of_one_length_give_the_interval_of_a_mean() -> None:
    rows = np.random.default_rng(0).normal(2, 0.5, 400)
    loss = ratio(rows * 5, np.full(400, 5))
    error = 1.959964 * rows.std(ddof=1) / 20
    assert (loss.low, loss.high) == pytest.approx((rows.mean() - error, rows.mean() + error))


def test_the_interval_covers_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        counts = random.integers(1, 30, 200)
        level = random.gamma(4, 0.25, 200)  # a row's own level: its tokens are not independent
        loss = ratio(level * counts, counts)
        hits += loss.low <= 1.0 <= loss.high
    assert 0.92 <= hits / 400 <= 0.98


def test_nothing_to_measure_is_not_zero() -> None:
    assert math.isnan(ratio(np.array([]), np.array([])).value)
    assert math.isnan(ratio(np.array([2.0]), np.array([2])).low)
