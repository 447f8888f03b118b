"""What stands beside the loss: metrics, samples, plans, the checkpoint that is best."""

import json
import math
import time
from typing import Any

import pytest

from modelops_jupyter.fine_tuning import measures
from modelops_jupyter.fine_tuning.records import Event, JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore

from .conftest import SPEC, Submit

METRIC = {
    "exact_match": [(50, 0.2), (100, 0.8), (150, 0.75)],
    "exact_match_low": [(50, 0.1), (100, 0.7), (150, 0.65)],
    "exact_match_high": [(50, 0.3), (100, 0.9), (150, 0.85)],
}


def event(kind: str, attempt: int = 1, **data: Any) -> Event:
    return Event(1, attempt, 0.0, kind, data)


def sample(step: int, answer: str, reference: str | None = "yes") -> Event:
    return event("sample", step=step, rows=[{"prompt": "Is it?", "answer": answer, "reference": reference}])


def test_every_curve_without_a_place_of_its_own_is_a_measure_and_intervals_come_first() -> None:
    points = {"reward_margin": [(1, 0.5)], "loss": [(1, 2.0)], "elapsed": [(1, 9.0)], **METRIC}
    one, two = measures.measured(points)
    assert (one["name"], one["label"]) == ("exact_match", "exact match")
    assert (one["text"], one["interval"]) == ("0.750", "[0.650, 0.850]")
    assert one["rows"] == [[50, 0.2, 0.1, 0.3], [100, 0.8, 0.7, 0.9], [150, 0.75, 0.65, 0.85]]
    assert (two["name"], two["interval"], two["rows"]) == ("reward_margin", "", [[1, 0.5, None, None]])


def test_what_is_no_number_is_a_gap() -> None:
    points = {"f1": [(1, math.nan)], "f1_low": [(1, math.nan)], "f1_high": [(1, math.inf)]}
    assert measures.banded(points, "f1") == [[1, None, None, None]]


def test_a_long_curve_is_thinned_with_its_intervals() -> None:
    steps = range(5000)
    points = {name: [(s, float(s)) for s in steps] for name in ("f1", "f1_low", "f1_high")}
    rows = measures.banded(points, "f1")
    assert len(rows) <= 600
    assert all(row[0] == row[1] == row[2] == row[3] for row in rows)


def test_samples_are_the_base_and_the_newest_and_say_what_is_as_in_the_data() -> None:
    shown = measures.samples([sample(s, "yes" if s else "no") for s in range(0, 1000, 50)], METRIC)
    assert [s["step"] for s in shown] == [0, 750, 800, 850, 900, 950]
    assert [s["name"] for s in shown[:2]] == ["base", "step 750"]
    assert [s["rows"][0]["same"] for s in shown[:2]] == [False, True]


def test_a_sample_has_the_scores_of_its_step() -> None:
    (shown,) = measures.samples([sample(100, "yes")], METRIC)
    assert shown["scores"] == [{"name": "exact match", "text": "0.800", "interval": "[0.700, 0.900]"}]


def test_a_later_attempt_replaces_a_sample_and_a_missing_reference_is_never_the_same() -> None:
    (shown,) = measures.samples([sample(50, "no"), sample(50, "", None)], {})
    assert shown["rows"] == [{"prompt": "Is it?", "answer": "", "reference": "", "same": False}]


def test_long_and_hostile_answers_are_cut_and_made_visible() -> None:
    lines, (shown,) = "x\n" * 90, measures.samples([sample(1, "\u202ex" * 1000, "x\n" * 90)], {})
    assert len(shown["rows"][0]["answer"]) < 5000
    assert shown["rows"][0]["reference"] == f"{lines[:15]}…"
    assert "\u202e" not in shown["rows"][0]["answer"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ("validation_loss", 100, [])),
        ({"metric_for_best_model": "eval_loss"}, ("validation_loss", 100, [])),
        ({"metric_for_best_model": "eval_exact_match"}, ("exact_match", 100, [150])),
    ],
)
def test_the_best_checkpoint_is_that_of_the_named_measure(config: dict[str, str], expected: Any) -> None:
    points = {"validation_loss": [(50, 3.0), (100, 1.0), (150, 2.0)], **METRIC}
    assert measures.best(config, points, [50, 100, 150]) == expected


def test_an_error_is_better_when_it_is_less() -> None:
    assert measures.best({"metric_for_best_model": "mae"}, {"mae": [(1, 3.0), (2, 1.0)]}, [1, 2])[1] == 2


def test_a_step_that_is_not_saved_or_no_number_is_not_the_best() -> None:
    points = {"validation_loss": [(1, 0.1), (2, math.nan), (3, 2.0)]}
    assert measures.best({}, points, [2, 3])[1] == 3
    assert measures.best({}, points, [2])[1] is None


def test_a_resumed_attempt_is_marked_where_it_went_on() -> None:
    events = [event("queued"), event("queued", 2, from_step=600), event("queued", 3, from_step=0)]
    assert measures.marks(events) == [{"step": 600, "text": "resumed"}]


def test_the_plan_of_the_learning_rate_goes_on_where_the_curve_ends() -> None:
    points = {"learning_rate": [(10, 1e-3), (50, 5e-4)], "grad_norm": [(1, 0.5)]}
    config = {"lr_scheduler_type": "cosine", "learning_rate": 1e-3, "warmup_steps": 0}
    found = measures.plans(config, {"total_steps": 100, "max_grad_norm": 1.0}, points)
    plan = found["learning_rate"]
    assert plan[0] == [50, pytest.approx(5e-4)]
    assert plan[-1] == [100, pytest.approx(0)]
    assert found["grad_norm"] == [[0, 1.0], [100, 1.0]]
    shorter = {"total_steps": 100, "warmup_steps": 0}  # packed rows need no warm-up of that length
    assert measures.plans(config | {"warmup_steps": 90}, shorter, points)["learning_rate"][0] == plan[0]
    assert measures.plans({"lr_scheduler_type": "unheard of"}, {"total_steps": 100}, points) == {}


def test_the_snapshot_of_a_completed_job_says_what_it_made(store: JobStore, running: JobRow) -> None:
    names = {
        "validation_loss": (50, 0.5),
        "validation_loss_low": (50, 0.4),
        "validation_loss_high": (50, 0.6),
    }
    store.beat(running.id, 1, points=[(name, *point) for name, point in names.items()])
    assert store.snapshot(running.id)["result"] is None
    store.finish(running.id, 1, JobStatus.COMPLETED, None, "")
    told = store.snapshot(running.id)["result"]
    call = f'FineTuningJob.attach("{running.id}").model'
    assert told == {"text": "Validation loss 0.500 [0.400, 0.600]", "call": call}


def test_early_warnings_travel_except_those_of_a_formula(
    store: JobStore, running: JobRow, submit: Submit
) -> None:
    lesson = submit("tiny-bbbbbb", spec=SPEC | {"simulated": True})
    store.claim(lesson.id, 1, running.worker)
    for row in (running, lesson):
        store.beat(row.id, 1, points=[("loss", 1, math.nan)], events=[(time.time(), "note", {"text": "x"})])
    (text,) = store.snapshot(running.id)["warnings"]
    assert "not a number since step 1" in text
    assert store.snapshot(lesson.id)["warnings"] == []
    json.dumps(store.snapshot(running.id), allow_nan=False)
