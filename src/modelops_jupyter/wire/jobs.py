"""Operations on jobs: a snapshot, the list, stop, resume, and waiting for a change."""

from typing import Annotated, Any

import msgspec

from modelops_jupyter.fine_tuning import resume
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.topics import store, topics

MAX_WAIT = 25.0  # seconds; shorter than the patience of common proxies
Identity = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class NoArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation without arguments."""


class JobArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which job."""

    job: Identity


class PollArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which topic, from which sequence on, and how many seconds to wait for something new."""

    topic: Identity
    after: int = 0
    wait: float = 0.0


def job_list(_args: NoArgs, _context: Context) -> dict[str, Any]:
    """All jobs, newest first, as short snapshots."""
    return {"jobs": store().list()}


def job(args: JobArgs, _context: Context) -> dict[str, Any]:
    """One job, as a monitor shows it."""
    return store().snapshot(args.job)


def cancel(args: JobArgs, _context: Context) -> dict[str, Any]:
    """Ask a job to stop."""
    return {"status": str(store().request_cancel(args.job))}


def restart(args: JobArgs, _context: Context) -> dict[str, Any]:
    """Queue the next attempt of a job that failed or was cancelled."""
    resume(args.job)
    return {"status": str(store().settled(args.job).status)}


def poll(args: PollArgs, _context: Context) -> dict[str, Any]:
    """Look once; the server waits between looks, without a thread."""
    return topics.look(args.topic, args.after)


OPS = {
    "jobs": Op(NoArgs, job_list),
    "job": Op(JobArgs, job),
    "job.cancel": Op(JobArgs, cancel),
    "job.resume": Op(JobArgs, restart),
    "poll": Op(PollArgs, poll),
}
