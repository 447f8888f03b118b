"""The live view of a difference between two datasets."""

from collections.abc import Sequence
from typing import Any

from modelops_jupyter.datasets import Dataset, DatasetDiff
from modelops_jupyter.notebook.selection import Rows, Selection
from modelops_jupyter.notebook.widgets.base import LinkedView
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.review import Review


class DatasetDiffViewer(LinkedView):
    """Added, removed, changed and moved rows, word by word; accept or reject each.

    Parameters
    ----------
    diff
        As `Dataset.diff` returns it.
    link
        A `Selection`, or its name, to share with other views: what is selected in one is in all.
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

    def __init__(self, diff: DatasetDiff, *, link: Selection | str | None = None, **options: Any) -> None:
        self._review = Review(diff)
        spec = {"diff": handles.handle(self._review, "f")}
        first = {**spec, "start": 0, "stop": 50, "kind": None}
        super().__init__("diff", spec, ("changes", first), link=Selection.of(link), **options)
        self._review.changed, self._review.marked = self._changed, self._marked
        self._changed()

    @property
    def _subject(self) -> DatasetDiff:
        return self.diff

    @property
    def diff(self) -> DatasetDiff:
        """The difference that is shown."""
        return self._review.diff

    def _changed(self) -> None:
        self.set_trait("accepted", self._review.accepted)

    def _marked(self) -> None:
        self.link.put(tuple(dict.fromkeys(self._review.linked.rows)), by=self)

    def take_linked(self, rows: Sequence[str]) -> None:
        """Select rows that another view, or Python, selected."""
        self._review.linked.take(rows)

    def linked_rows(self) -> Dataset | None:
        """Return the selected rows that this view has: nothing, it shows only those that differ."""
        return None
