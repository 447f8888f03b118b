"""`Review`: the rows in which two datasets differ, each accepted, rejected or not yet looked at."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal

from modelops_jupyter.datasets import Dataset, DatasetDiff
from modelops_jupyter.wire.linked import Linked

KINDS = ("changed", "added", "removed", "moved")
Choice = Literal["accepted", "rejected", "open"]


def _quiet() -> None:
    return


class Review:
    """What was decided about each difference.

    `changed` is called when something was, `marked` when other rows are selected here.

    Attributes
    ----------
    places
        For each difference the position before and after, -1 where the row is not there; moves last.
    linked
        Which of them are rows that a linked view has selected.
    """

    def __init__(self, diff: DatasetDiff) -> None:
        self.diff, self.before, self.after = diff, diff.before, diff.after
        self._moves = dict(diff.moves())
        # A row that is changed and moved stands here twice: each is decided for itself.
        self.places = [*diff.places(), *self._moves.items()]
        self._changes = len(self.places) - len(self._moves)
        ids = [self.after.ids[at] if at >= 0 else self.before.ids[was] for was, at in self.places]
        self.linked = Linked(ids)
        self.choices: list[Choice] = ["open"] * len(self.places)
        self.changed: Callable[[], None] = _quiet
        self.marked: Callable[[], None] = _quiet

    def kind(self, at: int) -> str:
        """Return "added", "removed", "changed" or "moved"."""
        before, after = self.places[at]
        if at >= self._changes:
            return "moved"
        return "added" if before < 0 else "removed" if after < 0 else "changed"

    def decide(self, which: Iterable[int], choice: Choice) -> None:
        """Accept or reject some differences, or take that back."""
        for at in which:
            self.choices[at] = choice
        self.changed()

    def mark(self, at: int, on: bool) -> None:
        """Select the row of a difference, or take it out of the selection."""
        same = [i for i, row in enumerate(self.linked.ids) if row == self.linked.ids[at]]
        self.linked.mask[same] = on
        self.linked.version += 1
        self.marked()

    def counts(self) -> dict[str, int]:
        """Return how many differences were decided how, and how many there are of each kind."""
        return {
            **dict.fromkeys((*KINDS, "accepted", "rejected", "open"), 0),
            **Counter(self.choices),
            **Counter(map(self.kind, range(len(self.places)))),
        }

    @property
    def accepted(self) -> Dataset:
        """The rows of the first dataset with all accepted differences, and no others."""
        chosen = [at for at, choice in enumerate(self.choices) if choice == "accepted"]
        taken = [self.places[at] for at in chosen if at < self._changes]
        moves = dict(self.places[at] for at in chosen if at >= self._changes)
        changes = [(was, self.after.raw(at)) for was, at in taken if was >= 0 and at >= 0]
        made = self.before.replaced(changes, "accept", rows=len(taken)) if changes else self.before
        gone = {was for was, at in taken if at < 0}
        added = [at for was, at in taken if was < 0]
        if not added and not gone and not moves:
            return made
        rows = made.concat(self.after.take(added)) if added else made
        places = {self._place(i, moves.get(i)): i for i in range(len(made)) if i not in gone}
        places |= {self._place(-1, at): len(made) + k for k, at in enumerate(added)}
        return rows.take([places[place] for place in sorted(places)])

    def _place(self, was: int, at: int | None) -> tuple[int, int]:
        """Return where a row stands: below a row of the first dataset, or in its own old place."""
        return (was, -1) if at is None else (self.diff.above(at), at)
