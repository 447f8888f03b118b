"""Rows whose answer a model never learned: often the ones that are wrong."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._display import Rich
from modelops_jupyter._format import count, number, plural
from modelops_jupyter.errors import DatasetError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_FAR = 3.5  # robust standard deviations of the logarithm (Iglewicz and Hoaglin 1993)


@dataclass(frozen=True, eq=False)
class Suspects(Rich):
    """The rows that training left with an unusual loss, worst first.

    In a notebook they are a filter: ``Selection("suspects").set(found.dataset)`` selects them in
    ``DatasetViewer(ds, link="suspects")``, where "Only the selected" lists them alone.

    Parameters
    ----------
    dataset
        These rows.
    losses
        Of each of them, the mean loss per token in the last pass.
    usual
        The median over all rows that were trained.
    unseen
        How many rows the training cannot say anything about.
    passes
        How often each row was seen.
    """

    kind: ClassVar[str] = "suspects"

    dataset: "Dataset"
    losses: NDArray[np.float64]
    usual: float
    unseen: int
    passes: int

    def __len__(self) -> int:
        return len(self.dataset)

    @property
    def blind(self) -> str:
        """What this cannot see, in a sentence or two."""
        said = [f"{plural(self.unseen, 'row')} had no part in the training."] if self.unseen else []
        if self.passes < 2:
            said.append("With one pass a high loss may only mean that a row came early.")
        return " ".join([*said, "A wrong answer that many rows repeat is learned like a right one."])

    def __repr__(self) -> str:
        found = f"{count(len(self))} with an unusual loss, the usual one is {number(self.usual)}"
        return f"Suspects({found}). {self.blind}"


def suspects(ds: "Dataset", job: Any) -> Suspects:
    """Find the rows; see `Dataset.suspects`."""
    losses = job.row_losses
    if losses is None or not losses.shape[1]:
        raise DatasetError(
            "The training kept no loss per row.",
            code="no-row-losses",
            hint="Methods sft and lora without packing keep it, from the first checkpoint on.",
        )
    last = losses[:, -1].astype(np.float64)
    known = dict(zip(job.trained_on.stored.hashes().tolist(), last.tolist(), strict=True))
    mine = np.array([known.get(key, np.nan) for key in ds.stored.hashes().tolist()])
    seen = np.flatnonzero(~np.isnan(mine))
    if not len(seen):
        raise DatasetError(
            "No row of this dataset was trained on by the job.",
            code="other-rows",
            hint="Ask the dataset that the job was given, or job.trained_on.",
        )
    logs = np.log(np.maximum(mine[seen], 1e-12))
    spread = float(np.median(np.abs(logs - np.median(logs)))) * 1.4826
    far = seen[logs > np.median(logs) + _FAR * max(spread, 0.1)]
    order = far[np.argsort(-mine[far], kind="stable")]
    usual = float(np.median(mine[seen]))
    return Suspects(ds.take(order), mine[order], usual, len(ds) - len(seen), losses.shape[1])
