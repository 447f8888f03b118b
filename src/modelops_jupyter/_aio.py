"""Drive the user's coroutines from synchronous calls, also where an event loop already runs."""

import asyncio
import os
import threading
from collections.abc import Awaitable
from concurrent.futures import wait
from typing import TypeVar

T = TypeVar("T")

_LISTEN = 0.25  # seconds
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_owner = 0


def run(awaitable: Awaitable[T]) -> T:
    """Wait for `awaitable` on the one private loop thread; Ctrl-C cancels it.

    A notebook's own loop is busy running the cell, so it cannot serve the cell's coroutines.

    Examples
    --------
    >>> async def answer() -> int:
    ...     return 42
    >>> run(answer())
    42
    """
    future = asyncio.run_coroutine_threadsafe(_wait(awaitable), _private_loop())
    try:
        # Ctrl-C that the system gives to another thread is only seen when this one runs again.
        while not future.done():
            wait([future], timeout=_LISTEN)
        return future.result()
    except BaseException:
        future.cancel()
        raise


async def _wait(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _private_loop() -> asyncio.AbstractEventLoop:
    """Return the running loop; a forked child gets its own, threads do not survive a fork."""
    global _loop, _owner
    with _lock:
        if _loop is None or _owner != os.getpid():
            _loop, _owner = asyncio.new_event_loop(), os.getpid()
            threading.Thread(target=_loop.run_forever, name="modelops-aio", daemon=True).start()
        return _loop
