"""What a monitor shows: the wire shape, complete, formatted, harmless."""

import json
import math
import time
from typing import Any

import pytest

from modelops_jupyter.fine_tuning import liveness
from modelops_jupyter.fine_tuning.records import Identity, JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore
from modelops_jupyter.notebook.twin import job as twin

from .conftest import SPEC, Submit

SHORT = """id name status label detail reason reason_text provider simulated base_model method rows
fingerprint seed attempt final created started ended seen now progress can seq values""".split()
FULL = [
    *SHORT,
    *"stages series plans marks measures warnings checkpoints samples result events event_total".split(),
]


def points(steps: int) -> list[tuple[str, int, float]]:
    return [
        (name, step, value)
        for step in range(1, steps + 1)
        for name, value in (
            ("loss", 2 / step),
            ("learning_rate", 1e-4 * step),
            ("tokens_per_second", 1834.0),
            ("grad_norm", 0.5 if step % 2 else 1.5),
            ("memory", 6.2e9),
            ("elapsed", 0.5 * step),
        )
    ]


@pytest.fixture
def half_way(store: JobStore, running: JobRow) -> dict[str, Any]:
    now = time.time()
    events = [
        (now - 60, "stage", {"name": "prepare", "state": "active"}),
        (now - 59, "plan", {"rows": 100, "total_steps": 100, "epochs": 2.0, "max_grad_norm": 1.0}),
        (now - 22, "stage", {"name": "train", "state": "active"}),
        (now - 5, "checkpoint", {"step": 50, "validation_loss": 0.434}),
    ]
    validation = [
        ("validation_loss", 50, 0.434),
        ("validation_loss_low", 50, 0.417),
        ("validation_loss_high", 50, 0.451),
    ]
    store.beat(running.id, 1, points=[*points(50), *validation], events=events)
    return store.snapshot(running.id)


def test_the_shape_is_the_agreed_one(half_way: dict[str, Any], store: JobStore) -> None:
    assert set(FULL) <= set(half_way)
    assert set(SHORT) <= set(store.list()[0])
    json.dumps(half_way, allow_nan=False)


def test_progress_and_the_time_left_are_said(half_way: dict[str, Any]) -> None:
    progress = half_way["progress"]
    assert (progress["step"], progress["total_steps"], progress["percent_text"]) == (50, 100, "50 %")
    assert (progress["epoch"], progress["epochs"]) == ("1.0", "2")
    assert progress["eta"]["mid"] == pytest.approx(25)
    assert progress["eta_text"].startswith("about 25 s left")


def test_stages_have_their_length(half_way: dict[str, Any]) -> None:
    by_name = {stage["name"]: stage for stage in half_way["stages"]}
    assert [s["name"] for s in half_way["stages"]] == ["prepare", "train", "evaluate", "export"]
    assert (by_name["prepare"]["state"], by_name["prepare"]["text"]) == ("done", "0:38")
    assert by_name["train"]["state"] == "active"
    assert (by_name["export"]["state"], by_name["export"]["text"]) == ("todo", "")


def test_values_come_with_their_context(half_way: dict[str, Any]) -> None:
    values = half_way["values"]
    assert values["validation_loss"] == {"text": "0.434", "interval": "[0.417, 0.451]"}
    assert values["learning_rate"] == {"text": "5.00e-3", "context": "cosine, peak 3.00e-3, warm-up 10"}
    assert values["tokens_per_second"]["text"] == "1,834"
    assert values["grad_norm"]["context"] == "50 % of steps clipped at 1"
    assert values["memory"]["text"] == "6.2 GB"


def test_validation_points_carry_their_interval(half_way: dict[str, Any]) -> None:
    assert half_way["series"]["validation_loss"] == [[50, 0.434, 0.417, 0.451]]
    (checkpoint,) = half_way["checkpoints"]
    assert checkpoint == {"step": 50, "kept": True, "best": True, "word": "lowest", "text": "0.434"}


def test_events_are_sentences_newest_first(half_way: dict[str, Any]) -> None:
    assert [e["text"] for e in half_way["events"]] == [
        "Checkpoint 50, validation 0.434",
        "Training on 100 rows, 100 steps",
        "Worker started",
        "Queued",
    ]
    assert half_way["event_total"] == 4


@pytest.mark.parametrize(
    ("plan", "said"), [({"rows": 2}, "Training on 2 rows"), ({"total_steps": None}, "Training")]
)
def test_a_plan_says_what_is_known(store: JobStore, running: JobRow, plan: dict[str, Any], said: str) -> None:
    store.beat(running.id, 1, events=[(time.time(), "plan", plan)])
    assert store.snapshot(running.id)["events"][0]["text"] == said


def test_a_queued_job_has_its_plan_already(store: JobStore, submit: Submit) -> None:
    snapshot = store.snapshot(submit().id)
    assert snapshot["progress"]["total_steps"] == 100
    assert snapshot["progress"]["eta_text"] == "no estimate yet"
    assert snapshot["can"] == {"stop": True, "resume": False}


