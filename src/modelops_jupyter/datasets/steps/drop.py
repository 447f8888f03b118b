"""Steps that remove whole rows: with errors, copies, near copies, contradictions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from modelops_jupyter.datasets import duplicates, near
from modelops_jupyter.datasets.steps.base import Decision, Step, names
from modelops_jupyter.datasets.validation.codes import CODES

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset


@dataclass(frozen=True)
class DropInvalid(Step):
    """Remove rows in which `validate` finds an error, or one of the codes `also`."""

    name: ClassVar[str] = "drop_invalid"
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "also", names(self.also, "also", CODES))

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Remove rows by their first such problem."""
        seen: set[int] = set()
        for problem in ds.validate().problems:
            wanted = problem.severity == "error" or problem.code in self.also
            if wanted and problem.row not in seen:
                seen.add(problem.row)
                yield Decision(problem.row, (CODES.get(problem.code, CODES["custom"]).label,))


@dataclass(frozen=True)
class DropDuplicates(Step):
    """Remove later copies of equal rows."""

    name: ClassVar[str] = "drop_duplicates"

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Keep the first of equal rows."""
        for at in np.flatnonzero(duplicates.first_of(ds) >= 0).tolist():
            yield Decision(at, ("Duplicate",))


@dataclass(frozen=True)
class DropNearDuplicates(Step):
    """Remove later rows that are nearly the same as a kept one; see `Dataset.dedupe`.

    Parameters
    ----------
    threshold
        The share of three-word sequences that system text, question and answer each must have
        in common, 0.5 to 1; rows of one template with different answers are not near.
    """

    name: ClassVar[str] = "drop_near_duplicates"
    threshold: float = near.THRESHOLD

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Keep the first of near rows."""
        for at in np.flatnonzero(near.first_of(ds, self.threshold).first >= 0).tolist():
            yield Decision(at, ("Near duplicate",))


@dataclass(frozen=True)
class DropConflicts(Step):
    """Remove rows that ask the same and are answered differently.

    Nobody can tell from the data which answer is right, so none is kept unless `keep` is "first".
    """

    name: ClassVar[str] = "drop_conflicts"
    keep: Literal["none", "first"] = "none"

    def __post_init__(self) -> None:
        names((self.keep,), "keep", ("none", "first"))

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Remove the rows of each conflict."""
        kept = 1 if self.keep == "first" else 0
        for group in duplicates.conflicts(ds):
            for at in group[kept:].tolist():
                yield Decision(at, ("Conflict",))
