"""After against before, on the same rows."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import paired
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.table import Finding, Table

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.result import EvaluationResult

NO_DIFFERENCE = "no difference shown"
_SAME = "Evaluate both on the same rows."


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One metric's paired difference.

    `verdict` is "better", "worse", "different" (a metric without a better direction) or
    "no difference shown". `detectable` is the smallest true difference these rows show with
    80 % power, `items_needed` the rows at which the observed one would show.
    """

    name: str
    label: str
    n: int
    after: float
    before: float
    difference: float
    low: float
    high: float
    p: float
    verdict: str
    method: str
    greater_is_better: bool | None = True
    discordant: tuple[int, int] | None = None
    detectable: float = math.nan
    items_needed: int | None = None

    @property
    def interval_text(self) -> str:
        """'[+0.055, +0.224]'."""
        return _format.signed_interval(self.low, self.high)

    @property
    def change(self) -> str:
        """'+0.140 [+0.055, +0.224]'."""
        return f"{_format.signed(self.difference)} {self.interval_text}"

    def __str__(self) -> str:
        return f"{self.label} {self.change} n={self.n} p {_format.p_value(self.p)}: {self.verdict}"


class Comparison(Finding):
    """Paired differences, after minus before, with interval, p-value and verdict."""

    kind: ClassVar[str] = "comparison"

    def __init__(
        self,
        after: "EvaluationResult",
        before: "EvaluationResult",
        rows: tuple[ComparisonRow, ...],
        paired_by: str,
        missing: tuple[str, ...] = (),
    ) -> None:
        self.after, self.before, self.rows = after, before, rows
        self.paired_by, self.missing, self.asked = paired_by, missing, after.asked

    def __getitem__(self, name: str) -> ComparisonRow:
        return {row.name: row for row in self.rows}[name]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def level(self) -> float:
        """Level of the intervals."""
        return self.after.level

    @property
    def verdict(self) -> str:
        """The first metric's verdict."""
        return self.rows[0].verdict if self.rows else NO_DIFFERENCE

    @property
    def summary(self) -> str:
        """The finding in one sentence, with the number that decided."""
        if not self.rows:
            return "The two results share no metric that can be paired."
        row = self.rows[0]
        found = f"{row.label} is {row.verdict}"
        if row.verdict == NO_DIFFERENCE:
            found = f"No difference shown in {row.label}"
        text = f"{found}: {row.change}, p {_format.p_value(row.p)}."
        if row.discordant is None:
            return text
        gained, lost = (_format.plural(n, "time") for n in row.discordant)
        return f"{text} Only after is right {gained}, only before {lost}."

    @property
    def title(self) -> str:
        """Which minus which, and how rows were paired."""
        after, before = (_format.visible(r.title) for r in (self.after, self.before))
        return f"{after} minus {before}, paired by {self.paired_by}"

    @property
    def notices(self) -> tuple[str, ...]:
        """What the rows can show, what nobody may decide by, and what is not compared."""
        sides = [[v.caveat for s in (self.after, self.before) if (v := s[r.name]).caveat] for r in self.rows]
        doubts = (f"{r.label}: {found[0]}." for r, found in zip(self.rows, sides, strict=True) if found)
        shown = [self.detectable_text] if self.detectable_text else []
        return (*shown, *doubts, *(f"Not compared: {name}." for name in self.missing))

    @property
    def detectable_text(self) -> str:
        """What these rows can and cannot show."""
        if not self.rows or math.isnan(self.rows[0].detectable):
            return ""
        row = self.rows[0]
        size = _format.number(row.detectable)
        text = f"{_format.plural(row.n, 'row')} show a difference of {size} or more with 80 % power."
        if row.verdict == NO_DIFFERENCE and row.items_needed and row.items_needed > row.n:
            needed = _format.count(row.items_needed)
            text += f" A difference as small as this one would need {needed} rows."
        return text

    def table(self) -> Table:
        """Return both values and their paired difference, each with its interval, as an aligned table."""
        level = f"{100 * self.level:g} %"
        head = ["metric", *(f"{part} [{level}]" for part in ("before", "after", "difference")), "p", "n"]
        rows: list[list[str]] = []
        for r in self.rows:
            both = (result[r.name].brief for result in (self.before, self.after))
            rows.append([r.label, *both, r.change, _format.p_value(r.p), _format.count(r.n), r.verdict])
        return Table([*head, "verdict"], rows, left=(0, 6))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; NaN is null."""
        rows = [{k: None if v != v else v for k, v in asdict(row).items()} for row in self.rows]
        head = {"after": self.after.title, "before": self.before.title, "level": self.level}
        return {"kind": self.kind, "schema": 1, **head, "paired_by": self.paired_by, "rows": rows}

    def __str__(self) -> str:
        return f"{self.title}\n{self.body}"


def compare(
    after: "EvaluationResult", before: "EvaluationResult", metrics: Iterable[str] | None = None
) -> Comparison:
    """Pair two results row by row and compare every metric they share, or only these.

    Raises
    ------
    EvaluationError
        If the two did not see the same rows; the message names the first that differs.
    """
    if after.task_type.takes != before.task_type.takes:
        raise EvaluationError(f"A {after.task_type} result cannot be compared with a {before.task_type} one.")
    sides, order, paired_by = aligned(after, before)
    names = after.metrics if metrics is None else metrics
    rows = {name: _row(name, after, before, sides, order) for name in names if name in after}
    missing = tuple(name for name, row in rows.items() if row is None)
    return Comparison(after, before, tuple(filter(None, rows.values())), paired_by, missing)


def aligned(after: "EvaluationResult", before: "EvaluationResult") -> tuple[tuple[Rows, Rows], Array, str]:
    """Return both sides in the order of `after`, and `before`'s positions in that order."""
    a, b = after.need_rows("compare"), before.need_rows("compare")
    order, by = np.arange(len(b)), "position"
    if a.ids is not None and b.ids is not None:
        order, by = _by_id(a.ids, b.ids), "id"
    elif len(a) != len(b):
        raise EvaluationError(
            f"One result has {len(a)} rows, the other {len(b)}, and they have no ids to pair by.", hint=_SAME
        )
    b = b.take(order)
    differs = np.flatnonzero(np.asarray(a.y_true != b.y_true, dtype=np.bool_))
    if len(differs):
        at = int(differs[0])
        name = f"id {a.ids[at]!r}" if a.ids is not None else f"row {at}"
        raise EvaluationError(
            f"The two results disagree about the truth of {_format.plural(len(differs), 'row')},"
            f" first {name}: {a.y_true[at]!r} and {b.y_true[at]!r}.",
            hint=_SAME,
        )
    return (a, b), order, by