def test_a_run_that_stopped_early_says_the_epoch_and_the_warm_up_it_had(
    store: JobStore, running: JobRow
) -> None:
    plan = {"rows": 100, "total_steps": 100, "epochs": 4.0, "warmup_steps": 1}
    store.beat(running.id, 1, points=points(25), events=[(time.time(), "plan", plan)])
    store.finish(running.id, 1, JobStatus.COMPLETED, None, "Completed.")
    snapshot = store.snapshot(running.id)
    progress = snapshot["progress"]
    assert (progress["percent_text"], progress["step"], progress["epoch"]) == ("100 %", 25, "1.0")
    assert snapshot["values"]["learning_rate"]["context"] == "cosine, peak 3.00e-3, warm-up 1"


def test_a_resumed_job_that_prepares_is_not_estimated_by_the_attempt_before(
    store: JobStore, running: JobRow
) -> None:
    plan = {"rows": 100, "total_steps": 100, "epochs": 2.0, "first_step": 0}
    store.beat(running.id, 1, points=points(50), events=[(time.time(), "plan", plan)])
    assert store.snapshot(running.id)["progress"]["eta"]
    store.finish(running.id, 1, JobStatus.FAILED, "error", "It broke.")
    store.requeue(running.id, from_step=40)
    assert running.worker
    store.claim(running.id, 2, running.worker)
    store.beat(running.id, 2, events=[(time.time(), "stage", {"name": "prepare", "state": "active"})])
    progress = store.snapshot(running.id)["progress"]
    assert (progress["step"], progress["eta"], progress["eta_text"]) == (40, None, "no estimate yet")


def test_what_a_resumed_job_took_is_not_called_its_training(store: JobStore, running: JobRow) -> None:
    store.finish(running.id, 1, JobStatus.COMPLETED, None, "Completed.")
    done = store.snapshot(running.id) | {"started": 1.0, "ended": 2101.0}
    assert "took: 35 min" in twin.text_of(done)
    assert "took, with pauses: 35 min" in twin.text_of(done | {"attempt": 2})


def test_a_loss_that_is_not_a_number_is_said_and_stays_json(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, points=[("loss", 1, 2.0), ("loss", 2, math.nan)])
    snapshot = store.snapshot(running.id)
    json.dumps(snapshot, allow_nan=False)
    assert snapshot["series"]["loss"] == [[1, 2.0], [2, None]]
    assert snapshot["values"]["loss"]["text"] == "NaN"


def test_a_failure_is_shown_with_its_reason(store: JobStore, running: JobRow) -> None:
    store.fail(running.id, 1, "worker_lost", "The worker process was ended by SIGKILL.")
    snapshot = store.snapshot(running.id)
    assert (snapshot["status"], snapshot["reason"], snapshot["final"]) == ("failed", "worker_lost", True)
    assert snapshot["reason_text"] == "The worker process was ended by SIGKILL."
    assert snapshot["events"][0]["icon"] == "error"


def test_silence_is_said_and_is_no_failure(
    store: JobStore, running: JobRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time() + 75
    monkeypatch.setattr(time, "time", lambda: later)
    snapshot = store.snapshot(running.id)
    assert snapshot["status"] == "running"
    assert snapshot["detail"].startswith("no progress for 1 min 1")


def test_a_worker_on_another_machine_is_last_seen(
    store: JobStore, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = submit()
    store.claim(row.id, 1, Identity("<b>node</b>", "other", "other", 1))
    later = time.time() + 7200
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.snapshot(row.id)["detail"] == "on <b>node</b>, last seen 2 h ago"


def test_hostile_names_are_text_with_their_controls_visible(store: JobStore, submit: Submit) -> None:
    row = submit(name="<img onerror=x>\u202e", base_model="</script>\x00")
    snapshot = store.snapshot(row.id)
    assert snapshot["name"] == "<img onerror=x>⟨U+202E⟩"
    assert snapshot["base_model"] == "</script>␀"


def test_a_simulated_job_says_so_beside_every_value(store: JobStore, submit: Submit) -> None:
    row = submit(spec=SPEC | {"simulated": True})
    store.claim(row.id, 1, liveness.me())
    store.beat(row.id, 1, points=points(30))
    store.finish(row.id, 1, JobStatus.COMPLETED, None, "")
    snapshot = store.snapshot(row.id)
    assert snapshot["simulated"] is True
    assert snapshot["values"]
    assert {value["context"] for value in snapshot["values"].values()} == {"simulated"}


def test_a_job_of_an_unknown_provider_can_still_be_looked_at(store: JobStore, submit: Submit) -> None:
    row = submit(provider="gone-plugin")
    store.request_cancel(row.id)
    assert store.snapshot(row.id)["can"] == {"stop": False, "resume": False}


def test_a_long_run_leaves_as_a_short_curve(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, points=[("loss", step, 1 / step) for step in range(1, 3001)])
    series = store.snapshot(running.id)["series"]
    assert len(series["loss"]) <= 600
    assert len(series["loss_band"]) <= 600
