"""Comparison: paired on the same rows, with interval, p-value and what the rows can show."""

import json
import re
from typing import Any

import numpy as np
import pytest
from scipy import stats

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import EvaluationResult, Metric, ModelEvaluator, compare_suite
from modelops_jupyter.evaluation.intervals import mcnemar_p, tango
from modelops_jupyter.evaluation.paired import Paired

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 300)
GOOD = np.where(RNG.random(300) < 0.85, Y, (Y + 1) % 3)
POOR = np.where(RNG.random(300) < 0.70, Y, (Y + 2) % 3)
IDS = [f"r{i}" for i in range(300)]


def run(pred: Any, ids: Any = IDS, metrics: Any = ("accuracy", "f1"), y: Any = Y) -> EvaluationResult:
    return ModelEvaluator("multiclass", list(metrics)).evaluate(y, pred, ids=ids)


def test_accuracy_is_compared_by_mcnemar_on_discordant_rows() -> None:
    row = run(GOOD).compare(run(POOR))["accuracy"]
    gained, lost = int(((GOOD == Y) & (POOR != Y)).sum()), int(((GOOD != Y) & (POOR == Y)).sum())
    assert row.discordant == (gained, lost)
    assert row.p == mcnemar_p(gained, lost)
    assert (row.low, row.high) == tango(gained, lost, 300)[:2]
    assert row.difference == pytest.approx(row.after - row.before)
    assert row.verdict == "better"
    assert run(POOR).compare(run(GOOD))["accuracy"].verdict == "worse"


def test_rows_are_paired_by_id_whatever_their_order() -> None:
    order = RNG.permutation(300)
    shuffled = ModelEvaluator("multiclass", ["accuracy", "f1"]).evaluate(
        Y[order], POOR[order], ids=[IDS[i] for i in order]
    )
    a, b = run(GOOD).compare(run(POOR)), run(GOOD).compare(shuffled)
    assert b.paired_by == "id"
    assert a.rows == b.rows


def test_row_scores_are_paired_by_id_too() -> None:
    texts = [str(v) for v in GOOD]
    order = RNG.permutation(300)
    e = ModelEvaluator("generation")
    after = e.evaluate([str(v) for v in Y], texts, ids=IDS)
    before = e.evaluate(
        [str(Y[i]) for i in order], [str(POOR[i]) for i in order], ids=[IDS[i] for i in order]
    )
    assert (
        after.compare(before)["exact_match"].discordant == run(GOOD).compare(run(POOR))["accuracy"].discordant
    )


def test_without_ids_only_equal_references_are_paired_by_position() -> None:
    assert run(GOOD, None).compare(run(POOR, None)).paired_by == "position"
    with pytest.raises(EvaluationError, match="row 0"):
        run(GOOD, None).compare(run(POOR, None, y=(Y + 1) % 3))
    with pytest.raises(EvaluationError, match="no ids to pair by"):
        run(GOOD, None).compare(run(POOR[:-1], None, y=Y[:-1]))


def test_missing_double_and_contradicting_ids_are_named() -> None:
    with pytest.raises(EvaluationError, match=r"^1 row is missing from the earlier result, first id 'r299'"):
        run(GOOD).compare(run(POOR[:-1], IDS[:-1], y=Y[:-1]))
    with pytest.raises(EvaluationError, match=r"missing from this result, first id 'r299'"):
        run(POOR[:-1], IDS[:-1], y=Y[:-1]).compare(run(GOOD))
    with pytest.raises(EvaluationError, match=r"'r0' stands twice"):
        run(GOOD, ["r0", *IDS[:-1]]).compare(run(POOR))
    changed = Y.copy()
    changed[5] = (changed[5] + 1) % 3
    with pytest.raises(EvaluationError, match="id 'r5'"):
        run(GOOD).compare(run(POOR, y=changed))


def test_the_same_answers_show_no_difference_and_a_detectable_size() -> None:
    comparison = run(GOOD).compare(run(GOOD))
    for row in comparison.rows:
        assert (row.difference, row.p, row.verdict) == (0.0, 1.0, "no difference shown")
        assert row.items_needed is None
    assert comparison["accuracy"].low < 0 < comparison["accuracy"].high
    assert 0 < comparison["accuracy"].detectable < 0.06
    assert "80 % power" in str(comparison)


def test_a_resampled_difference_without_variation_is_not_called_certain() -> None:
    y = [0, 1] * 10
    e = ModelEvaluator("multiclass", ["f1"])
    row = e.evaluate(y, y).compare(e.evaluate(y, [2] * 20))["f1"]
    assert (row.difference, row.verdict) == (1.0, "better")
    assert 0.7 < row.low < 0.8
    same = e.evaluate(y, y).compare(e.evaluate(y, y))["f1"]
    assert same.low == -same.high
    assert 0.1 < same.high < 0.2


