"""The transitions of a job, as one table."""

import itertools

import pytest

from modelops_jupyter.fine_tuning.status import ACTIVE, FINAL, JobStatus, allowed, sources, steps

TABLE = """
pending   queued cancelled
queued    running failed cancelled
running   completed failed cancelled
completed
failed    queued
cancelled queued
"""
AFTER = {words[0]: set(words[1:]) for words in map(str.split, TABLE.strip().splitlines())}


@pytest.mark.parametrize(("before", "after"), [*itertools.product(JobStatus, JobStatus)])
def test_every_pair_is_allowed_or_refused_as_the_table_says(before: JobStatus, after: JobStatus) -> None:
    assert allowed(before, after) == (after in AFTER[before])
    assert (before in sources(after)) == (after in AFTER[before])


def test_every_state_is_waiting_active_or_final() -> None:
    assert {JobStatus.PENDING} | ACTIVE | FINAL == set(JobStatus)
    assert not ACTIVE & FINAL


def test_a_status_is_its_word() -> None:
    assert JobStatus.RUNNING == "running"
    assert str(JobStatus.RUNNING) == "running"
    assert JobStatus.RUNNING.label == "Running"


@pytest.mark.parametrize(("before", "after"), [*itertools.product(JobStatus, JobStatus)])
def test_a_state_that_was_not_seen_is_gone_through_and_no_other_step_is_made_up(
    before: JobStatus, after: JobStatus
) -> None:
    if after in AFTER[before]:
        assert steps(before, after) == (after,)
    elif (before, after) == ("queued", "completed"):
        assert steps(before, after) == ("running", "completed")
    else:
        assert steps(before, after) == ()
