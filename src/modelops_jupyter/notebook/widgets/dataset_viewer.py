"""The live view of a dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.edit import EditSession
from modelops_jupyter.datasets.query import Query
from modelops_jupyter.datasets.validation import ValidationReport
from modelops_jupyter.notebook.selection import Rows, Selection
from modelops_jupyter.notebook.widgets.base import LinkedView
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.desk import Desk

_EVERYTHING: dict[str, Any] = {
    "search": "",
    "regex": False,
    "case": False,
    "problem": None,
    "groups": False,
    "least": None,
    "most": None,
    "where": [],
    "sort": [],
}


class DatasetViewer(LinkedView):
    """Browse, search, select and edit the rows of a dataset.

    Parameters
    ----------
    dataset
        What to show. It stays as it is; edits make other datasets. Of what `Dataset.validate`
        returns, the rows with its problems, those with most first.
    journal
        A file that keeps the edits, so that they survive a restart of the kernel.
    link
        A `Selection`, or its name, to share with other views: what is selected in one is in all.
    layout
        As for every Jupyter widget.

    Attributes
    ----------
    dataset
        The rows with all edits, without those that were dropped.
    selection
        The selected rows that are not dropped.
    query
        What the list shows, as a `modelops_jupyter.datasets.query.Query`.

    All three can be observed, as in ``viewer.observe(print, "selection")``.

    Examples
    --------
    >>> viewer = DatasetViewer(Dataset([{"text": "a"}]))
    >>> len(viewer.dataset), len(viewer.selection)
    (1, 0)
    """

    dataset = Rows(read_only=True)
    selection = Rows(read_only=True)
    query = Rows(read_only=True)

    def __init__(
        self,
        dataset: Dataset | ValidationReport,
        *,
        journal: str | Path | None = None,
        link: Selection | str | None = None,
        **options: Any,
    ) -> None:
        query = _EVERYTHING
        if isinstance(dataset, ValidationReport):
            report, dataset = dataset, dataset.dataset[:]
            dataset.memo["report"] = report  # what was asked to be checked, and not only the usual
            query = {**_EVERYTHING, "sort": [{"field": "problems", "descending": True}]}
        self._session = EditSession(dataset, journal)
        self._desk = Desk(self._session, self._changed, bind, self._named)
        spec = {"dataset": handles.handle(self._desk, "d"), "query": query}
        page = {**spec, "start": 0, "stop": 100}
        super().__init__(
            "dataset", spec, ("summary", spec), ("rows", page), link=Selection.of(link), **options
        )
        self.set_trait("query", Query())
        self.set_trait("dataset", self._session.dataset)
        self.set_trait("selection", self._desk.selection)

    @property
    def _subject(self) -> Dataset:
        return self.dataset

    @property
    def session(self) -> EditSession:
        """The edits: ``viewer.session.undo()``, ``viewer.session.history``."""
        return self._session

    def _changed(self, what: str) -> None:
        self.set_trait(what, self._session.dataset if what == "dataset" else getattr(self._desk, what))
        if what == "selection":
            elsewhere, here = self._desk.linked.elsewhere, self.selection.ids
            self.link.put([*elsewhere, *here] if elsewhere else here, by=self)

    def _named(self) -> str | None:
        now = self._session.dataset
        names = [(name, value) for name, value in _names().items() if name[0] != "_"]
        known = [name for name, value in names if value is now]
        return next(iter([*known, *(f"{name}.dataset" for name, value in names if value is self)]), None)

    def take_linked(self, rows: Sequence[str]) -> None:
        """Select rows that another view, or Python, selected."""
        self._desk.linked.take(rows)
        self.set_trait("selection", self._desk.selection)

    def linked_rows(self) -> Dataset:
        """Return the selected rows that this view has."""
        return self._desk.selection


def bind(name: str, rows: Any) -> str | None:
    """Give rows a name in the notebook; a name that holds something else than such rows is left alone."""
    names = _names()
    if not names:
        return None
    free = name
    number = 1
    while free in names and not isinstance(names[free], type(rows)):
        number += 1
        free = f"{name}{number}"
    names[free] = rows
    return free


def _names() -> dict[str, Any]:
    """Return the names of the notebook; none outside of one."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return {} if shell is None else cast("dict[str, Any]", shell.user_ns)  # pyright: ignore[reportUnknownMemberType] -- IPython has no types
