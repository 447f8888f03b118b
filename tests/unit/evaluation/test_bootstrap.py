"""Resampling: the law of the row bootstrap, a fixed seed, honest ends."""

import math

import numpy as np
import pytest
from scipy import stats

from modelops_jupyter.evaluation import bootstrap
from modelops_jupyter.evaluation.paired import from_draws


def test_percentile_cuts_equal_tails() -> None:
    low, high, _ = bootstrap.percentile(np.arange(1001.0), 0.9)
    assert (low, high) == pytest.approx((50, 950))


def test_few_undefined_draws_are_left_out_and_many_give_no_interval() -> None:
    draws = np.arange(1000.0)
    draws[:50] = math.nan
    assert bootstrap.percentile(draws, 0.9).low > 50
    draws[:200] = math.nan
    assert math.isnan(bootstrap.percentile(draws, 0.9).low)


def test_a_resampled_difference_is_judged_by_t() -> None:
    draws = np.random.default_rng(0).normal(0.3, 0.1, 2000)
    found = from_draws(0.3, draws, 50, 0.95)
    error = draws.std() * math.sqrt(50 / 49)
    assert found.high - found.difference == pytest.approx(stats.t.ppf(0.975, 49) * error)
    assert found.p == pytest.approx(2 * stats.t.sf(0.3 / error, 49))
    assert from_draws(0.0, np.zeros(9), 50, 0.95).p == 1.0
    assert from_draws(0.1, np.full(9, 0.1), 50, 0.95).p == 0.0
    assert math.isnan(from_draws(0.1, np.array([]), 50, 0.95).p)


def test_tables_keep_the_total_and_are_the_same_every_time() -> None:
    counts = np.array([5, 0, 15, 80])
    first, second = (np.concatenate(list(bootstrap.tables(counts, 100))) for _ in range(2))
    assert first.shape == (bootstrap.RESAMPLES, 4)
    assert (first == second).all()
    assert (first.sum(axis=1) == 100).all()
    assert first[:, 3].std() == pytest.approx(math.sqrt(100 * 0.8 * 0.2), rel=0.1)


def test_a_large_table_is_drawn_in_blocks() -> None:
    counts = np.ones(3000)
    blocks = list(bootstrap.tables(counts, 3000))
    assert len(blocks) > 1
    assert sum(map(len, blocks)) == bootstrap.RESAMPLES
