"""Real training on this machine, in a process of its own."""

import errno
import importlib.util
import os
import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelops_jupyter._extras import require
from modelops_jupyter.fine_tuning.providers.base import Work, WorkerProvider, local_jobs
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.encode import refuse_untrainable

if TYPE_CHECKING:
    from modelops_jupyter.training.checkpoints import Checkpoint

NOTHING_LEFT = 1 << 20  # bytes: the last block of a file that was being written


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
        config = TrainingConfig.from_dict(spec["config"])
        refuse_untrainable(spec["format"], config.method)
        config.require_validation(given=bool(spec["validation_rows"]))

    def work(self, work: Work) -> bool:
        """Train, and leave the model in the job's folder.

        Before, the checkpoints that the attempt does not start from are removed: the engine would
        take the newest, and count a half-written one among those it keeps. After a failure, the
        half-written one is removed because it may be what fills the disk.
        """
        _discard(work.folder, lambda found: found is None or found.step > work.first_step)
        try:
            return self.train(work)
        except Exception as error:
            full = shutil.disk_usage(work.folder).free < NOTHING_LEFT
            _discard(work.folder, lambda found: found is None)
            if full:  # torch says only that it could not go on writing
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(work.folder)) from error
            raise

    def train(self, work: Work) -> bool:
        """Run the pipeline from the newest whole checkpoint."""
        from modelops_jupyter.datasets import Dataset
        from modelops_jupyter.training import TrainingPipeline

        def rows(name: str) -> Dataset | None:
            path = work.folder / f"{name}.jsonl"
            return Dataset.from_file(path, format=work.spec["format"]) if path.exists() else None

        train = rows("train")
        assert train is not None
        pipeline = TrainingPipeline(
            TrainingConfig.from_dict(work.config), model=work.spec["base"], folder=work.folder
        )
        heard: dict[str, Any] = {"on_event": work.emit, "should_stop": work.should_stop}
        run = pipeline.run(train, rows("validation"), **heard, force=True)  # `resume` has compared already
        return run.complete

    def resume_step(self, folder: Path, reported: Collection[int], *, thorough: bool = True) -> int:
        """Return the step of the newest whole checkpoint that the store knows; checksums if `thorough`."""
        from modelops_jupyter.training import checkpoints

        for step in sorted(reported, reverse=True):
            if checkpoints.verified(folder / checkpoints.FOLDER / f"checkpoint-{step}", checksums=thorough):
                return step
        return 0


def _discard(folder: Path, unwanted: "Callable[[Checkpoint | None], bool]") -> None:
    from modelops_jupyter.training import checkpoints

    for path in (folder / checkpoints.FOLDER).glob("checkpoint-*"):
        if unwanted(checkpoints.verified(path, checksums=False)):
            shutil.rmtree(path, ignore_errors=True)
