"""The loss of each row in each pass, kept from the forward pass that the training makes anyway."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from modelops_jupyter._extras import require
from modelops_jupyter.datasets.masks import IGNORED
from modelops_jupyter.training import checkpoints
from modelops_jupyter.training.config import TrainingConfig
from modelops_jupyter.training.encode import Rows

FILE = "row_losses.safetensors"


class Recorder:
    """Listens to the model; a row that is not alone in its line (packing, pairs) is not kept apart."""

    def __init__(self, rows: Rows, config: TrainingConfig, resume: checkpoints.Checkpoint | None) -> None:
        self._wanted = config.method != "dpo" and not config.packing
        # The first token of a row is predicted from nothing.
        self._tokens = np.array([row.trained - (row.labels[0] != IGNORED) for row in rows.kept], np.float32)
        self._positions, self._total = rows.positions, rows.total
        known = read(resume.path) if resume else None
        self._losses = np.empty((len(rows.kept), 0), np.float32) if known is None else known[rows.positions]
        self._batch: Any = None
        self._hook: Any = None

    def listen(self, model: Any) -> None:
        """Hear every forward pass of the model from now on."""
        if self._wanted:
            self._hook = model.register_forward_hook(self._heard)

    def close(self) -> None:
        """Hear nothing more."""
        if self._hook is not None:
            self._hook.remove()

    @contextmanager
    def batch(self, rows: Any) -> Generator[None]:
        """Say which rows the forward pass inside is about."""
        self._batch = rows
        try:
            yield
        finally:
            self._batch = None

    def _heard(self, _model: Any, _inputs: Any, output: Any) -> None:
        if self._batch is None:
            return
        at = self._batch.cpu().numpy()
        loss = -output.log_probs.detach().float().sum(1).cpu().numpy() / self._tokens[at]
        seen = (~np.isnan(self._losses[at])).sum(1)  # passes in which the row was seen before
        if seen.max() >= self._losses.shape[1]:
            fresh = np.full((len(self._losses), 1), np.nan, np.float32)
            self._losses = np.concatenate([self._losses, fresh], axis=1)
        self._losses[at, seen] = loss

    def save(self, folder: Path) -> None:
        """Write the losses: a line for each row of the dataset, NaN where it was not seen."""
        if self._wanted:
            every = np.full((self._total, self._losses.shape[1]), np.nan, np.float32)
            every[self._positions] = self._losses
            _files().save_file({"losses": every}, folder / FILE)


def read(folder: Path) -> "np.ndarray[Any, np.dtype[np.float32]] | None":
    """Return the losses (rows of the dataset × passes) that a run left in a folder, None if it kept none."""
    path = folder / FILE
    return _files().load_file(path)["losses"] if path.exists() else None


def _files() -> Any:
    return require("safetensors.numpy", extra="train", purpose="read the losses of rows")
