"""The one table of operations, and the one way a request becomes an answer.

Both carriers call `answer`. Operations run one after another on one thread, so handlers need
no locks; `cancel` only sets a flag, which long operations look at between two steps.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.wire import (
    changes,
    chat,
    checking,
    edits,
    jobs,
    protocol,
    rating,
    registry,
    results,
    rows,
)
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import Answer, Cancel, Request, WireError

MAX_WAITING = 200  # requests of one view that may stand in line
_log = logging.getLogger("modelops_jupyter")

OPS: Mapping[str, Op] = {
    **rows.OPS,
    **edits.OPS,
    **changes.OPS,
    **results.OPS,
    **jobs.OPS,
    **chat.OPS,
    **rating.OPS,
    **registry.OPS,
}


def answer(message: object, context: Context) -> Answer:
    """Turn one request into its answer; never raises.

    Examples
    --------
    >>> answer({"v": 1, "id": "1", "op": "summry"}, Context())["error"]["hint"]
    "Did you mean 'summary'?"
    """
    identity = protocol.request_id(message)
    try:
        request = protocol.parse(message)
        if isinstance(request, Cancel):
            raise WireError("A cancel message has no answer.")
        return protocol.ok(identity, run(request, context))
    except ModelOpsError as error:
        return protocol.failed(identity, error)
    except UnicodeError:
        return protocol.failed(identity, WireError("Half a character came along.", code="bad-arguments"))
    except Exception:
        # Ours to fix, but the page must not hang. Content of rows never reaches a log.
        _log.debug("operation failed", exc_info=True)
        return protocol.failed(
            identity,
            WireError("Something failed on our side.", code="internal", hint="Use the Python call instead."),
        )


def run(request: Request, context: Context) -> Any:
    """Check the arguments of a request and call its operation."""
    op = OPS.get(request.op)
    if op is None:
        name = protocol.clip(request.op)
        raise WireError(f"There is no operation {name!r}.", code="unknown-op", hint=did_you_mean(name, OPS))
    try:
        args = msgspec.convert(request.args, op.args)
    except (msgspec.ValidationError, RecursionError) as error:
        raise WireError(
            f"The arguments of {request.op!r} do not fit: {protocol.clip(error)}.", code="bad-arguments"
        ) from error
    context.check()
    with checking.first():
        return op.call(args, context)


class Executes(Protocol):
    """The part of an executor that is used: one call after another, on one thread."""

    def submit(self, work: Callable[[], None], /) -> object:
        """Run `work` later."""
        ...


@dataclass
class Dispatcher:
    """Runs requests on an executor and keeps the flags that cancel them."""

    executor: "Executes"
    context: Context
    _flags: dict[str, threading.Event] = field(default_factory=dict[str, threading.Event])
    _waiting: int = 0

    def submit(self, message: object, reply: Callable[[Answer], object]) -> None:
        """Answer later, through `reply`, on the executor's thread; a cancel acts at once."""
        if "cancel" in protocol.fields(message):
            self.cancel(message)
            return
        identity = protocol.request_id(message)
        if self._waiting >= MAX_WAITING:
            reply(protocol.failed(identity, WireError("Too many requests are waiting.", code="busy")))
            return
        flag = threading.Event()
        self._flags[identity] = flag
        self._waiting += 1

        def work() -> None:
            try:
                reply(answer(message, self.context.with_flag(flag)))
            finally:
                self._waiting -= 1
                if self._flags.get(identity) is flag:
                    del self._flags[identity]

        self.executor.submit(work)

    def cancel(self, message: object) -> None:
        """Set the flag of a running or waiting request; an unknown one changes nothing."""
        try:
            request = protocol.parse(message)
        except ModelOpsError:
            return
        if isinstance(request, Cancel) and (flag := self._flags.get(request.cancel)):
            flag.set()
