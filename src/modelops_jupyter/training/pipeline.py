"""`TrainingPipeline`: prepare → train → evaluate → export, with or without a job around it."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelops_jupyter import _documents
from modelops_jupyter._format import interval, number, percent, plural
from modelops_jupyter.datasets.masks import Encoded
from modelops_jupyter.errors import ConfigError, EmptyInputError
from modelops_jupyter.training import models
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.encode import encoded_rows

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

__all__ = ["TrainingPipeline", "TrainingRun"]

OnEvent = Callable[[str, dict[str, Any]], None]
MODEL = "model"
MOST_USELESS = 0.3  # share of rows that may teach nothing


@dataclass(frozen=True)
class TrainingRun:
    """What a run did.

    `complete` is False when it was asked to stop; its checkpoints are then in `folder`.
    """

    complete: bool
    folder: Path
    steps: int
    total_steps: int
    curves: dict[str, list[tuple[int, float]]] = field(repr=False)

    @property
    def model_folder(self) -> Path:
        """The folder of the trained model."""
        if not self.complete:
            raise ConfigError(
                "The run was stopped before its end and has no model.",
                hint="Run the pipeline again with the same folder: it goes on from the last checkpoint.",
            )
        return self.folder / MODEL

    @property
    def path(self) -> Path:
        """The same folder, under the name that every model has."""
        return self.model_folder

    def load(self) -> tuple[Any, Any]:
        """Return the trained torch model and its tokenizer."""
        return models.load({"kind": "folder", "path": str(self.model_folder)})


class TrainingPipeline:
    """Train a model on a dataset, in this process.

    Parameters
    ----------
    config
        Settings; what is left out is filled by model and number of rows.
    model
        `"tiny"`, a folder, a `ModelSpec`, or anything with such a folder as `path`.
    folder
        Where checkpoints and the model go; a new temporary folder if None. A run in a folder
        that holds checkpoints goes on from the last whole one.

    Examples
    --------
    >>> run = TrainingPipeline(TrainingConfig(epochs=2)).run(train)  # doctest: +SKIP
    >>> model, tokenizer = run.load()  # doctest: +SKIP
    """

    def __init__(
        self,
        config: "TrainingConfig | Mapping[str, Any] | None" = None,
        *,
        model: Any = "tiny",
        folder: str | Path | None = None,
    ) -> None:
        self.config = config if isinstance(config, TrainingConfig) else TrainingConfig.from_dict(config or {})
        # A worker passes on the description that its job recorded.
        described = isinstance(model, dict)
        self._model: models.Description = model if described else models.describe(model)[0]
        self._folder = Path(folder) if folder else None

    def run(
        self,
        train: "Dataset",
        validation: "Dataset | None" = None,
        *,
        on_event: OnEvent | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> TrainingRun:
        """Train, and return what was done.

        Parameters
        ----------
        on_event
            Called with a kind (`stage`, `plan`, `point`, `checkpoint`, `warning`, `note`) and its data.
        should_stop
            Asked after every step; True saves a checkpoint and ends the run.
        """
        with models.no_bars():
            return _Run(self, train, validation, on_event, should_stop or (lambda: False)).all()

    def place(self) -> Path:
        """Return the folder of the run."""
        return self._folder or Path(tempfile.mkdtemp(prefix="modelops-training-"))

    @property
    def description(self) -> models.Description:
        """The model to start from."""
        return self._model


class _Run:
    """One run; the state that its stages hand on."""

    def __init__(
        self,
        pipeline: TrainingPipeline,
        train: "Dataset",
        validation: "Dataset | None",
        on_event: OnEvent | None,
        should_stop: Callable[[], bool],
    ) -> None:
        if not len(train):
            raise EmptyInputError("The training dataset has no rows.", hint="Give at least one row.")
        self.pipeline = pipeline
        self.train, self.validation = train, validation
        self.config = pipeline.config.filled(len(train), tiny=models.is_tiny(pipeline.description))
        self.folder = pipeline.place()
        self.should_stop = should_stop
        self._on_event = on_event
        self.curves: dict[str, list[tuple[int, float]]] = {}

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        """Report to whoever listens, and keep the curves."""
        if kind == "point":
            for name, value in data["values"].items():
                self.curves.setdefault(name, []).append((data["step"], value))
        if self._on_event is not None:
            self._on_event(kind, data)

    def all(self) -> TrainingRun:
        self.stage("prepare")
        from modelops_jupyter.training import checkpoints, export, trainer  # they bring the engines

        self.folder.mkdir(parents=True, exist_ok=True)
        resume = checkpoints.newest(self.folder)
        threads = self._pin_threads()
        model, tokenizer = models.load(self.pipeline.description)
        rows = self._encode(tokenizer, self.train, "training")
        held_out = self._encode(tokenizer, self.validation, "validation") if self.validation else []
        total = self.config.steps(len(rows))
        self.emit("plan", self._plan(rows, total, threads, resume.step if resume else 0))
        self.stage("train")
        outcome = trainer.train(
            model,
            tokenizer,
            rows,
            held_out,
            self.config,
            folder=self.folder / checkpoints.FOLDER,
            resume=resume,
            emit=self.emit,
            should_stop=self.should_stop,
        )
        if outcome.stopped:
            return TrainingRun(False, self.folder, outcome.step, total, self.curves)
        self.stage("evaluate")
        if held_out:
            loss = outcome.measure()
            text = f"Validation loss {number(loss.value, 4)} {interval(loss.low, loss.high, 4)}"
            self.emit("note", {"text": text})
        self.stage("export")
        export.save(export.merged(outcome.model), tokenizer, self.folder / MODEL, step=outcome.step)
        self.emit("stage", {"name": "export", "state": "done"})
        return TrainingRun(True, self.folder, outcome.step, total, self.curves)

    def stage(self, name: str) -> None:
        self.emit("stage", {"name": name, "state": "active"})

    def _plan(self, rows: list[Encoded], total: int, threads: int, first_step: int) -> dict[str, Any]:
        tokens = sum(len(row.input_ids) for row in rows)
        return {
            "rows": len(rows),
            "total_steps": total,
            "first_step": first_step,
            "epochs": round(total / self.config.steps(len(rows)) * (self.config.epochs or 1), 1),
            "tokens": tokens,
            "trained_share": sum(row.trained for row in rows) / tokens,
            "max_grad_norm": self.config.max_grad_norm,
            "warmup_steps": self.config.warmup_steps,
            "threads": threads,
        }

    def _encode(self, tokenizer: Any, dataset: "Dataset", which: str) -> list[Encoded]:
        only, limit = self.config.assistant_only_loss, self.config.max_length
        encoded = encoded_rows(dataset, tokenizer, assistant_only=only, max_length=limit)
        useful = [row for row in encoded if row.trained]
        self._refuse_useless(len(encoded), len(useful), which)
        cut = sum(row.cut for row in encoded)
        if cut or len(useful) < len(encoded):
            self.emit("warning", {"text": _losses(len(encoded), cut, len(encoded) - len(useful), which)})
        return useful

    def _refuse_useless(self, rows: int, useful: int, which: str) -> None:
        share = 1 - useful / rows
        if share > MOST_USELESS:
            raise ConfigError(
                f"{percent(share)} of the {which} rows would teach nothing: no token of theirs carries loss.",
                code="mask-empty",
                hint="Give the rows assistant turns, raise max_length, or check the chat template.",
            )

    def _pin_threads(self) -> int:
        """Use as many threads as the first attempt: with another number the last digits differ."""
        import torch

        note = self.folder / "threads.json"
        if note.exists():
            torch.set_num_threads(int(_documents.load(note, "threads")["threads"]))
        else:
            _documents.dump(note, "threads", {"threads": torch.get_num_threads()})
        return torch.get_num_threads()


def _losses(rows: int, cut: int, useless: int, which: str) -> str:
    parts: list[str] = []
    if cut:
        parts.append(f"{plural(cut, 'row')} of {rows} {'was' if cut == 1 else 'were'} cut at max_length")
    if useless:
        parts.append(
            f"{plural(useless, 'row')} {'teaches' if useless == 1 else 'teach'} nothing and stayed out"
        )
    return f"In the {which} data, {'; '.join(parts)}."
