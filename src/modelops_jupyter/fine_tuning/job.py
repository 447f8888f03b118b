"""`FineTuningJob`: a fine-tuning run that outlives the notebook that started it."""

import asyncio
import secrets
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from modelops_jupyter import _documents
from modelops_jupyter._display import Rich
from modelops_jupyter._format import visible
from modelops_jupyter.errors import ConfigError, JobError
from modelops_jupyter.fine_tuning import console, control, providers, sameness
from modelops_jupyter.fine_tuning import snapshot as snapshots
from modelops_jupyter.fine_tuning.history import History
from modelops_jupyter.fine_tuning.progress import Progress
from modelops_jupyter.fine_tuning.records import Event, JobRow
from modelops_jupyter.fine_tuning.status import JobStatus
from modelops_jupyter.fine_tuning.store import JobStore

if TYPE_CHECKING:
    import numpy as np

    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation import Predictions
    from modelops_jupyter.fine_tuning.model import FineTunedModel
    from modelops_jupyter.training import ModelSpec, TrainingConfig

__all__ = ["FineTuningJob"]


class FineTuningJob(Rich):
    """Fine-tune a model on a dataset, in a process of its own.

    Nothing is written or started before `run()`. From then on the job store is the truth:
    any notebook, process or panel that opens the same home sees the same job.

    Parameters
    ----------
    base_model
        `"tiny"`, the folder of a model, a `ModelSpec` or a `FineTunedModel`; for a hosted
        provider, the service's own name of the model.
    dataset
        The rows to learn from; they are validated before anything starts.
    validation
        Rows to measure the loss on while training.
    provider
        Where it runs: `"local"`, `"openai-compatible"` for a service, or `"simulated"` for an
        invented curve; or a provider object with settings of its own. One local job trains at a
        time (`MODELOPS_LOCAL_JOBS` allows more), the others wait in line.
    config
        Settings; what is left out is filled by model and method.
    name
        A name for people; `attach` finds the newest job with it.

    Examples
    --------
    >>> job = FineTuningJob("tiny", train)  # doctest: +SKIP
    >>> job.run()  # doctest: +SKIP
    'tiny-7f3k2q'
    >>> job.wait()  # doctest: +SKIP
    <JobStatus.COMPLETED: 'completed'>
    """

    kind: ClassVar[str] = "job"

    def __init__(
        self,
        base_model: "str | Path | ModelSpec | FineTunedModel",
        dataset: "Dataset",
        *,
        validation: "Dataset | None" = None,
        provider: str | providers.Provider = "local",
        config: "TrainingConfig | Mapping[str, Any] | None" = None,
        name: str | None = None,
        store: JobStore | None = None,
    ) -> None:
        from modelops_jupyter.training.config import TrainingConfig

        self._provider = providers.get(provider) if isinstance(provider, str) else provider
        self._base, base_name = self._provider.model(base_model)
        given = config if isinstance(config, TrainingConfig) else TrainingConfig.from_dict(config or {})
        self._dataset, self._validation = dataset, validation
        self._config, self._plan = self._provider.plan(given, len(dataset), self._base)
        self._store = store
        self._row = self._draft(base_name, name)
        self._started = False

    # -- life ---------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The job's id, unique for ever."""
        return self._row.id

    @property
    def name(self) -> str:
        """The name given, else the id."""
        return self._row.shown_name

    @property
    def store(self) -> JobStore:
        """The store the job lives in; opened when first needed."""
        if self._store is None:
            self._store = JobStore()
        return self._store

    @property
    def status(self) -> JobStatus:
        """Where the job stands, read from the store every time."""
        return self._read().status

    def run(self) -> str:
        """Check the data, queue the job, start it and return its id at once."""
        if self._started:
            raise JobError(
                f"This job was started already and is {self.status}.",
                code="job-started",
                hint="Make a new FineTuningJob to train again, or resume() one that did not finish.",
            )
        control.check_data(self._dataset, "dataset", self._provider.target)
        if self._validation is not None:
            control.check_data(self._validation, "validation", self._provider.target)
        self._provider.check(self._row.spec)
        self._write_folder()
        row = self._row
        self._row = self.store.submit(
            row.id, name=row.name, provider=row.provider, base_model=row.base_model, spec=row.spec
        )
        self._started = True
        self._provider.start(self.store, self._row)
        return self.id

    def refresh_status(self) -> JobStatus:
        """Return the status after asking where the job runs, too."""
        if not self._started:
            return JobStatus.PENDING
        return self._provider.refresh(self.store, self._read()).status

    def wait(self, timeout: float | None = None, *, progress: bool | None = None) -> JobStatus:
        """Wait until the job has ended, or for `timeout` seconds, and return its status.

        A failed job raises nothing here. Interrupting the wait does not stop the job.

        Parameters
        ----------
        progress
            Whether to write how far it is to standard error; by default where that is a terminal.
        """
        self._require_started("wait for")
        line = console.ProgressLine() if (console.wanted() if progress is None else progress) else None
        try:
            return self._wait(timeout, line)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"Only the waiting was interrupted: the job '{visible(self.name)}' goes on. "
                "job.wait() waits again, job.cancel() stops it."
            ) from None
        finally:
            if line:
                line.close()

    def __await__(self) -> Generator[Any, None, JobStatus]:
        self._require_started("wait for")
        return self._wait_async().__await__()

    @property
    def done(self) -> bool:
        """Whether the job has ended, well or not."""
        return self.status.final

    @property
    def reason(self) -> str | None:
        """Why the job failed or was cancelled, in one sentence."""
        row = self._read()
        if row.reason is None:
            return None
        last = self.store.events(row.id, newest=True, limit=1)
        return str(last[0].data.get("text") or row.reason) if last else row.reason

    def cancel(self, *, force: bool = False) -> JobStatus:
        """Stop the job: at once if it waits, after its current step if it runs.

        Parameters
        ----------
        force
            End the worker process for certain; what it has not saved is lost.
        """
        if not self._started:
            self._row = control.with_status(self._row, JobStatus.CANCELLED)
            return JobStatus.CANCELLED
        if force:
            return control.kill(self.store, self.id)
        return self._provider.cancel(self.store, self._read())

    def resume(self, *, force: bool = False) -> JobStatus:
        """Go on from the last complete checkpoint, as a new attempt.

        Parameters
        ----------
        force
            Also when rows, settings or versions are not what they were, or when the worker is on
            another machine that cannot be asked any more.
        """
        self._require_started("resume")
        return control.resume(self.id, store=self.store, force=force)

    # -- what it says -------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Return everything a monitor shows, as JSON."""
        return snapshots.full(self._facts())

    @property
    def progress(self) -> Progress:
        """How far the job is, and how long it still takes."""
        return snapshots.progress(self._facts())

    @property
    def history(self) -> History:
        """The curves reported so far."""
        return History(self.store.points(self.id) if self._started else {})

    @property
    def warnings(self) -> list[str]:
        """What deserves a look, each with advice."""
        return snapshots.warnings(self._facts())

    @property
    def checkpoints(self) -> list[dict[str, Any]]:
        """Checkpoints by step, and whether each is still kept."""
        return self.snapshot()["checkpoints"]

    @property
    def row_losses(self) -> "np.ndarray[Any, np.dtype[np.float32]] | None":
        """The loss of each row in each pass, (rows, passes); NaN for rows that were not trained.

        None before the first checkpoint, and for methods that do not keep it (dpo, packing).
        """
        from modelops_jupyter.training import row_losses

        return row_losses.read(self.store.folder(self.id)) if self._started else None

    def events(self, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return a page of what happened, oldest first, after the event with this number."""
        return self.store.events(self.id, after=after, limit=limit) if self._started else []

    # -- what it made -------------------------------------------------------------------------

    @property
    def model(self) -> "FineTunedModel":
        """The fine-tuned model of a completed job."""
        from modelops_jupyter.fine_tuning import model

        return model.of_job(self)

    def predict(self, dataset: "Dataset", **options: Any) -> "Predictions":
        """Predict with the fine-tuned model; see `FineTunedModel.predict`."""
        return self.model.predict(dataset, **options)

    @property
    def base(self) -> "FineTunedModel":
        """The model that the job started from."""
        if self._base["kind"] == "hosted":
            raise JobError(
                f"The model '{visible(self._base['name'])}' is at the service and cannot be loaded here.",
                code="job-hosted",
            )
        from modelops_jupyter.fine_tuning import model

        return model.FineTunedModel.from_description(self._base, self._read().base_model)

    @property
    def trained_on(self) -> "Dataset":
        """The rows that the job learns from, as they were when it started."""
        if not self._started:
            return self._dataset
        from modelops_jupyter.datasets import Dataset

        return Dataset.from_file(
            self.store.folder(self.id) / "train.jsonl", format=self._read().spec["format"]
        )

    def token_loss(self, texts: Sequence[str]) -> tuple[list[float], list[int]]:
        """Return the summed loss and the tokens of each text; see `FineTunedModel.token_loss`."""
        return self.model.token_loss(texts)

    @classmethod
    def attach(cls, id_or_name: str, *, store: JobStore | None = None) -> Self:
        """Return a job of the store, by id or by name (the newest), whoever started it."""
        store = store or JobStore()
        return cls._of(store, store.settle(store.find(id_or_name)))

    @classmethod
    def _of(cls, store: JobStore, row: JobRow) -> Self:
        job = cls.__new__(cls)
        job._store, job._row, job._started = store, row, True
        job._base = row.spec["base"]
        job._provider = providers.get(row.provider)
        return job

    def __repr__(self) -> str:
        row = self._read()
        simulated = ", simulated" if row.spec.get("simulated") else ""
        return f"<FineTuningJob {visible(row.shown_name)}: {row.status}{simulated}>"

    # -- inside -------------------------------------------------------------------------------

    def _read(self) -> JobRow:
        return self.store.settled(self.id) if self._started else self._row

    def _facts(self) -> snapshots.Facts:
        if self._started:
            return snapshots.facts(self.store, self._read())
        return snapshots.Facts(self._row, Path())

    def _require_started(self, verb: str) -> None:
        if not self._started:
            raise JobError(
                f"There is nothing to {verb} yet.", code="job-pending", hint="Call job.run() first."
            )

    def _wait(self, timeout: float | None, line: console.ProgressLine | None) -> JobStatus:
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            status = self.refresh_status()
            if line:
                known = self._facts()
                line.draw(snapshots.short(known), snapshots.warnings(known))
            if status.final:
                break
            pace = self._provider.pace
            left = pace if deadline is None else min(pace, deadline - time.monotonic())
            if left <= 0:
                break
            time.sleep(left)
        return status

    async def _wait_async(self) -> JobStatus:
        while not (status := self.refresh_status()).final:
            await asyncio.sleep(self._provider.pace)
        return status

    def _draft(self, base_name: str, name: str | None) -> JobRow:
        if name is not None and not name.strip():
            raise ConfigError("The name of the job is blank.", hint="Leave it out, or give it a word.")
        rows = len(self._dataset)
        spec = {
            "base": self._base,
            "config": self._config.to_dict(),
            "plan": self._plan,
            "rows": rows,
            "validation_rows": len(self._validation) if self._validation is not None else 0,
            "fingerprint": self._dataset.fingerprint,
            "validation_fingerprint": self._validation.fingerprint if self._validation is not None else None,
            "format": str(self._dataset.format),
            "data": self._dataset.name,
            "seed": self._config.seed,
            "simulated": self._provider.simulated,
            "hosted": self._provider.hosted,
            "settings": self._provider.settings(),
            "versions": sameness.versions(self._provider.engines),
        }
        return control.draft(_new_id(base_name), name, self._provider.name, base_name, spec)

    def _write_folder(self) -> None:
        folder = self.store.folder(self.id)
        folder.mkdir(parents=True)
        self._dataset.to_jsonl(folder / "train.jsonl")
        if self._validation is not None:
            self._validation.to_jsonl(folder / "validation.jsonl")
        _documents.dump(folder / "job.json", "job", {"id": self.id, "spec": self._row.spec})


def _new_id(base_name: str) -> str:
    slug = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(base_name).name.lower()).strip("-")
    letters = "23456789abcdefghjkmnpqrstuvwxyz"  # none that can be taken for another
    return f"{slug[:20] or 'job'}-" + "".join(secrets.choice(letters) for _ in range(6))
