"""Intervals of clusters, several answers, several labels, slow and very large inputs; copies stay apart."""

import json
import math
import time
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import (
    AUCROCMetric,
    ConfusionMatrix,
    F1Metric,
    Metric,
    ModelEvaluator,
    bootstrap,
    clusters,
)
from modelops_jupyter.evaluation.intervals import t_quantile, wilson
from modelops_jupyter.evaluation.metrics.counted import CountMetric
from modelops_jupyter.evaluation.rows import Rows, read_rows
from modelops_jupyter.evaluation.states import BinState, BucketState, CountState, MultilabelState
from modelops_jupyter.evaluation.states.buckets import BUCKETS, buckets

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 300)
P = np.where(RNG.random(300) < 0.7, Y, RNG.integers(0, 3, 300))


def test_repeated_rows_in_clusters_tell_no_more_than_the_rows() -> None:
    names = ["accuracy", "f1", "mcc", "kappa", "recall"]
    plain = ModelEvaluator("multiclass", names).evaluate(Y, P, cluster=np.arange(300))
    again, group = np.tile(np.arange(300), 5), np.tile(np.arange(300), 5)
    five = ModelEvaluator("multiclass", names).evaluate(Y[again], P[again], cluster=group)
    for name in names:
        assert (five[name].low, five[name].high) == pytest.approx(
            (plain[name].low, plain[name].high), rel=1e-9
        )
        assert "300 clusters" in five[name].method


def test_delta_errors_agree_with_the_bootstrap() -> None:
    state = CountState.empty().add(Rows(Y, P))
    for name in ("macro", "weighted"):
        metric: Any = F1Metric(average=name)
        drawn, delta = CountMetric.interval(metric, state), metric._delta(state, 0.95)
        assert delta.high - delta.low == pytest.approx(drawn.high - drawn.low, rel=0.08)


def test_cluster_limits_follow_their_formula() -> None:
    shares = np.array([0.1, -0.2, 0.05, 0.05, 0.0])
    error = math.sqrt(shares @ shares * 5 / 4)
    carrying = 3 * (shares @ shares) ** 2 / (shares**4).sum()
    half = t_quantile(0.95, min(5, carrying) - 1) * error
    found = clusters.of_parts(2.0, shares, 0.95, (-9.0, 9.0), "5 clusters")
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half), rel=1e-12)
    rows = np.repeat(np.arange(5), 2)
    held = clusters.interval(2.0, np.repeat(shares / 2, 2), rows, 0.95, (-9.0, 9.0), lambda _: 0.0)
    assert held[:2] == pytest.approx(found[:2], rel=1e-12)


def test_one_cluster_has_no_interval_and_a_function_of_ids_makes_clusters() -> None:
    assert (
        not ModelEvaluator("multiclass", ["accuracy"])
        .evaluate(Y, P, cluster=[0] * 300)["accuracy"]
        .has_interval
    )
    e = ModelEvaluator("multiclass", ["accuracy"], cluster=lambda each: each.split("-")[0])
    found = e.evaluate(Y, P, ids=[f"{i // 10}-{i}" for i in range(300)])
    assert "30 clusters" in found["accuracy"].method
    with pytest.raises(EvaluationError, match="Pass ids="):
        e.evaluate(Y, P)


class Slow(Metric):
    name = "slow"
    nap = 0.0

    def compute(self, y_true: Any, y_pred: Any) -> float:
        time.sleep(self.nap)
        return float(np.abs(y_true - y_pred).mean())


def test_slow_metrics_get_an_interval_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    y, p = RNG.normal(size=(2, 400))
    whole = ModelEvaluator("regression", [Slow]).evaluate(y, p)["slow"]
    for name, word in (("_SLOW", "100 resamples"), ("_VERY_SLOW", "20 random parts")):
        monkeypatch.setattr(bootstrap, name, 0.0)
        found = ModelEvaluator("regression", [Slow]).evaluate(y, p)["slow"]
        assert word in found.method
        assert found.high - found.low == pytest.approx(whole.high - whole.low, rel=0.4)


