"""Hosted jobs, against a real HTTP server process: a whole life, and a fault at every call of it."""

import json
import logging
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset, FineTuningJob
from modelops_jupyter.errors import ConfigError, DatasetError, JobError
from modelops_jupyter.fine_tuning import JobStore, Tailer
from modelops_jupyter.fine_tuning.providers import service
from modelops_jupyter.fine_tuning.providers.openai_compatible import OpenAICompatible
from modelops_jupyter.notebook.widgets import JobList, JobMonitor

from .conftest import until

pytest.importorskip("openai")
pytestmark = pytest.mark.faults

KEY = "sk-a-very-secret-key-4711"
METRICS = [
    {"level": "info", "type": "metrics", "message": f"Step {step}", "data": data}
    for step in range(1, 6)
    for data in [{"step": step, "train_loss": 3.0 / step, "total_steps": 5}]
]
SAID = {"level": "info", "type": "message", "message": "Files validated <b>", "data": None}
Told = dict[str, Any]


class Server:
    """The service, seen from its own side."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("openai_server.py")
        self.process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.root = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"
        self.url = f"{self.root}/v1"

    def tell(self, **changes: Any) -> Told:
        """Change the service and return all it knows."""
        request = urllib.request.Request(f"{self.root}/control", json.dumps(changes).encode())
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def fault(self, call: str, kind: object, times: int = 1, **more: Any) -> None:
        """Let the next calls of a kind go wrong."""
        self.tell(faults=[{"call": call, "kind": str(kind), "times": times, **more}])

    def count(self, call: str) -> int:
        """Return how often a call came in."""
        return self.tell()["calls"].count(call)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(service, "TIMEOUT", 0.5)
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr(OpenAICompatible, "pace", 0.05)
    running = Server()
    monkeypatch.setenv("OPENAI_BASE_URL", running.url)
    yield running
    running.process.kill()
    running.process.wait()


def rows(count: int = 12) -> Dataset:
    return Dataset.from_records(
        [
            {"messages": [{"role": "user", "content": f"Say {i}."}, {"role": "assistant", "content": str(i)}]}
            for i in range(count)
        ]
    )


def new(**options: Any) -> FineTuningJob:
    return FineTuningJob("m", rows(), provider="openai", **options)


def remote_id(job: FineTuningJob) -> str | None:
    return JobStore().get(job.id).remote_id


def test_a_whole_life(server: Server) -> None:
    job = new(config={"epochs": 2, "seed": 7}, validation=rows(3))
    assert job.run() == job.id
    assert (job.status, remote_id(job)) == ("queued", "ftjob-1")
    known = server.tell()
    sent = known["jobs"][0]
    assert (sent["model"], sent["seed"], sent["metadata"]) == ("m", 7, {"modelops_job": job.id})
    assert sent["method"]["supervised"]["hyperparameters"] == {"n_epochs": 2}
    assert known["files"][0]["content"] == (job.store.folder(job.id) / "train.jsonl").read_text()
    assert sent["validation_file"] == known["files"][1]["id"]

    server.tell(jobs={"ftjob-1": {"status": "running"}}, events={"ftjob-1": [SAID, *METRICS[:4]]})
    assert job.refresh_status() == "running"
    job.refresh_status()
    server.tell(events={"ftjob-1": METRICS[4:]}, checkpoints={"ftjob-1": [[3, 0.9], [5, 0.8]]})
    server.tell(jobs={"ftjob-1": {"status": "succeeded", "fine_tuned_model": "ft:m:1"}})
    assert job.wait(60) == "completed"
    assert job.history.steps == [1, 2, 3, 4, 5]
    assert job.history.validation == [(3, 0.9), (5, 0.8)]
    kinds = [event.kind for event in job.events()]
    assert kinds.count("note") == kinds.count("plan") == 1
    assert [point["step"] for point in job.checkpoints] == [3, 5]
    with pytest.raises(JobError, match="stays at the service, under the name 'ft:m:1'"):
        _ = job.model
    assert job.progress.fraction == 1


def test_another_kernel_goes_on_asking_and_a_monitor_does_too(server: Server) -> None:
    job = new()
    job.run()
    server.tell(jobs={"ftjob-1": {"status": "running"}})
    other = FineTuningJob.attach(job.id, store=JobStore())
    assert other.status == "queued"  # the store, until somebody asks
    assert other.refresh_status() == "running"
    heard: list[str] = []
    stop = Tailer(JobStore()).subscribe(job.id, lambda items: heard.append(items[0]["status"]))
    server.tell(jobs={"ftjob-1": {"status": "succeeded", "fine_tuned_model": "ft:m"}})
    until(lambda: "completed" in heard)
    stop()


@pytest.mark.parametrize("kind", ["lost reply", "timeout", "500"])
def test_a_lost_answer_to_create_makes_no_second_job(server: Server, kind: str) -> None:
    server.fault("create", kind, done=True)
    job = new()
    job.run()
    assert (remote_id(job), server.count("create"), len(server.tell()["jobs"])) == ("ftjob-1", 1, 1)
    assert job.refresh_status() == "queued"


def test_a_lost_answer_and_no_list_either_is_settled_by_the_next_look(server: Server) -> None:
    server.fault("create", "lost reply")
    server.fault("list", 500, times=3)
    job = new()
    job.run()
    assert (job.status, remote_id(job)) == ("queued", None)
    assert job.snapshot()["detail"] == "not at the service yet"
    job.refresh_status()
    assert (remote_id(job), server.count("create")) == ("ftjob-1", 1)


def test_a_service_that_keeps_no_metadata_is_recognised_by_the_file(server: Server) -> None:
    server.fault("create", "lost reply")
    server.fault("list", 500, times=3)
    job = new()
    job.run()
    server.tell(jobs={"ftjob-1": {"metadata": None}})
    job.refresh_status()
    assert remote_id(job) == "ftjob-1"


def test_a_request_that_never_arrived_is_sent_again_only_when_asked(server: Server) -> None:
    server.fault("create", "lost request")
    job = new()
    job.run()
    assert (job.refresh_status(), server.count("create"), server.tell()["jobs"]) == ("queued", 1, [])
    job.resume()
    assert (remote_id(job), server.count("create"), len(server.tell()["jobs"])) == ("ftjob-1", 2, 1)


def test_a_busy_service_is_asked_again_after_a_look(server: Server) -> None:
    server.fault("create", 429, times=2)
    job = new()
    job.run()
    assert (remote_id(job), server.count("create"), server.count("list")) == ("ftjob-1", 3, 2)


@pytest.mark.parametrize("call", ["upload", "retrieve", "events", "checkpoints", "list"])
@pytest.mark.parametrize("kind", ["429", "500", "lost reply", "timeout"])
def test_one_fault_at_any_other_call_is_survived(server: Server, call: str, kind: str) -> None:
    job = new()
    if call == "list":
        server.fault("create", "lost reply")
    server.fault(call, kind)
    job.run()
    server.tell(jobs={"ftjob-1": {"status": "running"}}, events={"ftjob-1": [SAID, *METRICS]})
    assert job.refresh_status() == "running"
    assert job.history.steps == [1, 2, 3, 4, 5]
    assert len(server.tell()["jobs"]) == 1
    assert server.tell()["faults"] == []


@pytest.mark.parametrize("call", ["retrieve", "events", "checkpoints", "cancel"])
def test_a_service_that_does_not_answer_changes_nothing(server: Server, call: str) -> None:
    job = new()
    job.run()
    server.tell(jobs={"ftjob-1": {"status": "running"}})
    job.refresh_status()
    server.fault(call, 500, times=3)
    before = job.events()
    status = job.cancel() if call == "cancel" else job.refresh_status()
    assert status == "running"
    assert job.events()[: len(before)] == before
    server.tell(jobs={"ftjob-1": {"status": "succeeded", "fine_tuned_model": "ft:m"}})
    assert job.refresh_status() == ("cancelled" if call == "cancel" else "completed")


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ({"kind": 401}, ConfigError, "Set OPENAI_API_KEY"),
        (
            {"kind": 403, "said": "not accepting jobs"},
            JobError,
            "takes no new.*: not acc.*January 2027",
        ),
        ({"kind": 429, "code": "insufficient_quota"}, JobError, "nothing left to spend"),
        ({"kind": 429, "times": 3}, JobError, r"job\.resume\(\)"),
        ({"kind": 400, "said": "no such model"}, JobError, "no such model"),
    ],
)
def test_a_refusal_is_said_and_recorded(
    server: Server, fault: dict[str, Any], error: type[Exception], words: str
) -> None:
    server.fault("create", **fault)
    job = new()
    with pytest.raises(error, match=words) as caught:
        job.run()
    assert KEY not in str(caught.value)
    assert job.status == "failed"
    assert job.reason
    job.resume()
    assert (job.status, remote_id(job)) == ("queued", "ftjob-1")


def test_an_upload_that_fails_for_good_sends_no_job(server: Server) -> None:
    server.fault("upload", 500, times=3)
    job = new()
    job.run()
    assert (job.status, server.count("create")) == ("queued", 0)
    job.resume()
    assert remote_id(job) == "ftjob-1"


def test_an_unknown_word_changes_nothing(server: Server) -> None:
    job = new()
    job.run()
    for word in ("running", "pondering", "queued"):
        server.tell(jobs={"ftjob-1": {"status": word}})
        assert job.refresh_status() == "running"


def test_a_failed_job_says_why_and_a_new_attempt_is_a_new_job(server: Server) -> None:
    job = new()
    job.run()
    server.tell(jobs={"ftjob-1": {"status": "failed", "error": {"code": "x", "message": "bad row 3"}}})
    assert job.refresh_status() == "failed"
    assert "bad row 3" in str(job.reason)
    job.resume()
    assert (job.status, remote_id(job)) == ("queued", "ftjob-2")


def test_a_job_is_stopped_at_the_service_whoever_wishes_it(server: Server) -> None:
    job = new()
    job.run()
    JobStore().request_cancel(job.id)  # a side panel, which has no key
    assert job.status == "queued"
    assert job.refresh_status() == "cancelled"
    assert server.tell()["jobs"][0]["status"] == "cancelled"


def test_a_job_taken_over_while_it_is_sent_does_not_run_twice(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = new()
    real = service.Service.create

    def create(self: service.Service, mark: str, settings: Any, files: Any) -> str:
        JobStore().fail(job.id, 1, "not_started", "Given up by another kernel.")
        return real(self, mark, settings, files)

    monkeypatch.setattr(service.Service, "create", create)
    job.run()
    assert job.status == "failed"
    assert [remote["status"] for remote in server.tell()["jobs"]] == ["cancelled"]


def test_two_kernels_that_ask_at_once_record_each_event_once(server: Server) -> None:
    job = new()
    job.run()
    server.tell(jobs={"ftjob-1": {"status": "running"}}, events={"ftjob-1": [SAID, *METRICS]})
    store, row = job.store, job.store.get(job.id)
    provider = OpenAICompatible()
    provider.refresh(store, row)
    provider.refresh(store, row)  # with what was known before the other wrote
    kinds = [event.kind for event in job.events()]
    assert kinds.count("note") == kinds.count("running") == 1


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"config": {"learning_rate": 1e-4}}, ConfigError, "does not take learning_rate"),
        ({"provider": OpenAICompatible("http://me:secret@host/v1")}, ConfigError, "not a plain"),
        ({"base_model": Path("model")}, ConfigError, "by name"),
    ],
)
def test_what_a_service_cannot_do_is_said_at_once(
    server: Server, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    given = {"base_model": "m", "dataset": rows(), "provider": "openai"} | options
    with pytest.raises(error, match=words) as caught:
        FineTuningJob(**given)
    assert "secret" not in str(caught.value)


def test_rows_are_held_to_the_rules_of_the_service(server: Server, home: Path) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}
    asked = {"role": "assistant", "tool_calls": [call]}  # an object, where the service wants JSON text
    bad = Dataset.from_records([{"messages": [{"role": "user", "content": "?"}, asked]}])
    with pytest.raises(DatasetError, match="services want JSON text"):
        FineTuningJob("m", rows() + bad, provider="openai").run()
    with pytest.raises(DatasetError, match="has 9 rows; OpenAI trains on 10 or more"):
        FineTuningJob("m", rows(9), validation=rows(3), provider="openai").run()
    assert not home.exists()
    assert server.tell()["calls"] == []


def test_the_official_service_needs_a_key(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ConfigError, match="no key"):
        new().run()
    assert not home.exists()


def test_the_key_is_in_nothing_that_is_kept_or_shown(
    server: Server, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    job = new()
    server.fault("create", 429)
    server.fault("retrieve", 500, times=3)
    job.run()
    leaky = {"level": "warn", "type": "message", "message": f"with {KEY}", "data": None}
    failed = {"status": "failed", "error": {"code": "x", "message": f"key {KEY}"}}
    job.refresh_status()
    server.tell(events={"ftjob-1": [leaky]}, jobs={"ftjob-1": failed})
    job.refresh_status()
    assert job.status == "failed"
    shown = [repr(job), json.dumps(job.snapshot()), str(job.reason), repr(job.events()), repr(vars(job))]
    shown += [str(job._repr_mimebundle_()), caplog.text]  # the bundle is what a notebook keeps
    views: list[Any] = [JobMonitor(job), JobList()]
    shown += [str(view.get_state()) for view in views]
    assert len(caplog.text) > 100
    for text in shown:
        assert KEY not in text
    job.store.close()
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert len(kept) >= 3
    for path in kept:
        assert KEY.encode() not in path.read_bytes()
