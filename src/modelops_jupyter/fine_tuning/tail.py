"""One thread that watches the store while somebody listens, and hands out snapshots."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from modelops_jupyter.errors import JobError, ModelOpsError
from modelops_jupyter.fine_tuning import providers, snapshot
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.store import JobStore

TICK = 0.1  # at most ten snapshots a second, however fast the job is
LOOK = 1.0  # how often to see whether silent workers are still there, and whether another store changed
ALL = "jobs"
Callback = Callable[[list[dict[str, Any]]], None]
_log = logging.getLogger(__name__)


class Watched(Protocol):
    """Another store that can be watched, such as a model registry."""

    def data_version(self) -> int:
        """Return a number that differs after any change by any process."""
        ...

    def close(self) -> None:
        """Close this thread's connection."""
        ...


Listener = tuple[str, Callback, Watched | None]


class Tailer:
    """Calls back with the snapshots of jobs, or with all short snapshots for the topic "jobs".

    The thread starts with the first subscription and ends after the last one has gone.
    Callbacks run on it; one that raises is logged and kept.
    """

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._listeners: dict[int, Listener] = {}
        self._seen: dict[int, object] = {}
        self._next = 0
        self._thread: threading.Thread | None = None
        self._asking: threading.Thread | None = None
        self._asked = 0.0

    def subscribe(self, topic: str, callback: Callback, other: Watched | None = None) -> Callable[[], None]:
        """Listen to a job (its id, several with commas) or to "jobs"; return the function that ends it.

        Of an `other` store, whatever the topic is called, a listener hears only that it changed.
        """
        with self._lock:
            key, self._next = self._next, self._next + 1
            self._listeners[key] = (topic, callback, other)
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
        stores: set[Watched] = {self._store}
        while listeners := self._current():
            try:
                stores |= {other for _, _, other in listeners.values() if other is not None}
                now = self._store.data_version()
                fresh = any(key not in self._seen for key in listeners)
                due = time.monotonic() - looked >= LOOK
                if fresh or due or now != version:
                    version = now
                    if due:
                        looked = time.monotonic()
                        self._ask_services()
                    for key, listener in listeners.items():
                        self._tell(key, *listener)
            except ModelOpsError as error:
                _log.warning("The job store cannot be watched for now: %s", error)
                time.sleep(LOOK)
            time.sleep(TICK)
        for store in stores:
            store.close()

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

    def _current(self) -> dict[int, Listener]:
        with self._lock:
            if not self._listeners:
                self._thread = None
            return dict(self._listeners)

    def _tell(self, key: int, topic: str, callback: Callback, other: Watched | None) -> None:
        rows: list[JobRow] = []
        if other is not None:
            mark: object = other.data_version()
        else:
            rows = [self._store.settle(row) for row in self._rows(topic)]
            # What is said of a silent worker changes without a word from it.
            mark = [(row.id, row.revision, snapshot.detail(snapshot.Facts(row, Path()))) for row in rows]
        if self._seen.get(key) == mark:
            return
        self._seen[key] = mark
        if other is not None:
            items = [{"changed": mark}]
        else:
            items = self._store.list() if topic == ALL else [self._store.snapshot(row.id) for row in rows]
        try:
            callback(items)
        except Exception:
            _log.exception("A listener of %s failed.", topic)

    def _rows(self, topic: str) -> Iterator[JobRow]:
        """Yield the jobs of a topic; one that was deleted is no news for those who follow others."""
        if topic == ALL:
            yield from self._store.rows()
        else:
            for job in topic.split(","):
                with suppress(JobError):
                    yield self._store.get(job)
