"""The live view of a dataset."""

from typing import Any

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.notebook.widgets.base import LiveView
from modelops_jupyter.wire import handles

_EVERYTHING: dict[str, Any] = {"search": "", "regex": False, "case": False, "problem": None, "sort": []}


class DatasetViewer(LiveView):
    """Browse, search and open the rows of a dataset.

    Parameters
    ----------
    dataset
        What to show.
    layout
        As for every Jupyter widget.
    """

    def __init__(self, dataset: Dataset, **options: Any) -> None:
        spec = {"dataset": handles.handle(dataset, "d")}
        seen: dict[str, Any] = {**spec, "query": _EVERYTHING}
        page = {**seen, "start": 0, "stop": 100}
        super().__init__("dataset", spec, ("summary", seen), ("rows", page), **options)
        self._dataset = dataset

    @property
    def dataset(self) -> Dataset:
        """The dataset that is shown."""
        return self._dataset
