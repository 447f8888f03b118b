"""Every part of the rows with its own numbers: where a model is good, and where it is not."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import intervals
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.columns import Column, groups_of, values_of
from modelops_jupyter.evaluation.examples import right_of
from modelops_jupyter.evaluation.multiplicity import adjusted
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states.moments import residuals
from modelops_jupyter.evaluation.table import Finding, Table
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.result import EvaluationResult

ALIKE = "not separable"


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """One part of the rows.

    `finding` says whether the model is worse or better here than on all other rows, judged by
    the errors of the rows, or "not separable"; `p` is corrected for the number of slices (Holm).
    """

    name: str
    positions: Array
    metrics: dict[str, MetricValue]
    p: float
    finding: str

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.positions)


class Slices(Finding):
    """The slices of one column, worst first by the chosen metric."""

    kind: ClassVar[str] = "slices"

    def __init__(self, result: "EvaluationResult", column: str, metric: str, slices: list[Slice]) -> None:
        self.result, self.column, self.metric, self.asked = result, column, metric, result.asked
        sign = -1 if result[metric].greater_is_better is False else 1
        self.slices = sorted(slices, key=lambda s: _last_if_nan(sign * s.metrics[metric]))

    def __len__(self) -> int:
        return len(self.slices)

    def __getitem__(self, name: str) -> Slice:
        return {s.name: s for s in self.slices}[name]

    @property
    def title(self) -> str:
        """The result's title, and the column."""
        return f"{_format.visible(self.result.title)} by {_format.visible(self.column)}"

    @property
    def summary(self) -> str:
        """The finding in one sentence."""
        label = self.result[self.metric].label
        found = [s for s in self.slices if s.finding != ALIKE]
        if not found:
            return f"By {self.column}: no slice differs from the others by more than chance would (Holm)."
        said = [f"{s.name} is {s.finding}, {label} {s.metrics[self.metric].brief}" for s in found[:3]]
        more = f"; {len(found) - 3} more" if len(found) > 3 else ""
        return f"By {self.column}: {'; '.join(said)}{more}. All rows: {self.result[self.metric].brief}."

    def table(self) -> Table:
        """Return every slice with its intervals as an aligned table, all rows last."""
        names = list(self.result.metrics)
        head = [self.column, "n", *(self.result[m].label for m in names), "than the others"]
        rows = [
            [s.name, _format.count(s.n), *(s.metrics[m].brief for m in names), s.finding] for s in self.slices
        ]
        whole = [self.result[m].brief for m in names]
        rows.append(["all rows", _format.count(self.result.sample_count), *whole, ""])
        return Table(head, rows, left=(0, len(head) - 1))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; NaN is null."""
        slices = [
            {
                "name": s.name,
                "n": s.n,
                "p": None if math.isnan(s.p) else s.p,
                "finding": s.finding,
                "metrics": {name: value.to_dict() for name, value in s.metrics.items()},
            }
            for s in self.slices
        ]
        return {"kind": "slices", "schema": 1, "column": self.column, "metric": self.metric, "slices": slices}


def _last_if_nan(value: float) -> float:
    return math.inf if math.isnan(value) else value


def by(result: "EvaluationResult", column: Column, metric: str | None = None) -> Slices:
    """Part a result by a column; see `EvaluationResult.by`."""
    name, values = values_of(result, column)
    groups = groups_of(name, values)
    chosen = metric or next(iter(result.metrics))
    errors, clusters = row_errors(result, chosen), result.need_rows("part").clusters
    order = np.argsort(groups.codes, kind="stable")  # each row is counted once, in its slice
    parts = np.split(order, np.cumsum(np.bincount(groups.codes, minlength=len(groups.names)))[:-1])
    tests = [apart(errors, groups.codes == i, clusters) for i in range(len(groups.names))]
    corrected = adjusted([p for _, p in tests])
    slices = [
        Slice(group, part, _measured(result, part), p, _finding(gap, p, result.level))
        for group, part, (gap, _), p in zip(groups.names, parts, tests, corrected, strict=True)
    ]
    return Slices(result, name, chosen, slices)


def _finding(gap: float, p: float, level: float) -> str:
    if not p < 1 - level:
        return ALIKE
    return "worse" if gap > 0 else "better"


def _measured(result: "EvaluationResult", positions: Array) -> dict[str, MetricValue]:
    rows = result.need_rows("part").take(positions)
    states: dict[str, Any] = {}
    return {name: _value(result, name, rows, positions, states) for name in result.metrics}


def _value(
    result: "EvaluationResult", name: str, rows: Rows, positions: Array, states: dict[str, Any]
) -> MetricValue:
    whole, metric = result.metrics[name], result.used.get(name)
    if metric is None:
        return MetricValue(math.nan, label=whole.label, undefined="how it was computed is not known any more")
    if not len(rows.counting()):
        return MetricValue(math.nan, n=len(rows), undefined="all rows weigh 0", **metric.traits())
    try:
        if metric.shares not in states:
            states[metric.shares] = metric.fill(metric.empty(result.setting), rows)
        value = metric.of(rows, result.setting, result.level, states[metric.shares])
    except EvaluationError as error:  # such as one class only
        value = MetricValue(math.nan, n=len(rows), undefined=error.message, **metric.traits())
    if whole.rows is not None:
        value.rows = whole.rows[positions]
    return value


def row_errors(result: "EvaluationResult", metric: str) -> Array:
    """Return how wrong each row is: by the metric's own row scores, else 0 and 1, else the absolute error."""
    rows, value = result.need_rows("part"), result[metric]
    if value.rows is not None and value.greater_is_better is not None:
        return -value.rows if value.greater_is_better else value.rows
    right = right_of(rows, result.task_type.takes, result.metrics.values())
    if right is not None:
        return (~right).astype(np.float64)
    return np.abs(residuals(rows.y_true, rows.y_pred)).astype(np.float64)


