"""Expected calibration error: how far confidence is from the share that comes true."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from modelops_jupyter.evaluation import bootstrap
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.clusters import codes
from modelops_jupyter.evaluation.intervals import NONE, Interval
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.metrics.probability import ProbabilityMetric
from modelops_jupyter.evaluation.rows import Rows, read_scored
from modelops_jupyter.evaluation.states import BinState
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Kind, Label
from modelops_jupyter.evaluation.value import MetricValue

_SHRINKS = np.linspace(0.0, 2.0, 201)


@dataclass(frozen=True)
class ECEMetric(Metric):
    """Mean distance between confidence and outcome over bins of equal width.

    For two classes confidence is the probability of the positive one; for more, the highest
    probability, which comes true if the answer is right.
    """

    requires: ClassVar[type[Any]] = BinState
    takes: ClassVar[Kind | None] = "labels"
    title: ClassVar[str] = "Calibration error"
    greater_is_better = False
    bounds = (0.0, 1.0)
    name: str = "ece"
    bins: int = 15
    positive_class: Label | Auto = AUTO
    labels: tuple[Label, ...] | None = None

    @property
    def shares(self) -> str:
        """Other bins are another state."""
        return f"{self.requires.__name__} {self.bins} {self.positive_class!r}"

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number; `y_pred` are the scores."""
        return self.value(self.fill(self.empty(Setting()), read_scored(y_true, y_pred)))

    def _reader(self) -> ProbabilityMetric:
        return ProbabilityMetric(name=self.name, positive_class=self.positive_class, labels=self.labels)

    def empty(self, setting: Setting) -> BinState:
        """Return the state for no rows."""
        del setting
        return BinState.empty(self.bins)

    def fill(self, state: BinState, rows: Rows) -> BinState:
        """Put rows into their bins."""
        probabilities, true = self._reader().probabilities(rows)
        if probabilities.shape[1] == 2:
            return state.add(probabilities[:, 1].astype(np.float64), true, rows.weights)
        best = probabilities.argmax(axis=1)
        confidence = probabilities[np.arange(len(best)), best].astype(np.float64)
        return state.add(confidence, best == true, rows.weights)

    def value(self, state: BinState) -> float:
        """Sum of |confidence - outcome| over the bins, by weight."""
        return float(np.abs(state.gap).sum() / state.weight.sum())

    def interval(self, state: BinState, level: float = 0.95) -> Interval:
        """Invert a test: keep the sizes of the error that would give the observed one.

        A sum of absolute values is too large by chance alone, most of all where the truth is 0,
        and a bootstrap adds that excess once more. So the observed gaps of all bins are shrunk
        (or stretched) together, noise is added, and sizes are kept that give the observed error
        with more than the tail's chance.
        """
        if state.n < 2:
            return NONE
        scatter = np.diag(state.square) - np.outer(state.gap, state.gap) / state.weight.sum()
        return self._inverted(state, scatter, level)

    def _inverted(self, state: BinState, scatter: Array, level: float) -> Interval:
        total, seen = state.weight.sum(), self.value(state)
        size, axes = np.linalg.eigh(scatter)
        noise = np.random.default_rng(bootstrap.SEED).standard_normal((bootstrap.RESAMPLES, self.bins))
        noise = noise @ (axes * np.sqrt(np.maximum(size, 0.0))).T
        draws = np.array([np.abs(by * state.gap + noise).sum(axis=1) / total for by in _SHRINKS])
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=1)
        kept = _SHRINKS[(low <= seen) & (seen <= high)]
        if not len(kept):
            return NONE
        return Interval(float(kept[0]) * seen, float(kept[-1]) * seen, f"{self.bins} bins, inverted test")

    def clustered(self, value: MetricValue, rows: Rows, setting: Setting, level: float = 0.95) -> MetricValue:
        """Take the scatter of the gaps from clusters of rows."""
        code = None if rows.clusters is None else codes(rows.clusters)
        if code is None or (count := int(code.max()) + 1) < 2:
            return value
        parts = [self.fill(self.empty(setting), rows.take(np.flatnonzero(code == i))) for i in range(count)]
        whole = self.fill(self.empty(setting), rows)
        gaps, weights = (np.array([getattr(p, side) for p in parts]) for side in ("gap", "weight"))
        off = gaps - weights.sum(axis=1, keepdims=True) * whole.gap / whole.weight.sum()
        value.low, value.high, how = self._inverted(whole, off.T @ off * count / (count - 1), level)
        value.method = f"{how}, {count} clusters"
        return value
