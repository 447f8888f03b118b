"""Real training on this machine, in a process of its own."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from modelops_jupyter._extras import require
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.fine_tuning.providers.base import Work, WorkerProvider, local_jobs

FORMATS = ("messages", "prompt_completion")


class Local(WorkerProvider):
    """Runs `TrainingPipeline` in the worker."""

    name = "local"
    engines = ("torch", "transformers", "trl", "peft", "accelerate", "tokenizers", "numpy")

    @property
    def limit(self) -> int:
        """One training at a time, unless the user says that the machine can bear more."""
        return local_jobs()

    def check(self, spec: dict[str, Any]) -> None:
        """Refuse when an engine is missing or the rows are of a kind that is not trained on."""
        local_jobs()
        for module in ("torch", "transformers", "trl", "peft"):
            if importlib.util.find_spec(module) is None:  # looked up, not imported: that takes seconds
                require(module, extra="train", purpose="train on this machine")
        if spec["format"] not in FORMATS:
            raise ConfigError(
                f"Rows of the format '{spec['format']}' cannot be trained on yet.",
                code="format-not-trainable",
                hint=f"Convert them to one of: {', '.join(FORMATS)}.",
            )

    def work(self, work: Work) -> bool:
        """Train, and leave the model in the job's folder."""
        from modelops_jupyter.datasets import Dataset
        from modelops_jupyter.training import TrainingConfig, TrainingPipeline

        def rows(name: str) -> Dataset | None:
            path = work.folder / f"{name}.jsonl"
            return Dataset.from_file(path, format=work.spec["format"]) if path.exists() else None

        _discard_torn(work.folder)
        train = rows("train")
        assert train is not None
        pipeline = TrainingPipeline(
            TrainingConfig.from_dict(work.config), model=work.spec["base"], folder=work.folder
        )
        run = pipeline.run(train, rows("validation"), on_event=work.emit, should_stop=work.should_stop)
        return run.complete

    def resume_step(self, folder: Path, *, thorough: bool = True) -> int:
        """Return the step of the newest whole checkpoint; checksums are compared if `thorough`."""
        from modelops_jupyter.training import checkpoints

        newest = checkpoints.newest(folder, checksums=thorough)
        return newest.step if newest else 0


def _discard_torn(folder: Path) -> None:
    """Remove what a killed worker left half-written: the engine would count it among those it keeps."""
    from modelops_jupyter.training import checkpoints

    for path in (folder / checkpoints.FOLDER).glob("checkpoint-*"):
        if not checkpoints.verified(path, checksums=False):
            shutil.rmtree(path, ignore_errors=True)
