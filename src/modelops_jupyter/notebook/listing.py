"""The list of jobs as something that can be shown."""

from typing import Any, ClassVar

from modelops_jupyter._display import Rich
from modelops_jupyter.wire.topics import store


class JobListing(Rich):
    """All jobs of this home; `%modelops jobs` shows it."""

    kind: ClassVar[str] = "jobs"

    def jobs(self) -> list[dict[str, Any]]:
        """Return a short snapshot of every job, newest first."""
        return store().list()
