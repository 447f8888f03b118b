"""One attempt of one job: `python -m modelops_jupyter.fine_tuning.worker JOB ATTEMPT STORE`."""

import errno
import logging
import signal
import sys
from pathlib import Path

from modelops_jupyter.errors import JobError, ModelOpsError
from modelops_jupyter.fine_tuning import line, liveness, providers
from modelops_jupyter.fine_tuning.providers.base import Work
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.reporter import Reporter
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore, SupersededError

_log = logging.getLogger(__name__)
Outcome = tuple[JobStatus, str | None, str]
# A word for programs, a sentence for people, numbers, and the words of engines that write files themselves.
DISKS = (
    (
        "disk_full",
        "The disk is full",
        (errno.ENOSPC, errno.EDQUOT),
        ("no space left", "disk is full", "disk quota exceeded"),
    ),
    (
        "disk_error",
        "The disk does not work as it should",
        (errno.EIO, errno.EROFS),
        ("input/output error", "disk i/o error", "read-only file system"),
    ),
)


def main(job_id: str, attempt: int, store_path: Path) -> int:
    """Do the attempt and record how it ended; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    store = JobStore(store_path)
    try:
        waiting = store.get(job_id)
        row = line.take_turn(store, waiting, attempt, liveness.me(), _limit(waiting))
    except JobError as error:  # deleted, cancelled or queued anew
        _log.info("%s", error)
        return 3
    reporter = Reporter(store, job_id, attempt)
    signal.signal(signal.SIGTERM, lambda _number, _frame: reporter.stop())
    outcome = _attempt(store, row, reporter)
    try:
        if not reporter.superseded:
            store.finish(job_id, attempt, *outcome)
    except SupersededError:
        reporter.superseded = True
    if reporter.superseded:
        _log.warning("The job has gone on without this attempt; it writes nothing more.")
        return 3
    return 0 if outcome[0] is JobStatus.COMPLETED else 1


def _limit(row: JobRow) -> int | None:
    try:
        provider = providers.get(row.provider)
    except Exception:  # of any kind, from a provider of others; the attempt meets it again and reports it
        return None
    return provider.limit if isinstance(provider, providers.WorkerProvider) else None


def _attempt(store: JobStore, row: JobRow, reporter: Reporter) -> Outcome:
    try:
        with reporter:
            provider = providers.get(row.provider)
            assert isinstance(provider, providers.WorkerProvider), "only these are started as workers"
            work = Work(
                store.folder(row.id),
                row.spec,
                row.base_model,
                reporter.emit,
                reporter.should_stop,
                store.first_step(row),
            )
            complete = provider.work(work)
    except Exception as error:
        _log.exception("The attempt failed.")
        return JobStatus.FAILED, *_reason(error)
    if complete:
        return JobStatus.COMPLETED, None, "Completed."
    if reporter.failure:
        return JobStatus.FAILED, *_reason(reporter.failure)
    if reporter.cancelled:
        return JobStatus.CANCELLED, "cancelled", "Stopped as asked."
    text = "The worker was told to end (SIGTERM) and stopped after its current step."
    return JobStatus.FAILED, "terminated", text


def _reason(error: Exception) -> tuple[str, str]:
    """A word for programs and one plain sentence for people; the traceback is in the log."""
    if disk := _disk(error):
        return disk
    if isinstance(error, ModelOpsError):
        return error.code.replace("-", "_"), str(error)
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return "out_of_memory", "The machine has not enough memory for this run; use a smaller batch_size."
    first = (str(error).strip().splitlines() or ["no message"])[0]
    return "error", f"{type(error).__name__}: {first[:400]}"


def _disk(error: Exception) -> tuple[str, str] | None:
    """What it says of the disk, by number or only in words."""
    chain: list[BaseException] = [error]
    while before := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(before)
    for word, sentence, numbers, words in DISKS:
        for one in chain:
            if getattr(one, "errno", None) in numbers or any(w in str(one).lower() for w in words):
                return word, f"{sentence}: {error}."
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
