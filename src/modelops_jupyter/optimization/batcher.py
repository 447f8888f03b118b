"""Requests of many callers, answered together."""

import inspect
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, Self, cast

from modelops_jupyter import _aio
from modelops_jupyter.errors import ConfigError, LengthMismatchError, ModelOpsError


class RequestBatcher:
    """Collects requests for a moment and answers them in one call; each gets a future.

    Every future is resolved once, whatever happens: with its answer, with the error of the call, or as
    cancelled when the batcher stops before its turn.

    Parameters
    ----------
    answer
        A function (sync or async) from a list of requests to as many answers, such as
        `OnnxModel.generate`. It is called by one thread, one batch after the other.
    max_batch
        The most requests of one call.
    max_wait
        Seconds that the first request of a batch waits for company.

    Examples
    --------
    >>> with RequestBatcher(lambda texts: [text.upper() for text in texts]) as batcher:
    ...     batcher.submit("a").result()
    'A'
    """

    def __init__(
        self, answer: Callable[[list[Any]], Any], *, max_batch: int = 8, max_wait: float = 0.005
    ) -> None:
        if max_batch < 1 or not 0 <= max_wait < float("inf"):
            raise ConfigError("max_batch must be at least 1, max_wait a number of seconds from 0 on.")
        self._answer, self._most, self._wait = answer, max_batch, max_wait
        self._waiting: queue.SimpleQueue[tuple[Any, Future[Any]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # between a submit and the stop: nothing enters behind the last mark
        self._stopped, self._dropping = False, False
        self._thread = threading.Thread(target=self._work, name="modelops-batcher", daemon=True)
        self._thread.start()

    def submit(self, request: Any) -> "Future[Any]":
        """Hand in a request; `future.cancel()` takes it back as long as its batch has not begun.

        Raises
        ------
        ModelOpsError
            If the batcher was stopped.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._stopped:
                raise ModelOpsError("The batcher was stopped.", code="stopped", hint="Make a new one.")
            self._waiting.put((request, future))
        return future

    def stop(self, *, drop: bool = False, timeout: float | None = None) -> bool:
        """Take no more requests, answer those that wait, and return when all are resolved.

        Parameters
        ----------
        drop
            Whether those that wait are cancelled instead; a batch that has begun is finished.
        timeout
            Seconds after which the answer is no longer waited for.

        Returns
        -------
        bool
            Whether all are resolved.
        """
        with self._lock:
            self._dropping |= drop
            if not self._stopped:
                self._stopped = True
                self._waiting.put(None)
        if self._thread is not threading.current_thread():  # `answer` itself may stop it
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _work(self) -> None:
        more = True
        while more:
            batch, more = self._next()
            if self._dropping:
                for _, future in batch:
                    future.cancel()
            batch = [(request, future) for request, future in batch if _begins(future)]
            if batch:
                self._resolve(batch)

    def _next(self) -> tuple[list[tuple[Any, Future[Any]]], bool]:
        """Return the next requests, and whether more may come."""
        batch: list[tuple[Any, Future[Any]]] = []
        first, until = self._waiting.get(), 0.0
        while first is not None:
            batch.append(first)
            if len(batch) == self._most:
                return batch, True
            until = until or time.monotonic() + self._wait
            try:
                first = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return batch, True
        return batch, False

    def _resolve(self, batch: list[tuple[Any, Future[Any]]]) -> None:
        try:
            found = one_each(self._answer([request for request, _ in batch]), len(batch))
        except BaseException as error:  # an exit in a thread would end nothing, and leave callers waiting
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), answer in zip(batch, found, strict=True):
            future.set_result(answer)


def one_each(found: Any, count: int) -> list[Any]:
    """Return what a function gave as so many answers, awaited if need be.

    Raises
    ------
    LengthMismatchError
        If they are more or fewer, when nobody knows whose is missing, or a single thing.
    """
    found = _aio.run(found) if inspect.isawaitable(found) else found
    several = isinstance(found, Iterable) and not isinstance(found, str | bytes | Mapping)
    answers: list[Any] = list(cast("Any", found)) if several else []
    if not several or len(answers) != count:
        gave = f"{len(answers)} answers" if several else f"one {type(cast('Any', found)).__name__}"
        text = f"The function gave {gave} to {count} requests."
        hint = "It must return a list with one answer for each request, in their order."
        raise LengthMismatchError(text, hint=hint)
    return answers


def _begins(future: "Future[Any]") -> bool:
    """Tell whether an answer is still wanted; one that was taken back is then really cancelled."""
    try:
        return future.set_running_or_notify_cancel()
    except RuntimeError:  # its caller resolved it
        return False
