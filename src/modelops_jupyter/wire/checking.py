"""Rows are shown before they are checked: of a large dataset a view asks for the problems afterwards."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from modelops_jupyter.datasets import Dataset, scan
from modelops_jupyter.datasets.giving_way import behind
from modelops_jupyter.datasets.validation import ValidationReport, validate

LARGE = 20_000  # rows; more are not checked while somebody waits for the first of them
_GIVE_WAY_SECONDS = 30.0  # and no longer, whatever somebody asks for
_QUIET_SECONDS = 0.2  # after an answer: whoever scrolls asks again soon, and the page needs the processor
_THREAD = "checking"  # in the memo of a dataset: what `Dataset.validate` waits for
_free = threading.Event()
_free.set()
_answered = float("-inf")


def found(ds: Dataset) -> ValidationReport | None:
    """Return the problems, None where they are not known yet."""
    thread = ds.memo.get(_THREAD)
    ended = thread is not None and not thread.is_alive()  # without a report it failed: it is told again
    return ds.validate() if len(ds) <= LARGE or "report" in ds.memo or ended else None


def told(ds: Dataset) -> ValidationReport | None:
    """Return the problems that an output may tell: what it says must not depend on when a thread ends."""
    return None if _THREAD in ds.memo else found(ds)


def begin(ds: Dataset) -> None:
    """Look for the problems in a thread of its own, unless that is done or under way."""
    if found(ds) is None and _THREAD not in ds.memo:
        ds.memo[_THREAD] = thread = _Check(ds)
        thread.start()


@contextmanager
def first() -> Generator[None]:
    """Let what somebody waits for go before all checking: two threads share one interpreter."""
    global _answered
    _free.clear()
    try:
        yield
    finally:
        _answered = time.monotonic()
        _free.set()


class _Check(threading.Thread):
    """Looks for the problems of a dataset; whoever waits for it opens its way."""

    def __init__(self, ds: Dataset) -> None:
        super().__init__(daemon=True)
        self._ds, self._awaited = ds, False

    def run(self) -> None:
        time.sleep(_QUIET_SECONDS)  # the first rows are being drawn
        with behind(lambda: self._awaited or _free.wait(_GIVE_WAY_SECONDS)):
            scan.prepare(self._ds)  # a search may come soon
        with behind(self._quiet):
            _ = self._ds.fingerprint  # shown with the problems
            self._ds.memo["report"] = validate(self._ds)

    def _quiet(self) -> None:
        """Wait until nobody asks for anything, or somebody waits for the problems."""
        end = time.monotonic() + _GIVE_WAY_SECONDS
        while not self._awaited and time.monotonic() < end and _free.wait(_GIVE_WAY_SECONDS):
            if (left := _answered + _QUIET_SECONDS - time.monotonic()) <= 0:
                return
            time.sleep(left)

    def join(self, timeout: float | None = None) -> None:
        self._awaited = True
        _free.set()
        super().join(timeout)
