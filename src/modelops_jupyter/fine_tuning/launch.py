"""Start a worker: its own process, its own session, so that neither kernel nor terminal takes it along."""

import os
import subprocess
import sys

from modelops_jupyter.errors import JobError
from modelops_jupyter.fine_tuning import liveness, logs
from modelops_jupyter.fine_tuning.records import JobRow
from modelops_jupyter.fine_tuning.store import JobStore


def command(job_id: str, attempt: int, store: JobStore) -> list[str]:
    """Return the command line of a worker; job and attempt in it are the worker's identity."""
    # -P: the job folder is the working folder and must not be searched for modules.
    return [sys.executable, "-P", "-m", liveness.MODULE, job_id, str(attempt), str(store.path)]


def launch(store: JobStore, row: JobRow) -> None:
    """Start the worker of a queued job and return at once."""
    if os.name == "nt":
        raise JobError(
            "Local jobs need Linux or macOS.",
            code="unsupported-platform",
            hint="On Windows use WSL, or run TrainingPipeline in this process.",
        )
    folder = store.folder(row.id)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with (folder / logs.LOG).open("ab") as log:
            child = subprocess.Popen(
                command(row.id, row.attempt, store),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(),
                start_new_session=True,
            )
    except OSError as error:
        store.fail(row.id, row.attempt, "not_started", f"The worker process could not be started: {error}.")
        raise JobError("The worker process could not be started.", hint=f"{error}.") from error
    liveness.children[row.id, row.attempt] = child  # kept to learn its exit code, and so that it is reaped
    store.launched(row.id, row.attempt, liveness.of(child.pid))


def _environment() -> dict[str, str]:
    # Secrets travel here and nowhere else: not on the command line, not in the store.
    environment = dict(os.environ)
    # Without it a busy neighbour makes each step up to ten times slower: the threads spin for one another.
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    environment.setdefault("TOKENIZERS_PARALLELISM", "false")
    environment["PYTHONUNBUFFERED"] = "1"
    return environment
