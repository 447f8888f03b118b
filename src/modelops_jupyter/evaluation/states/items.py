"""Several answers to each item: how many there were and how many were right."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from modelops_jupyter.evaluation.arrays import Array, Jsonable, empty


@dataclass(frozen=True, slots=True, eq=False)
class ItemState(Jsonable):
    """Items in the order in which they were first seen, each with its answers and right answers."""

    items: tuple[str, ...] = ()
    answers: Array = field(default_factory=empty)
    right: Array = field(default_factory=empty)

    @classmethod
    def empty(cls) -> Self:
        """No rows yet."""
        return cls()

    def add(self, items: tuple[str, ...], right: Array) -> "ItemState":
        """Take rows in: the item that each answers, and whether it is right."""
        return self.merge(ItemState(items, np.ones(len(items), np.int64), right.astype(np.int64)))

    def merge(self, other: "ItemState") -> "ItemState":
        """Put two parts together; answers to the same item add up."""
        place = {item: i for i, item in enumerate(dict.fromkeys((*self.items, *other.items)))}
        answers, right = np.zeros(len(place), np.int64), np.zeros(len(place), np.int64)
        for state in (self, other):
            where = np.array([place[item] for item in state.items], np.int64)
            np.add.at(answers, where, state.answers)
            np.add.at(right, where, state.right)
        return ItemState(tuple(place), answers, right)

    @property
    def n(self) -> int:
        """Items."""
        return len(self.items)
