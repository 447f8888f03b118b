"""Curves, residuals and slices as they travel, the threshold that moves them, and the way back to rows."""

import json
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.evaluation import EvaluationResult, Examples, Gate, create_evaluator, evaluate_model
from modelops_jupyter.evaluation.forgetting import Retained
from modelops_jupyter.wire import curves, residuals
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.shown import Shown, at_threshold

RNG = np.random.default_rng(5)
N = 400
TRUTH = ["yes" if v else "no" for v in RNG.random(N) < 0.3]
SCORES = np.clip(RNG.normal(0.35, 0.2, N) + 0.3 * (np.array(TRUTH) == "yes"), 0, 1).round(3)
LANGUAGE = ["pl" if v else "en" for v in RNG.random(N) < 0.4]


def binary(metrics: tuple[str, ...] = ("accuracy", "recall", "precision", "auc_roc")) -> EvaluationResult:
    said = ["yes" if s >= 0.6 else "no" for s in SCORES]
    found = create_evaluator("binary", list(metrics), positive_class="yes").evaluate(
        TRUTH, said, scores=SCORES, ids=[f"r{i}" for i in range(N)]
    )
    found.dataset = Dataset([{"text": str(i), "language": name} for i, name in enumerate(LANGUAGE)])
    return found


def prices(n: int = 300) -> EvaluationResult:
    truth = RNG.normal(100, 20, n)
    return create_evaluator("regression", ["rmse"]).evaluate(truth, truth + RNG.normal(1, 5, n))


def reply(shown: Shown, op: str, **args: Any) -> Any:
    context = Context(resolve_result=lambda _: shown)
    given = answer({"v": 1, "id": "1", "op": op, "args": {"result": "r", **args}}, context)
    json.dumps(given, allow_nan=False)
    return given


def ask(shown: Shown, op: str, **args: Any) -> Any:
    given = reply(shown, op, **args)
    assert given["ok"], given
    return given["result"]


def refused(shown: Shown, op: str, **args: Any) -> str:
    given = reply(shown, op, **args)
    assert not given["ok"]
    return given["error"]["code"]


def test_every_point_of_a_curve_counts_what_reaches_its_threshold() -> None:
    found = ask(Shown(binary()), "curves")
    positive = np.array(TRUTH) == "yes"
    for i, threshold in enumerate(found["threshold"]):
        reached = threshold <= SCORES
        assert found["hits"][i] == (reached & positive).sum()
        assert found["alarms"][i] == (reached & ~positive).sum()
        assert found["roc"]["y"][i] == pytest.approx(found["hits"][i] / positive.sum(), rel=1e-4)
        assert found["pr"]["x"][i] == found["roc"]["y"][i]
        assert found["roc"]["low"][i] <= found["roc"]["y"][i] <= found["roc"]["high"][i]
        assert found["pr"]["low"][i] <= found["pr"]["y"][i] <= found["pr"]["high"][i]
    assert sorted(found["threshold"], reverse=True) == found["threshold"]
    assert (found["hits"][0], found["alarms"][0]) == (0, 0)
    assert (found["hits"][-1], found["alarms"][-1]) == (positive.sum(), N - positive.sum())
    assert len(found["threshold"]) <= curves.POINTS + 4


def test_the_handle_starts_where_the_answers_were_parted() -> None:
    result = binary()
    found = ask(Shown(result), "curves")
    matrix = result.confusion
    assert matrix is not None
    assert found["hits"][found["start"]] == matrix.get_cell("yes", "yes")
    assert found["alarms"][found["start"]] == matrix.get_cell("no", "yes")
    start = found["start"]
    assert found["recall"][start] == result["recall"].brief
    assert found["precision"][start] == result["precision"].brief


def test_areas_and_the_cheapest_threshold_are_those_of_python() -> None:
    result = binary()
    found = ask(Shown(result), "curves", cost_fp=1, cost_fn=5)
    best = result.threshold(cost_fp=1, cost_fn=5)
    assert found["auc"] == result["auc_roc"].brief
    assert found["threshold"][found["cheapest"]] == best.value
    assert best.cost.brief in found["cheapest_text"]
    at = found["cheapest"]
    cost = 5 * (found["positives"] - found["hits"][at]) + found["alarms"][at]
    assert cost / N == pytest.approx(float(best.cost))
    assert ask(Shown(result), "curves", cost_fn=1)["cheapest"] != found["cheapest"]


