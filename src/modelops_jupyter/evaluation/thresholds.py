"""From which score on to say yes, where the two kinds of mistake cost differently."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation import bootstrap
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.curves import ranked
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.states import ScoreState
from modelops_jupyter.evaluation.table import Finding
from modelops_jupyter.evaluation.tasks import Label
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.result import EvaluationResult


_REPEATS = 20  # of the ten-fold split that tells what new rows cost


@dataclass(frozen=True, eq=False, repr=False)
class Threshold(Finding):
    """The cheapest threshold: rows whose score reaches it are called positive.

    Attributes
    ----------
    value, low, high
        The threshold, and the range of the ones that resampled rows find cheapest.
    cost
        Mean cost of a row at the threshold. It was picked on these rows, so new ones will
        cost about `optimism` more.
    recall, precision
        At the threshold.
    thresholds, costs, cost_low, cost_high
        The curve that was searched, with its band.
    """

    value: float
    low: float
    high: float
    cost: MetricValue
    optimism: float
    recall: MetricValue
    precision: MetricValue
    cost_fp: float
    cost_fn: float
    positive_class: Label
    thresholds: Array
    costs: Array
    cost_low: Array
    cost_high: Array
    asked: bool = False
    kind: ClassVar[str] = "threshold"

    @property
    def title(self) -> str:
        """What it is."""
        return "Cheapest threshold"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form of the choice."""
        names = ("value", "low", "high", "optimism", "cost_fp", "cost_fn")
        found: dict[str, Any] = {name: getattr(self, name) for name in names}
        found = {k: v if math.isfinite(v) else None for k, v in found.items()}
        values = {name: getattr(self, name).to_dict() for name in ("cost", "recall", "precision")}
        return found | values | {"positive_class": self.positive_class}

    @property
    def summary(self) -> str:
        """The choice, and what it costs."""
        positive = _format.visible(repr(self.positive_class))
        return (
            f"Call a row {positive} from {_format.number(self.value)} on"
            f" [{_format.number(self.low)}, {_format.number(self.high)}]: cost per row {self.cost.brief}"
            f" (a false alarm costs {self.cost_fp:g}, a miss {self.cost_fn:g});"
            f" recall {self.recall.brief}, precision {self.precision.brief}."
            f" It was picked on these rows: new ones will cost about {_format.number(self.optimism)} more."
        )


def threshold(result: "EvaluationResult", cost_fp: float, cost_fn: float) -> Threshold:
    """Find the cheapest threshold; see `EvaluationResult.threshold`."""
    if not (cost_fp >= 0 and cost_fn >= 0 and 0 < cost_fp + cost_fn <= 1e100):
        message = "Costs must be numbers of at least zero and at most 1e100, not both zero."
        raise ConfigError(message, hint="cost_fp=1, cost_fn=5: a miss costs as much as five false alarms.")
    counting = result.need_rows("choose a threshold from").counting()
    state = ScoreState.empty(result.setting.labels).add(counting)
    rows, positive = ranked(state, result.setting.positive_class)
    few = rows.grouped()

    def costs_of(up: Array, down: Array) -> Array:
        """Mean cost of a row at each threshold, the one that nothing reaches first."""
        missed, alarms = up[..., -1:] - up, down
        body = cost_fp * alarms + cost_fn * missed
        return np.concatenate([cost_fn * up[..., -1:], body], axis=-1) / (up[..., -1:] + down[..., -1:])

    costs, drawn = costs_of(few.up, few.down), costs_of(*few.resampled())
    places = np.append(np.inf, few.thresholds)
    best, picked = int(costs.argmin()), drawn.argmin(axis=1)
    code = np.searchsorted(-few.thresholds, -state.scores) + len(few.up) * (state.labels != positive)
    optimism = round(_held_out(code, len(few.up), state.weights, costs_of) - float(costs[best]), 12)
    tail = (1 - result.level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    # places fall, so quantiles are taken of the positions: an infinite place has no middle
    ends = np.quantile(picked, [tail, 1 - tail], method="inverted_cdf").astype(int)
    up, down = (float(np.append(0.0, part)[best]) for part in (few.up, few.down))
    scale = rows.n / float(rows.up[-1] + rows.down[-1])
    cost = MetricValue(
        costs[best], low=low[best], high=high[best], n=state.n, label="Cost", method="bootstrap",
        greater_is_better=False, bounds=(0.0, max(cost_fp, cost_fn)),
    )  # fmt: skip
    return Threshold(
        float(places[best]), float(places[ends[1]]), float(places[ends[0]]), cost, max(0.0, optimism),
        _rate(up, float(rows.up[-1]), scale, "Recall", result.level),
        _rate(up, up + down, scale, "Precision", result.level),
        cost_fp, cost_fn, positive, places, costs, low, high, result.asked,
    )  # fmt: skip


def _held_out(
    code: Array, groups: int, weights: Array | None, costs_of: Callable[[Array, Array], Array]
) -> float:
    """Return the mean cost of rows at a threshold that the other nine tenths of the rows find cheapest."""
    generator, n = np.random.default_rng(bootstrap.SEED), len(code)
    folds = min(10, n)
    found: list[float] = []
    for _ in range(_REPEATS):
        fold = generator.permutation(n) % folds
        counts = np.bincount(fold * 2 * groups + code, weights, folds * 2 * groups).reshape(folds, 2, groups)
        parts = np.cumsum(counts, axis=2)
        rest = parts.sum(axis=0) - parts
        picked = costs_of(rest[:, 0], rest[:, 1]).argmin(axis=1)
        sizes = parts[:, :, -1].sum(axis=1)
        cost = np.array([costs_of(part[0], part[1])[i] for part, i in zip(parts, picked, strict=True)])
        found.append(float(sizes @ cost / sizes.sum()))
    return float(np.mean(found))


def _rate(part: float, whole: float, scale: float, label: str, level: float) -> MetricValue:
    low, high, method = wilson(part * scale, whole * scale, level)
    undefined = None if whole else "0/0, nothing is called positive"
    value = part / whole if whole else 0.0
    return MetricValue(value, low=low, high=high, label=label, method=method, undefined=undefined)
