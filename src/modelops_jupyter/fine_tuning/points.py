"""The curves of jobs, each read from its beginning once and then from where it ended."""

import math
import sqlite3
import threading
from collections import OrderedDict

Curves = dict[str, list[tuple[int, float]]]
_KEPT = 4  # jobs; the curves of a run of a day take some tens of megabytes
_BEGIN = -(2**62)


class PointReader:
    """Reads the points of a job, and keeps those of the jobs that were read last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[int, tuple[int, Curves]] = OrderedDict()  # job → attempt, curves

    def read(self, db: sqlite3.Connection, job_id: str) -> Curves:
        """Return name → [(step, value), …] in step order, as it is now."""
        job = db.execute("SELECT seq, attempt FROM job WHERE id = ?", (job_id,)).fetchone()
        if job is None:
            return {}
        with self._lock:
            attempt, curves = self._held.pop(job["seq"], (job["attempt"], {}))
            if attempt != job["attempt"]:  # it went back to a checkpoint
                curves = {}
            _extend(db, job["seq"], curves)
            (count,) = db.execute("SELECT count(*) FROM point WHERE job = ?", (job["seq"],)).fetchone()
            if count != sum(map(len, curves.values())):  # somebody told of a step of long ago
                curves.clear()
                _extend(db, job["seq"], curves)
            self._held[job["seq"]] = (job["attempt"], curves)
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)
            return {name: curve[:] for name, curve in curves.items()}


def _extend(db: sqlite3.Connection, job: int, curves: Curves) -> None:
    """Add what is new; the newest step is read again, as all of its values may not have come at once."""
    last = max((curve[-1][0] for curve in curves.values()), default=_BEGIN)
    for curve in curves.values():
        while curve and curve[-1][0] >= last:
            curve.pop()
    query = "SELECT name, step, value FROM point WHERE job = ? AND step >= ? ORDER BY name, step"
    for name, step, value in db.execute(query, (job, last)):
        curves.setdefault(name, []).append((step, math.nan if value is None else value))
    for name in [name for name, curve in curves.items() if not curve]:
        del curves[name]
