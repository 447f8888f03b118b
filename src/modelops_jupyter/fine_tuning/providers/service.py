"""Calls to a service that speaks the public fine-tuning API, through its official client.

The client repeats failed calls by itself, which is right for reading and wrong for creating a job:
the first try may have arrived. So a job is created without repeats, and after a lost answer the
service's list is looked at before anything else.
"""
# The client is an optional library, imported where used: here everything of it is untyped.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from modelops_jupyter._extras import require
from modelops_jupyter._format import visible
from modelops_jupyter.errors import ConfigError, JobError

MARK = "modelops_job"  # in the metadata of a job: whose it is
ENDED_BADLY = ("failed", "cancelled")
MOST_JOBS = 10_000  # of a list that is looked through
TIMEOUT = 60.0  # seconds without a byte
BUSY_TRIES = 3
CLOSED = (403, 405, 410)
_log = logging.getLogger(__name__)


class UnreachableError(JobError):
    """The service did not answer, or only that it cannot now; whether a call had an effect is not known."""

    default_code = "service-unreachable"


class Service:
    """One service, as one user.

    Parameters
    ----------
    base_url
        Where its API is, such as `https://api.openai.com/v1`.
    key
        The user's key; it is sent, and appears in no text that leaves here.
    """

    def __init__(self, base_url: str, key: str) -> None:
        openai = require("openai", extra="openai", purpose="use a hosted service")
        self._openai, self._key, self.base_url = openai, key, base_url
        self._client = openai.OpenAI(base_url=base_url, api_key=key, timeout=TIMEOUT)
        self._jobs = self._client.fine_tuning.jobs

    def upload(self, path: Path, name: str) -> str:
        """Send a file of rows and return the service's id of it."""
        with self._errors("upload the rows"), path.open("rb") as stream:
            return str(self._client.files.create(file=(name, stream), purpose="fine-tune").id)

    def create(self, mark: str, settings: dict[str, Any], files: set[str]) -> str:
        """Create the job that carries a mark, or return the one that exists; never two.

        Parameters
        ----------
        files
            Ids of the training files uploaded for the job: they mark it too, where a service
            does not keep metadata.
        """
        for tries_left in reversed(range(BUSY_TRIES)):
            try:
                with self._errors("create the job"):
                    job = self._client.with_options(max_retries=0).fine_tuning.jobs.create(
                        **settings, metadata={MARK: mark}
                    )
                    return str(job.id)
            except (UnreachableError, BusyError) as error:
                if found := self.find(mark, files):
                    return found
                if not isinstance(error, BusyError) or not tries_left:
                    raise
                time.sleep(error.seconds)  # it said that it had not taken the job
        raise AssertionError("the last try returns or raises")

    def find(self, mark: str, files: set[str]) -> str | None:
        """Return the id of the job that carries a mark and has not ended badly."""
        with self._errors("list the jobs"):
            for job in _each(self._jobs.list(limit=100)):
                marked = (getattr(job, "metadata", None) or {}).get(MARK) == mark
                if (marked or job.training_file in files) and job.status not in ENDED_BADLY:
                    return str(job.id)
        return None

    def job(self, remote_id: str) -> Any:
        """Return a job as the service sees it."""
        with self._errors("look at the job"):
            return self._jobs.retrieve(remote_id)

    def cancel(self, remote_id: str) -> None:
        """Ask the service to stop a job; one that has ended already is left alone."""
        try:
            with self._errors("cancel the job"):
                self._jobs.cancel(remote_id)
        except JobError as error:
            if error.code != "service-refused":
                raise
            _log.info("%s", error)

    def events(self, remote_id: str, known: Callable[[Any], bool], *, everything: bool) -> list[Any]:
        """Return what happened since, oldest first.

        A service lists the newest first, so the first known one ends the search, unless
        `everything` is to be looked at: at the end of a job nothing may be missing.
        """
        fresh: list[Any] = []
        with self._errors("read the events"):
            for event in _each(self._jobs.list_events(remote_id, limit=100)):
                if not known(event):
                    fresh.append(event)
                elif not everything:
                    break
        fresh.reverse()
        fresh.sort(key=lambda event: event.created_at)  # stable: within a second the order stays
        return fresh

    def checkpoints(self, remote_id: str) -> list[Any]:
        """Return the checkpoints that the service keeps; none where it has no such call."""
        try:
            with self._errors("read the checkpoints"):
                return list(_each(self._jobs.checkpoints.list(remote_id, limit=100)))
        except JobError as error:
            if error.code != "service-refused":
                raise
            return []

    def clean(self, text: object) -> str:
        """Return a text of the service without the key, which some of them repeat."""
        return visible(str(text).replace(self._key, "***"))

    def _errors(self, what: str) -> "_Translated":
        return _Translated(self, self._openai, what)


class BusyError(JobError):
    """The service says that it did not take the call because there are too many."""

    default_code = "service-busy"
    seconds = 1.0


class _Translated:
    """Turns the client's errors into ours: what failed, what the service said, what to do."""

    def __init__(self, service: Service, openai: Any, what: str) -> None:
        self._service, self._openai, self._what = service, openai, what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, self._openai.OpenAIError):
            # `from None`: the client's error holds the request, and the request holds the key.
            raise self._translate(error) from None

    def _translate(self, error: Any) -> JobError | ConfigError:
        said = self._service.clean(_message(error))
        told = f"The service at {self._service.base_url} could not {self._what}: {said}."
        status = getattr(error, "status_code", None)
        if status == 401:
            return ConfigError(told, code="service-key", hint="Set OPENAI_API_KEY to a key of this service.")
        if status == 429 and getattr(error, "code", None) == "insufficient_quota":
            return JobError(told, code="service-refused", hint="The account has nothing left to spend.")
        if status == 429:
            busy = BusyError(told, hint="Try again later with job.resume().")
            busy.seconds = _retry_after(error)
            return busy
        if status is None or status >= 500 or status in (408, 409):
            return UnreachableError(told, hint="job.refresh_status() looks again.")
        if status in CLOSED and self._what == "create the job":
            return JobError(
                f"The service at {self._service.base_url} takes no new fine-tuning jobs: {said}.",
                code="service-closed",
                hint="OpenAI closes its own service to new jobs in January 2027. Use another base_url, "
                "or provider='local'.",
            )
        return JobError(told, code="service-refused")


def _message(error: Any) -> str:
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    status = getattr(error, "status_code", None)
    text = str(said or getattr(error, "message", None) or error).strip().rstrip(".")[:400]
    return f"{text} (HTTP {status})" if status else text


def _retry_after(error: Any) -> float:
    try:
        return min(30.0, float(error.response.headers["retry-after"]))
    except (KeyError, ValueError):
        return BusyError.seconds


def _each(pages: Iterable[Any]) -> Iterator[Any]:
    """Go through a paged list, but not in circles: some services ignore where a page should begin."""
    seen: set[str] = set()
    for item in pages:
        if item.id in seen or len(seen) == MOST_JOBS:
            return
        seen.add(item.id)
        yield item
