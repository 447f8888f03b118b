"""One thread that watches the store while somebody listens, and hands out snapshots."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.fine_tuning import providers
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.store import JobStore

TICK = 0.1  # at most ten snapshots a second, however fast the job is
LOOK = 1.0  # how often to see whether silent workers are still there
ALL = "jobs"
Callback = Callable[[list[dict[str, Any]]], None]
_log = logging.getLogger(__name__)


class Tailer:
    """Calls back with the snapshots of jobs, or with all short snapshots for the topic "jobs".

    The thread starts with the first subscription and ends after the last one has gone.
    Callbacks run on it; one that raises is logged and kept.
    """

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._listeners: dict[int, tuple[str, Callback]] = {}
        self._seen: dict[int, object] = {}
        self._next = 0
        self._thread: threading.Thread | None = None
        self._asking: threading.Thread | None = None
        self._asked = 0.0

    def subscribe(self, topic: str, callback: Callback) -> Callable[[], None]:
        """Listen to a job (its id, several with commas) or to "jobs"; return the function that ends it."""
        with self._lock:
            key, self._next = self._next, self._next + 1
            self._listeners[key] = (topic, callback)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="modelops-tailer", daemon=True)
                self._thread.start()

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.pop(key, None)
                self._seen.pop(key, None)

        return unsubscribe

    def _run(self) -> None:
        version, looked = -1, 0.0
        while listeners := self._current():
            try:
                now = self._store.data_version()
                fresh = any(key not in self._seen for key in listeners)
                due = time.monotonic() - looked >= LOOK
                if fresh or due or now != version:
                    version = now
                    if due:
                        looked = time.monotonic()
                        self._ask_services()
                    for key, (topic, callback) in listeners.items():
                        self._tell(key, topic, callback)
            except ModelOpsError as error:
                _log.warning("The job store cannot be watched for now: %s", error)
                time.sleep(LOOK)
            time.sleep(TICK)
        self._store.close()

    def _ask_services(self) -> None:
        """Bring hosted jobs up to date, beside this thread: a service may take long to answer."""
        hosted = [row for row in self._store.rows(active=True) if row.hosted]
        pause = min((providers.get(row.provider).pace for row in hosted), default=None)
        if (
            pause is None
            or time.monotonic() - self._asked < pause
            or (self._asking and self._asking.is_alive())
        ):
            return
        self._asked = time.monotonic()
        self._asking = threading.Thread(target=self._refresh, args=(hosted,), daemon=True)
        self._asking.start()

    def _refresh(self, rows: list[JobRow]) -> None:
        for row in rows:
            try:
                providers.get(row.provider).refresh(self._store, row)
            except ModelOpsError as error:  # no key here, or no client: others may have them
                _log.info("%s", error)
        self._store.close()

    def _current(self) -> dict[int, tuple[str, Callback]]:
        with self._lock:
            if not self._listeners:
                self._thread = None
            return dict(self._listeners)

    def _tell(self, key: int, topic: str, callback: Callback) -> None:
        if topic == ALL:
            rows = [self._store.settle(row) for row in self._store.rows()]
            mark: object = [(row.id, row.revision) for row in rows]
        else:
            mark = [self._store.settled(job).revision for job in topic.split(",")]
        if self._seen.get(key) == mark:
            return
        self._seen[key] = mark
        items = (
            self._store.list() if topic == ALL else [self._store.snapshot(job) for job in topic.split(",")]
        )
        try:
            callback(items)
        except Exception:
            _log.exception("A listener of %s failed.", topic)
