"""`TrainingPipeline`: prepare → train → evaluate → export, with or without a job around it."""

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelops_jupyter import _documents
from modelops_jupyter._format import interval, number
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import memory, models, planning
from modelops_jupyter.training.callbacks import TrainingCallback
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.encode import Rows

if TYPE_CHECKING:
    import numpy as np

    from modelops_jupyter.datasets import Dataset

__all__ = ["TrainingPipeline", "TrainingRun"]

OnEvent = Callable[[str, dict[str, Any]], None]
MODEL = "model"


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

    @property
    def row_losses(self) -> "np.ndarray[Any, np.dtype[np.float32]] | None":
        """The loss of each row in each pass (rows × passes), from the forward pass of the training.

        NaN where a row was not trained on; None if they were not kept (packing, dpo).
        """
        from modelops_jupyter.training import row_losses

        return row_losses.read(self.folder)

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
        that holds checkpoints goes on from the last whole one, if model, settings and rows are those it
        began with.

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
        callbacks: Sequence[TrainingCallback] = (),
        force: bool = False,
    ) -> TrainingRun:
        """Train, and return what was done.

        Parameters
        ----------
        on_event
            Called with a kind (`stage`, `plan`, `point`, `checkpoint`, `sample`, `warning`, `note`)
            and its data.
        should_stop
            Asked after every step; True saves a checkpoint and ends the run.
        callbacks
            Objects with methods of `TrainingCallback`.
        force
            Go on from a checkpoint although model, settings or rows have changed; the result is then another.

        Raises
        ------
        ConfigError
            If the run cannot work, or would not go on as it began.
        """
        told = [] if on_event is None else [on_event]
        stop = [] if should_stop is None else [should_stop]
        with models.no_bars():
            run = _Run(
                self,
                train,
                validation,
                [*told, *(callback.hear for callback in callbacks)],
                lambda: any(asked() for asked in (*stop, *(c.should_stop for c in callbacks))),
            ).all(force)
        for callback in callbacks:
            callback.on_end(run)
        return run

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
        listeners: Sequence[OnEvent],
        should_stop: Callable[[], bool],
    ) -> None:
        self.pipeline = pipeline
        self.train, self.validation = train, validation
        self.folder = pipeline.place()
        self.should_stop = should_stop
        self._listeners = listeners
        self.curves: dict[str, list[tuple[int, float]]] = {}

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        """Report to whoever listens, and keep the curves."""
        if kind == "point":
            for name, value in data["values"].items():
                self.curves.setdefault(name, []).append((data["step"], value))
        for hear in self._listeners:
            hear(kind, data)

    def all(self, force: bool) -> TrainingRun:
        self.stage("prepare")
        # They bring the engines.
        from modelops_jupyter.training import again, checkpoints, export, trainer, validation

        self.folder.mkdir(parents=True, exist_ok=True)
        resume = checkpoints.newest(self.folder)
        threads = self._pin_threads()
        model, tokenizer = models.load(self.pipeline.description)
        planned, rows = self._planned(model, tokenizer, threads, resume.step if resume else 0)
        config, held_out = planned.config, Rows()
        made_of = again.ingredients(config, self.pipeline.description, self.train, self.validation)
        again.require_same(self.folder, made_of, resumes=resume is not None, force=force)
        if self.validation:
            held_out = planning.encode(self.validation, tokenizer, config, "validation")
        measures = validation.Validation(model, tokenizer, held_out, self.validation, config, self.emit)
        if measures and config.eval_metrics and not resume:
            # What the base answers: it shows later what the training changed.
            self.emit("point", {"step": 0, "values": measures.values(model, 0)})
        self.stage("train")
        folder = self.folder / checkpoints.FOLDER
        base = self.pipeline.description
        course = trainer.Course(config, base, planned.steps, folder, resume, self.emit, self.should_stop)
        outcome = trainer.train(model, tokenizer, rows, measures, course)
        if outcome.stopped:
            return TrainingRun(False, self.folder, outcome.step, planned.steps, self.curves)
        self.stage("evaluate")
        values = measures.values(outcome.model, outcome.step) if measures else {}
        if values:
            self.emit("note", {"text": _said(values)})
        self.stage("export")
        outcome.recorder.save(self.folder)
        story = self._story(planned, values)
        export.save(outcome.model, tokenizer, self.folder / MODEL, step=outcome.step, story=story)
        self.emit("stage", {"name": "export", "state": "done"})
        return TrainingRun(True, self.folder, outcome.step, planned.steps, self.curves)

    def stage(self, name: str) -> None:
        self.emit("stage", {"name": name, "state": "active"})

    def _planned(
        self, model: Any, tokenizer: Any, threads: int, first_step: int
    ) -> tuple[planning.TrainingPlan, Rows]:
        description = self.pipeline.description
        config = self.pipeline.config.filled(len(self.train), tiny=models.is_tiny(description))
        rows = planning.encode(self.train, tokenizer, config)
        planned = planning.of(
            description.get("word", description["kind"]), model, rows, self.train, config,
            validated=self.validation is not None, made=models.is_made(description),
        )  # fmt: skip
        told = {
            "rows": planned.rows,
            "total_steps": planned.steps,
            "first_step": first_step,
            "epochs": planned.epochs,
            "tokens": planned.tokens,
            "max_grad_norm": config.max_grad_norm,
            "warmup_steps": planned.config.warmup_steps,
            "threads": threads,
            "memory": planned.memory,
            "memory_limit": memory.limit(),
        }
        audit = planned.audit
        assert audit is not None, "only a service's rows are not looked at"
        self.emit("plan", told | {"trained_share": audit.share})
        for text in (*audit.sentences(), *planned.notes):
            self.emit("warning", {"text": f"{text}."})
        return planned, rows

    def _story(self, planned: planning.TrainingPlan, values: dict[str, float]) -> dict[str, Any]:
        """What a model should know of how it was made."""
        chosen = planned.config.load_best_model_at_end and self.validation is not None
        return {
            "base": self.pipeline.description,
            "config": planned.config.to_dict(),
            "rows": planned.rows,
            "dataset": self.train.fingerprint,
            "validation": self.validation.fingerprint if self.validation is not None else None,
            "chosen_by": planned.config.best_by if chosen else None,
            "values": {name: value if math.isfinite(value) else None for name, value in values.items()},
        }

    def _pin_threads(self) -> int:
        """Use as many threads as the first attempt: with another number the last digits differ."""
        import torch

        note = self.folder / "threads.json"
        if note.exists():
            torch.set_num_threads(int(_documents.load(note, "threads")["threads"]))
        else:
            _documents.dump(note, "threads", {"threads": torch.get_num_threads()})
        return torch.get_num_threads()


def _said(values: dict[str, float]) -> str:
    names = [name for name in values if f"{name}_low" in values]
    return "; ".join(
        f"{name.replace('_', ' ').capitalize()} {number(values[name], 4)} "
        f"{interval(values[f'{name}_low'], values[f'{name}_high'], 4)}"
        for name in names
    )