def apart(errors: Array, inside: Array, clusters: Array | None = None) -> tuple[float, float]:
    """Return how much larger the mean error is inside than outside, and the p-value of "as large".

    Errors of two values only: the mid-p of Fisher's exact test. Else, or with clusters: a
    t-test with unequal variances on the smaller side's degrees of freedom.
    """
    known = ~np.isnan(errors)
    errors, inside = errors[known], inside[known]
    n, total = int(inside.sum()), len(errors)
    if n in (0, total):
        return 0.0, math.nan
    gap = float(errors[inside].mean() - errors[~inside].mean())
    kinds = np.unique(errors)
    if len(kinds) <= 2 and clusters is None:
        wrong = errors == kinds[-1]
        return gap, 1.0 if len(kinds) == 1 else fisher_p(
            int((wrong & inside).sum()), n, int(wrong.sum()), total
        )
    level = float(errors[inside].mean()) - gap * ~inside  # each side's mean
    shares = np.subtract(errors, level) * np.where(inside, 1 / n, 1 / (n - total))
    code = np.arange(total) if clusters is None else np.unique(clusters[known], return_inverse=True)[1]
    sums = np.bincount(code, shares)
    units = [len(np.unique(code[side])) for side in (inside, ~inside)]
    if min(units) < 2:
        return gap, math.nan
    error = math.sqrt(float(sums @ sums) * min(units) / (min(units) - 1))
    return gap, intervals.t_p(abs(gap) / error, min(units) - 1) if error else float(gap == 0)


def fisher_p(hits: int, drawn: int, marked: int, total: int) -> float:
    """Two-sided mid-p of Fisher's exact test: `hits` of the `drawn` are among the `marked` of all."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
    low, high = max(0, drawn + marked - total), min(drawn, marked)
    k = np.arange(low, high + 1)
    chosen = logs[marked] - logs[k] - logs[marked - k]
    rest = logs[total - marked] - logs[drawn - k] - logs[total - marked - drawn + k]
    chance = np.exp(chosen + rest - (logs[total] - logs[drawn] - logs[total - drawn]))
    here = float(chance[hits - low])
    below = float(chance[: hits - low].sum())
    return min(1.0, 2 * min(below + here / 2, 1 - below - here / 2))
