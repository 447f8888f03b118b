"""Curves with bands, calibration and the cheapest threshold."""

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import EvaluationResult, create_evaluator

RNG = np.random.default_rng(0)


def drawn(n: int, seed: int = 0, sharpen: float = 1.0) -> EvaluationResult:
    """Rows whose scores are true probabilities, made too sure of themselves by `sharpen`."""
    rng = np.random.default_rng(seed)
    z = 2 * rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    scores = 1 / (1 + np.exp(-sharpen * z))
    return create_evaluator("binary").evaluate(y, (scores > 0.5).astype(int), scores=scores)


RESULT = drawn(400)
assert RESULT.rows is not None
Y, S = RESULT.rows.y_true, RESULT.rows.scores


def test_roc_and_precision_recall_are_sklearns_points() -> None:
    roc, pr = RESULT.curve("roc"), RESULT.curve("pr")
    fpr, tpr, places = sk.roc_curve(Y, S)
    ours = {t: (x, y) for t, x, y in zip(roc.thresholds, roc.x, roc.y, strict=True)}
    assert len(set(places) & set(ours)) > 100
    assert all(ours[t] == pytest.approx(p) for t, *p in zip(places, fpr, tpr, strict=True) if t in ours)
    assert sk.auc(roc.x, roc.y) == pytest.approx(sk.roc_auc_score(Y, S))
    precision, recall, thresholds = sk.precision_recall_curve(Y, S)
    for p, r, t in zip(precision[:-1], recall[:-1], thresholds, strict=True):
        if t in pr.thresholds[1:]:
            at = int(np.flatnonzero(pr.thresholds == t)[0])
            assert (pr.x[at], pr.y[at]) == pytest.approx((r, p))
    assert pr.base == pytest.approx(np.mean(Y))


@pytest.mark.parametrize("kind", ["roc", "pr"])
def test_the_band_holds_the_true_curve_about_as_often_as_it_says(kind: str) -> None:
    truth, hits = drawn(30_000, 99).curve(kind), 0
    value = np.interp(0.5, truth.x, truth.y)
    for seed in range(40):
        curve = drawn(150, seed).curve(kind)
        hits += np.interp(0.5, curve.x, curve.low) <= value <= np.interp(0.5, curve.x, curve.high)
        assert (curve.low <= curve.y).all()
        assert (curve.y <= curve.high).all()
    assert hits >= 35  # of 40; 95 % would be 38
    wide, narrow = drawn(100).curve(kind), drawn(2_000).curve(kind)
    assert np.mean(wide.high - wide.low) > 2 * np.mean(narrow.high - narrow.low)


def test_one_wrong_row_has_a_band_too() -> None:
    perfect = create_evaluator("binary").evaluate([0, 1] * 20, [0, 1] * 20, scores=[0.1, 0.9] * 20)
    curve = perfect.curve("roc")
    assert curve.low[-1] < 1
    assert perfect.curve("pr").low.min() < 1


def test_calibration_counts_every_row_and_tells_the_calibrated_from_the_too_sure() -> None:
    good = RESULT.curve("calibration")
    assert good.counts is not None
    assert good.error is not None
    assert good.counts.sum() == 400
    inside = (good.low <= good.x) & (good.x <= good.high)
    assert inside.sum() >= len(good.x) - 2
    measured = create_evaluator("binary", ["ece"]).evaluate(Y, Y, scores=S)["ece"]
    assert (good.error, good.error.low, good.error.high) == (measured, measured.low, measured.high)
    sure = drawn(400, sharpen=4).curve("calibration")
    assert sure.error is not None
    assert sure.error.low > good.error


def test_calibration_of_more_classes_is_about_the_answer_given() -> None:
    scores = RNG.dirichlet(np.ones(3), 300)
    truth = np.array([RNG.choice(3, p=row) for row in scores])
    e = create_evaluator("multiclass", ["accuracy"])
    curve = e.evaluate(truth, scores.argmax(1), scores=scores).curve("calibration")
    assert curve.x.min() >= 1 / 3
    assert curve.base == pytest.approx((scores.argmax(1) == truth).mean())
    with pytest.raises(EvaluationError, match="probabilities"):
        create_evaluator("binary").evaluate([0, 1], [0, 1], scores=[-3.0, 2.0]).curve("calibration")