def test_macro_f1_is_compared_on_the_joint_table() -> None:
    row = run(GOOD).compare(run(POOR))["f1"]
    from sklearn.metrics import f1_score

    picks = RNG.integers(0, 300, (300, 300))
    draws = [
        f1_score(Y[i], GOOD[i], average="macro") - f1_score(Y[i], POOR[i], average="macro") for i in picks
    ]
    assert (row.low, row.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.02)
    assert row.difference == pytest.approx(row.after - row.before, abs=1e-12)


def test_regression_is_compared_by_paired_t_and_lower_is_better() -> None:
    y = RNG.normal(size=80)
    a, b = y + RNG.normal(0, 0.3, 80), y + RNG.normal(0, 1, 80)
    e = ModelEvaluator("regression")
    comparison = e.evaluate(y, a).compare(e.evaluate(y, b))
    expected = stats.ttest_rel((y - a) ** 2, (y - b) ** 2)
    row = comparison["mse"]
    assert row.p == pytest.approx(expected.pvalue, rel=1e-6)
    interval = expected.confidence_interval(0.95)
    assert (row.low, row.high) == pytest.approx((interval.low, interval.high))
    assert [r.verdict for r in comparison.rows] == ["better"] * 4
    for r in comparison.rows:
        assert r.difference == pytest.approx(r.after - r.before)


def test_linearised_differences_have_the_bootstraps_width() -> None:
    y = RNG.normal(size=200)
    a, b = y + RNG.normal(0, 0.5, 200), y + RNG.normal(0, 0.6, 200)
    e = ModelEvaluator("regression", ["rmse", "r2"])
    comparison = e.evaluate(y, a).compare(e.evaluate(y, b))
    picks = RNG.integers(0, 200, (2000, 200))
    error = [((y[picks] - p[picks]) ** 2).mean(axis=1) for p in (a, b)]
    rmse, r2 = np.sqrt(error[0]) - np.sqrt(error[1]), (error[1] - error[0]) / y[picks].var(axis=1)
    for name, draws in (("rmse", rmse), ("r2", r2)):
        row = comparison[name]
        assert row.high - row.low == pytest.approx(3.92 * draws.std(), rel=0.1)


def test_r2_against_a_constant_has_the_bootstraps_width() -> None:
    y = RNG.exponential(size=300)
    a = y + RNG.normal(0, 0.5, 300)
    e = ModelEvaluator("regression", ["r2"])
    row = e.evaluate(y, a).compare(e.evaluate(y, np.full(300, y.mean())))["r2"]
    picks = RNG.integers(0, 300, (2000, 300))
    error = ((y[picks] - a[picks]) ** 2).mean(axis=1)
    naive = ((y[picks] - y.mean()) ** 2).mean(axis=1)
    draws = (naive - error) / y[picks].var(axis=1)
    assert row.high - row.low == pytest.approx(3.92 * draws.std(), rel=0.12)


def test_areas_are_compared_by_delong() -> None:
    y = RNG.integers(0, 2, 120)
    a, b = y + RNG.normal(0, 1, 120), y + RNG.normal(0, 2, 120)
    e = ModelEvaluator("binary", ["auc_roc"])
    row = e.evaluate(y, y, scores=a).compare(e.evaluate(y, y, scores=b))["auc_roc"]
    from sklearn.metrics import roc_auc_score

    draws: list[float] = []
    for _ in range(800):
        i = RNG.integers(0, 120, 120)
        draws.append(float(roc_auc_score(y[i], a[i]) - roc_auc_score(y[i], b[i])))
    assert row.difference == pytest.approx(roc_auc_score(y, a) - roc_auc_score(y, b))
    assert row.high - row.low == pytest.approx(3.92 * np.std(draws), rel=0.12)


def test_a_users_metric_is_compared_by_resampling_rows() -> None:
    class Zeros(Metric):
        name = "zeros"

        def compute(self, y_true: Any, y_pred: Any) -> float:
            return float((y_pred == 0).mean())

    e = ModelEvaluator("multiclass", [Zeros()])
    row = e.evaluate(Y, np.zeros(300, int)).compare(e.evaluate(Y, POOR))["zeros"]
    assert row.difference == pytest.approx(1 - (POOR == 0).mean())
    assert row.method == "paired bootstrap"
    assert row.verdict == "better"


def test_a_metric_without_direction_is_only_different() -> None:
    e = ModelEvaluator("generation", ["length_ratio"])
    truth = ["abcd"] * 40
    long, short = ["abcdefgh" + "x" * (i % 3) for i in range(40)], ["ab" + "x" * (i % 2) for i in range(40)]
    assert e.evaluate(truth, long).compare(e.evaluate(truth, short))["length_ratio"].verdict == "different"


