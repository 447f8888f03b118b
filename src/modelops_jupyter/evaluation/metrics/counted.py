"""Metrics of the count table: one formula serves the value and every resample."""

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import bootstrap, inputs
from modelops_jupyter.evaluation import paired as pairs
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import NONE, Interval, normal_quantile, wilson
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import CountState, MultilabelState
from modelops_jupyter.evaluation.states.counts import Margins
from modelops_jupyter.evaluation.tasks import Auto, Kind, Label

Table = CountState | MultilabelState
_MANY = 5_000  # cells; the delta method takes over from resampling


def ratio(part: Array, whole: Array) -> Array:
    """Divide; 0/0 is 0, and marked undefined elsewhere."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)


def positive_of(classes: tuple[Label, ...], wanted: Label | Auto | None) -> Label:
    """Return the positive class: the named one, else 1 or True, never guessed from the alphabet."""
    if isinstance(wanted, Auto) or wanted is None:
        if not isinstance(classes[0], str) and (1 in classes or set(classes) <= {0, -1}):
            return 1
        raise EvaluationError(
            f"Which class is the positive one? The labels are {', '.join(map(repr, classes[:10]))}.",
            hint=f"Pass positive_class={classes[0]!r} or another of them.",
        )
    if wanted not in classes and len(classes) > 1:
        listed = ", ".join(map(repr, classes[:10]))
        raise EvaluationError(
            f"positive_class is {wanted!r}, which is not among the labels {listed}.",
            hint=did_you_mean(str(wanted), map(str, classes)),
        )
    return wanted


@dataclass(frozen=True)
class CountMetric(Metric):
    """A number computed from the count table alone."""

    requires: ClassVar[type[Any]] = CountState
    takes: ClassVar[Kind | None] = "labels"
    bounds = (0.0, 1.0)

    def empty(self, setting: Setting) -> Table:
        """Return the empty table of these labels."""
        return (MultilabelState if setting.multilabel else CountState).empty(setting.labels)

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number for these rows."""
        return self.value(CountState.read(y_true, y_pred))

    def _of(self, state: Table, margins: Margins) -> Array:
        """Compute from the margins; leading axes hold resamples."""
        raise NotImplementedError

    def _formula(self, state: Table, counts: Array | None) -> Array:
        """Compute from the observed counts or other ones; a leading axis holds resamples."""
        return self._of(state, state.observed if counts is None else state.margins(counts))

    def value(self, state: Table) -> float:
        """Read the number off the table."""
        return float(self._formula(state, None))

    def interval(self, state: Table, level: float = 0.95) -> Interval:
        """Multinomial bootstrap; where nothing varies, Wilson's limits on the same scale."""
        if not state.total:
            return NONE
        found = self._delta(state, level) if len(state.count) > _MANY else self._resampled(state, level)
        if found.low != found.high:
            return found
        (low, high), n = self.bounds, state.effective_n
        limits = wilson((self.value(state) - low) / (high - low) * n, n, level)
        scaled = [low + (high - low) * limit for limit in limits[:2]]
        return Interval(scaled[0], scaled[1], "wilson, nothing varies")

    def _resampled(self, state: Table, level: float) -> Interval:
        drawn = [self._formula(state, t) for t in bootstrap.tables(state.count, state.effective_n)]
        return bootstrap.percentile(np.concatenate(drawn), level)

    def _delta(self, state: Table, level: float) -> Interval:
        """Delta method: with so many cells drawing tables takes seconds, and rows are many."""
        effects, value = self._effects(state), self.value(state)
        spread = float(state.count @ effects**2) * state.squares / state.total
        half = normal_quantile(level) * math.sqrt(spread)
        return Interval(value - half, value + half, "delta")

    def _effects(self, state: Table) -> Array:
        """Return how one more row in each cell would move the number, by differences of the formula."""
        base = Margins(*[m.astype(np.float64) for m in state.observed])
        k, total = len(state.classes), float(base.total)
        step = np.maximum(1e-4 * (base.true + base.predicted), 1e-9 * total)
        block = max(1, 4_000_000 // max(1, k))

        def slope(name: str, shift: Array, size: Array) -> Array:
            up, down = (base._replace(**{name: getattr(base, name) + sign * shift}) for sign in (1, -1))
            return (self._of(state, up) - self._of(state, down)) / (2 * size)

        parts: list[Array] = []
        for name in ("hits", "true", "predicted"):
            rows = [np.eye(k)[i : i + block] * step for i in range(0, k, block)]
            parts.append(np.concatenate([slope(name, r, r.max(axis=1)) for r in rows]))
        whole = np.asarray(1e-4 * total)
        return state.effects(Margins(*parts, *[slope(name, whole, whole) for name in ("total", "right")]))

    def row_shares(self, rows: Rows, setting: Setting) -> Array:
        """Return each row's share in the error, by the delta method."""
        state = self.empty(setting).add(rows)
        shares = self._effects(state)[state.cell_of(rows)]
        return shares if rows.weights is None else shares * rows.weights

    def remarks(self, state: Table) -> dict[str, str | None]:
        """Say where a denominator is zero."""
        return {"undefined": "0/0" if np.isnan(self.value(state)) else None}

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """Resample the joint table of truth and both answers; in clusters, linearise."""
        if after.clusters is not None:
            return super().paired(after, before, level, setting)
        sides = self.empty(setting).joint(after, before)
        counts, n = sides[0].count, sides[0].effective_n

        def gap(count: Array) -> Array:
            return self._formula(sides[0], count) - self._formula(sides[1], count)

        drawn = np.concatenate([gap(table) for table in bootstrap.tables(counts, n)])
        method = "paired multinomial bootstrap"
        found = pairs.from_draws(float(gap(counts)), drawn, len(after), level, method)
        return found if found.low != found.high else self._unvaried(found, sides, level)

    def _unvaried(self, found: pairs.Paired, sides: tuple[Table, Table], level: float) -> pairs.Paired:
        """Limits where no resample differs: Newcombe's square and add of both sides' intervals."""
        seen = found.difference
        if seen:
            (a, b), (new, old) = map(self.value, sides), (self.interval(side, level) for side in sides)
            down, up = math.hypot(a - new.low, old.high - b), math.hypot(new.high - a, b - old.low)
        else:  # the same answers; rows where they would differ may just not be among these
            down = up = (self.bounds[1] - self.bounds[0]) * wilson(0, sides[0].effective_n, level).high
        return replace(found, low=seen - down, high=seen + up)


@dataclass(frozen=True)
class AccuracyMetric(CountMetric):
    """Share of rows answered with their true label; Wilson's interval, McNemar's comparison."""

    name: str = "accuracy"
    multilabel: ClassVar[bool] = True

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Return the plain number for these rows, for number columns without counting a table."""
        true, predicted = inputs.as_coded_labels(y_true), inputs.as_coded_labels(y_pred, "y_pred")
        if not (isinstance(true, np.ndarray) and isinstance(predicted, np.ndarray)):
            return super().compute(true, predicted)
        inputs.check_lengths({"y_true": true, "y_pred": predicted})
        inputs.check_same_kind(true, predicted)
        inputs.refuse_marker(true, "y_true")
        return np.count_nonzero(true == predicted) / len(true)

    def _of(self, state: Table, margins: Margins) -> Array:
        del state
        return ratio(margins.right, margins.total)

    def interval(self, state: Table, level: float = 0.95) -> Interval:
        """Wilson, or for weighted rows Wilson on their effective number."""
        return wilson(self.value(state) * state.effective_n, state.effective_n, level)

    def paired(self, after: Rows, before: Rows, level: float, setting: Setting) -> pairs.Paired:
        """McNemar on the rows that only one side gets right."""
        del setting
        a, b = ((rows.y_true == rows.y_pred).astype(np.float64) for rows in (after, before))
        return pairs.from_rows(a, b, level, after.weights, after.clusters)


@dataclass(frozen=True)
class BalancedAccuracyMetric(CountMetric):
    """Mean recall over the classes that truly occur."""

    name: str = "balanced_accuracy"

    def _of(self, state: Table, margins: Margins) -> Array:
        del state
        return ratio(ratio(margins.hits, margins.true).sum(-1), (margins.true > 0).sum(-1))


@dataclass(frozen=True)
class MCCMetric(CountMetric):
    """Matthews' correlation of truth and prediction, for any number of classes (Gorodkin 2004)."""

    name: str = "mcc"
    title: ClassVar[str] = "MCC"
    bounds = (-1.0, 1.0)

    def _of(self, state: Table, margins: Margins) -> Array:
        del state
        hits, true, predicted, total, _ = (m.astype(np.float64) for m in margins)
        covariance = hits.sum(-1) * total - (true * predicted).sum(-1)
        spread = (total**2 - (true**2).sum(-1)) * (total**2 - (predicted**2).sum(-1))
        return ratio(covariance, np.sqrt(spread))


@dataclass(frozen=True)
class KappaMetric(CountMetric):
    """Cohen's kappa: agreement beyond what the class shares give by chance; NaN with one class."""

    name: str = "kappa"
    title: ClassVar[str] = "Cohen's kappa"
    bounds = (-1.0, 1.0)

    def _of(self, state: Table, margins: Margins) -> Array:
        del state
        hits, true, predicted, total, _ = (m.astype(np.float64) for m in margins)
        expected = (true * predicted).sum(-1)
        room = total**2 - expected
        return np.where(room != 0, ratio(hits.sum(-1) * total - expected, room), np.nan)
