"""The job store: fencing, transitions, events, points, deletion."""

import math
import multiprocessing
from pathlib import Path

import pytest

from modelops_jupyter.errors import JobError, StoreError
from modelops_jupyter.fine_tuning import liveness
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore, SupersededError

from .conftest import SPEC, Submit


def test_submit_queues_the_first_attempt(store: JobStore, submit: Submit) -> None:
    row = submit(name="dates")
    assert (row.status, row.attempt, row.worker, row.name) == (JobStatus.QUEUED, 1, None, "dates")
    assert row.spec == SPEC
    assert [e.kind for e in store.events(row.id)] == ["queued"]


def test_running_and_the_first_heartbeat_are_one_write(running: JobRow) -> None:
    assert running.status is JobStatus.RUNNING
    assert running.heartbeat is not None
    assert running.worker == liveness.me()


def test_an_attempt_is_claimed_once(store: JobStore, running: JobRow) -> None:
    with pytest.raises(SupersededError):
        store.claim(running.id, running.attempt, liveness.me())


def test_a_worker_of_an_earlier_attempt_can_write_nothing(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, points=[("loss", 1, 2.0)])
    store.fail(running.id, 1, "worker_lost", "gone")
    store.requeue(running.id)
    store.claim(running.id, 2, liveness.me())
    before = store.points(running.id), store.events(running.id), store.get(running.id)
    with pytest.raises(SupersededError):
        store.beat(running.id, 1, points=[("loss", 2, 1.0)], events=[(0.0, "note", {"text": "late"})])
    with pytest.raises(SupersededError):
        store.finish(running.id, 1, JobStatus.COMPLETED, None, "late")
    assert store.stop_requested(running.id, 1)
    assert (store.points(running.id), store.events(running.id), store.get(running.id)) == before


def test_a_worker_judged_lost_cannot_complete_afterwards(store: JobStore, running: JobRow) -> None:
    assert store.fail(running.id, 1, "worker_lost", "gone")
    with pytest.raises(SupersededError):
        store.finish(running.id, 1, JobStatus.COMPLETED, None, "late")
    assert store.get(running.id).status is JobStatus.FAILED


def test_an_end_is_recorded_once(store: JobStore, running: JobRow) -> None:
    store.finish(running.id, 1, JobStatus.COMPLETED, None, "")
    assert not store.fail(running.id, 1, "worker_lost", "gone")
    assert store.get(running.id).status is JobStatus.COMPLETED


def test_only_jobs_without_success_are_queued_again(store: JobStore, running: JobRow) -> None:
    with pytest.raises(JobError, match="running"):
        store.requeue(running.id)
    store.finish(running.id, 1, JobStatus.COMPLETED, None, "")
    with pytest.raises(JobError, match="completed"):
        store.requeue(running.id)


def test_a_new_attempt_starts_clean_and_keeps_the_points_it_goes_on_from(
    store: JobStore, running: JobRow
) -> None:
    store.beat(running.id, 1, points=[("loss", step, 1.0) for step in (1, 2, 3)])
    store.request_cancel(running.id)
    store.finish(running.id, 1, JobStatus.CANCELLED, "cancelled", "")
    row = store.requeue(running.id, from_step=2)
    assert (row.status, row.attempt) == (JobStatus.QUEUED, 2)
    assert (row.reason, row.cancel_requested, row.worker, row.heartbeat, row.ended) == (None,) * 5
    assert store.points(row.id)["loss"] == [(1, 1.0), (2, 1.0)]


def test_cancel_ends_a_waiting_job_at_once(store: JobStore, submit: Submit) -> None:
    row = submit()
    assert store.request_cancel(row.id) is JobStatus.CANCELLED
    with pytest.raises(SupersededError):
        store.claim(row.id, row.attempt, liveness.me())


def test_cancel_asks_a_running_job_once(store: JobStore, running: JobRow) -> None:
    assert store.request_cancel(running.id) is JobStatus.RUNNING
    first = store.get(running.id).cancel_requested
    store.request_cancel(running.id)
    assert store.get(running.id).cancel_requested == first
    assert store.beat(running.id, 1)
    assert [e.kind for e in store.events(running.id)].count("stopping") == 1


