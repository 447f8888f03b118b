"""The live view of an evaluation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import traitlets

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import Comparison, EvaluationResult, Examples, GateResult
from modelops_jupyter.notebook.selection import Selection
from modelops_jupyter.notebook.widgets.base import LinkedView
from modelops_jupyter.notebook.widgets.dataset_viewer import DatasetViewer, bind
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.linked import Linked
from modelops_jupyter.wire.shown import Shown


class MetricsExplorer(LinkedView):
    """Values with intervals, curves, slices, the confusion matrix, and the rows behind every number.

    Parameters
    ----------
    result
        A result, or a comparison: then the later result stands in front.
    gate
        What a gate found for it, from ``result.check(gate)``: shown above the values.
    link
        A `Selection`, or its name, to share with other views: what is selected in one is in all.
    layout
        As for every Jupyter widget.

    Attributes
    ----------
    opened
        The `DatasetViewer` that was last opened below the numbers, or None.
    selection
        The rows behind the number that was clicked, or selected in a linked view, as from
        ``result.examples(…)``; None before and when they are hidden again. ``selection.dataset`` has
        them as a `Dataset`.
    threshold
        The score from which on rows are called positive, once the handle was moved; else None.

    Raises
    ------
    EvaluationError
        If the view is to be linked, and the rows of the result have no ids.

    The last two can be observed, as in ``explorer.observe(print, "threshold")``.

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
        self,
        result: EvaluationResult | Comparison,
        *,
        gate: GateResult | None = None,
        link: Selection | str | None = None,
        **options: Any,
    ) -> None:
        comparison = result if isinstance(result, Comparison) else None
        front = result.after if isinstance(result, Comparison) else result
        same = front.dataset is not None and len(front.dataset) == front.sample_count
        ids = front.dataset.ids if front.dataset is not None and same else front.ids
        if link is not None and ids is None:
            hint = "Give ids= to evaluate(), or use evaluate_model(model, dataset)."
            raise EvaluationError("The rows of this result have no ids to link by.", hint=hint)
        linked = Linked(() if ids is None else ids)
        self._shown = Shown(front, comparison, gate, self._changed, bind, self._open, linked=linked)
        self.opened: DatasetViewer | None = None
        spec = {"result": handles.handle(self._shown, "r")}
        if comparison is not None:
            spec["comparison"] = handles.handle(comparison, "c")
        wrong = {"result": spec["result"], "correct": False, "start": 0, "stop": 10}
        super().__init__(
            "metrics", spec, ("result", spec), ("examples", wrong), link=Selection.of(link), **options
        )

    @property
    def _subject(self) -> Shown:
        return self._shown

    @property
    def result(self) -> EvaluationResult:
        """The result that is shown."""
        return self._shown.result

    @property
    def comparison(self) -> Comparison | None:
        """The comparison that is shown beside it, if any."""
        return self._shown.comparison

    def _changed(self, what: str, value: Any) -> None:
        self.set_trait(what, value)
        linked = self._shown.linked
        if what == "selection" and len(linked.ids):
            linked.mask = np.zeros_like(linked.mask)
            linked.mask[[] if value is None else value.positions] = True
            linked.elsewhere, linked.version = [], linked.version + 1
            self.link.put(linked.rows, by=self)

    def _open(self, rows: Dataset) -> dict[str, Any]:
        self.opened = DatasetViewer(rows, link=self.link)
        return {name: self.opened._spec[name] for name in ("dataset", "link")}

    def take_linked(self, rows: Sequence[str]) -> None:
        """Select rows that another view, or Python, selected."""
        self._shown.linked.take(rows)
        self.set_trait("selection", self._linked())

    def _linked(self) -> Examples | None:
        at = np.flatnonzero(self._shown.linked.mask)
        return replace(self.result.examples(), positions=at) if len(at) else None

    def linked_rows(self) -> Dataset | None:
        """Return the selected rows that this view has."""
        found = self._linked()
        return None if found is None else found.dataset
