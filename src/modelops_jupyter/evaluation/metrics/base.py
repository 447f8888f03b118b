"""`Metric`: a name, a state it needs, and how a value and its interval are read off that state."""

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from modelops_jupyter.errors import ConfigError, ModelOpsError
from modelops_jupyter.evaluation import bootstrap, clusters
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import Interval
from modelops_jupyter.evaluation.rows import Rows, read_rows
from modelops_jupyter.evaluation.states import RowState
from modelops_jupyter.evaluation.tasks import AUTO, Kind, Label
from modelops_jupyter.evaluation.value import MetricValue


@dataclass(frozen=True)
class Setting:
    """What an evaluator tells its metrics: the labels, and the defaults it was given."""

    labels: tuple[Label, ...] | None = None
    positive_class: Label | None = None
    average: str | None = None
    multilabel: bool = False


class Metric:
    """One number about a model's answers.

    Your own metric needs a `name` and `compute`; it gets an interval by resampling rows,
    a paired comparison, and a place in every table and plot.

    Examples
    --------
    >>> class Longest(Metric):
    ...     name = "longest_error"
    ...     greater_is_better = False
    ...     def compute(self, y_true, y_pred):
    ...         return float(abs(y_true - y_pred).max())
    """

    name: str = ""
    greater_is_better: bool | None = True
    bounds: tuple[float, float] = (-math.inf, math.inf)
    requires: ClassVar[type[Any]] = RowState
    takes: ClassVar[Kind | None] = None  # None: whatever the task gives
    multilabel: ClassVar[bool] = False  # also reads rows with several labels
    title: ClassVar[str] = ""  # the name for people, where it is not just the name

    @property
    def label(self) -> str:
        """The name for people."""
        return self.title or self.name.replace("_", " ").capitalize()

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number for these rows."""
        rows = read_rows(self.takes or "labels", y_true, y_pred)
        return float(self.value(self.fill(self.empty(Setting()), rows)))

    def bound(self, setting: Setting) -> Self:
        """Return this metric with an evaluator's positive class and labels where it left them open."""
        own: Any = self
        taken: dict[str, Any] = {}
        if getattr(self, "positive_class", None) is AUTO and setting.positive_class is not None:
            taken["positive_class"] = setting.positive_class
        if getattr(self, "labels", ()) is None and setting.labels is not None:
            taken["labels"] = setting.labels
        return replace(own, **taken) if taken else self

    @property
    def shares(self) -> str:
        """Metrics with the same word share one state."""
        return self.requires.__name__

    def empty(self, setting: Setting) -> Any:
        """Return the state for no rows."""
        del setting
        return self.requires.empty()

    def fill(self, state: Any, rows: Rows) -> Any:
        """Add rows to the state."""
        return state.add(rows)

    def value(self, state: Any) -> float:
        """Read the number off the state."""
        if type(self).compute is Metric.compute:
            raise ConfigError(f"The metric {self.name!r} has no compute(y_true, y_pred).")
        return float(self.compute(state.y_true, state.y_pred))

    def interval(self, state: Any, level: float = 0.95) -> Interval:
        """Return the interval; by default from resampled rows."""
        return bootstrap.interval(
            lambda i: self._again(Rows(state.y_true[i], state.y_pred[i]), Setting()),
            state.n,
            level,
            lambda: self.value(state),
        )

    def row_shares(self, rows: Rows, setting: Setting) -> Array | None:
        """Return each row's share in the error of the value, whose squares add to its variance.

        Rows of one cluster err together: their shares are added first. None where a metric has
        no such shares; clusters are then resampled.
        """
        del rows, setting
        return None

    def clustered(self, value: MetricValue, rows: Rows, setting: Setting, level: float = 0.95) -> MetricValue:
        """Return the value of these rows with an interval that holds where rows come in clusters."""
        if rows.clusters is None or value.error or math.isnan(value):
            return value
        bare, shares = rows.bare(), self.row_shares(rows, setting)
        found = clusters.interval(
            float(value), shares, clusters.codes(rows.clusters), level, self.bounds,
            lambda i: self._again(bare.take(i), setting),
        )  # fmt: skip
        value.low, value.high, how = found.clipped(self.bounds)
        named = self.remarks(self.fill(self.empty(setting), rows)).get("method")
        value.method = ", ".join(filter(None, [named, how]))
        return value

    def _again(self, rows: Rows, setting: Setting) -> float:
        """Return the number of these rows: NaN where a class is missing or a user's function divides by 0."""
        try:
            with np.errstate(all="ignore"):
                return float(self.value(self.fill(self.empty(setting), rows)))
        except (ArithmeticError, ModelOpsError):
            return math.nan

    def remarks(self, state: Any) -> dict[str, str | None]:
        """Say how it was averaged ("method"), why it is 0/0 ("undefined"), what is odd ("note")."""
        return {"undefined": "the metric gave NaN" if math.isnan(self.value(state)) else None}

    def measure(self, state: Any, level: float = 0.95) -> MetricValue:
        """Return value, interval and remarks together."""
        value = float(self.value(state))
        low, high, method = self.interval(state, level).clipped(self.bounds)
        remarks = self.remarks(state)
        remarks["method"] = ", ".join(filter(None, [remarks.get("method"), method]))
        return MetricValue(value, low=low, high=high, n=state.n, **remarks, **self.traits())

    def safely(self, state: Any, level: float = 0.95) -> MetricValue:
        """`measure`, but what a user's code raises becomes `.error`, never a number."""
        if not isinstance(state, RowState):
            return self.measure(state, level)
        try:
            return self.measure(state, level)
        except ModelOpsError:
            raise
        except Exception as error:  # any exception of a user's function is reported as data
            return MetricValue(math.nan, n=state.n, error=f"{type(error).__name__}: {error}", **self.traits())

    def of(self, rows: Rows, setting: Setting, level: float = 0.95, state: Any = None) -> MetricValue:
        """Return the value of these rows, in clusters too; `state` is theirs if it was filled already."""
        filled = self.fill(self.empty(setting), rows) if state is None else state
        return self.clustered(self.safely(filled, level), rows, setting, level)

    def traits(self) -> dict[str, Any]:
        """Return what a value keeps of its metric."""
        return {"label": self.label, "greater_is_better": self.greater_is_better, "bounds": self.bounds}

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Compare two sets of answers to the same rows: by row shares in clusters, else by resampling."""
        sides, n = (after.bare(), before.bare()), len(after)

        def gap(i: Array) -> float:
            return self._again(sides[0].take(i), setting) - self._again(sides[1].take(i), setting)

        difference, code = gap(np.arange(n)), None
        if after.clusters is not None:
            new, old = (self.row_shares(rows, setting) for rows in sides)
            if new is not None and old is not None:
                return pairs.from_clusters(difference + (new - old) * n, after.clusters, level)
            code = clusters.codes(after.clusters)
        units = n if code is None else int(code.max()) + 1
        found = pairs.from_draws(difference, bootstrap.draws(gap, n, code), units, level)
        return replace(found, variance=found.variance / units * n)
