"""A job that is resumed is the same job, or the difference is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset, FineTuningJob, _documents
from modelops_jupyter.errors import JobError
from modelops_jupyter.fine_tuning import liveness, sameness
from modelops_jupyter.fine_tuning.providers.simulated import Simulated
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore


class Stopped(Simulated):
    """A provider whose jobs never leave the line, and whose engine has a version."""

    engines = ("numpy",)

    def start(self, store: JobStore, row: Any) -> None:
        """Start nothing."""


@pytest.fixture
def job(rows: Dataset, monkeypatch: pytest.MonkeyPatch) -> FineTuningJob:
    """A job that failed after its checkpoint of step 5."""
    monkeypatch.setattr("modelops_jupyter.fine_tuning.providers.get", lambda _: Stopped())
    job = FineTuningJob("tiny", rows, validation=rows, provider=Stopped(), config={"max_steps": 20})
    job.run()
    events = [(0.0, kind, data) for kind, data in [("plan", {"threads": 2}), ("checkpoint", {"step": 5})]]
    row = job.store.get(job.id)
    job.store.claim(job.id, row.attempt, liveness.me())
    job.store.beat(job.id, 1, events=events)
    job.store.finish(job.id, 1, JobStatus.FAILED, "error", "It broke.")
    _documents.dump(job.store.folder(job.id) / "threads.json", "threads", {"threads": 2})
    return job


def change_rows(folder: Path) -> None:
    path = folder / "train.jsonl"
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))


def lose_validation(folder: Path) -> None:
    (folder / "validation.jsonl").unlink()


def change_settings(folder: Path) -> None:
    path = folder / "job.json"
    path.write_text(path.read_text().replace('"learning_rate": 0.003', '"learning_rate": 0.3'))


def change_threads(folder: Path) -> None:
    _documents.dump(folder / "threads.json", "threads", {"threads": 8})


def lose_threads(folder: Path) -> None:
    (folder / "threads.json").unlink()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (change_rows, "the rows in train.jsonl are not those"),
        (lose_validation, "validation.jsonl cannot be read"),
        (change_settings, r"config\.learning_rate is 0\.003 here and 0\.3 in job\.json"),
        (change_threads, "the number of threads was 2 and is 8"),
        (lose_threads, "the number of threads is not known any more"),
    ],
)
def test_what_differs_is_named_and_refused_unless_forced(
    job: FineTuningJob, change: Callable[[Path], None], words: str
) -> None:
    change(job.store.folder(job.id))
    with pytest.raises(JobError, match=words) as caught:
        job.resume()
    assert caught.value.code == "job-differs"
    assert job.status == "failed"
    assert job.resume(force=True) == "queued"
    assert "Resumed although" in str(job.events()[-1].data["text"])


@pytest.mark.parametrize("name", ["numpy", "python", "modelops_jupyter"])
def test_another_version_is_named(job: FineTuningJob, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    now = sameness.versions(("numpy",))
    monkeypatch.setattr(sameness, "versions", lambda _: now | {name: "99"})
    with pytest.raises(JobError, match=f"{name} was {now[name]} and is 99"):
        job.resume()


def test_nothing_different_is_resumed_at_once(job: FineTuningJob) -> None:
    assert job.resume() == "queued"
    assert job.store.first_step(job.store.get(job.id)) == 5
    assert job.events()[-1].kind == "queued"


def test_from_the_beginning_only_the_rows_matter(job: FineTuningJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stopped, "resume_step", lambda *_, **__: 0)
    change_threads(job.store.folder(job.id))
    change_settings(job.store.folder(job.id))
    assert job.resume() == "queued"
    job.cancel()
    change_rows(job.store.folder(job.id))
    with pytest.raises(JobError, match="rows"):
        job.resume()
