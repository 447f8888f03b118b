"""The live view of an evaluation."""

from typing import Any

from modelops_jupyter.evaluation import Comparison, EvaluationResult
from modelops_jupyter.notebook.widgets.base import LiveView
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.results import Shown


class MetricsExplorer(LiveView):
    """Values with intervals, the confusion matrix, and the rows behind every number.

    Parameters
    ----------
    result
        A result, or a comparison: then the later result stands in front.
    layout
        As for every Jupyter widget.
    """

    def __init__(self, result: EvaluationResult | Comparison, **options: Any) -> None:
        comparison = result if isinstance(result, Comparison) else None
        self._shown = Shown(result.after if isinstance(result, Comparison) else result, comparison)
        spec = {"result": handles.handle(self._shown, "r")}
        if comparison is not None:
            spec["comparison"] = handles.handle(comparison, "c")
        wrong = {"result": spec["result"], "correct": False, "start": 0, "stop": 10}
        super().__init__("metrics", spec, ("result", spec), ("examples", wrong), **options)

    @property
    def result(self) -> EvaluationResult:
        """The result that is shown."""
        return self._shown.result

    @property
    def comparison(self) -> Comparison | None:
        """The comparison that is shown beside it, if any."""
        return self._shown.comparison
