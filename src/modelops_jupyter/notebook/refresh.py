"""Keeps the saved output of a running job true: its twin is redrawn when the job moves on."""

import threading
from collections.abc import Callable
from typing import Any

from modelops_jupyter.notebook.follow import follow
from modelops_jupyter.notebook.twin import job as twin

_PARTS = 10  # progress is redrawn this many times at most


def keep_fresh(job: Any, display_id: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Redraw one output until the job has ended; the live view in it is left alone."""
    from IPython.core.getipython import get_ipython

    first = job.snapshot()
    if first["final"]:
        return
    shell: Any = get_ipython()
    publisher = shell.display_pub  # not looked up later: a cell may capture output by then
    shown, over = _mark(first), threading.Event()

    def redraw(_seq: int, items: list[dict[str, Any]]) -> None:
        nonlocal shown
        snapshot = items[0]
        if _mark(snapshot) != shown:
            shown = _mark(snapshot)
            fresh = {**data, "text/plain": twin.text_of(snapshot), "text/html": str(twin.html_of(snapshot))}
            publisher.publish(fresh, metadata, transient={"display_id": display_id}, update=True)
        if snapshot["final"]:
            over.set()
            if ends:
                ends.pop()()

    ends: list[Callable[[], None]] = []
    ends.append(follow(f"job:{job.id}", redraw))
    if over.is_set() and ends:  # it ended before there was something to end
        ends.pop()()


def _mark(snapshot: dict[str, Any]) -> tuple[str, int]:
    return snapshot["status"], int(snapshot["progress"]["fraction"] * _PARTS)
