"""The metrics by name, and how a user's name, object or function becomes one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.metrics.counted import (
    AccuracyMetric,
    BalancedAccuracyMetric,
    F1Metric,
    KappaMetric,
    MCCMetric,
    PrecisionMetric,
    RecallMetric,
)
from modelops_jupyter.evaluation.metrics.ranking import AUCROCMetric
from modelops_jupyter.evaluation.metrics.regression import MAEMetric, MSEMetric, R2Metric, RMSEMetric
from modelops_jupyter.evaluation.metrics.rowwise import (
    ExactMatchMetric,
    FunctionMetric,
    LengthRatioMetric,
    MAPEMetric,
    RowMetric,
)
from modelops_jupyter.evaluation.tasks import TaskType

MetricLike = str | Metric | Callable[..., Any]
Metrics = Sequence[MetricLike] | Mapping[str, Callable[..., Any]] | MetricLike

CATALOGUE: dict[str, type[Metric]] = {
    "accuracy": AccuracyMetric,
    "precision": PrecisionMetric,
    "recall": RecallMetric,
    "f1": F1Metric,
    "balanced_accuracy": BalancedAccuracyMetric,
    "mcc": MCCMetric,
    "kappa": KappaMetric,
    "auc_roc": AUCROCMetric,
    "mse": MSEMetric,
    "mae": MAEMetric,
    "rmse": RMSEMetric,
    "r2": R2Metric,
    "mape": MAPEMetric,
    "exact_match": ExactMatchMetric,
    "length_ratio": LengthRatioMetric,
}

DEFAULTS: dict[TaskType, tuple[str, ...]] = {
    TaskType.BINARY_CLASSIFICATION: ("accuracy", "precision", "recall", "f1"),
    TaskType.MULTICLASS_CLASSIFICATION: ("accuracy", "precision", "recall", "f1"),
    TaskType.REGRESSION: ("mse", "mae", "rmse", "r2"),
    TaskType.GENERATION: ("exact_match",),
}


def metric_of(metric: MetricLike) -> Metric:
    """Return the metric object for a name, an object or class, or a function.

    Raises
    ------
    ConfigError
        If there is no such metric; names the nearest one.
    """
    if isinstance(metric, str):
        if metric in CATALOGUE:
            return CATALOGUE[metric]()
        raise ConfigError(f"There is no metric {metric!r}.", hint=did_you_mean(metric, CATALOGUE))
    if isinstance(metric, type) and issubclass(metric, Metric):
        metric = metric()
    if isinstance(metric, Metric):
        if not metric.name:
            raise ConfigError(f"The metric {type(metric).__name__} has no name.", hint='Set name = "...".')
        return metric
    if callable(metric):
        name = getattr(metric, "__name__", type(metric).__name__)
        return FunctionMetric(name.removesuffix("_metric"), metric)
    raise ConfigError(f"A {type(metric).__name__} is no metric.", hint="Pass a name, a Metric or a function.")


def metrics_of(metrics: Metrics) -> list[Metric]:
    """Return metric objects for one metric, a list of them, or `{name: function}`."""
    if isinstance(metrics, Mapping):
        return [FunctionMetric(name, fn) for name, fn in metrics.items()]
    if isinstance(metrics, str | Metric) or callable(metrics):
        return [metric_of(metrics)]
    return [metric_of(m) for m in metrics]


def from_spec(kind: str, spec: Mapping[str, Any]) -> Metric | None:
    """Return the metric that a saved result was made with, if it is one of ours."""
    return CATALOGUE[kind](**spec) if kind in CATALOGUE and spec else None


def kind_of(metric: Metric) -> str:
    """Return the catalogue name of a metric's class, or ''."""
    return next((name for name, cls in CATALOGUE.items() if type(metric) is cls), "")


__all__ = [
    "CATALOGUE",
    "DEFAULTS",
    "AUCROCMetric",
    "AccuracyMetric",
    "BalancedAccuracyMetric",
    "ExactMatchMetric",
    "F1Metric",
    "FunctionMetric",
    "KappaMetric",
    "LengthRatioMetric",
    "MAEMetric",
    "MAPEMetric",
    "MCCMetric",
    "MSEMetric",
    "Metric",
    "Metrics",
    "PrecisionMetric",
    "R2Metric",
    "RMSEMetric",
    "RecallMetric",
    "RowMetric",
    "Setting",
    "from_spec",
    "kind_of",
    "metric_of",
    "metrics_of",
]
