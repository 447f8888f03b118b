"""Curves are read from where they ended, and are what the file holds whoever writes."""

import math
import random
from typing import Any

import pytest

from modelops_jupyter.fine_tuning import snapshot
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore

from .conftest import Submit


def fresh(store: JobStore, job_id: str) -> dict[str, list[tuple[int, float]]]:
    return JobStore(store.path).points(job_id)


def test_a_curve_grows_as_it_is_read(store: JobStore, running: JobRow) -> None:
    rng = random.Random(0)
    for step in range(1, 60):
        points = [("loss", step, rng.random())]
        if step % 7 == 0:  # measured after the step was told
            store.beat(running.id, 1, points=points)
            store.points(running.id)
            points = [("validation_loss", step, rng.random())]
        store.beat(running.id, 1, points=points)
        if step % 3 == 0:
            assert store.points(running.id) == fresh(store, running.id)
    assert [step for step, _ in store.points(running.id)["loss"]] == list(range(1, 60))


def test_a_step_of_long_ago_and_a_value_told_again_are_seen(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, points=[("loss", 5, 1.0), ("loss", 9, 1.0)])
    store.points(running.id)
    store.beat(running.id, 1, points=[("loss", 2, 3.0), ("loss", 9, math.inf)])
    assert store.points(running.id)["loss"][:2] == [(2, 3.0), (5, 1.0)]
    assert not math.isfinite(store.points(running.id)["loss"][2][1])


def test_another_attempt_begins_where_it_resumed(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, points=[("loss", step, 1.0) for step in range(1, 11)])
    late = JobStore(store.path)
    late.points(running.id)
    store.points(running.id)
    store.finish(running.id, 1, JobStatus.FAILED, "worker_lost", "gone")
    store.requeue(running.id, from_step=6)
    assert [step for step, _ in store.points(running.id)["loss"]] == list(range(1, 7))
    store.claim(running.id, 2, running.worker or pytest.fail("no worker"))
    store.beat(running.id, 2, points=[("loss", step, 2.0) for step in range(7, 11)])
    for reader in (store, late):  # one saw what was dropped, one did not
        assert reader.points(running.id) == fresh(store, running.id)


def test_what_a_reader_does_to_its_curves_is_its_own_business(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, points=[("loss", 1, 1.0)])
    store.points(running.id)["loss"].clear()
    assert store.points(running.id) == {"loss": [(1, 1.0)]}
    assert store.points("nobody") == {}


def test_more_jobs_than_are_kept_are_all_right(store: JobStore, submit: Submit, running: JobRow) -> None:
    ids = [running.id, *(submit(f"tiny-{i}").id for i in range(6))]
    for job_id in ids[1:]:
        store.claim(job_id, 1, running.worker or pytest.fail("no worker"))
    for turn in (1, 2):
        for value, job_id in enumerate(ids):
            store.beat(job_id, 1, points=[("loss", turn, float(value))])
            assert store.points(job_id)["loss"][-1] == (turn, float(value))


def test_a_list_reads_what_has_ended_once(
    store: JobStore, running: JobRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.finish(running.id, 1, JobStatus.COMPLETED, None, "")
    before = store.list()
    read = list[str]()
    real = snapshot.facts

    def facts(store: JobStore, row: JobRow) -> Any:
        read.append(row.id)
        return real(store, row)

    monkeypatch.setattr(snapshot, "facts", facts)
    again = store.list()
    assert read == []
    assert again[0]["now"] > before[0]["now"]
