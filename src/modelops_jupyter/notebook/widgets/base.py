"""What all widgets share: one script, two hidden traits, and messages answered on one thread."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import anywidget
import traitlets

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.notebook import display, static
from modelops_jupyter.notebook.follow import follow
from modelops_jupyter.notebook.selection import Selection
from modelops_jupyter.wire import dispatch, handles, protocol
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.desk import Desk
from modelops_jupyter.wire.dispatch import Dispatcher
from modelops_jupyter.wire.protocol import Answer, Request, WireError

_MAX_TOPICS = 20


def _dataset(name: str) -> Any:
    found = handles.resolve(name, "d")
    return found.rows if isinstance(found, Desk) else found


def _desk(name: str) -> Desk | None:
    found = handles.resolve(name, "d")
    return found if isinstance(found, Desk) else None


_context = Context(
    resolve_dataset=_dataset,
    resolve_review=lambda name: handles.resolve(name, "f"),
    resolve_chat=lambda name: handles.resolve(name, "t"),
    resolve_rating=lambda name: handles.resolve(name, "a"),
    resolve_registry=lambda name: handles.resolve(name, "g"),
    find_desk=_desk,
    resolve_result=lambda name: handles.resolve(name, "r"),
)


class _Executor:
    """The one thread on which all operations of a kernel run, started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: tuple[int, ThreadPoolExecutor] | None = None

    def submit(self, work: Callable[[], None]) -> object:
        """Run `work` after everything that was submitted before."""
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():  # threads do not survive a fork
                self._made = (os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="modelops-wire"))
        return self._made[1].submit(work)


_executor = _Executor()


def _answer(op: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """Answer a question before it is asked; one that fails is left to the view, which can say so."""
    given = dispatch.answer({"v": protocol.PROTOCOL, "id": op, "op": op, "args": args}, _context)
    return {"op": op, "args": args, "result": given["result"]} if given["ok"] else None


class LiveView(anywidget.AnyWidget):
    """Base of the widgets; `kind` picks the view, `_spec` says what it shows.

    Each of `asked` is an operation and its arguments: what the view will ask first.
    """

    _esm = static.script()
    _css = static.style()
    kind = traitlets.Unicode(read_only=True).tag(sync=True)
    _spec = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(self, kind: str, spec: dict[str, Any], *asked: tuple[str, Any], **options: Any) -> None:
        self._refuse_unknown(options)
        super().__init__(**options)
        self._topics: dict[str, Any] = {}
        self._dispatcher = Dispatcher(_executor, _context)
        self.set_trait("kind", kind)
        # A kernel answers no message while it runs a cell: what a view asks first travels with it.
        answers = [answer for op, args in asked if (answer := _answer(op, args)) is not None]
        self.set_trait("_spec", {"protocol": protocol.PROTOCOL, **spec, "answers": answers})
        self.on_msg(self._receive)  # pyright: ignore[reportUnknownMemberType] -- ipywidgets has no types

    @property
    def _subject(self) -> Any:
        """What is shown, as text and twin can tell it."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> display.Bundle:
        del options
        data, metadata = display.told(self._subject)
        return {display.VIEW: self.live_data()} | data, metadata

    def live_data(self) -> Any:
        """Return what a page needs to show this view, without text and twin."""
        return cast("Any", super())._repr_mimebundle_()[0][display.VIEW]  # anywidget's dicts have no types

    def _refuse_unknown(self, options: dict[str, Any]) -> None:
        known = [name for name, trait in self.traits().items() if name[0] != "_" and not trait.read_only]
        for name in options:
            if name not in known:
                raise TypeError(
                    f"{type(self).__name__} has no argument {name!r}. {did_you_mean(name, known)}"
                )

    def _receive(self, _widget: Any, message: object, _buffers: Any) -> None:
        """Take one message; whatever it holds, nothing is raised into the kernel's log."""
        if protocol.fields(message).get("op") in ("subscribe", "unsubscribe"):
            self._reply(self._follow(message))
        else:
            self._dispatcher.submit(message, self._reply)

    def _follow(self, message: object) -> Answer:
        identity = protocol.request_id(message)
        try:
            request = protocol.parse(message)
            topic = request.args.get("topic") if isinstance(request, Request) else None
            if not isinstance(request, Request) or not isinstance(topic, str) or len(topic) > 200:
                raise WireError("A subscription names one topic.", code="bad-arguments")
            end = self._topics.pop(topic, None)
            if end is not None:
                end()
            if request.op == "subscribe":
                self._subscribe(topic)
            return protocol.ok(identity, {"topic": topic})
        except ModelOpsError as error:
            return protocol.failed(identity, error)

    def _subscribe(self, topic: str) -> None:
        if len(self._topics) >= _MAX_TOPICS:
            raise WireError("This view follows too many topics.", code="too-many")
        self._topics[topic] = follow(topic, lambda seq, items: self._reply(protocol.push(topic, seq, items)))

    def _reply(self, answer: Answer) -> None:
        if self.comm is None:
            return
        try:
            self.send(answer)  # pyright: ignore[reportUnknownMemberType] -- ipywidgets has no types
        except Exception:
            # The page may be gone, and a broken pipe is no news to the user.
            self._quiet()

    def _quiet(self) -> None:
        for end in self._topics.values():
            end()
        self._topics.clear()

    def close(self) -> None:
        """End the view and its subscriptions."""
        if hasattr(self, "_topics"):
            self._quiet()
        super().close()


class LinkedView(LiveView):
    """Base of the views that share a selection."""

    link: Selection

    def __init__(
        self, kind: str, spec: dict[str, Any], *asked: tuple[str, Any], link: Selection, **options: Any
    ) -> None:
        self.link = link
        link.attach(self)
        super().__init__(kind, {**spec, "link": link.name}, *asked, **options)

    def take_linked(self, rows: Sequence[str]) -> None:
        """Select rows that another view, or Python, selected."""
        raise NotImplementedError

    def linked_rows(self) -> Any:
        """Return the selected rows that this view has, as a Dataset."""
        raise NotImplementedError


def link(first: LinkedView | Selection | str, *others: LinkedView | Selection | str) -> Selection:
    """Join selections: what is selected in one view is from now on selected in the others.

    Parameters
    ----------
    first, others
        Views, selections, or names of selections.

    Returns
    -------
    Selection
        The one of the first.

    Examples
    --------
    >>> link("train", "test").set(["m1"])
    >>> Selection("test").rows
    ('m1',)
    """
    found = [each.link if isinstance(each, LinkedView) else Selection.of(each) for each in (first, *others)]
    for other in found[1:]:
        found[0].join(other)
    return found[0]
