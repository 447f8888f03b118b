"""What the store gives out: one job, one event, as plain frozen values."""

import json
import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from modelops_jupyter.fine_tuning.status import JobStatus


@dataclass(frozen=True, slots=True)
class Identity:
    """Which process, on which machine: enough to tell "this one" from "one that reuses its number"."""

    node: str
    boot: str
    pidns: str
    pid: int


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `seq` orders events, `at` is only for people."""

    seq: int
    attempt: int
    at: float
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobRow:
    """One row of the table `job`."""

    seq: int
    id: str
    name: str | None
    provider: str
    base_model: str
    spec: dict[str, Any]
    status: JobStatus
    attempt: int
    created: float
    revision: int
    reason: str | None = None
    cancel_requested: float | None = None
    node: str | None = None
    boot: str | None = None
    pidns: str | None = None
    pid: int | None = None
    heartbeat: float | None = None
    remote_id: str | None = None
    started: float | None = None
    ended: float | None = None
    place: int = 0

    @property
    def worker(self) -> Identity | None:
        """The process that works on the job, once there is one."""
        if self.pid is None or self.node is None:
            return None
        return Identity(self.node, self.boot or "", self.pidns or "", self.pid)

    @property
    def hosted(self) -> bool:
        """Whether a service runs the job, and no process of this machine."""
        return bool(self.spec.get("hosted"))

    @property
    def shown_name(self) -> str:
        """The name, or the id of a nameless job."""
        return self.name or self.id


def job_row(row: sqlite3.Row) -> JobRow:
    """Turn a database row into a value."""
    values = dict(row)
    values["spec"] = json.loads(values["spec"])
    values["status"] = JobStatus(values["status"])
    return JobRow(**values)


def event(row: sqlite3.Row) -> Event:
    """Turn a database row into a value."""
    return Event(row["seq"], row["attempt"], row["at"], row["kind"], json.loads(row["data"]))


def reported(events: Iterable[Event]) -> set[int]:
    """Return the steps of the checkpoints that the store knows."""
    return {e.data["step"] for e in events if e.kind == "checkpoint"}


def to_json(value: Any) -> str:
    """Encode for a column; NaN and infinity, which JSON has not, become text."""
    return json.dumps(_finite(value), ensure_ascii=True, allow_nan=False)


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {str(k): _finite(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- JSON of any shape
        case list() | tuple():
            return [_finite(v) for v in value]  # pyright: ignore[reportUnknownVariableType] -- JSON of any shape
        case _:
            return value
