"""A job from the user's side; the worker is real, what it trains is simulated."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset, FineTuningJob
from modelops_jupyter.errors import (
    ConfigError,
    DatasetError,
    JobError,
    MissingExtraError,
    ModelOpsError,
    SourceNotFoundError,
)
from modelops_jupyter.fine_tuning import JobStore, Tailer, delete_job, list_jobs, liveness, load_model

PATIENCE = 120


@pytest.fixture(autouse=True)
def no_orphans(home: Path) -> Iterator[None]:
    """End by their pid whatever workers a test has left running."""
    yield
    if (home / "jobs.sqlite3").exists():
        for row in JobStore().rows():
            if row.worker:
                liveness.kill(row.worker, row.id, row.attempt)


def simulated(rows: Dataset, steps: int = 20, **options: Any) -> FineTuningJob:
    return FineTuningJob("tiny", rows, provider="simulated", config={"max_steps": steps}, **options)


def test_the_constructor_writes_nothing(rows: Dataset, home: Path) -> None:
    job = simulated(rows, name="dates")
    assert job.status == "pending"
    assert not job.done
    assert job.snapshot()["status"] == "pending"
    assert job.history.losses == []
    assert "dates: pending" in repr(job)
    assert list(home.iterdir()) == []


def test_a_pending_job_can_be_cancelled(rows: Dataset, home: Path) -> None:
    job = simulated(rows)
    assert job.cancel() == "cancelled"
    assert job.status == "cancelled"
    assert list(home.iterdir()) == []


def test_a_run_lives_from_queued_to_completed(rows: Dataset, home: Path) -> None:
    job = simulated(rows, name="dates")
    assert job.run() == job.id
    assert job.wait(PATIENCE) == "completed"
    assert job.done
    assert job.reason is None
    assert job.history.steps == list(range(1, 21))
    assert job.progress.fraction == 1
    assert job.snapshot()["progress"]["epoch"] == "20.0"  # every pass over so few rows is one step
    kinds = [event.kind for event in job.events()]
    assert kinds[:2] == ["queued", "running"]
    assert kinds[-1] == "completed"
    assert (home / "jobs" / job.id / "train.jsonl").read_bytes().count(b"\n") == len(rows)


def test_a_simulated_learning_rate_is_the_one_that_was_set(rows: Dataset) -> None:
    config = {"max_steps": 2, "learning_rate": 1e-5}
    job = FineTuningJob("tiny", rows, provider="simulated", config=config)
    job.run()
    assert job.wait(PATIENCE) == "completed"
    assert job.history["learning_rate"] == [(1, pytest.approx(5e-6)), (2, pytest.approx(0))]


def test_the_same_seed_gives_the_same_simulated_curve(rows: Dataset) -> None:
    first, second = simulated(rows), simulated(rows)
    for job in (first, second):
        job.run()
    assert first.wait(PATIENCE) == second.wait(PATIENCE) == "completed"
    assert first.history.losses == second.history.losses


def test_a_job_starts_once(rows: Dataset) -> None:
    job = simulated(rows)
    job.run()
    with pytest.raises(JobError, match="started already"):
        job.run()
    job.wait(PATIENCE)
    with pytest.raises(JobError, match="nothing to resume"):
        job.resume()


def test_a_simulated_job_has_no_model(rows: Dataset) -> None:
    job = simulated(rows)
    job.run()
    with pytest.raises(JobError, match=r"% done\. Call job\.wait\(\) first"):
        _ = job.model
    job.wait(PATIENCE)
    with pytest.raises(JobError, match="simulated: nothing was trained"):
        job.predict(rows)


def test_an_awaited_job_gives_its_status(rows: Dataset) -> None:
    job = simulated(rows)
    job.run()

    async def main() -> str:
        return await job

    assert asyncio.run(main()) == "completed"


def test_waiting_ends_with_the_timeout_and_the_job_goes_on(rows: Dataset) -> None:
    job = simulated(rows, steps=100_000)
    job.run()
    assert not job.wait(0.01).final
    assert not job.done
    job.cancel()
    assert job.wait(PATIENCE) == "cancelled"


def test_interrupting_the_wait_says_that_the_job_goes_on(
    rows: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = simulated(rows, steps=100_000)
    job.run()

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt, match="goes on"):
        job.wait()
    assert not job.done


def test_another_reader_attaches_by_id_or_name(rows: Dataset) -> None:
    job = simulated(rows, name="dates")
    job.run()
    job.wait(PATIENCE)
    for word in (job.id, "dates"):
        other = FineTuningJob.attach(word)
        assert (other.id, other.status, other.name) == (job.id, "completed", "dates")
        assert other.history.losses == job.history.losses
    assert [listed.id for listed in list_jobs()] == [job.id]
    delete_job("dates")
    assert list_jobs() == []


def test_a_cancelled_job_resumes_where_it_stopped(rows: Dataset) -> None:
    job = simulated(rows, steps=300)
    job.run()
    while job.progress.step < 60:
        job.wait(0.05)
    job.cancel()
    assert job.wait(PATIENCE) == "cancelled"
    stopped = job.progress.step
    assert job.snapshot()["can"]["resume"]
    job.resume()
    assert job.wait(PATIENCE) == "completed"
    assert job.history.steps == list(range(1, 301))
    assert [e.data["from_step"] for e in job.events() if e.kind == "queued" and e.data] == [stopped]


def test_bad_rows_are_refused_before_anything_is_written(home: Path) -> None:
    bad = Dataset.from_records([{"messages": [{"role": "user", "content": "no answer"}]}])
    with pytest.raises(DatasetError, match="1 error") as caught:
        FineTuningJob("tiny", bad, provider="simulated").run()
    assert "drop" in str(caught.value) or "leaves the bad rows out" in str(caught.value)
    with pytest.raises(DatasetError, match="no rows"):
        FineTuningJob("tiny", Dataset(), provider="simulated").run()
    assert list(home.iterdir()) == []


def test_a_missing_extra_is_said_before_anything_is_written(
    rows: Dataset, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("importlib.import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"modelops_jupyter\[train\]"):
        FineTuningJob("tiny", rows).run()
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"provider": "locl"}, ConfigError, "Did you mean 'local'"),
        ({"provider": "ray"}, ConfigError, "not part of this version yet"),
        ({"config": {"learing_rate": 1e-3}}, ConfigError, "Did you mean 'learning_rate'"),
        ({"base_model": "tinny"}, SourceNotFoundError, "Did you mean 'tiny'"),
        ({"base_model": "registry:dates@production"}, ModelOpsError, "no model"),
        ({"base_model": 7}, ConfigError, "not int"),
        ({"name": " "}, ConfigError, "blank"),
    ],
)
def test_what_cannot_work_is_said_at_once(
    rows: Dataset, arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        FineTuningJob(**({"base_model": "tiny", "dataset": rows} | arguments))


def test_what_needs_a_started_job_says_so(rows: Dataset) -> None:
    job = simulated(rows)
    for call in (job.wait, job.resume):
        with pytest.raises(JobError, match=r"job\.run\(\) first"):
            call()
    with pytest.raises(JobError, match=r"Call job\.run\(\)"):
        _ = job.model


def test_an_unknown_model_is_named(home: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="no model 'dates'"):
        load_model("dates")


def test_a_listener_hears_a_job_to_its_end_and_the_thread_ends(rows: Dataset) -> None:
    job = simulated(rows)
    job.run()
    tailer = Tailer(job.store)
    heard: list[dict[str, Any]] = []
    ended = threading.Event()

    def listen(items: list[dict[str, Any]]) -> None:
        heard.extend(items)
        if items[0]["final"]:
            ended.set()
        raise RuntimeError("a listener that fails must not silence the others")

    stop = tailer.subscribe(job.id, listen)
    stop_list = tailer.subscribe("jobs", lambda items: heard.extend(items))
    assert ended.wait(PATIENCE)
    stop()
    stop_list()
    revisions = [item["seq"] for item in heard if "series" in item]
    assert revisions == sorted(set(revisions))
    thread = tailer._thread
    if thread:
        thread.join(PATIENCE)
    assert tailer._thread is None


def test_a_listener_of_two_jobs_hears_both_whichever_moves(rows: Dataset) -> None:
    one, two = simulated(rows), simulated(rows)
    one.run()
    two.run()
    tailer, heard = Tailer(one.store), list[list[str]]()
    ended = threading.Event()

    def listen(items: list[dict[str, Any]]) -> None:
        heard.append([item["id"] for item in items])
        if all(item["final"] for item in items):
            ended.set()

    stop = tailer.subscribe(f"{one.id},{two.id}", listen)
    assert ended.wait(PATIENCE)
    stop()
    assert heard
    assert all(ids == [one.id, two.id] for ids in heard)


def test_a_job_that_is_deleted_silences_nobody_who_follows_others(rows: Dataset) -> None:
    old, job = simulated(rows, steps=1), simulated(rows)
    old.run()
    old.wait(PATIENCE)
    delete_job(old.id)
    job.run()
    tailer, heard = Tailer(job.store), list[list[str]]()
    ended = threading.Event()

    def listen(items: list[dict[str, Any]]) -> None:
        heard.append([item["id"] for item in items])
        if items[0]["final"]:
            ended.set()

    stops = [tailer.subscribe(old.id, lambda _: None), tailer.subscribe(f"{old.id},{job.id}", listen)]
    assert ended.wait(PATIENCE)
    for stop in stops:
        stop()
    assert heard[-1] == [job.id]


def test_a_listener_hears_that_a_worker_is_held_though_it_writes_nothing(
    rows: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = simulated(rows, steps=5000)
    job.run()
    while not job.progress.step:
        time.sleep(0.05)
    worker, seen, noticed, held = job.store.get(job.id).worker, threading.Event(), False, threading.Event()
    assert worker is not None
    os.kill(worker.pid, signal.SIGSTOP)
    monkeypatch.setattr(liveness, "is_stopped", lambda _: noticed)
    stop = Tailer(job.store).subscribe(
        job.id, lambda items: (held if "held" in items[0]["detail"] else seen).set()
    )
    assert seen.wait(PATIENCE)
    time.sleep(0.5)  # what the worker wrote last has been heard
    noticed = True
    assert held.wait(10)
    stop()
    job.cancel(force=True)


def test_waiting_writes_how_far_the_job_is_when_asked(
    rows: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    job = simulated(rows)
    job.run()
    job.wait(PATIENCE, progress=True)
    last = capsys.readouterr().err.splitlines()[-1]
    assert "100 %" in last
    assert "completed (simulated)" in last
    job.wait(PATIENCE)
    assert capsys.readouterr().err == ""
