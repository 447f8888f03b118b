"""The evaluated rows, aligned: what every state is filled from and every comparison pairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from modelops_jupyter.evaluation import inputs
from modelops_jupyter.evaluation.arrays import Array, Jsonable
from modelops_jupyter.evaluation.tasks import Kind, Label


@dataclass(frozen=True, slots=True, eq=False)
class Rows(Jsonable):
    """Truth and prediction of each row, with what else is known about it."""

    y_true: Array
    y_pred: Array
    scores: Array | None = None
    weights: Array | None = None
    ids: tuple[str, ...] | None = None
    prompts: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None  # the model's own words where y_pred is a label read from them
    clusters: Array | None = None  # the group of each row, if rows come in groups

    def __len__(self) -> int:
        return len(self.y_true)

    def take(self, order: Array | slice) -> "Rows":
        """Return the rows at these positions, in this order."""
        return self._each(lambda part: _picked(part, order))

    def __add__(self, other: "Rows") -> "Rows":
        parts = (getattr(other, name) for name in self.__dataclass_fields__)
        return self._each(lambda part: _joined(part, next(parts)))

    def counting(self) -> "Rows":
        """Return the rows that count: those whose weight is not 0."""
        return self if self.weights is None else self.take(np.flatnonzero(self.weights))

    def bare(self) -> "Rows":
        """Return the rows without what no metric reads."""
        return replace(self, ids=None, prompts=None, outputs=None)

    def _each(self, change: Callable[[Any], Any]) -> "Rows":
        return Rows(*[change(getattr(self, name)) for name in self.__dataclass_fields__])


def _own(read: Array, given: Any) -> Array:
    """Copy what may be the caller's own array: changing it later must not change a result."""
    shared = isinstance(given, np.ndarray) and np.may_share_memory(read, cast("Array", given))
    return read.copy() if shared else read


def _picked(part: Any, order: Array | slice) -> Any:
    if part is None or isinstance(part, np.ndarray):
        return None if part is None else cast("Array", part)[order]
    if isinstance(order, slice):
        return part[order]
    return tuple(part[i] for i in order.tolist())


def _joined(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    return np.concatenate([cast("Array", a), b]) if isinstance(a, np.ndarray) else a + b


def read_scored(y_true: Any, scores: Any) -> Rows:
    """Read labels and scores for a number that looks at nothing else."""
    true, read = inputs.as_labels(y_true), inputs.as_scores(scores)
    inputs.check_lengths({"y_true": true, "scores": read})
    inputs.refuse_marker(true, "y_true")
    return Rows(true, true, read)


def read_rows(
    kind: Kind,
    y_true: Any,
    y_pred: Any,
    *,
    scores: Any = None,
    weights: Any = None,
    ids: Sequence[Any] | None = None,
    clusters: Any = None,
    labels: Sequence[Label] | None = None,
    ignore_label: Any = None,
    keep_marker: bool = False,
) -> Rows:
    """Read, check and align everything a caller passes about the same rows."""
    names = ("references", "predictions") if kind == "texts" else ("y_true", "y_pred")
    true, pred = (inputs.read(kind, v, name, labels) for v, name in zip((y_true, y_pred), names, strict=True))
    rows = Rows(
        _own(true, y_true),
        _own(pred, y_pred),
        None if scores is None else _own(inputs.as_scores(scores), scores),
        None if weights is None else inputs.as_weights(weights),
        None if ids is None else tuple(map(str, ids)),
        clusters=None if clusters is None else inputs.as_groups(clusters),
    )
    parts = {names[0]: true, names[1]: pred, "scores": rows.scores, "weights": rows.weights, "ids": rows.ids}
    parts["cluster"] = rows.clusters
    inputs.check_lengths(parts, rows.ids)
    if kind == "labels":
        inputs.check_same_kind(true, pred)
        if ignore_label is not None:
            rows = rows.take(np.flatnonzero(true != ignore_label))
            inputs.check_lengths({"y_true without the ignored rows": rows.y_true})
        elif not keep_marker:
            inputs.refuse_marker(true, "y_true")
    return rows
