"""A result of any task, however few or odd its rows, can be shown, parted, compared, judged and kept.

What cannot be answered is said by one of our errors; any other exception fails the test.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.evaluation import EvaluationResult, Gate, create_evaluator
from modelops_jupyter.notebook import display
from modelops_jupyter.notebook.widgets import MetricsExplorer
from modelops_jupyter.plots import _PICTURES


def columns(task: str, n: int, same: bool) -> dict[str, Any]:
    """Truth, prediction and scores of one task; `same` rows all have one label."""
    rng = np.random.default_rng(n)
    two, three = (np.ones(n, int) if same else rng.integers(0, k, n) for k in (2, 3))
    match task:
        case "binary":
            return {"y_true": two, "y_pred": rng.integers(0, 2, n), "scores": rng.random(n)}
        case "two columns":
            return {"y_true": two, "y_pred": rng.integers(0, 2, n), "scores": rng.dirichlet([1, 1], n)}
        case "multiclass":
            return {"y_true": three, "y_pred": rng.integers(0, 3, n), "scores": rng.dirichlet([1] * 3, n)}
        case "regression":
            return {"y_true": two + 0.5 if same else rng.normal(size=n), "y_pred": rng.normal(size=n)}
        case "multilabel":
            truth = (rng.random((n, 3)) < 0.4) & (not same)
            return {"y_true": truth.astype(int), "y_pred": (rng.random((n, 3)) < 0.4).astype(int)}
        case _:
            return {"y_true": [str(v) for v in three], "y_pred": [str(v) for v in rng.integers(0, 3, n)]}


def everything(result: EvaluationResult, again: EvaluationResult) -> list[Callable[[], Any]]:
    """What a user may do with it."""
    n, half = result.sample_count, {"half": np.arange(result.sample_count) % 2}
    gate = Gate(next(iter(result.metrics)), min_value=0.5)
    options: dict[str, Any] = {"slices": {"by": half["half"]}}
    drawn = [lambda k=k: result.plot(k, **options.get(k, {})) for k in _PICTURES["metrics"]]
    return [
        lambda: display.told(result),
        lambda: MetricsExplorer(result, gate=gate.check(result))._repr_mimebundle_(),
        lambda: EvaluationResult.from_json(result.to_json()).table(),
        lambda: display.told(result.by(half)),
        lambda: display.told(result.worst_slices(half)),
        lambda: str(result.examples(correct=False)),
        lambda: display.told(result.compare(again)),
        lambda: MetricsExplorer(result.compare(again)),
        lambda: display.told(result.threshold(cost_fp=1, cost_fn=2)),
        *(drawn if n > 2 else []),
    ]


@pytest.mark.parametrize("odd", ["", "same", "weights", "clusters"])
@pytest.mark.parametrize("n", [1, 2, 45])
@pytest.mark.parametrize(
    "task", ["binary", "two columns", "multiclass", "regression", "multilabel", "generation"]
)
def test_no_result_breaks_what_is_done_with_results(task: str, n: int, odd: str) -> None:
    rng = np.random.default_rng(n)
    given = columns(task, n, odd == "same")
    if odd == "weights":
        given["weights"] = rng.integers(0, 3, n) + (np.arange(n) == 0.0)
    if odd == "clusters":
        given["cluster"] = rng.integers(0, 5, n)
    evaluator = create_evaluator("binary" if task == "two columns" else task)
    with suppress(ModelOpsError):  # such as a class without a row, for a column of scores
        result, again = evaluator.evaluate(**given), evaluator.evaluate(**given)
        for call in everything(result, again):
            with suppress(ModelOpsError):
                call()


def test_most_of_it_is_answered() -> None:
    given = columns("binary", 45, same=False)
    result, again = (create_evaluator("binary").evaluate(**given) for _ in range(2))
    for call in everything(result, again)[:9]:
        assert call() is not None
