"""The job store: what is known about every job, in one SQLite file that many processes share.

Readers believe only this file. A worker's writes carry its attempt number and are refused
once another attempt, or an end, has been recorded.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modelops_jupyter import _sqlite
from modelops_jupyter._format import visible
from modelops_jupyter._home import home
from modelops_jupyter.errors import JobError
from modelops_jupyter.fine_tuning import liveness
from modelops_jupyter.fine_tuning.points import PointReader
from modelops_jupyter.fine_tuning.records import Event, Identity, JobRow, event, job_row, to_json
from modelops_jupyter.fine_tuning.status import ACTIVE, JobStatus, sources, steps

APPLICATION_ID = 0x6D6F_6A31  # "moj1"
Point = tuple[str, int, float]  # name, step, value
NewEvent = tuple[float, str, dict[str, Any]]  # when, kind, data


class SupersededError(JobError):
    """The job has gone on without this worker: it must stop and write nothing more."""

    default_code = "superseded"


class JobStore:
    """All jobs of one home.

    Parameters
    ----------
    path
        The file; by default `jobs.sqlite3` in the home folder.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path).absolute() if path else home() / "jobs.sqlite3"
        self._db = _sqlite.Database(
            self.path,
            application_id=APPLICATION_ID,
            migrations=_sqlite.numbered("modelops_jupyter.fine_tuning"),
            what="job store",
        )
        self._points = PointReader()
        self._told: dict[str, tuple[int, dict[str, Any]]] = {}  # job → revision, short snapshot

    def folder(self, job_id: str) -> Path:
        """Return the folder that holds a job's data, log, checkpoints and model."""
        return self.path.parent / "jobs" / job_id

    def data_version(self) -> int:
        """Return a number that differs after any commit to the file."""
        return self._db.data_version()

    def close(self) -> None:
        """Close this thread's connection."""
        self._db.close()

    # -- reading ------------------------------------------------------------------------------

    def get(self, job_id: str) -> JobRow:
        """Return a job as recorded, whether or not its worker is still there."""
        with self._db.read() as db:
            row = db.execute("SELECT * FROM job WHERE id = ?", (job_id,)).fetchone()
            if row is None:
                raise self._unknown(db, job_id)
            return job_row(row)

    def find(self, id_or_name: str) -> JobRow:
        """Return the job with this id, or the newest with this name."""
        with self._db.read() as db:
            row = db.execute(
                "SELECT * FROM job WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC, seq DESC LIMIT 1",
                (id_or_name,),
            ).fetchone()
            if row is None:
                raise self._unknown(db, id_or_name)
            return job_row(row)

    def rows(self, *, active: bool = False) -> list[JobRow]:
        """Return all jobs as recorded, newest first; only those queued or running if `active`."""
        which = "WHERE status IN ('queued', 'running') " if active else ""
        with self._db.read() as db:
            rows = db.execute(f"SELECT * FROM job {which}ORDER BY seq DESC")  # noqa: S608 -- one of two constants
            return [job_row(row) for row in rows]

    def events(self, job_id: str, *, after: int = 0, limit: int = 1000, newest: bool = False) -> list[Event]:
        """Return a page of a job's events after a sequence number, oldest first unless `newest`."""
        order = "DESC" if newest else "ASC"
        with self._db.read() as db:
            rows = db.execute(
                "SELECT e.* FROM event e JOIN job j ON j.seq = e.job "  # noqa: S608 -- one of two constants
                f"WHERE j.id = ? AND e.seq > ? ORDER BY e.seq {order} LIMIT ?",
                (job_id, after, limit),
            )
            return [event(row) for row in rows]

    def first_step(self, row: JobRow) -> int:
        """Return the step after which an attempt goes on: it was fixed when it was queued."""
        with self._db.read() as db:
            found = db.execute(
                "SELECT data FROM event WHERE job = ? AND attempt = ? AND kind = 'queued'",
                (row.seq, row.attempt),
            ).fetchone()
        return int(json.loads(found["data"]).get("from_step", 0)) if found else 0

    def points(self, job_id: str) -> dict[str, list[tuple[int, float]]]:
        """Return every curve of a job: name → [(step, value), …] in step order."""
        with self._db.read() as db:
            return self._points.read(db, job_id)

    def in_line(self, row: JobRow) -> bool:
        """Tell whether a waiting job of this system has others of its provider before it."""
        here = row.worker
        if here is None:
            return False
        with self._db.read() as db:
            return _ahead(db, row.provider, row.place, here) > 0

    def settled(self, job_id: str) -> JobRow:
        """Return a job after looking whether its worker is still there; record it when not."""
        return self.settle(self.get(job_id))

    def settle(self, row: JobRow) -> JobRow:
        """Record `worker_lost` if the row's worker is gone, and return the row as it now is."""
        worker = row.worker
        if row.status not in ACTIVE or worker is None:
            return row
        if liveness.verdict(worker, row.id, row.attempt) != "gone":
            return row
        text = liveness.epitaph(worker, row.id, row.attempt)
        # The status is compared too: the worker may have finished between our two looks.
        self._end(row.id, row.attempt, (row.status,), JobStatus.FAILED, "worker_lost", text)
        return self.get(row.id)

    def snapshot(self, job_id: str) -> dict[str, Any]:
        """Return everything a monitor shows of one job, formatted."""
        from modelops_jupyter.fine_tuning import snapshot  # above this module: it draws what we hold

        return snapshot.full(snapshot.facts(self, self.settled(job_id)))

    def list(self) -> "list[dict[str, Any]]":
        """Return a short snapshot of every job, newest first."""
        from modelops_jupyter.fine_tuning import snapshot

        told: list[dict[str, Any]] = []
        for row in map(self.settle, self.rows()):
            revision, item = self._told.get(row.id, (-1, {}))
            if revision != row.revision or not row.status.final:  # what has ended is read once
                item = snapshot.short(snapshot.facts(self, row))
                self._told[row.id] = (row.revision, item)
            told.append(item | {"now": time.time()})
        return told

    # -- the user's side ----------------------------------------------------------------------

    def submit(
        self, job_id: str, *, name: str | None, provider: str, base_model: str, spec: dict[str, Any]
    ) -> JobRow:
        """Write a new job and queue its first attempt, in one transaction."""
        with self._db.write() as db:
            db.execute(
                "INSERT INTO job(id, name, provider, base_model, spec, status, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (job_id, name, provider, base_model, to_json(spec), JobStatus.PENDING, time.time()),
            )
            self._queue(db, job_id, {})
        return self.get(job_id)

    def requeue(self, job_id: str, *, from_step: int = 0) -> JobRow:
        """Queue the next attempt of a job that ended without success, dropping points past `from_step`."""
        with self._db.write() as db:
            db.execute(
                "DELETE FROM point WHERE step > ? AND job = (SELECT seq FROM job WHERE id = ?)",
                (from_step, job_id),
            )
            self._queue(db, job_id, {"from_step": from_step})
        return self.get(job_id)

    def launched(self, job_id: str, attempt: int, worker: Identity) -> None:
        """Note which process was started, unless it has already said so itself."""
        with self._db.write() as db:
            db.execute(
                "UPDATE job SET node = ?, boot = ?, pidns = ?, pid = ?, revision = revision + 1 "
                "WHERE id = ? AND attempt = ? AND status = 'queued'",
                (worker.node, worker.boot, worker.pidns, worker.pid, job_id, attempt),
            )

    def request_cancel(self, job_id: str) -> JobStatus:
        """Cancel a waiting job at once; ask a running one to stop after its current step.

        The wish about a hosted job is only noted: whoever next asks the service passes it on.
        """
        row = self.settled(job_id)
        text = "Cancelled before it started."
        waiting = () if row.hosted else (JobStatus.QUEUED,)
        if self._end(job_id, row.attempt, waiting, JobStatus.CANCELLED, "cancelled", text):
            return JobStatus.CANCELLED
        with self._db.write() as db:
            asked = db.execute(
                "UPDATE job SET cancel_requested = ?, revision = revision + 1 "
                "WHERE id = ? AND status IN ('queued', 'running') AND cancel_requested IS NULL",
                (time.time(), job_id),
            ).rowcount
            if asked:
                self._note(db, job_id, "stopping", {})
        return self.get(job_id).status

    def fail(self, job_id: str, attempt: int, reason: str, text: str) -> bool:
        """End an attempt from outside (the worker could not be started, or was given up)."""
        return self._end(job_id, attempt, tuple(ACTIVE), JobStatus.FAILED, reason, text)

    def stopped(self, job_id: str, attempt: int, text: str) -> bool:
        """End an attempt whose worker was made to stop."""
        return self._end(job_id, attempt, tuple(ACTIVE), JobStatus.CANCELLED, "cancelled", text)

    def delete(self, job_id: str) -> None:
        """Remove a job that is not active, with its folder."""
        row = self.settled(job_id)
        if row.status in ACTIVE:
            raise JobError(
                f"The job '{visible(row.shown_name)}' is {row.status}.",
                code="job-active",
                hint="Cancel it and wait for it to stop, then delete it.",
            )
        folder = self.folder(job_id)
        with self._db.write() as db:
            db.execute("DELETE FROM job WHERE id = ? AND attempt = ?", (job_id, row.attempt))
        shutil.rmtree(folder, ignore_errors=True)

    # -- the worker's side: every write names the attempt ------------------------------------

    def claim(self, job_id: str, attempt: int, worker: Identity) -> JobRow:
        """Become the worker of a queued attempt; running and the first heartbeat are one write."""
        claimed = self.claim_in_turn(job_id, attempt, worker, None)
        assert claimed is not None, "without a limit nobody waits"
        return claimed

    def claim_in_turn(self, job_id: str, attempt: int, worker: Identity, limit: int | None) -> JobRow | None:
        """Claim a job like `claim`, or return None while `limit` others of its provider go first here."""
        now = time.time()
        with self._db.write() as db:
            row = db.execute(
                "SELECT provider, place FROM job WHERE id = ? AND attempt = ? AND status = 'queued'",
                (job_id, attempt),
            ).fetchone()
            if row is None:
                raise SupersededError(f"Attempt {attempt} of the job {job_id} is not waiting for a worker.")
            if limit is not None and _ahead(db, row["provider"], row["place"], worker) >= limit:
                return None
            db.execute(
                "UPDATE job SET status = 'running', node = ?, boot = ?, pidns = ?, pid = ?, heartbeat = ?, "
                "started = COALESCE(started, ?), revision = revision + 1 WHERE id = ?",
                (worker.node, worker.boot, worker.pidns, worker.pid, now, now, job_id),
            )
            self._note(db, job_id, "running", {})
        return self.get(job_id)

    def beat(
        self, job_id: str, attempt: int, *, points: Sequence[Point] = (), events: Sequence[NewEvent] = ()
    ) -> bool:
        """Write a heartbeat and what has gathered since the last; return whether to stop."""
        with self._db.write() as db:
            row = db.execute(
                "UPDATE job SET heartbeat = ?, revision = revision + 1 "
                "WHERE id = ? AND attempt = ? AND status = 'running' RETURNING seq, cancel_requested",
                (time.time(), job_id, attempt),
            ).fetchone()
            if row is None:
                raise SupersededError(f"Attempt {attempt} of the job {job_id} is no longer the running one.")
            self._add(db, job_id, points, events)
            return row["cancel_requested"] is not None

    def stop_requested(self, job_id: str, attempt: int, *, status: JobStatus = JobStatus.RUNNING) -> bool:
        """Tell who works on an attempt whether to stop: as asked, or because the job went on without it."""
        with self._db.read() as db:
            row = db.execute(
                "SELECT cancel_requested FROM job WHERE id = ? AND attempt = ? AND status = ?",
                (job_id, attempt, status),
            ).fetchone()
            return row is None or row["cancel_requested"] is not None

    def finish(self, job_id: str, attempt: int, status: JobStatus, reason: str | None, text: str) -> None:
        """Record the worker's own end of the attempt, once."""
        if not self._end(job_id, attempt, (JobStatus.RUNNING,), status, reason, text):
            raise SupersededError(f"Attempt {attempt} of the job {job_id} has already ended.")

    # -- a hosted job: several readers may ask the service at once ----------------------------

    def adopt(self, job_id: str, attempt: int, remote_id: str) -> bool:
        """Record, once, which job of the service this attempt is; False if the attempt is not waiting."""
        with self._db.write() as db:
            adopted = db.execute(
                "UPDATE job SET remote_id = ?, heartbeat = ?, revision = revision + 1 "
                "WHERE id = ? AND attempt = ? AND status = 'queued' AND remote_id IS NULL",
                (remote_id, time.time(), job_id, attempt),
            ).rowcount
            if adopted:
                self._note(db, job_id, "submitted", {"text": f"At the service as {remote_id}"})
        return bool(adopted)

    def note(self, job_id: str, attempt: int, kind: str, data: dict[str, Any]) -> None:
        """Add an event to an attempt that has not ended."""
        with self._db.write() as db:
            if db.execute(
                "UPDATE job SET revision = revision + 1 "
                "WHERE id = ? AND attempt = ? AND status IN ('queued', 'running')",
                (job_id, attempt),
            ).rowcount:
                self._note(db, job_id, kind, data)

    def observe(
        self,
        row: JobRow,
        status: JobStatus | None,
        data: dict[str, Any],
        *,
        points: Sequence[Point] = (),
        events: Sequence[NewEvent] = (),
    ) -> JobRow:
        """Record what a service said of a job since `row` was read, or nothing if another reader was first.

        Parameters
        ----------
        status
            Where the service sees the job; None, or a step that is not in the table, changes nothing.
        data
            Goes with an end: `reason`, `text`.
        """
        with self._db.write() as db:
            fresh = db.execute(
                "UPDATE job SET heartbeat = ?, revision = revision + 1 WHERE id = ? AND attempt = ? "
                "AND revision = ? AND status IN ('queued', 'running')",
                (time.time(), row.id, row.attempt, row.revision),
            ).rowcount
            if fresh:
                self._add(db, row.id, points, events)
                for step in steps(row.status, status) if status else ():
                    self._step(db, row.id, step, data if step.final else {})
        return self.get(row.id)

    # -- shared -------------------------------------------------------------------------------

    def _add(
        self, db: sqlite3.Connection, job_id: str, points: Sequence[Point], events: Sequence[NewEvent]
    ) -> None:
        db.executemany(
            "INSERT OR REPLACE INTO point(job, name, step, attempt, value) "
            "SELECT seq, ?, ?, attempt, ? FROM job WHERE id = ?",
            [(name, step, value, job_id) for name, step, value in points],
        )
        for at, kind, data in events:
            self._note(db, job_id, kind, data, at)

    def _step(self, db: sqlite3.Connection, job_id: str, status: JobStatus, data: dict[str, Any]) -> None:
        time_of = "ended = ?" if status.final else "started = COALESCE(started, ?)"
        db.execute(
            f"UPDATE job SET status = ?, reason = ?, {time_of} WHERE id = ?",  # noqa: S608 -- one of two constants
            (status, data.get("reason"), time.time(), job_id),
        )
        self._note(db, job_id, str(status), data)

    def _queue(self, db: sqlite3.Connection, job_id: str, data: dict[str, Any]) -> None:
        before = sources(JobStatus.QUEUED)
        queued = db.execute(
            "UPDATE job SET status = 'queued', attempt = attempt + 1, "  # noqa: S608 -- only question marks
            "reason = NULL, cancel_requested = NULL, node = NULL, boot = NULL, pidns = NULL, pid = NULL, "
            "heartbeat = NULL, remote_id = NULL, ended = NULL, "
            "place = (SELECT max(place) + 1 FROM job), "
            f"revision = revision + 1 WHERE id = ? AND status IN ({_marks(before)})",
            (job_id, *before),
        ).rowcount
        if not queued:
            status = db.execute("SELECT status FROM job WHERE id = ?", (job_id,)).fetchone()
            raise JobError(
                f"The job {job_id} is {status[0] if status else 'gone'} and cannot be queued.",
                code="job-state",
                hint="Only a failed or cancelled job can be resumed.",
            )
        self._note(db, job_id, "queued", data)

    def _end(
        self,
        job_id: str,
        attempt: int,
        before: tuple[JobStatus, ...],
        status: JobStatus,
        reason: str | None,
        text: str,
    ) -> bool:
        # Only steps of the table; the caller's states narrow them further.
        states = tuple(state for state in before if state in sources(status))
        with self._db.write() as db:
            ended = db.execute(
                "UPDATE job SET status = ?, reason = ?, ended = ?, revision = revision + 1 "  # noqa: S608 -- marks
                f"WHERE id = ? AND attempt = ? AND status IN ({_marks(states)})",
                (status, reason, time.time(), job_id, attempt, *states),
            ).rowcount
            if ended:
                self._note(db, job_id, str(status), {"reason": reason, "text": text})
        return bool(ended)

    def _note(
        self, db: sqlite3.Connection, job_id: str, kind: str, data: dict[str, Any], at: float | None = None
    ) -> None:
        db.execute(
            "INSERT INTO event(job, attempt, at, kind, data) "
            "SELECT seq, attempt, ?, ?, ? FROM job WHERE id = ?",
            (time.time() if at is None else at, kind, to_json(data), job_id),
        )

    def _unknown(self, db: sqlite3.Connection, name: str) -> JobError:
        from modelops_jupyter._suggest import did_you_mean

        known = [value for row in db.execute("SELECT id, name FROM job") for value in row if value]
        hint = did_you_mean(name, known[:200]) if known else "The store is empty."
        return JobError(f"There is no job '{visible(name)}'.", code="job-unknown", hint=visible(hint))


def _ahead(db: sqlite3.Connection, provider: str, place: int, worker: Identity) -> int:
    """Count the jobs of a provider on this system that run, or whose workers wait with an earlier place."""
    return db.execute(
        "SELECT count(*) FROM job WHERE provider = ? AND node = ? AND boot = ? AND pidns = ? "
        "AND (status = 'running' OR (status = 'queued' AND pid IS NOT NULL AND place < ?))",
        (provider, worker.node, worker.boot, worker.pidns, place),
    ).fetchone()[0]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
