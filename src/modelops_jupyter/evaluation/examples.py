"""The rows behind a number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.table import Table
from modelops_jupyter.evaluation.tasks import Kind
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset


@dataclass(frozen=True, slots=True)
class Example:
    """One evaluated row.

    `correct` is None where right and wrong do not apply (measured numbers); `score` is the
    first per-row metric, or the model's score.
    """

    position: int
    id: str | None
    prompt: str | None
    reference: Any
    prediction: Any
    correct: bool | None
    score: float | None


@dataclass(frozen=True, eq=False, repr=False)
class Examples(Sequence[Example]):
    """Chosen rows of a result; `.dataset` holds the same rows of the dataset, if it is known."""

    positions: Array
    rows: Rows
    right: Array | None
    scores: Array | None
    data: "Dataset | None"

    @property
    def dataset(self) -> "Dataset | None":
        """These rows as a dataset, for the viewer or for fixing them."""
        return None if self.data is None else self.data.take(self.positions)

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> "Examples": ...
    def __getitem__(self, index: int | slice) -> "Example | Examples":
        if isinstance(index, slice):
            return Examples(self.positions[index], self.rows, self.right, self.scores, self.data)
        at, rows = int(self.positions[index]), self.rows
        return Example(
            at,
            None if rows.ids is None else rows.ids[at],
            None if rows.prompts is None else rows.prompts[at],
            rows.y_true[at : at + 1].tolist()[0],
            rows.y_pred[at : at + 1].tolist()[0] if rows.outputs is None else rows.outputs[at],
            None if self.right is None else bool(self.right[at]),
            None if self.scores is None else float(self.scores[at]),
        )

    def __str__(self) -> str:
        lines = [
            [str(e.position), *map(_short, (e.prompt or "", e.reference, e.prediction))] for e in self[:10]
        ]
        more = f"\n{len(self) - 10} more" if len(self) > 10 else ""
        return str(Table(["row", "prompt", "reference", "prediction"], lines, left=(1, 2, 3))) + more

    def __repr__(self) -> str:
        return f"{_format.plural(len(self), 'example')}\n{self}" if len(self) else "no examples"


def _short(value: Any) -> str:
    return _format.clip(_format.visible(str(value)).replace("\n", "⏎"), 48)


def right_of(rows: Rows, takes: Kind, metrics: Iterable[MetricValue] = ()) -> Array | None:
    """Tell which rows are right; None for measured numbers.

    Texts are right where the first metric that has row scores says 1, if it says only 0 and 1; else they
    are compared as exact match does.
    """
    if takes == "numbers":
        return None
    if takes in ("labels", "label sets"):
        return np.asarray(rows.y_true == rows.y_pred, dtype=np.bool_)
    said = next((v.rows for v in metrics if v.rows is not None and v.greater_is_better), None)
    if said is not None and np.isin(said, (0, 1)).all():
        return said == 1
    return np.array([t.strip() == p.strip() for t, p in zip(rows.y_true, rows.y_pred, strict=True)], np.bool_)
