"""`ModelEvaluator`: truth and prediction in, numbers with intervals out."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

from modelops_jupyter.errors import ConfigError, EmptyInputError, EvaluationError
from modelops_jupyter.evaluation.inputs import indicator
from modelops_jupyter.evaluation.metrics import (
    DEFAULTS,
    Metric,
    Metrics,
    RowMetric,
    Setting,
    metric_of,
    metrics_of,
    rowwise,
)
from modelops_jupyter.evaluation.result import EvaluationResult
from modelops_jupyter.evaluation.rows import Rows, read_rows
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Label, TaskType, task_of
from modelops_jupyter.evaluation.value import MetricValue

_AVERAGES = {
    TaskType.BINARY_CLASSIFICATION: "binary",
    TaskType.MULTICLASS_CLASSIFICATION: "macro",
    TaskType.MULTILABEL_CLASSIFICATION: "macro",
}


class ModelEvaluator:
    """Evaluate predictions of one task with several metrics in one pass.

    Parameters
    ----------
    task_type
        A `TaskType` or its name; "binary" is enough.
    metrics
        Names, metric objects or functions; left out, the task's usual ones.
    positive_class
        For two classes, which one is looked for; 1 or True by default, else it must be named.
    labels
        Classes and their order; averages then run over all of them, present or not.
    average
        How classes are averaged; by default binary or macro, as the task says.
    level
        Level of the intervals.
    cluster
        Rows that belong together (a user, a document): the group of each row, or a function
        from a row's id to its group. Intervals then hold for new groups, not just new rows.
    ignore_label
        Rows with this true label are left out, such as -100 for tokens without loss.

    Examples
    --------
    >>> result = ModelEvaluator("binary").evaluate([0, 1, 1, 0], [0, 1, 0, 0])
    >>> print(result["accuracy"])
    0.750 [0.301, 0.954] n=4
    """

    def __init__(
        self,
        task_type: str | TaskType,
        metrics: Metrics | None = None,
        *,
        positive_class: Label | Auto = AUTO,
        labels: Sequence[Label] | None = None,
        average: str = "auto",
        level: float = 0.95,
        cluster: Any = None,
        ignore_label: Label | None = None,
    ) -> None:
        self.task_type = task_of(task_type)
        if not 0 < level < 1:
            raise ConfigError(f"level is {level}; it must lie between 0 and 1.", hint="Use 0.95 for 95 %.")
        positive = None if isinstance(positive_class, Auto) else positive_class
        averaged = _AVERAGES.get(self.task_type) if average == "auto" else average
        several = self.task_type is TaskType.MULTILABEL_CLASSIFICATION
        self.setting = Setting(None if labels is None else tuple(labels), positive, averaged, several)
        self.level, self.ignore_label, self.cluster = level, ignore_label, cluster
        self.metrics: dict[str, Metric] = {}
        self._states: dict[str, Any] = {}
        self._rows: Rows | None = None
        self._skipped = 0
        self._adds_auc = metrics is None and self.task_type.takes == "labels"
        for metric in metrics_of(metrics if metrics is not None else DEFAULTS[self.task_type]):
            self.add_metric(metric)

    def add_metric(self, metric: Any) -> Self:
        """Add a metric (name, object or function) of another name; returns the evaluator."""
        found, takes = metric_of(metric), self.task_type.takes
        if found.name in self.metrics:
            message = f"There already is a metric {found.name!r}."
            raise ConfigError(message, hint="Give the second one another name=.")
        if found.takes not in (None, takes) and not (found.multilabel and takes == "label sets"):
            raise ConfigError(
                f"The metric {found.name!r} needs {found.takes}, and {self.task_type} has {takes}.",
                hint=f"Metrics for this task: {', '.join(DEFAULTS[self.task_type])}.",
            )
        if self._rows is not None:
            message = "Rows were already counted without this metric."
            raise ConfigError(message, hint="Add metrics before update().")
        self.metrics[found.name] = found.bound(self.setting)
        return self

    def evaluate(
        self,
        y_true: Any,
        y_pred: Any,
        scores: Any = None,
        weights: Any = None,
        ids: Sequence[Any] | None = None,
        cluster: Any = None,
    ) -> EvaluationResult:
        """Evaluate these rows, apart from any `update`.

        Parameters
        ----------
        scores
            How sure the model is of the positive class, or one column per class.
        weights
            How much each row counts.
        ids
            Identities of the rows, by which results are compared.
        cluster
            The group of each row, if not given to the evaluator.
        """
        fresh = copy.copy(self)
        fresh.metrics, fresh._states, fresh._rows, fresh._skipped = dict(self.metrics), {}, None, 0
        return fresh.update(y_true, y_pred, scores, weights, ids, cluster).result()

    def update(
        self,
        y_true: Any,
        y_pred: Any,
        scores: Any = None,
        weights: Any = None,
        ids: Sequence[Any] | None = None,
        cluster: Any = None,
    ) -> Self:
        """Count one more batch; batches may differ in size."""
        matrix = indicator(y_true) if self.setting.multilabel else None
        if matrix is not None and self.setting.labels is None:  # a column without a 1 is a class too
            self.setting = replace(self.setting, labels=tuple(range(matrix.shape[1])))
        rows = read_rows(
            self.task_type.takes,
            y_true,
            y_pred,
            scores=scores,
            weights=weights,
            ids=ids,
            clusters=self._clusters(ids) if cluster is None else cluster,
            labels=self.setting.labels,
            ignore_label=self.ignore_label,
            keep_marker=self.setting.labels is not None and -100 in self.setting.labels,
        )
        if self._adds_auc and scores is not None and self._rows is None:
            self.add_metric("auc_roc")
        if self.ignore_label is not None:
            self._skipped += len(y_true) - len(rows)
        for key, metric in {metric.shares: metric for metric in self.metrics.values()}.items():
            state = self._states[key] if key in self._states else metric.empty(self.setting)
            self._states[key] = metric.fill(state, rows)
        self._rows = rows if self._rows is None else self._rows + rows
        return self

    def _clusters(self, ids: Sequence[Any] | None) -> Any:
        if not callable(self.cluster):
            return self.cluster
        if ids is None:
            raise EvaluationError("cluster= is a function of ids, and no ids were given.", hint="Pass ids=.")
        return [self.cluster(each) for each in ids]

    def merge(self, other: "ModelEvaluator") -> Self:
        """Add what another evaluator of the same metrics counted."""
        if other._rows is None:
            return self
        if self._rows is not None and list(self.metrics) != list(other.metrics):
            raise EvaluationError("Evaluators with different metrics cannot be merged.")
        self.metrics = dict(other.metrics)
        for key, state in other._states.items():
            self._states[key] = self._states[key].merge(state) if key in self._states else state
        self._rows = other._rows if self._rows is None else self._rows + other._rows
        self._skipped += other._skipped
        return self

    def result(self) -> EvaluationResult:
        """Return the metrics of all rows counted so far."""
        if self._rows is None:
            raise EmptyInputError("No rows were counted yet.", hint="Call update() or evaluate() first.")
        return EvaluationResult(
            {name: self._value(metric, self._rows) for name, metric in self.metrics.items()},
            self.task_type,
            len(self._rows),
            level=self.level,
            skipped=self._skipped,
            rows=self._rows,
            used=self.metrics,
            setting=self.setting,
        )

    def _value(self, metric: Metric, rows: Rows) -> MetricValue:
        value = metric.of(rows, self.setting, self.level, self._states[metric.shares])
        if isinstance(metric, RowMetric):
            return rowwise.with_rows(value, metric.row_scores(rows))
        return value


def create_evaluator(task: str | TaskType, metrics: Metrics | None = None, **options: Any) -> ModelEvaluator:
    """Return a `ModelEvaluator` with the task's usual metrics.

    Parameters
    ----------
    task
        "binary", "multiclass", "regression", "generation", or a `TaskType`.

    Examples
    --------
    >>> list(create_evaluator("regression").metrics)
    ['mse', 'mae', 'rmse', 'r2']
    """
    return ModelEvaluator(task, metrics, **options)