def test_a_moved_threshold_gives_what_evaluating_again_would_give() -> None:
    result, seen = binary(), list[Any]()
    shown = Shown(result, changed=lambda *told: seen.append(told))
    assert ask(shown, "result")["confusion"]  # which the result keeps
    found = ask(shown, "result", threshold=0.45)
    said = ["yes" if s >= 0.45 else "no" for s in SCORES]
    again = create_evaluator("binary", list(result.metrics), positive_class="yes").evaluate(
        TRUTH, said, scores=SCORES
    )
    assert [m["text"] for m in found["metrics"]] == [f"{float(v):.3f}" for v in again.metrics.values()]
    assert [m["interval_text"] for m in found["metrics"]] == [
        f"{v.low:.3f} to {v.high:.3f}" for v in again.metrics.values()
    ]
    assert again.confusion is not None
    assert found["confusion"]["matrix"] == again.confusion.matrix.tolist()
    assert seen == [("threshold", 0.45)]
    assert result.confusion is not None
    assert result.confusion.matrix.tolist() != found["confusion"]["matrix"]


def test_rows_of_a_cell_follow_the_threshold() -> None:
    shown = Shown(binary())
    matrix = ask(shown, "result", threshold=0.45)["confusion"]
    for i, true in enumerate(matrix["classes"]):
        for j, predicted in enumerate(matrix["classes"]):
            page = ask(shown, "examples", true=true, predicted=predicted, threshold=0.45)
            assert page["total"] == matrix["matrix"][i][j]
    assert {row["prediction"]["text"] for row in page["rows"]} == {matrix["classes"][1]}


def test_whole_numbers_stay_whole_when_the_threshold_moves() -> None:
    result = create_evaluator("binary", ["f1"]).evaluate(
        [0, 1, 1, 0], [0, 1, 0, 0], scores=[0.1, 0.9, 0.4, 0.6]
    )
    moved = at_threshold(result, 0.3)
    assert moved.need_rows("test").y_pred.tolist() == [0, 1, 1, 1]
    assert moved.need_rows("test").y_pred.dtype == result.need_rows("test").y_pred.dtype


def test_one_of_several_classes_stands_against_the_rest() -> None:
    labels = np.array(["a", "b", "c"])
    p = RNG.dirichlet([1, 1, 1], 300)
    truth = labels[[RNG.choice(3, p=row) for row in p]]
    result = create_evaluator("multiclass", ["accuracy"]).evaluate(truth, labels[p.argmax(axis=1)], scores=p)
    shown = Shown(result)
    found = ask(shown, "curves", positive=2)
    alone = create_evaluator("binary", ["auc_roc"]).evaluate(truth == "c", truth == "c", scores=p[:, 2])
    assert found["auc"] == alone["auc_roc"].brief
    assert found["classes"] == ["a", "b", "c"]
    assert not found["moves"]
    first = found["calibration"]["bins"][0]
    key = {"of": "score", "low": first["low"], "high": first["high"]}
    page = ask(shown, "examples", bin={**key, "column": 2})
    assert page["total"] == first["n"] == (p[:, 2] < first["high"]).sum()
    assert refused(shown, "curves", positive=3) == "bad-arguments"
    assert refused(shown, "result", threshold=0.5) == "bad-arguments"
    assert refused(shown, "examples", bin={**key, "column": 3}) == "bad-arguments"


def test_what_has_no_scores_or_one_class_is_an_error_answer() -> None:
    plain = create_evaluator("binary").evaluate([0, 1], [0, 1])
    assert "curves" not in ask(Shown(plain), "result")["parts"]
    assert refused(Shown(plain), "curves") == "bad-arguments"
    assert refused(Shown(plain), "result", threshold=0.5) == "bad-arguments"
    one = create_evaluator("binary", ["accuracy"], labels=[0, 1]).evaluate([1, 1], [1, 1], scores=[0.2, 0.9])
    assert not reply(Shown(one), "curves")["ok"]
    assert refused(Shown(one), "result", threshold=0.5) == "bad-arguments"
    assert refused(Shown(EvaluationResult({"accuracy": 0.9}, "binary", 10)), "curves") == "bad-arguments"


