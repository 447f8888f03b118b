"""The live list of all jobs."""

from typing import Any

from modelops_jupyter._home import home_id
from modelops_jupyter.notebook.listing import JobListing
from modelops_jupyter.notebook.widgets.base import LiveView
from modelops_jupyter.wire.topics import store


class JobList(LiveView):
    """All jobs of this home, newest first.

    Parameters
    ----------
    layout
        As for every Jupyter widget.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__("jobs", {"home_id": home_id(), "initial": store().list()}, **options)

    @property
    def _subject(self) -> JobListing:
        return JobListing()
