"""The rows behind a number."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter import _format
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.table import Table

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

Array = NDArray[Any]


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


class Examples(Sequence[Example]):
    """Chosen rows of a result; `.dataset` holds the same rows of the dataset, if it is known."""

    def __init__(
        self, positions: Array, rows: Rows, right: Array | None, scores: Array | None, data: "Dataset | None"
    ) -> None:
        self.positions = positions
        self._rows, self._right, self._scores, self._data = rows, right, scores, data

    @property
    def dataset(self) -> "Dataset | None":
        """These rows as a dataset, for the viewer or for fixing them."""
        return None if self._data is None else self._data.take(self.positions)

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> "Examples": ...
    def __getitem__(self, index: int | slice) -> "Example | Examples":
        if isinstance(index, slice):
            return Examples(self.positions[index], self._rows, self._right, self._scores, self._data)
        return self._example(int(self.positions[index]))

    def __iter__(self) -> Iterator[Example]:
        return map(self._example, self.positions.tolist())

    def _example(self, at: int) -> Example:
        rows = self._rows
        score = None if self._scores is None else float(self._scores[at])
        answer = rows.y_pred[at : at + 1].tolist()[0] if rows.outputs is None else rows.outputs[at]
        return Example(
            at,
            None if rows.ids is None else rows.ids[at],
            None if rows.prompts is None else rows.prompts[at],
            rows.y_true[at : at + 1].tolist()[0],
            answer,
            None if self._right is None else bool(self._right[at]),
            score,
        )

    def __str__(self) -> str:
        shown: Callable[[Any], str] = lambda v: _format.clip(_format.visible(str(v)).replace("\n", "⏎"), 48)  # noqa: E731
        lines = [
            [str(e.position), shown(e.prompt or ""), shown(e.reference), shown(e.prediction)]
            for e in self[:10]
        ]
        more = f"\n{len(self) - 10} more" if len(self) > 10 else ""
        return str(Table(["row", "prompt", "reference", "prediction"], lines, left=(1, 2, 3))) + more

    def __repr__(self) -> str:
        return f"{_format.plural(len(self), 'example')}\n{self}" if len(self) else "no examples"


def right_of(rows: Rows, takes: str) -> Array | None:
    """Tell which rows are right; None for measured numbers. Texts are compared as exact match does."""
    if takes == "numbers":
        return None
    if takes == "texts":
        both = zip(rows.y_true.tolist(), rows.y_pred.tolist(), strict=True)
        return np.array([t.strip() == p.strip() for t, p in both], dtype=np.bool_)
    return np.asarray(rows.y_true == rows.y_pred, dtype=np.bool_)