def test_weighted_rows_count_as_copies() -> None:
    weights = RNG.integers(1, 4, 400)
    e, hard = create_evaluator("binary"), (S > 0.5).astype(int)
    weighted = e.evaluate(Y, hard, scores=S, weights=weights)
    copies = e.evaluate(np.repeat(Y, weights), np.repeat(hard, weights), scores=np.repeat(S, weights))
    for kind in ("roc", "pr"):
        a, b = weighted.curve(kind), copies.curve(kind)
        both = set(a.thresholds) & set(b.thresholds)
        assert len(both) > 100
        points = [{t: (x, y) for t, x, y in zip(c.thresholds, c.x, c.y, strict=True)} for c in (a, b)]
        assert all(points[0][t] == pytest.approx(points[1][t]) for t in both)
    one, two = (r.threshold(cost_fp=1, cost_fn=3) for r in (weighted, copies))
    assert float(one.cost) == pytest.approx(float(two.cost), abs=0.01)


@pytest.mark.parametrize(("fp", "fn"), [(1, 1), (1, 5), (7, 1)])
def test_the_threshold_is_the_cheapest_and_its_numbers_are_those_of_its_decisions(
    fp: float, fn: float
) -> None:
    found = RESULT.threshold(cost_fp=fp, cost_fn=fn)
    called = found.value <= S
    cost = (fp * (called & (Y == 0)).sum() + fn * (~called & (Y == 1)).sum()) / 400
    assert float(found.cost) == pytest.approx(cost)
    every = [(fp * ((t <= S) & (Y == 0)).sum() + fn * ((t > S) & (Y == 1)).sum()) / 400 for t in [*S, 2]]
    assert float(found.cost) <= min(every) + (fp + fn) / 400  # 200 places stand for 400
    assert float(found.recall) == pytest.approx(called[Y == 1].mean())
    assert float(found.precision) == pytest.approx(Y[called].mean())
    assert found.low <= found.value <= found.high
    assert found.cost.low < found.cost < found.cost.high
    assert found.low <= fp / (fp + fn) <= found.high  # Bayes' threshold, as the scores are true probabilities


def test_a_threshold_picked_on_these_rows_says_what_new_rows_cost() -> None:
    gaps, promised = [], []
    world = drawn(100_000, 77)
    assert world.rows is not None
    for seed in range(40):
        found = drawn(100, seed).threshold(cost_fp=1, cost_fn=4)
        called = found.value <= world.rows.scores
        cost = ((called & (world.rows.y_true == 0)) + 4.0 * (~called & (world.rows.y_true == 1))).mean()
        gaps.append(cost - found.cost)
        promised.append(found.optimism)
    assert np.mean(promised) == pytest.approx(np.mean(gaps), abs=0.03)
    assert np.mean(gaps) > 0.02


def test_edges_of_thresholds() -> None:
    never = RESULT.threshold(cost_fp=1, cost_fn=0)
    assert never.value == math.inf
    assert never.precision.undefined
    assert never.to_dict()["value"] is None
    assert float(RESULT.threshold(cost_fp=0, cost_fn=1).recall) == 1.0
    for costs in ((0, 0), (-1, 2), (math.nan, 1)):
        with pytest.raises(ConfigError, match="Costs"):
            RESULT.threshold(cost_fp=costs[0], cost_fn=costs[1])
    with pytest.raises(EvaluationError, match="Only one class"):
        create_evaluator("binary", labels=[0, 1]).evaluate([1, 1], [1, 1], scores=[0.1, 0.2]).curve("roc")
    with pytest.raises(ConfigError, match="Did you mean 'roc'"):
        RESULT.curve("rok")
