"""The real engine in a real worker: killed twice, resumed, and then asked; and on a disk that is full."""

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from modelops_jupyter import FineTuningJob
from modelops_jupyter.errors import ConfigError, JobError
from modelops_jupyter.fine_tuning import load_model

from .conftest import new, rows, send, until, weights

pytest.importorskip("trl")
pytestmark = [pytest.mark.faults, pytest.mark.train, pytest.mark.timeout(600)]
STEPS = 40
OFTEN = {"save_steps": 10}

# On a disk of its own that takes one checkpoint and not two; then there is room again.
ON_A_SMALL_DISK = """
import subprocess, sys
from tests.faults.conftest import new
from modelops_jupyter.training import checkpoints
job = new(10, "local", save_steps=5)
job.run()
job.wait(300)
print(job.status, job.store.get(job.id).reason, [c["step"] for c in job.checkpoints if c["kept"]])
folder = job.store.folder(job.id) / "checkpoints"
print([bool(checkpoints.verified(path)) for path in folder.glob("checkpoint-*")])
subprocess.run(["mount", "-o", "remount,size=100m", sys.argv[1]], check=True)
job.resume()
print(job.wait(300), job.history.steps == list(range(1, 11)))
"""


def test_a_killed_training_ends_in_the_same_weights_and_its_model_answers(tmp_path: Path) -> None:
    undisturbed, job = (new(STEPS, "local", **OFTEN) for _ in range(2))
    undisturbed.run()
    job.run()  # waits in line until the other is done
    assert undisturbed.wait(400) == "completed"
    _kill(job, after=random.randint(11, 19))
    with pytest.raises(JobError, match="worker process"):
        _ = job.model
    assert job.resume() in ("queued", "running")
    _kill(job, after=random.randint(21, 35))
    job.resume()
    assert job.wait(400) == "completed"
    assert weights(job.store.folder(job.id)) == weights(undisturbed.store.folder(undisturbed.id))
    assert job.history["loss"] == undisturbed.history["loss"]
    assert job.row_losses is not None
    np.testing.assert_array_equal(job.row_losses, undisturbed.row_losses)
    assert len(job.row_losses) == len(rows())
    _check_model(job, tmp_path)


def _kill(job: FineTuningJob, after: int) -> None:
    until(lambda: job.progress.step >= after or job.done, patience=400)
    pid = job.store.get(job.id).pid
    assert pid is not None
    send(pid, signal.SIGKILL)
    until(lambda: job.done)
    assert job.status == "failed"


def test_a_disk_that_fills_up_while_training_costs_no_checkpoint(tmp_path: Path, home: Path) -> None:
    if not shutil.which("unshare") or subprocess.run(["unshare", "-Urm", "true"], check=False).returncode:
        pytest.skip("a disk of one's own needs user namespaces")
    home.mkdir()
    inside = f'mount -t tmpfs -o size=14m tmpfs "{home}" && exec "$@"'
    words = ["unshare", "-Urm", "sh", "-c", inside, "sh", sys.executable, "-c", ON_A_SMALL_DISK, str(home)]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said.stdout.splitlines() == ["failed disk_full [5]", "[True]", "completed True"], said.stderr


def _check_model(job: FineTuningJob, tmp_path: Path) -> None:
    asked = rows().filter(lambda row: row["messages"][0]["content"] == "Say 3.")
    answers = job.predict(asked)
    assert answers.references == ("3",)
    assert load_model(job.id).generate(["Say 3."]) == list(answers)
    saved = job.model.save(tmp_path / "kept")
    assert list(load_model(saved).predict(asked)) == list(answers)
    with pytest.raises(ConfigError, match="exists already"):
        job.model.save(saved)
    assert job.base.predict(asked).references == ("3",)
    again = FineTuningJob(job.model, asked)
    assert again.snapshot()["base_model"] == "model"
