"""Following jobs, registries and selections: one thread per kernel, and only while it is needed."""

import threading
from collections.abc import Callable
from typing import Any

from modelops_jupyter.fine_tuning import JobStore, Tailer
from modelops_jupyter.notebook.selection import follow_selection
from modelops_jupyter.wire import handles, registry
from modelops_jupyter.wire.protocol import WireError, clip
from modelops_jupyter.wire.topics import store

Listener = Callable[[int, list[Any]], None]

_lock = threading.Lock()
_tailers: dict[int, tuple[JobStore, Tailer]] = {}


def follow(topic: str, listener: Listener) -> Callable[[], None]:
    """Call `listener(seq, items)` now and after every change; returns what ends it.

    Raises
    ------
    WireError
        For a topic that does not exist.
    """
    kind, _, job = topic.partition(":")
    if kind == "selection":
        return follow_selection(job, listener)
    if topic not in ("jobs", f"registry:{job}") and (kind != "job" or not job):
        raise WireError(f"There is no topic {clip(topic)!r}.", code="unknown-topic")
    seq = 0

    def tell(items: list[dict[str, Any]]) -> None:
        nonlocal seq
        seq += 1
        listener(seq, items)

    if kind == "registry":
        found = registry.home_registry() if job == registry.HOME else handles.resolve(job, "g")
        return _tailer().subscribe(topic, tell, found)
    return _tailer().subscribe(job or topic, tell)


def _tailer() -> Tailer:
    opened = store()
    with _lock:
        if id(opened) not in _tailers:
            _tailers[id(opened)] = (opened, Tailer(opened))
        return _tailers[id(opened)][1]
