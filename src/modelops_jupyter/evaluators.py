"""Pluggable evaluation of texts: any function of predictions and references is a metric."""

from collections.abc import Sequence
from typing import Any

from modelops_jupyter.evaluation import EvaluationResult, MetricValue, ModelEvaluator, TaskType
from modelops_jupyter.evaluation.metrics import Metrics

__all__ = ["Evaluator", "exact_match_metric", "length_ratio_metric"]


def exact_match_metric(predictions: Any, references: Any) -> MetricValue:
    """Share of predictions equal to their reference, blanks around them aside.

    Returns
    -------
    MetricValue
        With Wilson's interval, and `.rows` of 1 and 0.

    Examples
    --------
    >>> print(exact_match_metric(["yes", " no"], ["yes", "no"]))
    1.000 [0.342, 1.000] n=2
    """
    return Evaluator("exact_match").evaluate(predictions, references)["exact_match"]


def length_ratio_metric(predictions: Any, references: Any) -> MetricValue:
    """Mean of len(prediction) / len(reference) in characters.

    Pairs with an empty reference have no ratio: they are NaN in `.rows`, counted in
    `.skipped`, and left out of the mean.

    Examples
    --------
    >>> value = length_ratio_metric(["ab", "x"], ["abcd", ""])
    >>> float(value), value.skipped
    (0.5, 1)
    """
    return Evaluator("length_ratio").evaluate(predictions, references)["length_ratio"]


class Evaluator:
    """Evaluate texts with your own functions.

    Parameters
    ----------
    metrics
        `{name: fn}`, or functions or metric names. `fn(predictions, references)` returns a
        number, or one per row; per-row results also get paired comparisons.
    level
        Level of the intervals.

    Examples
    --------
    >>> result = Evaluator({"short": lambda p, r: [len(a) < 5 for a in p]}).evaluate(["yes"], ["no"])
    >>> float(result["short"])
    1.0
    """

    def __init__(self, metrics: Metrics = "exact_match", *, level: float = 0.95) -> None:
        self._evaluator = ModelEvaluator(TaskType.GENERATION, metrics, level=level)

    def evaluate(
        self, predictions: Any, references: Any, *, ids: Sequence[Any] | None = None
    ) -> EvaluationResult:
        """Measure; a function that raises gives NaN and the reason in `.error`, never 0."""
        return self._evaluator.evaluate(references, predictions, ids=ids)
