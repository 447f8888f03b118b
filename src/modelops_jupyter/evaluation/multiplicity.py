"""Several comparisons at once: who looks often finds something, so p-values are corrected for it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.compare import NO_DIFFERENCE, Comparison, ComparisonRow, compare, verdict_of
from modelops_jupyter.evaluation.table import Finding, Table

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.result import EvaluationResult

Correction = Literal["holm", "bh"]
NAMES = {"holm": "Holm", "bh": "Benjamini-Hochberg"}


def adjusted(p_values: Sequence[float], correction: Correction = "holm") -> list[float]:
    """Correct p-values for their number; a NaN stays one and does not count.

    Parameters
    ----------
    correction
        "holm": at most 5 % chance of any false finding. "bh" (Benjamini-Hochberg): at most
        5 % of the findings are false, on average.

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    if correction not in NAMES:
        hint = did_you_mean(str(correction), NAMES)
        raise ConfigError(f"There is no correction {correction!r}.", hint=hint)
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]
    m, ranked = len(order), p[order]
    if correction == "holm":
        steps = np.maximum.accumulate(ranked * np.arange(m, 0, -1))
    else:
        steps = np.minimum.accumulate((ranked * m / np.arange(1, m + 1))[::-1])[::-1]
    found = np.full(len(p), math.nan)
    found[order] = np.minimum(steps, 1.0)
    return found.tolist()


@dataclass(frozen=True, slots=True)
class SuiteRow:
    """One paired difference of several: its p-value before and after the correction."""

    name: str
    row: ComparisonRow
    p_adjusted: float
    verdict: str


class SuiteComparison(Finding):
    """Several paired differences whose verdicts hold together."""

    kind: ClassVar[str] = "comparison_suite"

    def __init__(self, comparisons: Mapping[str, Comparison], correction: Correction = "holm") -> None:
        self.comparisons, self.correction = dict(comparisons), correction
        self.asked = any(pair.asked for pair in self.comparisons.values())
        pairs = [(name, row, found) for name, found in self.comparisons.items() for row in found.rows]
        corrected = adjusted([row.p for _, row, _ in pairs], correction)
        self.rows = tuple(
            SuiteRow(name, row, p, _verdict(row, p, found.level))
            for (name, row, found), p in zip(pairs, corrected, strict=True)
        )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def level(self) -> float:
        """Level of the intervals, each for its own row."""
        return next(iter(self.comparisons.values())).level

    @property
    def title(self) -> str:
        """How many there are."""
        return _format.plural(len(self), "comparison")

    @property
    def summary(self) -> str:
        """What remains after the correction, in one sentence."""
        shown = [row for row in self.rows if row.verdict != NO_DIFFERENCE]
        how = f"after {NAMES[self.correction]}'s correction for {_format.plural(len(self), 'comparison')}"
        if not shown:
            return f"No difference shown {how}."
        parts = [f"{self.label(r)} {r.verdict} ({_format.signed(r.row.difference)})" for r in shown]
        return f"{', '.join(parts)} {how}."

    def label(self, row: SuiteRow) -> str:
        """Name a row: by its pair where there are several, and its metric."""
        return _format.visible(f"{row.name}: {row.row.label}" if len(self.comparisons) > 1 else row.row.label)

    def table(self) -> Table:
        """Return all rows as an aligned table."""
        level = f"{100 * self.level:g} %"
        head = ["", f"before [{level}]", f"after [{level}]", f"difference [{level}]", "p", "p corrected", "n"]
        rows: list[list[str]] = []
        for r in self.rows:
            pair = self.comparisons[r.name]
            both = [side[r.row.name].brief for side in (pair.before, pair.after)]
            p = [_format.p_value(v) for v in (r.row.p, r.p_adjusted)]
            rows.append([self.label(r), *both, r.row.change, *p, _format.count(r.row.n), r.verdict])
        return Table([*head, "verdict"], rows, left=(0, 7))

    def short(self) -> Table:
        """Return one model against several others: the other's value, the difference, the finding."""
        level = f"{100 * self.level:g} %"
        head = ["against", "its value", f"difference [{level}]", "p corrected", "finding"]
        rows: list[list[str]] = []
        for r in self.rows:
            value = self.comparisons[r.name].before[r.row.name].brief
            rows.append([r.name, value, r.row.change, _format.p_value(r.p_adjusted), r.verdict])
        return Table(head, rows, left=(0, 4))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; NaN is null."""
        rows = [
            {"of": r.name, **asdict(r.row), "p_adjusted": r.p_adjusted, "verdict": r.verdict}
            for r in self.rows
        ]
        cleaned = [{k: None if v != v else v for k, v in row.items()} for row in rows]
        return {"kind": self.kind, "schema": 1, "correction": self.correction, "rows": cleaned}


def _verdict(row: ComparisonRow, p: float, level: float) -> str:
    if row.verdict == NO_DIFFERENCE:  # its interval may have said so where its p-value did not
        return NO_DIFFERENCE
    return verdict_of(row.difference, p, row.greater_is_better, level)


def compare_suite(
    after: "EvaluationResult | Mapping[str, EvaluationResult]",
    before: "EvaluationResult | Mapping[str, EvaluationResult]",
    *,
    metrics: Sequence[str] | None = None,
    correction: Correction = "holm",
) -> SuiteComparison:
    """Compare several metrics, models or tasks at once, with verdicts that hold together.

    Parameters
    ----------
    after, before
        One result each: all their metrics are compared. Mappings from names to results: the
        pairs of equal names (several tasks), or every one of `after` with a single `before`
        (several candidates).
    metrics
        Only these; left out, all that both sides have.
    correction
        "holm" (default) or "bh"; see `adjusted`.

    Raises
    ------
    EvaluationError
        If a name has no partner, or two results did not see the same rows.

    Examples
    --------
    >>> from modelops_jupyter.evaluation import create_evaluator
    >>> e = create_evaluator("binary")
    >>> truth = [0, 1] * 50
    >>> better, worse = e.evaluate(truth, truth), e.evaluate(truth, [1] * 100)
    >>> compare_suite(better, worse, metrics=["accuracy", "recall"]).rows[0].verdict
    'better'
    """
    pairs = _pairs(after, before).items()
    return SuiteComparison({name: compare(new, old, metrics) for name, (new, old) in pairs}, correction)


def _pairs(after: Any, before: Any) -> "dict[str, tuple[EvaluationResult, EvaluationResult]]":
    if not isinstance(after, Mapping):
        if isinstance(before, Mapping):
            raise EvaluationError("before is a mapping and after is not.", hint="Pass after={name: result}.")
        return {after.title: (after, before)}
    many = cast("Mapping[str, EvaluationResult]", after)
    if not many:
        raise EvaluationError("There is nothing to compare: after is empty.", hint="Pass a result or more.")
    if not isinstance(before, Mapping):
        return {name: (result, before) for name, result in many.items()}
    old = cast("Mapping[str, EvaluationResult]", before)
    alone = sorted(set(many) ^ set(old))
    if alone:
        side = "before" if alone[0] in many else "after"
        raise EvaluationError(f"{alone[0]!r} is missing in {side}.", hint="Both need the same names.")
    return {name: (result, old[name]) for name, result in many.items()}