def test_scores_that_are_no_probabilities_have_curves_but_no_calibration() -> None:
    result = create_evaluator("binary", ["accuracy"]).evaluate(
        [0, 1, 1, 0], [0, 1, 1, 0], scores=[-3, 2, 5, 0]
    )
    found = ask(Shown(result), "curves")
    assert found["calibration"] is None
    assert found["auc"].startswith("1.000 [")


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("curves", {"cost_fp": -1}),
        ("curves", {"cost_fn": "5"}),
        ("curves", {"cost_fp": 0, "cost_fn": 0}),
        ("curves", {"positive": -1}),
        ("curves", {"positive": "yes"}),
        ("curves", {"costs": 1}),
        ("slices", {"by": 7}),
        ("slices", {"by": "x" * 2000}),
        ("slices", {"by": "no such field"}),
        ("residuals", {}),
        ("residuals", {"n": 1}),
        ("examples", {"bin": {"of": "prompt", "low": 0, "high": 1}}),
        ("examples", {"bin": {"of": "error", "low": 0, "high": 1}}),
        ("examples", {"bin": {"of": "score", "low": "0", "high": 1}}),
        ("examples", {"slice": {"by": "", "name": "forged"}}),
        ("examples", {"slice": {"by": "forged", "name": "pl"}}),
        ("examples", {"threshold": "0.5"}),
        ("focus", {"name": "import os"}),
        ("focus", {"name": "x" * 60}),
        ("focus", {"true": "forged"}),
    ],
)
def test_forged_arguments_are_refused_in_words(op: str, args: dict[str, Any]) -> None:
    given = reply(Shown(binary()), op, **args)
    assert not given["ok"]
    assert given["error"]["code"] != "internal"
    assert given["error"]["message"]


def test_the_rows_of_all_score_bins_are_all_rows() -> None:
    shown = Shown(binary())
    bins = ask(shown, "curves")["calibration"]["bins"]
    assert sum(b["n"] for b in bins) == N
    for b in bins:
        page = ask(shown, "examples", bin={"of": "score", "low": b["low"], "high": b["high"]})
        assert page["total"] == b["n"]


def test_conditions_on_rows_hold_together() -> None:
    result = binary()
    key = {"by": "language", "name": "pl"}
    found = ask(
        Shown(result), "examples", slice=key, correct=False, bin={"of": "score", "low": 0.6, "high": 2}
    )
    wrong = [t == "no" and s >= 0.6 and x == "pl" for t, s, x in zip(TRUTH, SCORES, LANGUAGE, strict=True)]
    assert found["total"] == sum(wrong) > 0


def test_the_search_counts_a_row_without_a_point_as_wrong() -> None:
    rows = [{"prompt": f"{i}?", "completion": str(i)} for i in range(100)]
    result = evaluate_model(
        lambda asked: [p[:-1] if len(p) > 2 else "no" for p in asked], Dataset(rows), metrics=["exact_match"]
    )
    found = ask(Shown(result), "slices")
    assert found["overall"]["text"] == "10.0 %"


def test_residuals_are_prediction_minus_truth_and_every_bin_leads_to_its_rows() -> None:
    result = prices()
    shown, rows = Shown(result), result.need_rows("test")
    found = ask(shown, "residuals")
    off = rows.y_pred - rows.y_true
    assert found["points"][1] == pytest.approx(off.tolist(), rel=1e-4)
    assert f"{off.mean():+.3f}" in found["finding"]
    assert len(found["bins"]) == residuals.BINS
    assert sum(b["n"] for b in found["bins"]) == len(off)
    for b in found["bins"]:
        page = ask(shown, "examples", bin={"of": "error", "low": b["low"], "high": b["high"]})
        assert page["total"] == b["n"]
    means = found["groups"]
    assert len(means["x"]) == 10
    for mean, low, high in zip(means["y"], means["low"], means["high"], strict=True):
        assert low < mean < high
    assert ask(shown, "result")["parts"] == {"residuals": True, "slices": True}


def test_many_residuals_travel_as_a_density() -> None:
    found = ask(Shown(prices(residuals.MOST_POINTS + 1)), "residuals")
    assert found["points"] is None
    assert max(cell[4] for cell in found["cells"]) == 1
    assert len(json.dumps(found)) < 60_000


def test_one_row_and_no_spread_still_have_residuals() -> None:
    for truth, said in (([3.0], [4.0]), ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])):
        result = create_evaluator("regression", ["mae"]).evaluate(truth, said)
        found = ask(Shown(result), "residuals")
        assert sum(b["n"] for b in found["bins"]) == len(truth)


