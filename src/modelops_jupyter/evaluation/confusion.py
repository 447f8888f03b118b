"""The confusion matrix: which class was taken for which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter._display import Rich
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.metrics.averaged import F1Metric, PrecisionMetric, RecallMetric
from modelops_jupyter.evaluation.states import CountState
from modelops_jupyter.evaluation.table import Table
from modelops_jupyter.evaluation.tasks import Label
from modelops_jupyter.evaluation.value import MetricValue


@dataclass(frozen=True, slots=True)
class ClassReport:
    """One class: its true rows and its precision, recall and F1, each with its interval."""

    label: Label
    support: float
    precision: MetricValue
    recall: MetricValue
    f1: MetricValue

    @property
    def undefined(self) -> bool:
        """Whether the class occurs nowhere, so that its F1 is 0/0."""
        return self.f1.undefined is not None


@dataclass(frozen=True, slots=True)
class Confused:
    """A pair of classes and how often the first was taken for the second."""

    true: Label
    predicted: Label
    count: float


class ConfusionMatrix(Rich):
    """How often each true class (row) was predicted as each class (column).

    Parameters
    ----------
    y_true, y_pred
        Labels, one per row.
    labels
        Classes and their order; left out, all that occur, sorted.
    weights
        How much each row counts.

    Examples
    --------
    >>> ConfusionMatrix(["a", "b", "b"], ["a", "a", "b"]).matrix.tolist()
    [[1, 0], [1, 1]]
    """

    kind: ClassVar[str] = "confusion"

    def __init__(
        self, y_true: Any, y_pred: Any, labels: Sequence[Label] | None = None, weights: Any = None
    ) -> None:
        self.state = CountState.read(y_true, y_pred, weights, labels)

    @classmethod
    def from_state(cls, state: CountState) -> Self:
        """Make the matrix from counts."""
        self = cls.__new__(cls)
        self.state = state
        return self

    @property
    def classes(self) -> list[Label]:
        """Classes in the order of rows and columns."""
        return list(self.state.classes[: self.state.reported])

    @property
    def matrix(self) -> Array:
        """Counts (weights, if rows are weighted), rows true, columns predicted."""
        return self.state.table()

    def get_cell(self, true: Label, predicted: Label) -> float:
        """Rows of class `true` predicted as `predicted`; 0 for a label that does not occur."""
        classes = self.classes
        known = true in classes and predicted in classes
        return self.matrix[classes.index(true), classes.index(predicted)].item() if known else 0

    def normalize(self, over: Literal["true", "predicted", "all"] = "true") -> Array:
        """Shares instead of counts: of each true row, each predicted column, or of all; 0/0 is 0."""
        axes = {"true": 1, "predicted": 0, "all": None}
        if over not in axes:
            raise ConfigError(f"Cannot normalise over {over!r}.", hint=did_you_mean(over, axes))
        counts = self.matrix.astype(np.float64)
        whole = np.broadcast_to(counts.sum(axis=axes[over], keepdims=True), counts.shape)
        return np.divide(counts, whole, out=np.zeros_like(counts), where=whole != 0)

    def most_confused(self, k: int = 5) -> list[Confused]:
        """Return the k largest cells off the diagonal, largest first."""
        counts, classes = self.matrix, self.classes
        np.fill_diagonal(counts, 0)
        order: list[int] = np.argsort(-counts, axis=None, kind="stable")[:k].tolist()
        cells = [divmod(i, len(classes)) for i in order]
        return [Confused(classes[t], classes[p], counts[t, p].item()) for t, p in cells if counts[t, p]]

    def per_class(self, level: float = 0.95) -> tuple[ClassReport, ...]:
        """Precision, recall and F1 of each class with intervals."""
        found = zip(self.classes, self.state.observed.true.tolist(), strict=False)
        return tuple(ClassReport(label, support, *self._three(label, level)) for label, support in found)

    def _three(self, label: Label, level: float) -> list[MetricValue]:
        metrics = (PrecisionMetric, RecallMetric, F1Metric)
        return [m(positive_class=label, average="binary").measure(self.state, level) for m in metrics]

    def report(self, level: float = 0.95) -> Table:
        """Return a table of `per_class` that prints aligned."""
        rows: list[list[str]] = []
        for c in self.per_class(level):
            values = [v.brief for v in (c.precision, c.recall, c.f1)]
            rows.append([_format.visible(str(c.label)), *values, f"{c.support:g}"])
        return Table(["class", "precision", "recall", "F1", "rows"], rows)

    def to_dict(self) -> dict[str, Any]:
        """`{"classes": [...], "matrix": [[...]]}`."""
        return {"classes": self.classes, "matrix": self.matrix.tolist()}

    def __str__(self) -> str:
        names = [_format.clip(_format.visible(str(c)), 24) for c in self.classes]
        counts = [[f"{v:g}" for v in row] for row in self.matrix.tolist()]
        rows = [[name, *row] for name, row in zip(names, counts, strict=True)]
        return str(Table(["true \\ predicted", *names], rows))

    def __repr__(self) -> str:
        return f"ConfusionMatrix of {_format.plural(self.state.n, 'row')}\n{self}"
