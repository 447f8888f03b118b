"""The worker's voice: one thread that writes heartbeats, points and events, and hears "stop"."""

import logging
import threading
import time
from types import TracebackType
from typing import Any, Self

from modelops_jupyter.errors import StoreError
from modelops_jupyter.fine_tuning import logs
from modelops_jupyter.fine_tuning.store import JobStore, NewEvent, Point, SupersededError

TICK = 0.2  # seconds: at most five commits of points a second
HEARTBEAT = 1.0
PATIENCE = 60.0  # a locked or full disk may recover; a worker nobody can hear for longer stops
_log = logging.getLogger(__name__)


class Reporter:
    """Gathers what the training says and commits it in batches, beside the training thread."""

    def __init__(self, store: JobStore, job_id: str, attempt: int) -> None:
        self._store = store
        self._job = (job_id, attempt)
        self._folder = store.folder(job_id)
        self._lock = threading.Lock()
        self._committing = threading.Lock()
        self._points: list[Point] = []
        self._events: list[NewEvent] = []
        self._stop = threading.Event()
        self._closing = threading.Event()
        self._beaten = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)
        self.superseded = False
        self.cancelled = False
        self.failure: OSError | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()
        if not self.superseded:
            try:
                self._commit()
            except SupersededError:
                self.superseded = True
            except StoreError:
                if error is None:  # else the first error is the one to tell
                    raise

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        """Take one report; "point" goes to the curves, anything else to the events.

        A checkpoint is committed before the training goes on, with all that came before it: one
        that the store does not know is not resumed from, so that no curve has a gap.
        """
        with self._lock:
            if kind == "point":
                step = int(data["step"])
                self._points += [(name, step, float(value)) for name, value in data["values"].items()]
            else:
                self._events.append((time.time(), kind, data))
        if kind == "checkpoint":
            try:
                self._commit()
            except SupersededError:
                self.superseded = True
                self._stop.set()
            except StoreError as error:
                _log.warning("A checkpoint waits to be recorded: %s", error)

    def should_stop(self) -> bool:
        """Tell whether the training should save and end after its current step."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the training to stop (called by the signal handler)."""
        self._stop.set()

    def _run(self) -> None:
        while not self._closing.wait(TICK):
            try:
                self._tick()
                logs.rotate(self._folder)
            except SupersededError:
                self.superseded = True
                self._stop.set()
                return
            except OSError as error:
                _log.warning("The job store could not be written: %s", error)
                if time.monotonic() - self._beaten > PATIENCE:
                    self.failure = error
                    self._stop.set()
                    return
        self._store.close()

    def _tick(self) -> None:
        with self._lock:
            waiting = bool(self._points or self._events)
        if waiting or time.monotonic() - self._beaten >= HEARTBEAT:
            self._commit()
        elif self._store.stop_requested(*self._job):
            self._commit()  # says whether it was a wish or a successor

    def _commit(self) -> None:
        with self._committing:  # in order: what was said first is written first
            self._write()

    def _write(self) -> None:
        with self._lock:
            points, self._points = self._points, []
            events, self._events = self._events, []
        try:
            asked = self._store.beat(*self._job, points=points, events=events)
        except BaseException:
            with self._lock:  # nothing was written: keep it for the next try, in order
                self._points[:0] = points
                self._events[:0] = events
            raise
        self._beaten = time.monotonic()
        if asked:
            self.cancelled = True
            self._stop.set()
