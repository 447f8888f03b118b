"""`Linked`: which rows of a view are in the selection that it shares with others, by row id."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.identity import as_ids, looked_up


class Linked:
    """The selection as one view sees it.

    Attributes
    ----------
    mask
        For each row of the view whether it is selected.
    elsewhere
        Ids of selected rows that this view does not have.
    version
        Grows with every change, so that a page knows whether it has heard of it.

    Examples
    --------
    >>> linked = Linked(["a", "b"])
    >>> linked.take(["b", "c"])
    >>> linked.mask.tolist(), linked.elsewhere
    ([False, True], ['c'])
    """

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = as_ids(ids)
        self.mask: NDArray[np.bool_] = np.zeros(len(ids), dtype=np.bool_)
        self.elsewhere: Sequence[str] = []
        self.version = 0

    def take(self, rows: Sequence[str]) -> None:
        """Select the rows with these ids, and no others."""
        self.version += 1
        self.mask, self.elsewhere = np.zeros_like(self.mask), []
        if not len(rows):
            return  # without looking at ids, of which there may be a million
        wanted = as_ids(rows)
        # Not np.isin, which takes seconds for a million.
        self.mask = looked_up(np.sort(wanted.keys), self.ids.keys)[1]
        here = looked_up(np.sort(self.ids.keys[self.mask]), wanted.keys)[1]
        self.elsewhere = wanted.take(np.flatnonzero(~here))

    @property
    def rows(self) -> Sequence[str]:
        """The ids of all selected rows, those of this view last."""
        here = self.ids.take(np.flatnonzero(self.mask))
        return [*self.elsewhere, *here] if len(self.elsewhere) else here

    def state(self) -> dict[str, int]:
        """Return how many selected rows are here and elsewhere, and the version of that."""
        return {"here": int(self.mask.sum()), "elsewhere": len(self.elsewhere), "version": self.version}
