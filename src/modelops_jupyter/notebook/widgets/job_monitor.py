"""The live view of a job."""

from typing import Any

from modelops_jupyter._home import home_id
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.fine_tuning import FineTuningJob, JobStatus
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.listing import JobListing
from modelops_jupyter.notebook.widgets.base import LiveView

MOST_RUNS = 6  # colours that people with any sight can tell apart


class JobMonitor(LiveView):
    """Watch a job: progress, loss, metrics, answers, events, Stop and Resume.

    Parameters
    ----------
    job
        A job, running or ended.
    more
        Up to five other jobs whose loss is drawn in the same chart.
    layout
        As for every Jupyter widget.

    Raises
    ------
    ConfigError
        For more than six jobs, the same one twice, or one that was not started.
    """

    def __init__(self, job: FineTuningJob, *more: FineTuningJob, **options: Any) -> None:
        others = [other.id for other in more]
        if len(others) >= MOST_RUNS or len({job.id, *others}) <= len(others):
            raise ConfigError(f"A monitor shows up to {MOST_RUNS} different jobs.")
        if any(other.status is JobStatus.PENDING for other in more):
            raise ConfigError("A job that was not started has no curve to compare.", hint="Call run() first.")
        spec = {"job": job.id, "home_id": home_id(), "initial": job.snapshot()}
        if more:
            spec |= {"more": others, "others": [other.snapshot() for other in more]}
        super().__init__("job", spec, **options)
        self._job = job
        self._runs = JobListing(job.id, *others) if more else None

    def _repr_mimebundle_(self, **options: Any) -> display.Bundle:
        data, metadata = super()._repr_mimebundle_(**options)
        if self._runs:
            beside, _ = display.told(self._runs)
            data["text/plain"] += f"\n{beside['text/plain']}"
            data["text/html"] += beside["text/html"]
        return data, metadata

    @property
    def _subject(self) -> FineTuningJob:
        return self._job

    @property
    def job(self) -> FineTuningJob:
        """The job that is shown."""
        return self._job

    @property
    def status(self) -> JobStatus:
        """The job's status now."""
        return self._job.status
