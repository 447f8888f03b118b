"""Stores of earlier versions open for ever; what has happened is never rewritten."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from modelops_jupyter._sqlite import numbered
from modelops_jupyter.errors import StoreError
from modelops_jupyter.fine_tuning import liveness
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.store import JobStore

from .conftest import Submit

GOLDEN = Path(__file__).parents[2] / "golden" / "v1" / "jobs.sqlite3"
NEWEST = len(numbered("modelops_jupyter.fine_tuning"))


@pytest.fixture
def old(home: Path) -> JobStore:
    """A store written by the first version, opened by this one."""
    shutil.copy(GOLDEN, home / "jobs.sqlite3")
    return JobStore()


def version(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def test_a_store_of_the_first_version_keeps_all_it_held(old: JobStore) -> None:
    assert (version(GOLDEN), version(old.path)) == (1, NEWEST)
    rows = old.rows()
    # Its workers belong to another machine: nobody here may judge them.
    assert [(row.name, row.status) for row in map(old.settle, rows)] == [
        (word, word) for word in ("cancelled", "failed", "completed", "running", "queued")
    ]
    assert all(row.spec["fingerprint"] == "sha256:9c1e44a0ffff" for row in rows)
    assert [row.place for row in rows] == sorted((row.place for row in rows), reverse=True)
    assert [e.kind for e in old.events("tiny-completed")] == ["queued", "running", "note", "completed"]
    assert old.events("tiny-completed")[2].data == {"text": "é <b>"}
    assert [step for step, _ in old.points("tiny-failed")["loss"]] == [1, 2]
    assert len(old.list()) == 5


def test_jobs_of_an_old_store_go_on(old: JobStore) -> None:
    row = old.requeue("tiny-failed")
    assert (row.attempt, row.place) == (2, 6)
    assert old.claim(row.id, 2, liveness.me()).status == "running"


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(store: JobStore, submit: Submit) -> None:
    submit()
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    connection.close()
    before = store.path.read_bytes()
    with pytest.raises(StoreError, match="newer version") as caught:
        JobStore()
    assert caught.value.code == "newer-store"
    assert store.path.read_bytes() == before


def test_events_are_only_added_and_go_with_their_job(store: JobStore, running: JobRow) -> None:
    with sqlite3.connect(store.path, isolation_level=None) as connection:
        for change in ("UPDATE event SET kind = 'x'", "DELETE FROM event"):
            with pytest.raises(sqlite3.IntegrityError, match="only added"):
                connection.execute(change)
    store.fail(running.id, 1, "error", "")
    store.delete(running.id)
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (0,)
