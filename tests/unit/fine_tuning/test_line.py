"""The line in front of a limited provider: order, limits, and who does not count."""

import dataclasses

import pytest

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.fine_tuning import line, liveness
from modelops_jupyter.fine_tuning.providers import base
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore, SupersededError

from .conftest import Submit

ME = liveness.me()


@pytest.fixture(autouse=True)
def all_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "verdict", lambda *_: "alive")


def waiting(store: JobStore, submit: Submit, *ids: str) -> None:
    """Queue jobs whose workers stand in line."""
    for job_id in ids:
        submit(job_id)
        store.launched(job_id, 1, ME)


def test_jobs_start_in_the_order_in_which_they_were_queued(store: JobStore, submit: Submit) -> None:
    waiting(store, submit, "a", "b", "c")
    assert store.claim_in_turn("b", 1, ME, 1) is None
    assert store.claim_in_turn("a", 1, ME, 1) is not None
    assert store.claim_in_turn("b", 1, ME, 1) is None
    assert store.in_line(store.get("b"))
    store.finish("a", 1, JobStatus.COMPLETED, None, "")
    assert store.claim_in_turn("c", 1, ME, 1) is None
    assert not store.in_line(store.get("b"))
    assert store.claim_in_turn("b", 1, ME, 1) is not None


def test_as_many_run_as_the_limit_says(store: JobStore, submit: Submit) -> None:
    waiting(store, submit, "a", "b", "c")
    claimed = [store.claim_in_turn(job_id, 1, ME, 2) for job_id in ("a", "b", "c")]
    assert [row is not None for row in claimed] == [True, True, False]


def test_a_job_that_is_resumed_goes_to_the_end(store: JobStore, submit: Submit) -> None:
    waiting(store, submit, "a", "b")
    store.request_cancel("a")
    store.requeue("a")
    store.launched("a", 2, ME)
    assert store.claim_in_turn("a", 2, ME, 1) is None
    assert store.claim_in_turn("b", 1, ME, 1) is not None


@pytest.mark.parametrize("changed", [{"node": "other"}, {"boot": "other"}, {"pidns": "other"}])
def test_other_machines_have_lines_of_their_own(
    store: JobStore, submit: Submit, changed: dict[str, str]
) -> None:
    submit("a")
    store.claim("a", 1, dataclasses.replace(ME, **changed))
    waiting(store, submit, "b")
    assert store.claim_in_turn("b", 1, ME, 1) is not None


def test_other_providers_and_jobs_nobody_has_started_do_not_count(store: JobStore, submit: Submit) -> None:
    submit("a", provider="other")
    store.claim("a", 1, ME)
    submit("b")
    waiting(store, submit, "c")
    assert store.claim_in_turn("c", 1, ME, 1) is not None


def test_a_worker_that_waits_notices_that_one_before_it_died(
    store: JobStore, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(store, submit, "a", "b", "c")
    store.claim("a", 1, ME)
    dead: set[str] = set()
    monkeypatch.setattr(liveness, "verdict", lambda _, job_id, __: "gone" if job_id in dead else "alive")

    def sleep(_: float) -> None:
        dead.add("b" if "a" in dead else "a")  # first the one that runs, then the one that waits

    monkeypatch.setattr(line.time, "sleep", sleep)
    assert line.take_turn(store, store.get("c"), 1, ME, 1).status == "running"
    assert [(store.get(job).status, store.get(job).reason) for job in "ab"] == [("failed", "worker_lost")] * 2


def test_a_worker_that_waits_ends_when_its_job_is_cancelled(
    store: JobStore, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(store, submit, "a", "b")
    store.claim("a", 1, ME)
    monkeypatch.setattr(line.time, "sleep", lambda _: store.request_cancel("b"))
    with pytest.raises(SupersededError):
        line.take_turn(store, store.get("b"), 1, ME, 1)


def test_a_worker_of_an_earlier_attempt_takes_no_turn(store: JobStore, submit: Submit) -> None:
    waiting(store, submit, "a")
    store.request_cancel("a")
    store.requeue("a")
    with pytest.raises(SupersededError):
        line.take_turn(store, store.get("a"), 1, ME, 1)


@pytest.mark.parametrize(("given", "limit"), [(None, 1), ("3", 3)])
def test_the_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch, given: str | None, limit: int) -> None:
    monkeypatch.delenv("MODELOPS_LOCAL_JOBS", raising=False)
    if given:
        monkeypatch.setenv("MODELOPS_LOCAL_JOBS", given)
    assert base.local_jobs() == limit


@pytest.mark.parametrize("given", ["0", "-1", "two", ""])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("MODELOPS_LOCAL_JOBS", given)
    with pytest.raises(ConfigError, match="MODELOPS_LOCAL_JOBS"):
        base.local_jobs()
