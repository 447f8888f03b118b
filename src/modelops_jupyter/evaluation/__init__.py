"""Evaluation: every number with its interval, every comparison paired."""

from modelops_jupyter.evaluation.compare import Comparison, ComparisonRow
from modelops_jupyter.evaluation.confusion import ClassReport, Confused, ConfusionMatrix
from modelops_jupyter.evaluation.curves import Curve
from modelops_jupyter.evaluation.evaluator import ModelEvaluator, create_evaluator
from modelops_jupyter.evaluation.examples import Example, Examples
from modelops_jupyter.evaluation.false_alarms import FalseAlarms
from modelops_jupyter.evaluation.forgetting import Retained
from modelops_jupyter.evaluation.gates import Gate, GateResult
from modelops_jupyter.evaluation.metrics import Metric
from modelops_jupyter.evaluation.metrics.averaged import (
    F1Metric,
    JaccardMetric,
    PrecisionMetric,
    RecallMetric,
    SpecificityMetric,
)
from modelops_jupyter.evaluation.metrics.calibration import ECEMetric
from modelops_jupyter.evaluation.metrics.counted import (
    AccuracyMetric,
    BalancedAccuracyMetric,
    KappaMetric,
    MCCMetric,
)
from modelops_jupyter.evaluation.metrics.probability import BrierMetric, LogLossMetric, TopKMetric
from modelops_jupyter.evaluation.metrics.ranking import AUCROCMetric, AveragePrecisionMetric, KSMetric
from modelops_jupyter.evaluation.metrics.regression import (
    MAEMetric,
    MaxErrorMetric,
    MSEMetric,
    R2Metric,
    RMSEMetric,
)
from modelops_jupyter.evaluation.metrics.rowwise import ExactMatchMetric, LengthRatioMetric, MAPEMetric
from modelops_jupyter.evaluation.models import evaluate_model
from modelops_jupyter.evaluation.multiplicity import SuiteComparison, SuiteRow, compare_suite
from modelops_jupyter.evaluation.predictions import Predictions, Prompt
from modelops_jupyter.evaluation.result import EvaluationResult
from modelops_jupyter.evaluation.slices import Slice, Slices
from modelops_jupyter.evaluation.tasks import AUTO, TaskType
from modelops_jupyter.evaluation.thresholds import Threshold
from modelops_jupyter.evaluation.value import MetricValue
from modelops_jupyter.evaluation.worst import WorstSlice, WorstSlices

__all__ = [
    "AUTO", "AUCROCMetric", "AccuracyMetric", "AveragePrecisionMetric", "BalancedAccuracyMetric",
    "BrierMetric", "ClassReport", "Comparison", "ComparisonRow", "Confused", "ConfusionMatrix", "Curve",
    "ECEMetric", "EvaluationResult", "ExactMatchMetric", "Example", "Examples", "F1Metric",
    "FalseAlarms", "Gate", "GateResult", "JaccardMetric", "KSMetric", "KappaMetric",
    "LengthRatioMetric", "LogLossMetric", "MAEMetric", "MAPEMetric", "MCCMetric", "MSEMetric",
    "MaxErrorMetric", "Metric", "MetricValue", "ModelEvaluator", "PrecisionMetric",
    "Predictions", "Prompt", "R2Metric", "RMSEMetric", "RecallMetric", "Retained", "Slice", "Slices",
    "SpecificityMetric", "SuiteComparison", "SuiteRow", "TaskType", "Threshold", "TopKMetric",
    "WorstSlice", "WorstSlices", "compare_suite", "create_evaluator", "evaluate_model",
]  # fmt: skip
