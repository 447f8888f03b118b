"""The evaluated rows, aligned: what every state is filled from and every comparison pairs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.evaluation import inputs
from modelops_jupyter.evaluation.tasks import Kind

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Truth and prediction of each row, with what else is known about it."""

    y_true: Array
    y_pred: Array
    scores: Array | None = None
    weights: Array | None = None
    ids: tuple[str, ...] | None = None
    prompts: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None  # the model's own words where y_pred is a label read from them

    def __len__(self) -> int:
        return len(self.y_true)

    def take(self, order: Array) -> "Rows":
        """Return the rows at these positions, in this order."""

        def picked(part: Any) -> Any:
            if part is None:
                return None
            return part[order] if isinstance(part, np.ndarray) else tuple(part[i] for i in order.tolist())

        return Rows(*(picked(getattr(self, name)) for name in self.__dataclass_fields__))

    def __add__(self, other: "Rows") -> "Rows":
        def joined(a: Any, b: Any) -> Any:
            if a is None or b is None:
                return None
            if not isinstance(a, np.ndarray):
                return a + b
            return np.concatenate([a, b])

        fields = self.__dataclass_fields__
        return Rows(*(joined(getattr(self, name), getattr(other, name)) for name in fields))

    def with_text(self, prompts: Sequence[str] | None, outputs: Sequence[str] | None) -> "Rows":
        """Attach prompts and raw outputs, for showing."""
        return replace(
            self,
            prompts=None if prompts is None else tuple(prompts),
            outputs=None if outputs is None else tuple(outputs),
        )


def read_rows(
    kind: Kind,
    y_true: Any,
    y_pred: Any,
    *,
    scores: Any = None,
    weights: Any = None,
    ids: Sequence[Any] | None = None,
    ignore_label: Any = None,
    keep_marker: bool = False,
) -> Rows:
    """Read, check and align everything a caller passes about the same rows."""
    names = ("y_true", "y_pred") if kind != "texts" else ("references", "predictions")
    true, pred = inputs.read(kind, y_true, names[0]), inputs.read(kind, y_pred, names[1])
    named = None if ids is None else tuple(str(i) for i in ids)
    score = None if scores is None else inputs.as_scores(scores)
    weight = None if weights is None else inputs.as_weights(weights)
    parts = {names[0]: true, names[1]: pred, "scores": score, "weights": weight, "ids": named}
    inputs.check_lengths(parts, named)
    rows = Rows(true, pred, score, weight, named)
    if kind != "labels":
        return rows
    inputs.check_same_kind(true, pred)
    if ignore_label is not None:
        rows = rows.take(np.flatnonzero(true != ignore_label))
        inputs.check_lengths({"y_true without the ignored rows": rows.y_true})
    elif not keep_marker:
        inputs.refuse_marker(true, "y_true")
    return rows


def as_array(values: Sequence[Any]) -> Array:
    """Turn a list from JSON back into the array it came from: text, integers of any size, or floats."""
    array = np.array(values) if len(values) else np.zeros(0, np.int64)
    if array.dtype.kind in "bif":
        return array
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects
