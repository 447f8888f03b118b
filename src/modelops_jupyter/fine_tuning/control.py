"""What is done to jobs from outside: check, resume, kill, list, delete."""

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from modelops_jupyter._format import plural, visible
from modelops_jupyter.errors import DatasetError, JobError
from modelops_jupyter.fine_tuning import liveness, providers, sameness
from modelops_jupyter.fine_tuning.records import JobRow, reported
from modelops_jupyter.fine_tuning.status import ACTIVE, JobStatus
from modelops_jupyter.fine_tuning.store import JobStore

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.fine_tuning.job import FineTuningJob

SHOWN_PROBLEMS = 3


def check_data(dataset: "Dataset", argument: str, target: str | None) -> None:
    """Refuse rows that cannot be trained on (by the rules of `target`), before anything is written."""
    if not len(dataset):
        raise DatasetError(
            f"The {argument} has no rows.", code="dataset-empty", hint="Give at least one row."
        )
    errors = [problem for problem in dataset.validate(target=target).problems if problem.severity == "error"]
    if argument == "validation":  # what is only measured may be short
        errors = [problem for problem in errors if problem.code != "too-few-rows"]
    if not errors:
        return
    listed = "; ".join(f"line {p.line}: {visible(p.message)}" for p in errors[:SHOWN_PROBLEMS])
    more = f"; and {len(errors) - SHOWN_PROBLEMS} more" if len(errors) > SHOWN_PROBLEMS else ""
    raise DatasetError(
        f"The {argument} has {plural(len(errors), 'error')} ({listed}{more}).",
        code="dataset-invalid",
        hint="See ds.validate(); DatasetSanitizer().run(ds).dataset leaves the bad rows out.",
    )


def draft(job_id: str, name: str | None, provider: str, base_model: str, spec: dict[str, Any]) -> JobRow:
    """Return the row of a job that is not in any store yet."""
    return JobRow(
        seq=0,
        id=job_id,
        name=name,
        provider=provider,
        base_model=base_model,
        spec=spec,
        status=JobStatus.PENDING,
        attempt=0,
        created=time.time(),
        revision=0,
    )


def with_status(row: JobRow, status: JobStatus) -> JobRow:
    """Return the row with another status."""
    return dataclasses.replace(row, status=status)


def resume(id_or_name: str, *, store: JobStore | None = None, force: bool = False) -> JobStatus:
    """Queue and start the next attempt of a job that ended without success.

    It goes on from the last complete checkpoint, or from the beginning if there is none.

    Parameters
    ----------
    force
        Also when rows, settings or versions are not what they were (the result is then another),
        or when the worker is on another machine that cannot be asked.

    Raises
    ------
    JobError
        If the job is completed or active, or differs from what it was.
    """
    store = store or JobStore()
    row = store.settle(store.find(id_or_name))
    if row.status is JobStatus.COMPLETED:
        raise JobError(
            f"The job '{visible(row.shown_name)}' is completed: there is nothing to resume.",
            code="job-completed",
            hint="job.model is its result; a new FineTuningJob can start from it.",
        )
    if row.status in ACTIVE:
        _give_up(store, row, force)
    provider, folder = providers.get(row.provider), store.folder(row.id)
    provider.check(row.spec)
    events = store.events(row.id, limit=100_000)
    step = provider.resume_step(folder, reported(events))
    said = (e.data.get("threads") for e in events if e.kind == "plan")
    differing = sameness.require_same(
        row, folder, provider.engines, threads=next(said, None), data_only=not step, force=force
    )
    row = store.requeue(row.id, from_step=step)
    if differing:
        text = f"Resumed although {'; '.join(differing)}."
        store.note(row.id, row.attempt, "warning", {"text": text})
    provider.start(store, row)
    return store.get(row.id).status


def kill(store: JobStore, job_id: str) -> JobStatus:
    """End a job and its worker for certain."""
    row = store.settled(job_id)
    if row.worker and row.status in ACTIVE:
        liveness.kill(row.worker, row.id, row.attempt)
    store.stopped(row.id, row.attempt, "Ended by force.")
    return store.get(job_id).status


def list_jobs(store: JobStore | None = None) -> "list[FineTuningJob]":
    """Return all jobs of the home, newest first."""
    from modelops_jupyter.fine_tuning.job import FineTuningJob

    store = store or JobStore()
    return [FineTuningJob.attach(row.id, store=store) for row in store.rows()]


def delete_job(id_or_name: str, *, store: JobStore | None = None) -> None:
    """Remove a job that is not active, with its data, checkpoints and model."""
    store = store or JobStore()
    store.delete(store.find(id_or_name).id)


def _give_up(store: JobStore, row: JobRow, force: bool) -> None:
    if row.status is JobStatus.QUEUED and not (row.worker or row.remote_id):
        # Whoever queued it was killed before it started anything. If it still does, it is too late:
        # the attempt has ended.
        store.fail(row.id, row.attempt, "not_started", "It was queued, and nothing was started.")
        return
    elsewhere = row.worker and liveness.verdict(row.worker, row.id, row.attempt) == "elsewhere"
    if elsewhere and force:
        store.fail(row.id, row.attempt, "worker_lost", "Given up by resume(force=True) from another machine.")
        return
    raise JobError(
        f"The job '{visible(row.shown_name)}' is {row.status}"
        + (
            f" on the machine '{visible(row.node or '')}', which cannot be asked from here."
            if elsewhere
            else "."
        ),
        code="job-active",
        hint="resume(force=True) takes it over if you know that it has stopped there."
        if elsewhere
        else "Cancel it first, or wait for it.",
    )
