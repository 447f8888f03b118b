"""How often a gate fails a model that is good enough: A against A, on rows drawn again and again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import bootstrap
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.clusters import codes
from modelops_jupyter.evaluation.compare import aligned
from modelops_jupyter.evaluation.gates import Gate, judge
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.metrics.rowwise import mean_of
from modelops_jupyter.evaluation.paired import Paired, from_rows
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.table import Finding
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.result import EvaluationResult
    from modelops_jupyter.evaluation.suites.result import SuiteResult


@dataclass(frozen=True, repr=False)
class FalseAlarms(Finding):
    """Rounds in which the gate failed although nothing was wrong."""

    gate: Gate
    failed: int
    rounds: int
    rows: int
    asked: bool = False
    kind: ClassVar[str] = "false_alarms"

    @property
    def title(self) -> str:
        """What it is."""
        return "False alarms of a gate"

    @property
    def rate(self) -> float:
        """Share of rounds that failed."""
        return self.failed / self.rounds

    @property
    def interval(self) -> tuple[float, float]:
        """The share's 95 % interval (Wilson)."""
        low, high, _ = wilson(self.failed, self.rounds)
        return low, high

    @property
    def summary(self) -> str:
        """The share with its interval, and of how many rounds."""
        low, high = (f"{100 * v:.1f}" for v in self.interval)
        share = _format.percent(self.rate, 1)
        return (
            f"The gate on {self.gate.metric} failed a model that is good enough in {share} [{low}, {high}] of"
            f" {_format.count(self.rounds)} rounds of {_format.plural(self.rows, 'row')}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        counts = {"failed": self.failed, "rounds": self.rounds, "rows": self.rows}
        return {"gate": self.gate.to_dict(), **counts, "interval": list(self.interval)}


def measure(
    gate: Gate,
    result: "EvaluationResult | SuiteResult",
    before: "EvaluationResult | SuiteResult | None",
    rounds: int,
    seed: int,
) -> FalseAlarms:
    """Draw rows, judge, count; see `Gate.aa`."""
    if rounds < 1:
        raise ConfigError("rounds must be at least 1.")
    new = _evaluation(result)
    rows, lower = new.need_rows("draw from"), new[gate.metric].greater_is_better is False
    drop = None if gate.max_drop is None else _dropper(gate, result, before)
    generator, failed = np.random.default_rng(seed), 0
    for _ in range(rounds):
        order, groups = _resampled(generator, rows)
        found: list[str] = []
        if gate.min_value is not None:  # good enough to the point: the limit lies where the model is
            drawn = _value(new, gate.metric, order, groups)
            found.append(judge(drawn.low, drawn.high, float(new[gate.metric]), lower))
        if drop is not None and gate.max_drop is not None:
            pair = drop(generator, order, groups)
            found.append(judge(pair.low, pair.high, gate.max_drop if lower else -gate.max_drop, lower))
        failed += "fail" in found
    return FalseAlarms(gate, failed, rounds, len(rows), new.asked)


def _evaluation(result: "EvaluationResult | SuiteResult") -> "EvaluationResult":
    found: Any = getattr(result, "evaluation", result)  # of a suite
    return found


def _resampled(generator: np.random.Generator, rows: Rows) -> tuple[Array, Array | None]:
    """Return rows drawn with replacement; whole clusters where they come in clusters, numbered anew."""
    if rows.clusters is None:
        return generator.integers(0, len(rows), len(rows)), None
    members = bootstrap.members(codes(rows.clusters))
    numbers: list[int] = generator.integers(0, len(members), len(members)).tolist()
    picked = [members[g] for g in numbers]
    return np.concatenate(picked), np.repeat(np.arange(len(picked)), [len(part) for part in picked])


def _value(result: "EvaluationResult", name: str, order: Array, groups: Array | None) -> MetricValue:
    known, metric = result[name].rows, result.used.get(name)
    if known is not None and groups is None:  # scored already, perhaps by a paid judge
        return mean_of(known[order], result.level)
    if metric is None:
        raise EvaluationError(f"How {name!r} was computed is not known any more.")
    rows = _drawn(result.need_rows("draw from"), order, groups)
    return metric.of(rows, result.setting, result.level)


def _dropper(
    gate: Gate, result: "EvaluationResult | SuiteResult", before: "EvaluationResult | SuiteResult | None"
) -> Callable[[np.random.Generator, Array, Array | None], Paired]:
    """Return what pairs two equally good sides: repeats of one model, or two models mixed by a coin."""
    new, name = _evaluation(result), gate.metric
    if before is None:
        if getattr(result, "repeats", 1) < 2:
            message = "max_drop compares with an earlier result, and none was given."
            raise EvaluationError(message, hint="Pass before=, or a suite that was run with repeats=.")
        table: Array = getattr(result, "scores")(name)  # noqa: B009 -- a suite's, not a result's
        half = table.shape[1] // 2

        def repeated(generator: np.random.Generator, order: Array, groups: Array | None) -> Paired:
            mixed = generator.permuted(table[order], axis=1)
            sides = [np.nanmean(part, axis=1) for part in (mixed[:, :half], mixed[:, half : 2 * half])]
            return from_rows(sides[0], sides[1], new.level, None, groups)

        return repeated
    old = _evaluation(before)
    sides, places, _ = aligned(new, old)
    metric, scored = new.used.get(name), (new[name].rows, old[name].rows)
    if metric is None and (scored[0] is None or scored[1] is None):
        raise EvaluationError(f"How {name!r} was computed is not known any more.")

    def mixed(generator: np.random.Generator, order: Array, groups: Array | None) -> Paired:
        """Let the answers of each row (of each cluster) change sides by a coin."""
        units = np.arange(len(order)) if groups is None else groups
        coin = (generator.random(int(units.max()) + 1) < 0.5)[units]
        if scored[0] is not None and scored[1] is not None:
            a, b = scored[0][order], scored[1][places][order]
            weights = None if sides[0].weights is None else sides[0].weights[order]
            return from_rows(np.where(coin, b, a), np.where(coin, a, b), new.level, weights, groups)
        one, other = (_drawn(side, order, groups) for side in sides)
        assert metric is not None
        return metric.paired(_mixed(one, other, coin), _mixed(other, one, coin), new.level, new.setting)

    return mixed


def _drawn(rows: Rows, order: Array, groups: Array | None) -> Rows:
    return replace(rows.bare().take(order), clusters=groups)


def _mixed(one: Rows, other: Rows, coin: Array) -> Rows:
    scores = one.scores
    if scores is not None and other.scores is not None:
        scores = np.where(coin.reshape(-1, *[1] * (scores.ndim - 1)), other.scores, scores)
    return replace(one, y_pred=np.where(coin, other.y_pred, one.y_pred), scores=scores)
