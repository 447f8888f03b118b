"""What a provider is: the answer to "where does the job run?".

A provider that trains in a process of ours subclasses `WorkerProvider` and writes one method,
`work`. One that hands the job to a service subclasses `Provider`, says `hosted = True`, and writes
three: `start` submits, `refresh` translates the service's words into the store, `cancel` passes the
wish on. No process of ours follows a hosted job: whoever looks (a waiting cell, a monitor,
`refresh_status()`) asks the service and records the answer, so that restarts lose nothing.

Others are found by the entry point group `modelops_jupyter.providers` (name → class without
arguments), and may also be given as an object: `FineTuningJob(..., provider=Mine(url=...))`.
"""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore

if TYPE_CHECKING:
    from modelops_jupyter.training import TrainingConfig


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker gets: the job's folder and settings, a voice, and an ear for "stop"."""

    folder: Path
    spec: dict[str, Any]
    base_model: str
    emit: Callable[[str, dict[str, Any]], None]
    should_stop: Callable[[], bool]
    first_step: int = 0  # the step after which the attempt goes on, as the store has it

    @property
    def config(self) -> dict[str, Any]:
        """The training settings, as JSON."""
        return self.spec["config"]


class Provider:
    """Base of all providers.

    Attributes
    ----------
    name
        The word that users type, kept with each job.
    simulated
        Whether the numbers are invented; every display then says so.
    hosted
        Whether a service runs the job.
    target
        Whose additional rules the rows must meet, as in `Dataset.validate(target=...)`.
    engines
        Packages whose versions are recorded with a job and compared when it is resumed.
    pace
        Seconds between two looks of somebody who waits.
    """

    name: ClassVar[str]
    simulated: ClassVar[bool] = False
    hosted: ClassVar[bool] = False
    target: ClassVar[str | None] = None
    engines: ClassVar[tuple[str, ...]] = ()
    pace: ClassVar[float] = 0.2

    def model(self, reference: Any) -> tuple[dict[str, Any], str]:
        """Return the description of the model to start from, as JSON, and its name for people."""
        from modelops_jupyter.fine_tuning.references import describe

        return describe(reference)

    def plan(
        self, config: "TrainingConfig", rows: int, base: dict[str, Any]
    ) -> "tuple[TrainingConfig, dict[str, Any]]":
        """Fill the settings that were left out, and say what is known of the run beforehand."""
        from modelops_jupyter.training.models import is_tiny

        full = config.filled(rows, tiny=is_tiny(base))
        return full, {"total_steps": full.steps(rows), "epochs": full.passes(rows), "rows": rows}

    def settings(self) -> dict[str, Any]:
        """Return this provider's own settings, as JSON without secrets; they are kept with the job."""
        return {}

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

    def resume_step(self, folder: Path, reported: Collection[int], *, thorough: bool = True) -> int:  # noqa: ARG002 -- for those that keep something
        """Return the step from which a new attempt would go on; 0 is the beginning.

        Parameters
        ----------
        reported
            Steps of the checkpoints that the store knows. Another may be on disk, made in the last
            moment of a killed worker; the curves may not reach it.
        thorough
            A resume wants to be sure; a display asks often and is content with a quick look.
        """
        return 0


class WorkerProvider(Provider):
    """A provider whose jobs run in a process of their own on this machine."""

    @property
    def limit(self) -> int | None:
        """How many of its jobs run at once on this machine; the others wait in line. None: any number."""
        return None

    def start(self, store: JobStore, row: JobRow) -> None:
        """Start the worker process."""
        from modelops_jupyter.fine_tuning import launch

        launch.launch(store, row)

    def work(self, work: Work) -> bool:
        """Do the job; return whether it ran to its end (False: it was asked to stop and did)."""
        raise NotImplementedError


def local_jobs() -> int:
    """Return how many trainings may share this machine: `$MODELOPS_LOCAL_JOBS`, else 1."""
    given = os.environ.get("MODELOPS_LOCAL_JOBS", "1")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    raise ConfigError(
        f"MODELOPS_LOCAL_JOBS is '{given}', not a number of jobs.", hint="Give 1 or more, or unset it."
    )