def test_cancelling_a_finished_job_changes_nothing(store: JobStore, running: JobRow) -> None:
    store.finish(running.id, 1, JobStatus.COMPLETED, None, "")
    before = store.get(running.id)
    assert store.request_cancel(running.id) is JobStatus.COMPLETED
    assert store.get(running.id) == before


def test_nan_and_infinity_survive_as_points(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, points=[("loss", 1, math.nan), ("loss", 2, math.inf)])
    (_, nan), (_, inf) = store.points(running.id)["loss"]
    assert math.isnan(nan)
    assert inf == math.inf


def test_a_point_reported_twice_is_kept_once(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, points=[("loss", 1, 2.0)])
    store.beat(running.id, 1, points=[("loss", 1, 2.5)])
    assert store.points(running.id)["loss"] == [(1, 2.5)]


def test_events_are_paged_by_sequence(store: JobStore, running: JobRow) -> None:
    store.beat(running.id, 1, events=[(float(i), "note", {"text": str(i)}) for i in range(5)])
    first = store.events(running.id, limit=3)
    rest = store.events(running.id, after=first[-1].seq)
    assert [e.seq for e in first + rest] == sorted({e.seq for e in first + rest})
    assert [e.data["text"] for e in (first + rest) if e.kind == "note"] == ["0", "1", "2", "3", "4"]
    assert store.events(running.id, limit=1, newest=True)[0].data["text"] == "4"


def test_every_change_of_a_job_raises_its_revision(store: JobStore, submit: Submit) -> None:
    row = submit()
    revisions = [row.revision, store.claim(row.id, 1, liveness.me()).revision]
    store.beat(row.id, 1)
    revisions.append(store.get(row.id).revision)
    store.finish(row.id, 1, JobStatus.COMPLETED, None, "")
    revisions.append(store.get(row.id).revision)
    assert revisions == sorted(set(revisions))


def test_a_name_finds_the_newest_job_and_an_id_wins_over_a_name(store: JobStore, submit: Submit) -> None:
    submit("one-aaaaaa", name="dates")
    submit("two-aaaaaa", name="dates")
    submit("three-aaaaaa", name="one-aaaaaa")
    assert store.find("dates").id == "two-aaaaaa"
    assert store.find("one-aaaaaa").id == "one-aaaaaa"


def test_an_unknown_job_names_the_nearest(store: JobStore, submit: Submit) -> None:
    submit(name="dates")
    with pytest.raises(JobError, match="Did you mean 'dates'"):
        store.find("date")
    with pytest.raises(JobError, match="no job '<b>'"):
        store.get("<b>")


def test_delete_frees_the_disk_and_refuses_an_active_job(store: JobStore, submit: Submit) -> None:
    row = submit()
    folder = store.folder(row.id)
    folder.mkdir(parents=True)
    (folder / "train.jsonl").write_text("{}")
    with pytest.raises(JobError, match="queued"):
        store.delete(row.id)
    store.request_cancel(row.id)
    store.delete(row.id)
    assert not folder.exists()
    assert store.rows() == []
    with store._db.read() as db:
        assert db.execute("SELECT count(*) FROM event").fetchone()[0] == 0


def test_a_foreign_file_is_refused(home: Path) -> None:
    (home / "jobs.sqlite3").write_bytes(b"something else" * 20)
    with pytest.raises(StoreError, match="not a job store"):
        JobStore()


def write_points(path: Path, job_id: str, steps: range) -> None:
    store = JobStore(path)
    for step in steps:
        store.beat(
            job_id, 1, points=[("loss", step, float(step))], events=[(0.0, "note", {"text": str(step)})]
        )


def test_two_processes_that_write_at_once_lose_nothing(store: JobStore, running: JobRow) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=write_points, args=(store.path, running.id, range(first, 80, 2)))
        for first in (0, 1)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
        assert writer.exitcode == 0
    assert [step for step, _ in store.points(running.id)["loss"]] == list(range(80))
    notes = [e.data["text"] for e in store.events(running.id) if e.kind == "note"]
    assert sorted(map(int, notes)) == list(range(80))
