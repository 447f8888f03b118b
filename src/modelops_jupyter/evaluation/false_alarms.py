"""How often a gate fails a model that is good enough: A against A, on rows drawn again and again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.compare import aligned
from modelops_jupyter.evaluation.gates import Gate, judge
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.metrics import Metric
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.result import EvaluationResult


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Rounds in which the gate failed although nothing was wrong."""

    gate: Gate
    failed: int
    rounds: int
    rows: int

    @property
    def rate(self) -> float:
        """Share of rounds that failed."""
        return self.failed / self.rounds

    @property
    def interval(self) -> tuple[float, float]:
        """The share's 95 % interval (Wilson)."""
        low, high, _ = wilson(self.failed, self.rounds)
        return low, high

    def __str__(self) -> str:
        low, high = (f"{100 * v:.1f}" for v in self.interval)
        share = _format.percent(self.rate, 1)
        return (
            f"The gate on {self.gate.metric} failed a model that is good enough in {share} [{low}, {high}] of"
            f" {_format.count(self.rounds)} rounds of {_format.plural(self.rows, 'row')}."
        )

    def __repr__(self) -> str:
        return str(self)


def measure(
    gate: Gate, result: "EvaluationResult", before: "EvaluationResult | None", rounds: int, seed: int
) -> FalseAlarms:
    """Draw rows, judge, count; see `Gate.aa`."""
    if rounds < 1:
        raise ConfigError("rounds must be at least 1.")
    rows, metric = result.need_rows("draw from"), result.used.get(gate.metric)
    value = result[gate.metric]
    if metric is None:
        raise EvaluationError(f"How {gate.metric!r} was computed is not known any more.")
    if gate.max_drop is not None and before is None:
        message = "max_drop compares with an earlier result, and none was given."
        raise EvaluationError(message, hint="Pass before=.")
    generator = np.random.default_rng(seed)
    lower = value.greater_is_better is False
    old = rows if before is None else aligned(result, before)[0][1]
    failed = 0
    for _ in range(rounds):
        order, coin = generator.integers(0, len(rows), len(rows)), generator.random(len(rows)) < 0.5
        one, other = (_plain(side).take(order) for side in (rows, old))
        found: list[str] = []
        if gate.min_value is not None:  # good enough to the point: the limit lies where the model is
            drawn = _value(metric, one, result)
            found.append(judge(drawn.low, drawn.high, float(value), lower))
        if gate.max_drop is not None:
            pair = metric.paired(*_swapped(one, other, coin), result.level, result.setting)
            found.append(judge(pair.low, pair.high, gate.max_drop if lower else -gate.max_drop, lower))
        failed += "fail" in found
    return FalseAlarms(gate, failed, rounds, len(rows))


def _value(metric: Metric, rows: Rows, result: "EvaluationResult") -> MetricValue:
    return metric.safely(metric.fill(metric.empty(result.setting), rows), result.level)


def _plain(rows: Rows) -> Rows:
    """Leave out what no metric reads."""
    return Rows(rows.y_true, rows.y_pred, rows.scores, rows.weights)


def _swapped(one: Rows, other: Rows, coin: Array) -> tuple[Rows, Rows]:
    """Let each row's two answers change sides where the coin says so."""
    sides: list[Rows] = []
    for a, b in ((one, other), (other, one)):
        scores = a.scores
        if scores is not None and b.scores is not None:
            scores = np.where(coin.reshape(-1, *[1] * (scores.ndim - 1)), b.scores, scores)
        sides.append(Rows(a.y_true, np.where(coin, b.y_pred, a.y_pred), scores, a.weights))
    return sides[0], sides[1]
