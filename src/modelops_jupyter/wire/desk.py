"""`Desk`: a dataset that somebody works on — what is selected, what was changed, what the list shows."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._format import clip, plural
from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.edit import EditSession
from modelops_jupyter.datasets.lineage import LineageStep
from modelops_jupyter.datasets.query import LABEL, Query
from modelops_jupyter.datasets.storage import FileStorage
from modelops_jupyter.datasets.validation.again import revalidate
from modelops_jupyter.wire.linked import Linked
from modelops_jupyter.wire.protocol import WireError

Picked = Callable[[str, Dataset], str | None]


def _quiet(_what: str) -> None:
    return


class Desk:
    """Rows at work: a position is one of `rows`, and stays so whatever is edited or dropped.

    Parameters
    ----------
    session
        What edits go through.
    changed
        Called with "dataset", "selection" or "query" when that is another one.
    bind
        Gives a dataset a name in Python, and returns the name it got; None where nothing can.
    named
        Returns what Python calls the rows as they are now, or None.
    """

    def __init__(
        self,
        session: EditSession,
        changed: Callable[[str], None] = _quiet,
        bind: Picked | None = None,
        named: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.session, self.bind, self.named, self.query = session, bind, named, Query()
        self._changed, self._undone = changed, ""
        session.changed = self._heard
        self._begin()

    def _begin(self) -> None:
        self.listed = self.rows
        self.linked = Linked(self.rows.ids)
        self.picked = self.selected
        self._saved = self.session.history

    @property
    def rows(self) -> Dataset:
        """All rows as they are now, dropped ones in their place."""
        return self.session.all_rows

    @property
    def selected(self) -> NDArray[np.bool_]:
        """Whether each row is selected."""
        return self.linked.mask

    @property
    def selection(self) -> Dataset:
        """The rows that are selected and not dropped."""
        return self.rows.take(np.flatnonzero(self.selected & ~self.session.dropped))

    # ---- the list -------------------------------------------------------------------------

    def ask(self, query: Query) -> None:
        """Let the list follow the rows and the selection as they are now; until then no row moves."""
        self.listed, self.picked = self.rows, self.selected.copy()
        if query != self.query:
            self.query = query
            self._changed("query")

    def select(self, at: NDArray[np.integer], how: str) -> None:
        """Select rows ("add", "only"), or take them out of the selection ("remove")."""
        if how == "only":
            self.selected[:] = False
            self.linked.elsewhere = []
        self.selected[at] = how != "remove"
        self.linked.version += 1
        self._changed("selection")

    # ---- edits ----------------------------------------------------------------------------

    def keep(self, at: Sequence[int]) -> None:
        """Bring rows back that were dropped; where there are none, label the rows "keep"."""
        gone = [p for p in at if self.session.dropped[p]]
        if gone:
            self._edit(lambda: self.session.restore(gone))
        else:
            self.label(at, "keep")

    def drop(self, at: Sequence[int]) -> None:
        """Take rows out; they stay in the list, marked."""
        here = self._here(at)
        self.selected[list(at)] = False
        self._edit(lambda: self.session.drop(here))

    def label(self, at: Sequence[int], value: str) -> None:
        """Write a label beside rows."""
        here = self._here(at)
        self._edit(lambda: self.session.label(here, value, LABEL))

    def rewrite(self, at: int, raw: bytes) -> None:
        """Replace a row; the same bytes change nothing."""
        here = self._here([at])
        if raw != self.rows.raw(at):
            self._edit(lambda: self.session.patch({here[0]: raw}))

    def turn(self, back: bool) -> None:
        """Undo or redo one edit."""
        last = self.session.history[-1:] if back else ()
        self._edit(self.session.undo if back else self.session.redo)
        self._undone = f"Undid: {_said(last[0]).lower()}" if last else ""

    def _here(self, at: Sequence[int]) -> list[int]:
        """Return positions among the rows that were not dropped."""
        dropped = self.session.dropped
        here = [p for p in at if not dropped[p]]
        if not here:
            raise WireError("These rows are dropped.", code="dropped", hint="Keep (K) brings them back.")
        return (np.cumsum(~dropped)[here] - 1).tolist()

    def _edit(self, edit: Callable[[], object]) -> None:
        report, old = self.rows.validate(), dict(self.session.edited)
        edit()
        new = self.session.edited
        changed = [p for p in {**old, **new} if old.get(p) is not new.get(p)]
        if "report" not in self.rows.memo:
            self.rows.memo["report"] = revalidate(self.rows, report, changed) if changed else report

    def _heard(self) -> None:
        """Tell of an edit, also of one that was made in Python."""
        self._undone = ""
        self.linked.version += 1
        self._changed("dataset")
        self._changed("selection")

    # ---- saving ---------------------------------------------------------------------------

    def save(self, path: str) -> None:
        """Write the dataset as it is now; over its own file a journal begins anew with what was saved."""
        before = self.rows
        self.session.save(path)
        if self.rows is not before:
            self._begin()
            self._changed("selection")
        self._saved = self.session.history

    def state(self, found: NDArray[np.integer]) -> dict[str, Any]:
        """Return how much is selected, of it in the list, and changed; and what the last edit did."""
        edits, history = self.session, self.session.history
        return {
            "selected": int(self.selected.sum()),
            "here": int(self.selected[found].sum()),
            "elsewhere": len(self.linked.elsewhere),
            "version": self.linked.version,
            "changes": len(history),
            "dropped": int(edits.dropped.sum()),
            "undo": edits.can_undo,
            "redo": edits.can_redo,
            "saved": history == self._saved,
            "said": self._undone or (_said(history[-1]) if history else ""),
            "path": self._path(),
        }

    def _path(self) -> str:
        """Return where the rows came from, or a file name for them."""
        files = [source.storage for source in self.rows.stored.sources[:1]]
        path = files[0].path if files and isinstance(files[0], FileStorage) else None
        if path is None:
            name = re.sub(r"[^\w.-]+", "_", self.rows.name or "rows")
            return f"{name}.jsonl"
        return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _said(step: LineageStep) -> str:
    """Return one edit as a sentence, without a full stop."""
    rows = plural(int(step.arguments.get("rows", 0)), "row")
    match step.operation:
        case "label":
            return f"Labelled {rows} “{clip(str(step.arguments.get('value')), 40)}”"
        case "patch":
            return f"Changed {rows}"
        case "restore":
            return f"Brought {rows} back"
        case _:
            return f"Dropped {rows}"
