"""The live view of a job."""

from typing import Any

from modelops_jupyter._home import home_id
from modelops_jupyter.fine_tuning import FineTuningJob, JobStatus
from modelops_jupyter.notebook.widgets.base import LiveView


class JobMonitor(LiveView):
    """Watch a job: progress, loss, events, Stop and Resume.

    Parameters
    ----------
    job
        A job, running or ended.
    layout
        As for every Jupyter widget.
    """

    def __init__(self, job: FineTuningJob, **options: Any) -> None:
        spec = {"job": job.id, "home_id": home_id(), "initial": job.snapshot()}
        super().__init__("job", spec, **options)
        self._job = job

    @property
    def job(self) -> FineTuningJob:
        """The job that is shown."""
        return self._job

    @property
    def status(self) -> JobStatus:
        """The job's status now."""
        return self._job.status
