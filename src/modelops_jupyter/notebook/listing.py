"""The list of jobs as something that can be shown."""

from typing import Any, ClassVar

from modelops_jupyter._display import Rich
from modelops_jupyter.wire.topics import store


class JobListing(Rich):
    """All jobs of this home, or those with the given ids; `%modelops jobs` shows it."""

    kind: ClassVar[str] = "jobs"

    def __init__(self, *ids: str) -> None:
        self._ids = ids

    def jobs(self) -> list[dict[str, Any]]:
        """Return a short snapshot of each job, newest first."""
        return [job for job in store().list() if not self._ids or job["id"] in self._ids]
