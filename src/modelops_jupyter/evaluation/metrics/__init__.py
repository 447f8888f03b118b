"""The metrics by name, and how a user's name, object or function becomes one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation.metrics import (
    averaged,
    calibration,
    counted,
    probability,
    ranking,
    regression,
    rowwise,
)
from modelops_jupyter.evaluation.metrics.base import Metric, Setting
from modelops_jupyter.evaluation.metrics.rowwise import FunctionMetric, RowMetric
from modelops_jupyter.evaluation.tasks import Auto, TaskType

MetricLike = str | Metric | type[Metric] | Callable[..., Any]
Metrics = Sequence[MetricLike] | Mapping[str, Callable[..., Any]] | MetricLike

_CLASSES: tuple[type[Metric], ...] = (
    counted.AccuracyMetric, averaged.PrecisionMetric, averaged.RecallMetric, averaged.F1Metric,
    averaged.SpecificityMetric, averaged.JaccardMetric,
    counted.BalancedAccuracyMetric, counted.MCCMetric, counted.KappaMetric, ranking.AUCROCMetric,
    ranking.AveragePrecisionMetric, ranking.KSMetric, calibration.ECEMetric,
    probability.LogLossMetric, probability.BrierMetric, probability.TopKMetric,
    regression.MSEMetric, regression.MAEMetric, regression.RMSEMetric, regression.R2Metric,
    regression.MaxErrorMetric, rowwise.MAPEMetric, rowwise.ExactMatchMetric, rowwise.LengthRatioMetric,
)  # fmt: skip
CATALOGUE = {cls.name: cls for cls in _CLASSES}

DEFAULTS: dict[TaskType, tuple[str, ...]] = {
    TaskType.BINARY_CLASSIFICATION: ("accuracy", "precision", "recall", "f1"),
    TaskType.MULTICLASS_CLASSIFICATION: ("accuracy", "precision", "recall", "f1"),
    TaskType.MULTILABEL_CLASSIFICATION: ("accuracy", "precision", "recall", "f1"),
    TaskType.REGRESSION: ("mse", "mae", "rmse", "r2"),
    TaskType.GENERATION: ("exact_match",),
}


def metric_of(metric: MetricLike) -> Metric:
    """Return the metric object for a name, an object or class, or a function."""
    if isinstance(metric, str):
        if metric in CATALOGUE:
            return CATALOGUE[metric]()
        raise ConfigError(f"There is no metric {metric!r}.", hint=did_you_mean(metric, CATALOGUE))
    made = cast("Any", metric)
    if isinstance(metric, type) and issubclass(metric, Metric):
        made = metric()
    if isinstance(made, Metric):
        if not made.name:
            raise ConfigError(f"The metric {type(made).__name__} has no name.", hint='Set name = "...".')
        return made
    if not callable(made):
        raise ConfigError(
            f"A {type(made).__name__} is no metric.", hint="Pass a name, a Metric or a function."
        )
    name = str(getattr(made, "__name__", type(made).__name__))
    return FunctionMetric(name.removesuffix("_metric"), made)


def metrics_of(metrics: Metrics) -> list[Metric]:
    """Return metric objects for one metric, a list of them, or `{name: function}`."""
    if isinstance(metrics, Mapping):
        named = cast("Mapping[str, Callable[..., Any]]", metrics)
        return [FunctionMetric(name, fn) for name, fn in named.items()]
    if isinstance(metrics, str | Metric) or callable(metrics):
        return [metric_of(metrics)]
    return [metric_of(m) for m in metrics]


def spec_of(metric: Metric) -> dict[str, Any] | None:
    """Return the JSON form by which a saved result finds its metric again; None for a user's own."""
    kind = next((name for name, cls in CATALOGUE.items() if type(metric) is cls), None)
    settings = {f.name: getattr(metric, f.name) for f in fields(cast("Any", metric))} if kind else {}
    return {"kind": kind} | {k: v for k, v in settings.items() if not isinstance(v, Auto)} if kind else None


def from_spec(spec: Mapping[str, Any]) -> Metric:
    """Return the metric of a saved result."""
    return CATALOGUE[spec["kind"]](**{k: v for k, v in spec.items() if k != "kind"})


__all__ = [
    "CATALOGUE", "DEFAULTS", "FunctionMetric", "Metric", "Metrics", "RowMetric", "Setting",
    "from_spec", "metric_of", "metrics_of", "spec_of",
]  # fmt: skip
