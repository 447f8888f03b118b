"""Several comparisons at once; gates measured against themselves; rows in clusters."""

import json
import math

import numpy as np
import pytest
from scipy import stats
from tests.benchmarks.coverage_comparisons import agrees_with_the_library, found

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import EvaluationResult, Gate, compare_suite, create_evaluator
from modelops_jupyter.evaluation.multiplicity import adjusted
from modelops_jupyter.evaluation.paired import from_clusters, from_influence, from_rows
from modelops_jupyter.evaluation.suites import BenchmarkCase, BenchmarkSuite


def side(seed: int, right: float, n: int = 200) -> EvaluationResult:
    rng, y = np.random.default_rng(seed), np.arange(n) % 2
    return create_evaluator("binary").evaluate(y, np.where(rng.random(n) < right, y, 1 - y))


GOOD, FAIR, ALIKE = side(1, 0.95), side(2, 0.75), side(3, 0.75)


def test_holm_and_benjamini_hochberg_equal_their_definitions() -> None:
    rng = np.random.default_rng(0)
    for m in (1, 2, 7, 40):
        p = rng.random(m) ** 2
        assert adjusted(p, "bh") == pytest.approx(stats.false_discovery_control(p))
        order = np.argsort(p)
        holm = [max((m - j) * p[order[j]] for j in range(i + 1)) for i in range(m)]
        assert np.array(adjusted(p, "holm"))[order] == pytest.approx(np.minimum(holm, 1))


def test_what_has_no_p_value_does_not_count() -> None:
    found = adjusted([0.02, math.nan, 0.03])
    assert found[0] == pytest.approx(0.04)
    assert math.isnan(found[1])
    with pytest.raises(ConfigError, match="holm"):
        adjusted([0.1], "homl")  # pyright: ignore[reportArgumentType]


def test_a_single_finding_may_not_survive_many_looks() -> None:
    looks = {f"m{i}": side(10 + i, 0.78) for i in range(20)} | {"best": side(45, 0.84)}
    alone = looks["best"].compare(FAIR)["accuracy"]
    assert alone.verdict == "better"
    assert 0.05 / 21 < alone.p < 0.05
    found = compare_suite(looks, FAIR, metrics=["accuracy"])
    assert len(found) == 21
    row = next(r for r in found.rows if r.name == "best")
    assert row.verdict == "no difference shown"
    assert row.p_adjusted > row.row.p


def test_metrics_of_one_pair_and_tasks_by_name() -> None:
    both = compare_suite(GOOD, FAIR)
    assert [r.row.name for r in both.rows] == list(GOOD.metrics)
    assert {r.verdict for r in both.rows} == {"better"}
    assert "after Holm's correction for 4 comparisons" in both.summary
    assert "Accuracy" in str(both)
    tasks = compare_suite({"a": GOOD, "b": ALIKE}, {"a": FAIR, "b": FAIR}, correction="bh")
    assert len(tasks) == 8
    data = json.loads(tasks.to_json())
    assert data["correction"] == "bh"
    assert [r["of"] for r in data["rows"]] == ["a"] * 4 + ["b"] * 4
    assert "a: Accuracy better" in tasks.summary
    with pytest.raises(EvaluationError, match="'b' is missing in before"):
        compare_suite({"a": GOOD, "b": ALIKE}, {"a": FAIR})
    with pytest.raises(EvaluationError, match="mapping"):
        compare_suite(GOOD, {"a": FAIR})
    with pytest.raises(EvaluationError, match="empty"):
        compare_suite({}, FAIR)


@pytest.mark.parametrize("metric", ["accuracy", "f1"])
def test_a_gate_seldom_fails_what_is_good_enough(metric: str) -> None:
    for gate, before in ((Gate(metric, max_drop=0.0), FAIR), (Gate(metric, min_value=0.5), None)):
        alarms = gate.aa(ALIKE, before, rounds=200)
        assert alarms.rounds == 200
        assert alarms.interval[0] <= 0.025 <= max(0.05, alarms.interval[1])
        assert alarms.rate <= 0.055
        assert "200 rounds of 200 rows" in str(alarms)