def test_what_is_counted_in_blocks_is_counted_once() -> None:
    y, p = RNG.integers(0, 2, (2, 70_001))
    for low in (0, -3, 10**12):
        for labels in ((y, p), (y + 3, p)):
            t, q = (side + low for side in labels)
            expected = {
                (a, b): int(((t == a) & (q == b)).sum()) for a in set(t.tolist()) for b in set(q.tolist())
            }
            matrix = ConfusionMatrix(t, q)
            assert {k: matrix.get_cell(*k) for k in expected} == expected


def test_results_do_not_follow_the_callers_array() -> None:
    y, p = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    rows = read_rows("numbers", y, p, scores=p)
    p[:] = 9
    assert rows.y_pred.tolist() == [0.0, 1.0]
    assert rows.scores is not None
    assert rows.scores.tolist() == [0.0, 1.0]


def test_the_bounded_area_says_its_bound_and_the_interval_is_wider_by_it() -> None:
    y = RNG.integers(0, 2, 200)
    s = np.round(1 / (1 + np.exp(-RNG.normal(size=200) - y)), 2) * 0.02 + 0.4
    value = ModelEvaluator("binary", [AUCROCMetric(bounded=True)]).evaluate(y, y, scores=s)["auc_roc"]
    exact = ModelEvaluator("binary", ["auc_roc"]).evaluate(y, y, scores=s)["auc_roc"]
    found = AUCROCMetric(bounded=True).grouped(BucketState.empty().add(Rows(y, y, s)))
    assert found.bound > 0.001
    assert f"within {found.bound:.1e}" in value.method
    assert abs(exact - value) <= found.bound
    assert value.low == pytest.approx(exact.low, abs=2 * found.bound)
    assert value.high - value.low > exact.high - exact.low + found.bound
    with pytest.raises(EvaluationError, match="probabilities"):
        BucketState.empty().add(Rows(y, y, s + 1))


def test_buckets_are_as_fine_near_one_as_near_zero() -> None:
    s = np.sort(np.concatenate([np.array([0.0, 0.5, 1.0]), 10.0 ** -RNG.uniform(0, 9, 500)]))
    found = buckets(s)
    assert (np.diff(found) >= 0).all()
    assert (found[0], found[-1]) == (0, BUCKETS - 1)
    low = s[(s > 1e-6) & (s < 0.49)]
    mirrored = np.abs(buckets(1 - low) - (BUCKETS - 1 - buckets(low)))
    assert mirrored.max() <= 1
    sure = 1 / (1 + np.exp(-RNG.normal(size=20_000) - 12))
    y = RNG.integers(0, 2, 20_000)
    for scores in (sure, 1 - sure):
        assert AUCROCMetric(bounded=True).grouped(BucketState.empty().add(Rows(y, y, scores))).bound < 1e-3


def test_calibration_holds_zero_for_calibrated_scores_and_not_for_others() -> None:
    rng = np.random.default_rng(7)
    s = rng.random(4000)
    y = (rng.random(4000) < s).astype(int)
    evaluator = ModelEvaluator("binary", ["ece"])
    good, bad = (evaluator.evaluate(y, y, scores=v)["ece"] for v in (s, s**3))
    assert good.low == 0 < good.high < 0.05
    truth = float(np.mean(np.abs(np.linspace(0, 1, 4001) - np.linspace(0, 1, 4001) ** 3)))
    assert 0 < bad.low < truth < bad.high < 2 * bad
    merged = BinState.empty().add(s[:9], y[:9]).merge(BinState.empty().add(s[9:], y[9:]))
    assert merged.square == pytest.approx(BinState.empty().add(s, y).square)


def test_states_of_sets_and_buckets_survive_json() -> None:
    sets = read_rows("label sets", [{"a"}, {"b", "a"}, set()], [{"a"}, {"b"}, {"b"}])
    for state in (MultilabelState.empty().add(sets), BinState.empty().add(np.array([0.2]), np.array([1]))):
        back = type(state).from_dict(json.loads(json.dumps(state.to_dict())))
        assert json.dumps(back.to_dict()) == json.dumps(state.to_dict())
    assert (
        type(sets).from_dict(json.loads(json.dumps(sets.to_dict()))).y_true.tolist() == sets.y_true.tolist()
    )


def test_wilson_takes_another_quantile() -> None:
    assert wilson(8, 10, quantile=1.959963984540054)[:2] == pytest.approx(wilson(8, 10)[:2])
    assert wilson(8, 10, quantile=3.0).low < wilson(8, 10).low
