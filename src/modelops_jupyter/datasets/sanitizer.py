"""`DatasetSanitizer`: cleaning in steps, with a report of what went and why."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from modelops_jupyter._display import Rich
from modelops_jupyter._format import plural
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.changes import difference
from modelops_jupyter.datasets.dataset import Dataset
from modelops_jupyter.datasets.lineage import LineageStep
from modelops_jupyter.datasets.query import preview
from modelops_jupyter.datasets.steps import (
    Decision,
    DropDuplicates,
    DropInvalid,
    LengthFilter,
    Step,
    StripKeys,
    step_from_json,
)

_EXAMPLES = 3  # of each step


@dataclass(frozen=True, slots=True)
class StepCount:
    """What one step did: rows removed, rows changed, rows left, and how many for which reason."""

    step: Step
    removed: int
    changed: int
    rows: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SanitizedExample:
    """One row that a step removed (`after` is None) or changed."""

    step: str
    id: str
    line: int
    reason: str
    before: str
    after: str | None


@dataclass(frozen=True, eq=False)
class Sanitized(Rich):
    """The cleaned dataset, the rows that went, and the account of every step.

    Parameters
    ----------
    dataset
        What is left; ids are kept.
    removed
        The rows that went, as they were, in their first order.
    counts
        One entry for each step.
    examples
        A few rows of each step, before and after.
    """

    kind: ClassVar[str] = "sanitized"

    dataset: Dataset
    removed: Dataset
    counts: tuple[StepCount, ...]
    examples: tuple[SanitizedExample, ...]

    @property
    def rows_before(self) -> int:
        """Number of rows before the first step."""
        return len(self.dataset) + len(self.removed)

    def __repr__(self) -> str:
        lines = [f"Sanitized({plural(self.rows_before, 'row')} → {len(self.dataset):,})"]
        for entry in self.counts:
            why = ", ".join(f"{reason} {number:,}" for reason, number in entry.reasons.items())
            did = f"removed {entry.removed:,}, changed {entry.changed:,}"
            lines.append(f"  {entry.step.name}: {did}" + (f" ({why})" if why else ""))
        return "\n".join(lines)


class DatasetSanitizer:
    """Filters and cleans a dataset step by step; the dataset itself stays as it is.

    Parameters
    ----------
    steps
        Values from `modelops_jupyter.datasets.steps`; left out, rows with errors and later
        copies are removed.

    Examples
    --------
    >>> from modelops_jupyter.datasets import Dataset, DatasetSanitizer
    >>> ds = Dataset([{"prompt": "a", "completion": "b"}] * 2)
    >>> len(DatasetSanitizer().run(ds).dataset)
    1
    """

    def __init__(self, steps: Sequence[Step] | None = None) -> None:
        self.steps: tuple[Step, ...] = (DropInvalid(), DropDuplicates()) if steps is None else tuple(steps)

    def run(self, dataset: Dataset) -> Sanitized:
        """Apply all steps in order; changed rows go to disk when they are many."""
        ds, kept = dataset, np.arange(len(dataset))
        counts: list[StepCount] = []
        examples: list[SanitizedExample] = []
        for step in self.steps:
            log = _Log()
            changed = ds.replaced(log.changes(step.apply(ds)), step.name)
            examples += log.examples(step, ds, changed)
            stay = np.delete(np.arange(len(ds)), log.removed)
            ds, kept = changed.take(stay), kept[stay]
            reasons = dict(log.reasons.most_common())
            counts.append(StepCount(step, len(log.removed), log.changed, len(ds), reasons))
        gone = np.delete(np.arange(len(dataset)), kept)
        lineage = LineageStep("sanitize", len(ds), {"steps": self.to_json()})
        clean = ds.with_lineage((*dataset.lineage, lineage))
        return Sanitized(clean, dataset.take(gone), tuple(counts), tuple(examples))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the steps as JSON values."""
        return [step.to_json() for step in self.steps]

    @classmethod
    def from_json(cls, steps: Iterable[Mapping[str, Any]], tokenizer: Any = None) -> "DatasetSanitizer":
        """Return the sanitiser that `to_json` wrote; steps that counted with a tokenizer need it again."""
        return cls([step_from_json(step, tokenizer) for step in steps])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetSanitizer) and self.steps == other.steps

    def __hash__(self) -> int:
        return hash(self.steps)

    def __repr__(self) -> str:
        return f"DatasetSanitizer({list(self.steps)})"

    @staticmethod
    def filter_by_length(
        dataset: Dataset,
        min_length: int = 1,
        max_length: int = 10_000,
        unit: str = "chars",
        tokenizer: Any = None,
    ) -> Dataset:
        """Return the rows whose text is at least `min_length` and at most `max_length` long."""
        step = LengthFilter(min_length, max_length, unit, tokenizer)
        return DatasetSanitizer([step]).run(dataset).dataset

    @staticmethod
    def strip_keys(dataset: Dataset, keys: Iterable[str], recursive: bool = False) -> Dataset:
        """Return the dataset without some keys; ids stay."""
        step = StripKeys(keys if isinstance(keys, str) else tuple(keys), recursive)  # pyright: ignore[reportArgumentType]  # a bare text is refused by the step, with the fix
        return DatasetSanitizer([step]).run(dataset).dataset


class _Log:
    """What one step did, noted while its decisions pass by."""

    def __init__(self) -> None:
        self.removed = array("q")
        self.changed = 0
        self.reasons: Counter[str] = Counter()
        self._shown: list[Decision] = []

    def changes(self, decisions: Iterable[Decision]) -> Iterator[tuple[int, Row]]:
        """Pass on the rows that change, with their positions."""
        for decision in decisions:
            self.reasons.update(decision.why)
            if len(self._shown) < _EXAMPLES:
                self._shown.append(decision._replace(new=None if decision.new is None else {}))
            if decision.new is None:
                self.removed.append(decision.row)
            else:
                self.changed += 1
                yield decision.row, decision.new

    def examples(self, step: Step, before: Dataset, after: Dataset) -> Iterator[SanitizedExample]:
        """Return the first few rows, as they were and as they are."""
        for at, why, new in self._shown:
            old, now = (preview(before, at), None) if new is None else difference(before[at], after[at])
            yield SanitizedExample(step.name, before.ids[at], before.line(at), ", ".join(why), old, now)
