"""The real engine in a real worker: killed in the middle, resumed, and then asked."""

import signal
from pathlib import Path

import pytest

from modelops_jupyter import Dataset, FineTuningJob
from modelops_jupyter.errors import ConfigError, JobError
from modelops_jupyter.fine_tuning import load_model

from .conftest import Start, send, until

pytest.importorskip("trl")
pytestmark = [pytest.mark.faults, pytest.mark.train, pytest.mark.timeout(600)]


def test_a_killed_training_resumes_and_its_model_answers(start: Start, tmp_path: Path) -> None:
    kernel = start("local", steps=200)
    job = kernel.job
    until(lambda: any(checkpoint["kept"] for checkpoint in job.checkpoints), patience=400)
    with pytest.raises(JobError, match=r"% done\. Call job\.wait\(\) first"):
        _ = job.model
    send(kernel.worker, signal.SIGKILL)
    until(lambda: job.status == "failed")
    with pytest.raises(JobError, match="worker process"):
        _ = job.model
    kept = max(checkpoint["step"] for checkpoint in job.checkpoints if checkpoint["kept"])
    job.resume()
    assert job.wait(400) == "completed"
    assert [e.data["from_step"] for e in job.events() if e.kind == "queued" and e.data] == [kept]
    assert job.history.steps == list(range(1, 201))
    _check_model(job, tmp_path)


def _check_model(job: FineTuningJob, tmp_path: Path) -> None:
    rows = Dataset.from_records(
        [{"messages": [{"role": "user", "content": "Say 3."}, {"role": "assistant", "content": "3"}]}]
    )
    answers = job.predict(rows)
    assert answers.references == ("3",)
    assert load_model(job.id).generate(["Say 3."]) == list(answers)
    saved = job.model.save(tmp_path / "kept")
    assert list(load_model(saved).predict(rows)) == list(answers)
    with pytest.raises(ConfigError, match="exists already"):
        job.model.save(saved)
    assert job.base.predict(rows).references == ("3",)
    again = FineTuningJob(job.model, rows)
    assert again.snapshot()["base_model"] == "model"
