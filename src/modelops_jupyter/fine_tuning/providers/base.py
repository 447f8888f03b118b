"""What a provider is: the answer to "where does the job run?".

A provider that trains in a process of ours subclasses `WorkerProvider` and writes one method,
`work`. One that hands the job to a service subclasses `Provider`: `start` submits, `refresh`
translates the service's words into the store, `cancel` passes the wish on. Others are found by
the entry point group `modelops_jupyter.providers` (name → class without arguments).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker gets: the job's folder and settings, a voice, and an ear for "stop"."""

    folder: Path
    spec: dict[str, Any]
    base_model: str
    emit: Callable[[str, dict[str, Any]], None]
    should_stop: Callable[[], bool]

    @property
    def config(self) -> dict[str, Any]:
        """The training settings, as JSON."""
        return self.spec["config"]


class Provider:
    """Base of all providers."""

    name: ClassVar[str]
    simulated: ClassVar[bool] = False

    def check(self, spec: dict[str, Any]) -> None:
        """Refuse, before anything is written, what this provider cannot do."""

    def start(self, store: JobStore, row: JobRow) -> None:
        """Bring a queued job to run, and return at once."""
        raise NotImplementedError

    def refresh(self, store: JobStore, row: JobRow) -> JobRow:
        """Bring the store up to date with the service, if there is one."""
        return store.settle(row)

    def cancel(self, store: JobStore, row: JobRow) -> JobStatus:
        """Pass on the wish to stop."""
        return store.request_cancel(row.id)

    def resume_step(self, folder: Path, *, thorough: bool = True) -> int:  # noqa: ARG002 -- for those that keep something there
        """Return the step from which a new attempt would go on; 0 is the beginning.

        A display asks often and is content with a quick look; a resume is `thorough`.
        """
        return 0


class WorkerProvider(Provider):
    """A provider whose jobs run in a process of their own on this machine."""

    def start(self, store: JobStore, row: JobRow) -> None:
        """Start the worker process."""
        from modelops_jupyter.fine_tuning import launch

        launch.launch(store, row)

    def work(self, work: Work) -> bool:
        """Do the job; return whether it ran to its end (False: it was asked to stop and did)."""
        raise NotImplementedError