def _by_id(after: tuple[str, ...], before: tuple[str, ...]) -> Array:
    place = {name: i for i, name in enumerate(before)}
    for ids, side in ((after, "this result"), (before, "the earlier one")):
        if len(set(ids)) < len(ids):
            twice = next(name for i, name in enumerate(ids) if name in ids[:i])
            raise EvaluationError(f"The id {twice!r} stands twice in {side}; rows cannot be paired by it.")
    gone = [name for name in after if name not in place] or sorted(set(before) - set(after))
    if gone:
        where = "the earlier result" if gone[0] not in place else "this result"
        many = f"{_format.plural(len(gone), 'row')} {'is' if len(gone) == 1 else 'are'} missing from {where}"
        raise EvaluationError(f"{many}, first id {gone[0]!r}.", hint=_SAME)
    return np.array([place[name] for name in after], np.int64)


def _row(
    name: str, after: "EvaluationResult", before: "EvaluationResult", sides: tuple[Rows, Rows], order: Array
) -> ComparisonRow | None:
    """Compare one metric; None if one side lacks it, failed, or was a function that is gone."""
    new, old, level = after.metrics[name], before.metrics.get(name), after.level
    metric = after.used.get(name) or before.used.get(name)
    if old is None or new.error or old.error:
        return None
    if new.rows is not None and old.rows is not None:
        pair = paired.from_rows(new.rows, old.rows[order], level, sides[0].weights, sides[0].clusters)
    elif metric is not None:
        pair = metric.paired(*sides, level, after.setting)
    else:
        return None
    better, n = new.greater_is_better, len(sides[0])
    # Interval and p-value must both say so: neither alone is shown to mean a difference.
    sure = pair.p if pair.low > 0 or pair.high < 0 else math.nan
    verdict = verdict_of(pair.difference, sure, better, level)
    numbers = (pair.difference, pair.low, pair.high, pair.p, verdict, pair.method)
    power = (pair.discordant, pair.detectable(n, level), pair.items_needed(level))
    return ComparisonRow(name, new.label, n, float(new), float(old), *numbers, better, *power)


def verdict_of(difference: float, p: float, greater_is_better: bool | None, level: float) -> str:
    """Say in a word what a difference with this p-value means."""
    if not p < 1 - level:
        return NO_DIFFERENCE
    if greater_is_better is None:
        return "different"
    return "better" if (difference > 0) is greater_is_better else "worse"
