"""The live view of an evaluation."""

from typing import Any

import traitlets

from modelops_jupyter.evaluation import Comparison, EvaluationResult, GateResult
from modelops_jupyter.notebook.widgets.base import LiveView
from modelops_jupyter.notebook.widgets.dataset_viewer import bind
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.shown import Shown


class MetricsExplorer(LiveView):
    """Values with intervals, curves, slices, the confusion matrix, and the rows behind every number.

    Parameters
    ----------
    result
        A result, or a comparison: then the later result stands in front.
    gate
        What a gate found for it, from ``result.check(gate)``: shown above the values.
    layout
        As for every Jupyter widget.

    Attributes
    ----------
    selection
        The rows behind the number that was clicked, as from ``result.examples(…)``; None before
        and when they are hidden again. ``selection.dataset`` has them as a `Dataset`.
    threshold
        The score from which on rows are called positive, once the handle was moved; else None.

    Both can be observed, as in ``explorer.observe(print, "threshold")``.

    Examples
    --------
    >>> from modelops_jupyter.evaluation import create_evaluator
    >>> explorer = MetricsExplorer(create_evaluator("binary").evaluate([0, 1, 1], [0, 1, 0]))
    >>> explorer.selection is None
    True
    """

    selection = traitlets.Any(read_only=True)
    threshold = traitlets.Float(None, allow_none=True, read_only=True)

    def __init__(
        self, result: EvaluationResult | Comparison, *, gate: GateResult | None = None, **options: Any
    ) -> None:
        comparison = result if isinstance(result, Comparison) else None
        front = result.after if isinstance(result, Comparison) else result
        self._shown = Shown(front, comparison, gate, self.set_trait, bind)
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
