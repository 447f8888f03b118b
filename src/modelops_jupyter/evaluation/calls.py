"""Ask something many times: several calls at once, each with retries and a time limit."""

import asyncio
import inspect
import random
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from modelops_jupyter.errors import EvaluationError

Key = TypeVar("Key", bound=Hashable)

LONGEST_WAIT = 120.0  # seconds; a server that asks for more is not waited for
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_BUSY = 8  # calls at once where nothing runs in this process

sleep = asyncio.sleep


class CallError(EvaluationError):
    """A call gave no answer.

    Attributes
    ----------
    status
        The HTTP status, if there was one.
    retry_after
        Seconds the server asks to wait.
    again
        Whether another try may help.
    """

    default_code = "no-answer"
    status: int | None = None
    retry_after: float | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call: a text or an error."""

    text: str | None
    error: str | None = None
    attempts: int = 1
    seconds: float = 0.0


class Calls:
    """Calls of one function of one prompt, sync or async.

    Parameters
    ----------
    ask
        Takes a prompt, returns a text. Sync functions run in threads; a call that is given up
        cannot be ended and runs out behind.
    concurrency
        Calls at once. None: 8 for async functions and endpoints, 1 for other functions, which
        may hold a model that cannot answer twice at once.
    retries
        Further tries after a timeout, a lost connection, or an HTTP status that passes. Other
        exceptions would only come again and are not retried.
    timeout
        Seconds for one try.
    """

    def __init__(
        self,
        ask: Callable[[Any], Any],
        *,
        concurrency: int | None = None,
        retries: int = 2,
        timeout: float | None = 60.0,
    ) -> None:
        self.ask, self.retries, self.timeout = ask, retries, timeout
        self._is_async = any(map(inspect.iscoroutinefunction, (ask, getattr(ask, "__call__", None))))  # noqa: B004
        elsewhere = self._is_async or getattr(ask, "is_endpoint", False)
        self.concurrency = concurrency or (_BUSY if elsewhere else 1)
        self._not_before = 0.0

    async def all(self, prompts: Mapping[Key, Any], done: Callable[[Key, Answer], None]) -> None:
        """Ask every prompt; `done` gets each answer as soon as it is there."""
        waiting = iter(list(prompts.items()))

        async def work() -> None:
            for key, prompt in waiting:
                done(key, await self.one(prompt))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.concurrency, len(prompts))):
                    group.create_task(work())
        except BaseExceptionGroup as errors:  # only `done` can raise here
            raise errors.exceptions[0] from None

    async def one(self, prompt: Any) -> Answer:
        """Ask once, with retries."""
        began = time.monotonic()
        attempt = 0
        while True:
            attempt += 1
            if (pause := self._not_before - time.monotonic()) > 0:
                await sleep(pause)
            try:
                text = await asyncio.wait_for(self._asked(prompt), self.timeout)
                return Answer(text, None, attempt, time.monotonic() - began)
            except Exception as error:  # whatever a user's model raises is the case's error
                wait = self._wait(error, attempt)
                if wait is None:
                    return Answer(None, _said(error, self.timeout), attempt, time.monotonic() - began)
            await sleep(wait)

    def _wait(self, error: Exception, attempt: int) -> float | None:
        """Seconds until the next try; None if there is none."""
        told = _retry_after(error)
        if attempt > self.retries or not _may_pass(error) or (told or 0) > LONGEST_WAIT:
            return None
        if told is not None:  # the server means all calls
            self._not_before = max(self._not_before, time.monotonic() + told)
            return 0.0
        return min(30.0, 0.5 * 2 ** (attempt - 1)) * random.uniform(0.75, 1.25)  # noqa: S311  # spreads calls

    async def _asked(self, prompt: Any) -> str:
        found: Any = self.ask(prompt) if self._is_async else await _in_thread(self.ask, prompt)
        if inspect.isawaitable(found):
            found = await found
        if not isinstance(found, str):
            message = f"The model returned a {type(found).__name__}; one text is needed."
            raise CallError(message, hint="It takes one prompt and returns its answer.")
        return found


async def _in_thread(ask: Callable[[Any], Any], prompt: Any) -> Any:
    """Run a call in a thread that ends with the process: an executor's would hold its exit up."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: Exception | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(result)

    def work() -> None:
        result, error = None, None
        try:
            result = ask(prompt)
        except Exception as raised:
            error = raised
        except BaseException as raised:  # sys.exit() in a model must not end the loop
            error = RuntimeError(f"{type(raised).__name__}: {raised}")
        loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name="modelops-call", daemon=True).start()
    return await future


def _status(error: Exception) -> int | None:
    found: Any = getattr(error, "status", None) or getattr(error, "status_code", None)
    return found if isinstance(found, int) else None


def _may_pass(error: Exception) -> bool:
    if isinstance(error, CallError) and error.status is None:
        return error.again
    status = _status(error)
    return status in _RETRIED if status else isinstance(error, OSError)  # TimeoutError is one


def _retry_after(error: Exception) -> float | None:
    """Seconds a server asks to wait, from our error or from that of the official client."""
    told: Any = getattr(error, "retry_after", None)
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    if told is None and headers is not None:
        told = seconds(headers.get("retry-after"))
    return told if isinstance(told, float) else None


def seconds(header: str | None) -> float | None:
    """Read a Retry-After header: seconds, or a date."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None


def _said(error: Exception, timeout: float | None) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return f"No answer within {timeout:g} s."
    return str(error) if isinstance(error, EvaluationError) else f"{type(error).__name__}: {error}"
