"""The live view of a difference between two datasets."""

from typing import Any

from modelops_jupyter.datasets import DatasetDiff
from modelops_jupyter.notebook.widgets.base import LiveView, Rows
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.review import Review


class DatasetDiffViewer(LiveView):
    """Added, removed and changed rows, word by word; accept or reject each.

    Parameters
    ----------
    diff
        As `Dataset.diff` returns it.
    layout
        As for every Jupyter widget.

    Attributes
    ----------
    accepted
        The first dataset with the differences that were accepted; it can be observed.

    Examples
    --------
    >>> from modelops_jupyter.datasets import Dataset
    >>> before = Dataset([{"text": "a"}])
    >>> viewer = DatasetDiffViewer(before.diff(before.patch({0: {"text": "b"}})))
    >>> viewer.accepted[0]
    {'text': 'a'}
    """

    accepted = Rows(read_only=True)

    def __init__(self, diff: DatasetDiff, **options: Any) -> None:
        self._review = Review(diff)
        spec = {"diff": handles.handle(self._review, "f")}
        first = {**spec, "start": 0, "stop": 50, "kind": None}
        super().__init__("diff", spec, ("changes", first), **options)
        self._review.changed = self._changed
        self._changed()

    @property
    def diff(self) -> DatasetDiff:
        """The difference that is shown."""
        return self._review.diff

    def _changed(self) -> None:
        self.set_trait("accepted", self._review.accepted)
