"""`Review`: the rows in which two datasets differ, each accepted, rejected or not yet looked at."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal

from modelops_jupyter.datasets import Dataset, DatasetDiff

Choice = Literal["accepted", "rejected", "open"]


def _quiet() -> None:
    return


class Review:
    """What was decided about each difference; `changed` is called when something was.

    Attributes
    ----------
    places
        For each difference the position before and after, -1 where the row is not there.
    """

    def __init__(self, diff: DatasetDiff) -> None:
        self.diff, self.before, self.after = diff, diff.before, diff.after
        self.places = diff.places()
        self.choices: list[Choice] = ["open"] * len(self.places)
        self.changed: Callable[[], None] = _quiet

    def kind(self, at: int) -> str:
        """Return "added", "removed" or "changed"."""
        before, after = self.places[at]
        return "added" if before < 0 else "removed" if after < 0 else "changed"

    def decide(self, which: Iterable[int], choice: Choice) -> None:
        """Accept or reject some differences, or take that back."""
        for at in which:
            self.choices[at] = choice
        self.changed()

    def counts(self) -> dict[str, int]:
        """Return how many differences were decided how, and how many there are of each kind."""
        return {
            **dict.fromkeys(("accepted", "rejected", "open", "added", "removed", "changed"), 0),
            **Counter(self.choices),
            **Counter(map(self.kind, range(len(self.places)))),
        }

    @property
    def accepted(self) -> Dataset:
        """The rows of the first dataset with all accepted differences, and no others."""
        taken = [p for p, choice in zip(self.places, self.choices, strict=True) if choice == "accepted"]
        changes = [(was, self.after.raw(at)) for was, at in taken if was >= 0 and at >= 0]
        made = self.before.replaced(changes, "accept", rows=len(taken)) if taken else self.before
        gone = {was for was, at in taken if at < 0}
        order = {(i, -1): i for i in range(len(self.before)) if i not in gone}
        added = [at for was, at in taken if was < 0]
        order |= {(self.diff.above(at), at): len(made) + k for k, at in enumerate(added)}
        if not added and not gone:
            return made
        rows = made.concat(self.after.take(added)) if added else made
        return rows.take([order[key] for key in sorted(order)])