def test_a_gate_that_asks_for_more_than_chance_allows_is_seen() -> None:
    drop = Gate("accuracy", max_drop=0.0)
    for sides in ((GOOD, FAIR), (FAIR, GOOD)):  # mixed by the coin, both are equally good
        assert drop.aa(*sides, rounds=50).rate < 0.2
    assert drop.check(FAIR, GOOD).outcome == "fail"
    with pytest.raises(EvaluationError, match="before="):
        drop.aa(GOOD)
    with pytest.raises(ConfigError, match="rounds"):
        drop.aa(GOOD, FAIR, rounds=0)
    with pytest.raises(EvaluationError, match="no rows"):
        Gate("accuracy", min_value=0.1).aa(EvaluationResult({"accuracy": 0.9}, "binary", 10))


def test_row_scores_are_not_asked_for_again_and_clusters_are_drawn_whole() -> None:
    calls: list[int] = []

    def paid(predictions: list[str], references: list[str]) -> list[float]:
        calls.append(1)
        return [float(p == r) for p, r in zip(predictions, references, strict=True)]

    e = create_evaluator("generation", {"paid": paid})
    sides = [e.evaluate(["a"] * 100, ["ab"[(i * k) % 7 % 2] for i in range(100)]) for k in (1, 3)]
    asked = len(calls)
    assert Gate("paid", max_drop=0.0, min_value=0.1).aa(*sides, rounds=100).rate <= 0.09
    assert len(calls) == asked

    rng, y = np.random.default_rng(0), np.arange(400) % 2
    group = np.arange(400) // 20
    hard = (rng.random(20) < 0.4)[group]
    sides = [
        create_evaluator("binary").evaluate(
            y, np.where(hard & (rng.random(20) < 0.5)[group], 1 - y, y), cluster=group
        )
        for _ in range(2)
    ]
    gate = Gate("accuracy", max_drop=0.0)
    assert gate.aa(*sides, rounds=300).rate <= 0.06
    blind = [create_evaluator("binary").evaluate(r.rows.y_true, r.rows.y_pred) for r in sides if r.rows]
    assert sides[0].compare(sides[1])["accuracy"].p > blind[0].compare(blind[1])["accuracy"].p


def test_repeats_of_a_suite_stand_against_each_other() -> None:
    suite = BenchmarkSuite("sums", "1", [BenchmarkCase(str(i), f"{i}+1", str(i + 1)) for i in range(40)])
    rng = np.random.default_rng(0)

    def mostly(prompt: str) -> str:
        return str(int(prompt.split("+")[0]) + 1) if rng.random() < 0.8 else "?"

    found = suite.run(mostly, repeats=4, concurrency=1)
    alarms = Gate(next(iter(found.metrics)), max_drop=0.0).aa(found, rounds=200)
    assert alarms.rows == 40
    assert alarms.rate <= 0.07
    once = suite.run(mostly, concurrency=1)
    with pytest.raises(EvaluationError, match="repeats="):
        Gate(next(iter(once.metrics)), max_drop=0.0).aa(once)


def test_clusters_of_one_row_are_a_paired_t_and_copies_add_nothing() -> None:
    gaps = np.random.default_rng(5).normal(0.1, 1, 40)
    plain, single = from_influence(gaps, 0.95), from_clusters(gaps, np.arange(40), 0.95)
    assert (single.low, single.high, single.p) == pytest.approx((plain.low, plain.high, plain.p))
    copies = from_clusters(np.repeat(gaps, 10), np.repeat(np.arange(40), 10), 0.95)
    assert (copies.low, copies.high, copies.p) == pytest.approx((plain.low, plain.high, plain.p))
    assert from_influence(np.repeat(gaps, 10), 0.95).p < copies.p
    assert math.isnan(from_clusters(gaps, np.zeros(40), 0.95).p)
    rates = [(np.repeat(gaps, 10) > limit).astype(float) for limit in (0, 0.3)]
    clustered = from_rows(rates[0], rates[1], 0.95, clusters=np.repeat(np.arange(40), 10))
    assert clustered.method == "paired t over 40 clusters"
    assert clustered.p > from_rows(rates[0], rates[1], 0.95).p


@pytest.mark.parametrize("n", [8, 20, 50])
def test_a_paired_rate_finds_what_is_not_there_at_most_so_often(n: int) -> None:
    sizes = [found(n, share, 0.5) for share in (0.05, 0.2, 0.5, 0.8, 0.9, 0.97, 0.99, 1.0)]
    assert max(ours for _, ours in sizes) <= 0.055
    mid, ours = found(n, 0.3, 0.8)
    assert ours >= mid - 1e-4  # they part only where every row differs


def test_the_enumeration_speaks_about_the_library() -> None:
    assert agrees_with_the_library(9)
    assert agrees_with_the_library(14)
