"""Two handlers: `GET modelops/v1/hello` and `POST modelops/v1/rpc`; authenticated and authorised."""

import asyncio
import contextlib
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

from modelops_jupyter._home import home_id
from modelops_jupyter._version import __version__
from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.server.files import Files
from modelops_jupyter.wire import protocol
from modelops_jupyter.wire.protocol import Answer, WireError

_LOOK = 0.2  # seconds between two looks at the store while a poll waits


class _Handler(APIHandler):
    auth_resource = "modelops"


class HelloHandler(_Handler):
    """Says which protocol is spoken and which home is served."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Answer with protocol, home and version."""
        self.finish({"protocol": protocol.PROTOCOL, "home_id": home_id(), "version": __version__})


class RpcHandler(_Handler):
    """One request in, one answer out; the only door to the operations."""

    def initialize(self, service: "Service") -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Take what all requests of a server share."""
        self.service = service
        self.message: object = None
        self.task: asyncio.Task[Answer] | None = None

    @authenticated
    @authorized
    async def post(self) -> None:
        """Answer one request."""
        body = self.request.body
        if len(body) > protocol.MAX_BODY:
            self.finish(protocol.failed("", WireError("The message is too large.", code="too-large")))
            return
        try:
            self.message = json.loads(body)
        except (ValueError, RecursionError):
            self.finish(protocol.failed("", WireError("The message is not JSON.")))
            return
        self.task = asyncio.ensure_future(self.service.answer(self.message))
        with contextlib.suppress(asyncio.CancelledError):  # whoever asked has hung up
            self.finish(await self.task)

    def on_connection_close(self) -> None:
        """Stop working for somebody who has hung up."""
        if self.task is not None:
            self.task.cancel()
        self.service.forget(self.message)


class Service:
    """The dispatcher of one server, made when the first request arrives."""

    def __init__(self, root: Path) -> None:
        self._files = Files(root)
        self._dispatcher: Any = None

    async def answer(self, message: object) -> Answer:
        """Answer a request; a poll waits here, without a thread, until something changes."""
        if protocol.fields(message).get("op") == "poll":
            return await self._poll(protocol.fields(message))
        return await self._ask(message)

    def forget(self, message: object) -> None:
        """Cancel a request whose connection was closed."""
        if self._dispatcher is not None:
            cancel = {"v": protocol.PROTOCOL, "cancel": protocol.request_id(message)}
            self._dispatcher.cancel(cancel)

    async def _ask(self, message: object) -> Answer:
        dispatcher = await self._ready()
        if "cancel" in protocol.fields(message):
            dispatcher.cancel(message)
            return protocol.ok("", None)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()

        def reply(value: Answer) -> None:
            loop.call_soon_threadsafe(lambda: answer.done() or answer.set_result(value))

        dispatcher.submit(message, reply)
        return await answer

    async def _poll(self, message: dict[str, Any]) -> Answer:
        wait = protocol.fields(message.get("args")).get("wait")
        until = time.monotonic() + _clamped(wait)
        while True:
            version = self._version()
            answer = await self._ask(message)
            if not answer["ok"] or answer["result"]["items"] or time.monotonic() >= until:
                return answer
            # A worker that dies changes nothing in the store, so look again now and then anyway.
            again = min(until, time.monotonic() + 2)
            while self._version() == version and time.monotonic() < again:
                await asyncio.sleep(_LOOK)

    def _version(self) -> int:
        from modelops_jupyter.wire.topics import store

        try:
            return store().data_version()
        except ModelOpsError:
            return 0  # the answer itself will say what is wrong with the store

    async def _ready(self) -> Any:
        if self._dispatcher is None:
            # The first use imports numpy and more: not on the thread that serves everybody.
            made = await asyncio.get_running_loop().run_in_executor(None, self._load)
            self._dispatcher = self._dispatcher or made
        return self._dispatcher

    def _load(self) -> Any:
        from modelops_jupyter.wire.context import Context
        from modelops_jupyter.wire.dispatch import Dispatcher

        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="modelops-wire")
        return Dispatcher(executor, Context(resolve_dataset=self._files.dataset))


def _clamped(wait: object) -> float:
    from modelops_jupyter.wire.jobs import MAX_WAIT

    if not isinstance(wait, int | float) or not math.isfinite(wait):
        return 0.0
    return min(max(float(wait), 0.0), MAX_WAIT)


def handlers(base_url: str, root_dir: str) -> list[Any]:
    """Return the routes of the extension."""
    base = url_path_join(base_url, "modelops", "v1")
    service = Service(Path(root_dir).expanduser())
    return [
        (url_path_join(base, "hello"), HelloHandler),
        (url_path_join(base, "rpc"), RpcHandler, {"service": service}),
    ]
