"""Evaluation: every number with its interval, every comparison paired."""

from modelops_jupyter.evaluation.compare import Comparison, ComparisonRow
from modelops_jupyter.evaluation.confusion import ClassReport, Confused, ConfusionMatrix
from modelops_jupyter.evaluation.evaluator import ModelEvaluator, create_evaluator
from modelops_jupyter.evaluation.examples import Example, Examples
from modelops_jupyter.evaluation.gates import Gate, GateResult
from modelops_jupyter.evaluation.metrics import Metric
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
from modelops_jupyter.evaluation.metrics.rowwise import ExactMatchMetric, LengthRatioMetric, MAPEMetric
from modelops_jupyter.evaluation.models import evaluate_model
from modelops_jupyter.evaluation.multiplicity import SuiteComparison, SuiteRow, compare_suite
from modelops_jupyter.evaluation.predictions import Predictions, Prompt
from modelops_jupyter.evaluation.result import EvaluationResult
from modelops_jupyter.evaluation.tasks import AUTO, TaskType
from modelops_jupyter.evaluation.value import MetricValue

__all__ = [
    "AUTO", "AUCROCMetric", "AccuracyMetric", "BalancedAccuracyMetric", "ClassReport", "Comparison",
    "ComparisonRow", "Confused", "ConfusionMatrix", "EvaluationResult", "ExactMatchMetric", "Example",
    "Examples", "F1Metric", "Gate", "GateResult", "KappaMetric", "LengthRatioMetric", "MAEMetric",
    "MAPEMetric", "MCCMetric", "MSEMetric", "Metric", "MetricValue", "ModelEvaluator",
    "PrecisionMetric", "Predictions", "Prompt", "R2Metric", "RMSEMetric", "RecallMetric", "SuiteComparison",
    "SuiteRow", "TaskType", "compare_suite", "create_evaluator", "evaluate_model",
]  # fmt: skip