def test_slices_are_those_of_python_and_lead_to_their_rows() -> None:
    result = binary()
    shown = Shown(result)
    found, known = ask(shown, "slices", by="language"), result.by("language")
    assert found["columns"] == [("language", "language")]
    assert found["finding"] == known.summary
    assert [row["label"] for row in found["rows"]] == [s.name for s in known.slices]
    for row, piece in zip(found["rows"], known.slices, strict=True):
        value = piece.metrics["accuracy"]
        assert f"{row['text']} {row['interval_text']}" == value.brief
        assert (row["n"], row["verdict"]) == (piece.n, piece.finding)
        assert found["axis"][0] <= row["low"] <= row["high"] <= found["axis"][1]
        page = ask(shown, "examples", slice={"by": "language", "name": row["label"]})
        assert page["total"] == piece.n
        assert all(LANGUAGE[r["position"]] == piece.name for r in page["rows"])
    assert f"{found['overall']['text']} {found['overall']['interval_text']}" == result["accuracy"].brief


def test_the_search_for_bad_slices_is_made_once_and_gives_its_rows() -> None:
    result = binary()
    wrong = np.array([s >= 0.6 for s in SCORES]) != (np.array(TRUTH) == "yes")
    field = ["bad" if w or k % 9 == 0 else "good" for k, w in enumerate(wrong)]
    result.dataset = Dataset([{"text": "t", "tag": tag} for tag in field])
    shown = Shown(result)
    found, known = ask(shown, "slices"), result.worst_slices()
    assert found["finding"] == known.summary
    assert [row["label"] for row in found["rows"]] == [s.rule for s in known]
    first = found["rows"][0]
    assert first["text"] == known.text(known[0].value)
    assert first["interval_text"] == known.interval(known[0])
    assert found["overall"]["text"] == f"{100 * wrong.mean():.1f} %"
    result.dataset = None  # a second search would find nothing now
    assert ask(shown, "examples", slice={"by": "", "name": first["label"]})["total"] == known[0].n


def test_names_of_fields_are_shown_harmless_and_asked_for_as_they_are() -> None:
    result = binary()
    key = "\u202elang\x07" + "x" * 200
    result.dataset = Dataset(
        [{"text": str(i), key: name, "long": "y" * i} for i, name in enumerate(LANGUAGE)]
    )
    ((asked, text),) = ask(Shown(result), "slices", by=key)["columns"]
    assert asked == key
    assert "\u202e" not in text
    assert len(text) <= 80
    assert "\u202e" not in ask(Shown(result), "slices", by=key)["finding"]


def test_few_rows_or_none_offer_no_slices() -> None:
    few = create_evaluator("binary", ["accuracy"]).evaluate([0, 1], [0, 1])
    assert "slices" not in ask(Shown(few), "result")["parts"]
    assert ask(Shown(EvaluationResult({"accuracy": 0.9}, "binary", 1000)), "result")["parts"] == {}


def test_what_is_picked_reaches_python_and_can_get_a_name() -> None:
    seen, names = list[Any](), dict[str, Any]()
    result = binary()
    shown = Shown(result, None, None, lambda *told: seen.append(told), lambda n, v: names.update({n: v}) or n)
    assert ask(shown, "focus", true="yes", predicted="no")["name"] is None
    what, examples = seen[-1]
    assert what == "selection"
    assert isinstance(examples, Examples)
    known = result.examples(true="yes", predicted="no")
    assert examples.positions.tolist() == known.positions.tolist()
    found = ask(shown, "focus", slice={"by": "language", "name": "pl"}, name="picked")
    assert found == {"rows": LANGUAGE.count("pl"), "name": "picked", "version": 0}
    assert isinstance(names["picked"], Dataset)
    assert {row["language"] for row in names["picked"]} == {"pl"}
    assert ask(shown, "focus", clear=True)["rows"] == 0
    assert seen[-1] == ("selection", None)


def test_baselines_and_what_was_retained_travel_with_their_axes() -> None:
    result = binary(("accuracy",))
    result.baselines = {
        "majority answer": create_evaluator("binary", ["accuracy"]).evaluate(TRUTH, ["no"] * N)
    }
    result.retained = (Retained("Loss", "2 [1, 3]", "2.5 [2, 3]", 9, 0.5, 0.25, 0.75, 0.01, "worse"),)
    found = ask(Shown(result), "result")
    (row,) = found["baselines"]["rows"]
    against = result.against_baselines
    assert against is not None
    assert row["value"] == against.rows[0].row.difference
    (kept,) = found["retained"]
    low, high = kept["axis"]
    assert low <= 0 < kept["low"] < kept["value"] < kept["high"] <= high


