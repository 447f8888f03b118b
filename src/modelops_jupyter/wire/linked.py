"""`Linked`: which rows of a view are in the selection that it shares with others, by row id."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter.datasets.identity import RowIds, looked_up


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
        self.ids = ids
        self.mask: NDArray[np.bool_] = np.zeros(len(ids), dtype=np.bool_)
        self.elsewhere: list[str] = []
        self.version = 0

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return _digests(self.ids)

    def take(self, rows: Sequence[str]) -> None:
        """Select the rows with these ids, and no others."""
        self.version += 1
        self.mask, self.elsewhere = np.zeros_like(self.mask), []
        if not len(rows):
            return  # without looking at ids, of which there may be a million
        wanted = _digests(rows)
        self.mask = looked_up(np.sort(wanted), self._keys)[1]
        here = np.isin(wanted, self._keys[self.mask]).tolist()
        self.elsewhere = [row for row, there in zip(rows, here, strict=True) if not there]

    @property
    def rows(self) -> Sequence[str]:
        """The ids of all selected rows, those of this view last."""
        at = np.flatnonzero(self.mask)
        here = self.ids.take(at) if isinstance(self.ids, RowIds) else [self.ids[i] for i in at.tolist()]
        return [*self.elsewhere, *here] if self.elsewhere else here

    def state(self) -> dict[str, int]:
        """Return how many selected rows are here and elsewhere, and the version of that."""
        return {"here": int(self.mask.sum()), "elsewhere": len(self.elsewhere), "version": self.version}


def _digests(names: Sequence[str]) -> NDArray[np.uint64]:
    digest = xxhash.xxh3_64_intdigest
    found = (digest(name.encode("utf-8", "surrogatepass")) for name in names)
    return np.fromiter(found, np.uint64, len(names))
