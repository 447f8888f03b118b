"""The life of a job: its states, and every step between them that is allowed."""

from enum import StrEnum


class JobStatus(StrEnum):
    """Where a job stands; compares equal to its word.

    Examples
    --------
    >>> JobStatus.RUNNING == "running"
    True
    """

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in FINAL

    @property
    def label(self) -> str:
        """The word with a capital, for people."""
        return self.value.capitalize()


_S = JobStatus
FINAL = frozenset({_S.COMPLETED, _S.FAILED, _S.CANCELLED})
ACTIVE = frozenset({_S.QUEUED, _S.RUNNING})

# queued -> failed: a worker that dies before it says "running" would else stay queued for ever.
TRANSITIONS: frozenset[tuple[JobStatus, JobStatus]] = frozenset(
    {
        (_S.PENDING, _S.QUEUED),
        (_S.PENDING, _S.CANCELLED),
        (_S.QUEUED, _S.RUNNING),
        (_S.QUEUED, _S.FAILED),
        (_S.QUEUED, _S.CANCELLED),
        (_S.RUNNING, _S.COMPLETED),
        (_S.RUNNING, _S.FAILED),
        (_S.RUNNING, _S.CANCELLED),
        (_S.FAILED, _S.QUEUED),
        (_S.CANCELLED, _S.QUEUED),
    }
)


def allowed(before: JobStatus, after: JobStatus) -> bool:
    """Tell whether a job may go from one state to the other."""
    return (before, after) in TRANSITIONS


def sources(after: JobStatus) -> tuple[JobStatus, ...]:
    """Return the states from which `after` may be reached, for a compare-and-set."""
    return tuple(before for before in JobStatus if allowed(before, after))


def steps(before: JobStatus, after: JobStatus) -> tuple[JobStatus, ...]:
    """Return the states to go through: one that was not seen running ran all the same."""
    if allowed(before, after):
        return (after,)
    between = (JobStatus.RUNNING, after)
    return between if allowed(before, between[0]) and allowed(*between) else ()