def test_a_gate_that_did_not_pass_draws_its_limit_too() -> None:
    after, before = binary(("accuracy",)), binary(("accuracy",))
    for drop in (0.3, 0.0001):
        judged = after.check(Gate("accuracy", max_drop=drop, min_value=0.99), before)
        assert judged.outcome == "fail"
        found = ask(Shown(after, after.compare(before), judged), "result")
        assert found["gate"]["word"] == "Gate: fail."
        assert [row["gate"] for row in found["comparison"]["rows"]] == [-drop]
        assert found["comparison"]["axis"][0] <= -drop
    assert ask(Shown(after, after.compare(before)), "result")["gate"] is None


def test_the_change_of_a_matrix_is_after_minus_before() -> None:
    after = binary()
    before = create_evaluator("binary", positive_class="yes").evaluate(
        TRUTH, ["no"] * (N - 1) + ["yes"], ids=[f"r{i}" for i in range(N)]
    )
    found = ask(Shown(after, after.compare(before)), "result")["confusion"]
    assert before.confusion is not None
    old = before.confusion.matrix.tolist()
    assert found["change"] == [
        [a - b for a, b in zip(*rows, strict=True)] for rows in zip(found["matrix"], old, strict=True)
    ]
    assert "change" not in ask(Shown(after), "result")["confusion"]


def test_dots_far_from_zero_do_not_fall_together() -> None:
    truth = 1e9 + np.arange(50.0)
    found = residuals.describe(create_evaluator("regression", ["mae"]).evaluate(truth, truth + 0.1))
    assert found["points"][0] == pytest.approx(truth + 0.1, rel=0, abs=0.01)
    truth = 1e9 + np.arange(6000.0)
    dense = residuals.describe(create_evaluator("regression", ["mae"]).evaluate(truth, truth + truth % 7))
    assert len({cell[0] for cell in dense["cells"]}) == 40


def test_no_error_is_no_negative_zero_and_one_row_has_no_interval() -> None:
    evaluator = create_evaluator("regression", ["mae"])
    right = residuals.describe(evaluator.evaluate([1.0, 2.0], [1.0, 2.0]))
    assert right["ends"] == ["0.000", "0.000"]
    assert right["finding"].endswith("between +0.000 and +0.000")
    one = residuals.describe(evaluator.evaluate([1.0], [2.0]))
    assert one["finding"].startswith("Mean error +1.000 no interval;")


def test_calling_nothing_positive_does_not_read_as_the_highest_score() -> None:
    found = create_evaluator("binary", positive_class=1).evaluate([0, 1] * 30, [1] * 60, scores=[0.5] * 60)
    told = ask(Shown(found), "curves")
    assert told["text"] == ["above 0.500", "0.500"]
    assert told["hits"] == [0, 30]


def test_scores_of_one_class_are_refused_with_the_reason() -> None:
    one = create_evaluator("binary", positive_class=1).evaluate([1] * 50, [1] * 50, scores=[0.7] * 50)
    told = reply(Shown(one), "curves")["error"]["message"]
    assert told == "Curves need two classes, or a score for each of several."


def test_costs_that_make_no_sense_are_refused_in_a_sentence() -> None:
    for costs in ({"cost_fp": -1}, {"cost_fp": 0, "cost_fn": 0}, {"cost_fn": 1e308, "cost_fp": 1e308}):
        told = reply(Shown(binary()), "curves", **costs)["error"]["message"]
        assert told == "Costs must be numbers of at least zero and at most 1e100, not both zero."
    text = ask(Shown(binary()), "curves", cost_fp=1, cost_fn=0)["cheapest_text"]
    assert text.endswith("about 0.000 more.")


def test_metrics_of_several_units_stand_on_axes_of_their_own() -> None:
    truth = np.arange(50.0)
    evaluator = create_evaluator("regression", ["mae", "mse", "r2"])
    after, before = (evaluator.evaluate(truth, truth + by * (1 + np.arange(50) % 3)) for by in (1000, 900))
    found = ask(Shown(after, after.compare(before)), "result")["comparison"]
    assert found["axis"] is None
    for row in found["rows"]:
        low, high = row["axis"]
        assert low <= min(row["low"], 0) <= max(row["high"], 0) <= high
        assert high - low < 3 * max(abs(row["low"]), abs(row["high"]))


def test_a_field_with_a_dot_in_its_name_parts_the_rows() -> None:
    result = binary()
    result.dataset = Dataset([{"meta.topic": name, "": name} for name in LANGUAGE])
    found = ask(Shown(result), "slices", by="meta.topic")
    assert sorted(row["label"] for row in found["rows"]) == ["en", "pl"]
    assert dict(found["columns"]) == {"meta.topic": "meta.topic"}  # no name, no question