def test_power_matches_the_plan() -> None:
    """Items needed at 80 % power: (1.96 + 0.84)² (discordance - d²) / d²."""
    n = 1000
    y = np.zeros(n, int)
    before = np.array([1] * 35 + [0] * 965)
    after = np.array([0] * 35 + [1] * 5 + [0] * 960)
    row = run(after, None, ["accuracy"], y).compare(run(before, None, ["accuracy"], y))["accuracy"]
    share, d = 40 / n, 30 / n
    assert row.items_needed == pytest.approx((1.959964 + 0.841621) ** 2 * (share - d * d) / d**2, abs=1)
    assert row.detectable == pytest.approx(np.sqrt(7.8489 * share / (n + 7.8489)), rel=1e-3)


def test_a_verdict_needs_interval_and_p_value() -> None:
    y, right = np.zeros(40, int), np.zeros(40, int)
    before = np.array([1] * 4 + [0] * 36)
    row = run(right, None, ["accuracy"], y).compare(run(before, None, ["accuracy"], y))["accuracy"]
    assert row.low > 0
    assert row.p > 0.05
    assert row.verdict == "no difference shown"


def test_unlike_results_are_refused() -> None:
    with pytest.raises(EvaluationError, match="cannot be compared"):
        run(GOOD).compare(ModelEvaluator("regression").evaluate([1, 2], [1, 2]))
    with pytest.raises(EvaluationError, match="no rows to compare"):
        EvaluationResult({"accuracy": 0.9}, "multiclass", 300).compare(run(GOOD))


def test_metrics_of_one_side_only_are_named_as_not_compared() -> None:
    comparison = run(GOOD).compare(run(POOR, metrics=["accuracy"]))
    assert [r.name for r in comparison.rows] == ["accuracy"]
    assert comparison.missing == ("f1",)
    assert "Not compared: f1" in str(comparison)


def test_text_and_json_forms_carry_every_number_with_its_interval() -> None:
    comparison = run(GOOD).compare(run(POOR))
    lines = str(comparison).splitlines()
    assert re.split(r"\s{2,}", lines[1])[:4] == [
        "metric",
        "before [95 %]",
        "after [95 %]",
        "difference [95 %]",
    ]
    assert [line.count("[") for line in lines[2 : 2 + len(comparison)]] == [3] * len(comparison)
    assert "n=" in str(comparison["accuracy"])
    assert comparison["accuracy"].interval_text in str(comparison["accuracy"])
    data = json.loads(comparison.to_json())
    assert data["rows"][0]["verdict"] == "better"
    assert str(comparison) == str(run(GOOD).compare(run(POOR)))


def test_a_p_value_alone_is_no_finding_either() -> None:
    class Odd(Metric):
        name = "odd"

        def compute(self, y_true: Any, y_pred: Any) -> float:
            return 0.5

        def paired(self, *_: Any) -> Paired:
            return Paired(0.1, -0.1, 0.3, 0.01, "such as nobody should make")

    after, before = run(GOOD, metrics=[Odd()]), run(POOR, metrics=[Odd()])
    assert after.compare(before)["odd"].verdict == "no difference shown"
    assert compare_suite(after, before).rows[0].verdict == "no difference shown"


def test_scores_that_rank_alike_are_not_called_the_same_for_sure() -> None:
    y = RNG.integers(0, 2, 80)
    e, s = ModelEvaluator("binary", ["auc_roc"]), y + RNG.normal(size=80)
    row = e.evaluate(y, y, scores=s).compare(e.evaluate(y, y, scores=2 * s + 1))["auc_roc"]
    assert (row.difference, row.p, row.method) == (0.0, 1.0, "no row is ranked differently")
    assert row.low == -row.high
    assert 0.05 < row.high < 0.2
    assert row.verdict == "no difference shown"


@pytest.mark.parametrize("name", ["average_precision", "auc_roc", "ks"])
def test_score_metrics_are_paired_over_clusters(name: str) -> None:
    y = np.tile([0, 1], 60)
    a, b = y + RNG.normal(size=120), y + RNG.normal(size=120)
    again, group = np.tile(np.arange(120), 4), np.tile(np.arange(120), 4)
    e = ModelEvaluator("binary", [name])
    once = e.evaluate(y, y, scores=a).compare(e.evaluate(y, y, scores=b))[name]
    four = [e.evaluate(y[again], y[again], scores=s[again], cluster=group) for s in (a, b)]
    row = four[0].compare(four[1])[name]
    assert row.difference == pytest.approx(once.difference)
    assert row.high - row.low == pytest.approx(once.high - once.low, rel=0.25)  # copies tell nothing new


def test_a_difference_of_uncorrected_scores_says_so() -> None:
    after, before = run(GOOD), run(POOR)
    after["accuracy"].caveat = "uncorrected"
    assert "Accuracy: uncorrected." in str(after.compare(before)).splitlines()
