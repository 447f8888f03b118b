"""The join that never sees the future: for each ask the newest row that was known at that moment.

A row counts for an ask at time t if its event time and its created time are both at or before t.
Of those rows of the entity the one with the latest event counts; of equal events the one created
last (a correction); of equal in both the one ingested last.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.vector_store.moments import Micros

Places = NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max


class History:
    """Rows of many entities, ordered so that a million asks take a few binary searches.

    Parameters
    ----------
    entity
        The number of each row's entity, from 0.
    event, created
        When each row was true and when it became known; rows stand in the order of ingestion.
    """

    def __init__(self, entity: Places, event: Micros, created: Micros) -> None:
        self._order = np.lexsort((created, event, entity))  # stable: the one ingested last stands last
        self._times, rank = np.unique(event, return_inverse=True)
        self._keys = (entity * (len(self._times) + 1) + rank)[self._order]
        self._first = np.searchsorted(entity[self._order], np.arange(int(entity.max(initial=-1)) + 1))
        self._created = created[self._order]
        self._levels: list[Micros] = []

    def find(self, entity: Places, at: Micros) -> tuple[Places, Places]:
        """Return for each ask the row that was known, and the row that a join by event alone would take.

        Both are places in the order of ingestion, -1 where there is none; `entity` is -1 where unknown.
        """
        rank = _searched(self._times, at, "right")
        end = _searched(self._keys, entity * (len(self._times) + 1) + rank, "left")
        first = np.where(entity >= 0, self._first[entity] if len(self._first) else 0, _NEVER)
        known = end - 1
        late = (known >= first) & (self._created[known] > at) if len(self._created) else np.zeros(0, bool)
        asks = np.flatnonzero(late)
        if len(asks):
            known[asks] = self._last_known(end[asks], at[asks])
        return self._ingested(known, first), self._ingested(end - 1, first)

    def _ingested(self, place: Places, first: Places) -> Places:
        there = place >= first
        found = np.full(len(place), -1, np.int64)
        found[there] = self._order[place[there]]
        return found

    def _last_known(self, end: Places, at: Micros) -> Places:
        """Return the last place before `end` that was created at or before `at`, -1 if there is none.

        Level n holds the least created time of each block of 2**n places. The way up from `end`
        skips blocks that are all too late, the way down finds the place in the first that is not.
        """
        levels = self._minima()
        node, level = np.full(len(end), -1, np.int64), np.zeros(len(end), np.int64)
        left, searching = end.copy(), np.ones(len(end), bool)
        for depth, least in enumerate(levels):
            odd = searching & ((left >> depth) & 1 == 1)
            block = (left >> depth) - 1
            hit = odd & (least[np.where(odd, block, 0)] <= at)
            node[hit], level[hit] = block[hit], depth
            searching &= ~hit
            left[odd & ~hit] -= 1 << depth
        for depth in range(len(levels) - 1, 0, -1):
            down = np.flatnonzero((level >= depth) & (node >= 0))
            right = 2 * node[down] + 1
            node[down] = right - (levels[depth - 1][right] > at[down])
        return node

    def _minima(self) -> list[Micros]:
        if not self._levels:
            size = 1 << len(self._created).bit_length()
            least = np.full(size, _NEVER, np.int64)
            least[: len(self._created)] = self._created
            self._levels.append(least)
            while len(least) > 1:
                least = least.reshape(-1, 2).min(axis=1)
                self._levels.append(least)
        return self._levels


def _searched(ordered: Micros, wanted: Micros, side: Literal["left", "right"]) -> Places:
    """Search for what is wanted in ascending order: neighbours then lie in the processor's cache."""
    order = np.argsort(wanted)
    found = np.empty(len(wanted), np.int64)
    found[order] = np.searchsorted(ordered, wanted[order], side)
    return found
