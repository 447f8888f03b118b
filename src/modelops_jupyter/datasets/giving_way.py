"""Work in the background gives way at each reading of rows: two threads share one interpreter."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

_mine = threading.local()


@contextmanager
def behind(wait: Callable[[], object]) -> Generator[None]:
    """Let this thread call `wait` before it reads rows; it returns when nobody else is in a hurry."""
    _mine.wait = wait
    try:
        yield
    finally:
        del _mine.wait


def give_way() -> None:
    """Wait until this thread may go on; at once in every thread that somebody waits for."""
    wait: Callable[[], object] | None = getattr(_mine, "wait", None)
    if wait is not None:
        wait()
