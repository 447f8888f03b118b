"""What a subscriber follows, each with a sequence that grows on a change.

Topics are "jobs", "job:<id>[,<id>…]" and "registry:home".
"""

import threading
import zlib
from typing import Any

import msgspec

from modelops_jupyter._home import home
from modelops_jupyter.fine_tuning.store import JobStore
from modelops_jupyter.wire import registry
from modelops_jupyter.wire.protocol import WireError, clip

# What changes without anything having happened.
_CLOCKS = frozenset({"now"})

_stores: dict[str, JobStore] = {}
_lock = threading.Lock()


def store() -> JobStore:
    """Return the store of the present home, opened once."""
    key = str(home())
    with _lock:
        if key not in _stores:
            _stores[key] = JobStore()
        return _stores[key]


class Topics:
    """Remembers how each topic last looked, so that "has it changed" has one answer for all."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int]] = {}  # topic → (sequence, digest)
        self._lock = threading.Lock()

    def look(self, topic: str, after: int) -> dict[str, Any]:
        """Return `{"seq", "items"}`; no items when nothing changed since `after`.

        Raises
        ------
        WireError
            For a topic that does not exist.
        """
        items = snapshots(topic)
        digest = zlib.crc32(msgspec.json.encode([_still(item) for item in items]))
        with self._lock:
            seq, last = self._seen.get(topic, (0, -1))
            if digest != last:
                seq += 1
                self._seen[topic] = (seq, digest)
        return {"seq": seq, "items": items if seq != after else []}


def snapshots(topic: str) -> list[dict[str, Any]]:
    """Return what a topic holds now."""
    if topic == "jobs":
        return store().list()
    if topic == f"registry:{registry.HOME}":
        return [{"changed": registry.home_registry().data_version()}]
    kind, _, jobs = topic.partition(":")
    if kind != "job" or not jobs:
        raise WireError(f"There is no topic {clip(topic)!r}.", code="unknown-topic")
    return [store().snapshot(job) for job in jobs.split(",")]


def _still(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in _CLOCKS}


topics = Topics()
