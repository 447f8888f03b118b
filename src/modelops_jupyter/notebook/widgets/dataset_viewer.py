"""The live view of a dataset."""

from pathlib import Path
from typing import Any, cast

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.edit import EditSession
from modelops_jupyter.datasets.query import Query
from modelops_jupyter.notebook.widgets.base import LiveView, Rows
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


class DatasetViewer(LiveView):
    """Browse, search, select and edit the rows of a dataset.

    Parameters
    ----------
    dataset
        What to show. It stays as it is; edits make other datasets.
    journal
        A file that keeps the edits, so that they survive a restart of the kernel.
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

    def __init__(self, dataset: Dataset, *, journal: str | Path | None = None, **options: Any) -> None:
        self._session = EditSession(dataset, journal)
        self._desk = Desk(self._session, self._changed, bind)
        spec = {"dataset": handles.handle(self._desk, "d")}
        seen: dict[str, Any] = {**spec, "query": _EVERYTHING}
        page = {**seen, "start": 0, "stop": 100}
        super().__init__("dataset", spec, ("summary", seen), ("rows", page), **options)
        self.set_trait("query", Query())
        self._changed("dataset")
        self._changed("selection")

    @property
    def session(self) -> EditSession:
        """The edits: ``viewer.session.undo()``, ``viewer.session.history``."""
        return self._session

    def _changed(self, what: str) -> None:
        value = self._session.dataset if what == "dataset" else getattr(self._desk, what)
        self.set_trait(what, value)


def bind(name: str, rows: Any) -> str | None:
    """Give rows a name in the notebook; a name that holds something else than such rows is left alone."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return None
    names = cast("dict[str, Any]", shell.user_ns)  # pyright: ignore[reportUnknownMemberType] -- IPython has no types
    free = name
    number = 1
    while free in names and not isinstance(names[free], type(rows)):
        number += 1
        free = f"{name}{number}"
    names[free] = rows
    return free
