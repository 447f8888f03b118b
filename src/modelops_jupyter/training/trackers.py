"""Trackers that people have (TensorBoard, MLflow, …), told by a thread nobody waits for.

transformers calls them inside the training loop: a server that is gone would end or hold the run.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import copy
import queue
import threading
from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback
from transformers.integrations import integration_utils

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError

WAITING = 10_000  # messages that may wait for a slow tracker
PATIENCE = 5.0  # seconds that it gets at the end to hear the rest


class Tracked(TrainerCallback):
    """Passes on what a tracker wants to hear, and gives it up at its first error."""

    def __init__(self, name: str, emit: Callable[[str, dict[str, Any]], None]) -> None:
        self.name, self._emit = name, emit
        self._tracker = _tracker(name)
        self._told: queue.Queue[tuple[str, tuple[Any, ...], dict[str, Any]] | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._pass_on, name=f"tracker {name}", daemon=True)
        self._failure: str | None = None
        self._lost = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Start the tracker's thread."""
        self._thread.start()
        self._tell("on_train_begin", args, state, control, more)

    def on_log(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Pass the numbers on."""
        self._tell("on_log", args, state, control, more)

    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Give the tracker a moment to hear the rest."""
        self._tell("on_train_end", args, state, control, more)
        self._put(None)
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            self._failure = self._failure or "it does not answer"
        self._report()

    def _tell(self, event: str, args: Any, state: Any, control: Any, more: dict[str, Any]) -> None:
        more = {**more, "logs": dict(more["logs"])} if more.get("logs") else more
        self._put((event, (args, copy.copy(state), control), more))
        self._report()

    def _put(self, message: Any) -> None:
        if self._failure is None:
            try:
                self._told.put_nowait(message)
            except queue.Full:
                self._failure = "it does not keep up"

    def _report(self) -> None:  # in the training's thread, as everything that is reported
        if self._failure is not None and not self._lost:
            self._lost = True
            text = f"The tracker '{self.name}' is not told any more: {self._failure}. The run goes on."
            self._emit("warning", {"text": text})

    def _pass_on(self) -> None:
        while (message := self._told.get()) is not None and self._failure is None:
            event, said, more = message
            try:
                getattr(self._tracker, event)(*said, **more)
            except Exception as error:  # of any kind, from a library of others
                self._failure = f"{type(error).__name__}: {error}"[:200]


def _tracker(name: str) -> Any:
    known = integration_utils.INTEGRATION_TO_CALLBACK
    if name not in known:
        raise ConfigError(f"There is no tracker '{name}'.", hint=did_you_mean(name, known))
    try:
        return known[name]()
    except (RuntimeError, ImportError) as error:
        raise ConfigError(
            f"The tracker '{name}' cannot be used: {error}.", hint="Install it, or take it out of report_to."
        ) from error
