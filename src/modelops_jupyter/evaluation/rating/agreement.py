"""What ratings say: how far two people agree, and how each source did once it is revealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from modelops_jupyter._format import count, number, percent, plural, visible
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.rating.items import Item
from modelops_jupyter.evaluation.table import Finding, Table
from modelops_jupyter.evaluation.value import MetricValue


@dataclass(frozen=True, repr=False)
class Agreement(Finding):
    """Two people's verdicts on the same items; it prints as a table.

    Attributes
    ----------
    raters
        Their names.
    share, kappa
        Share of equal verdicts (Wilson's interval), and Cohen's kappa: the share beyond chance.
    n
        Items on which both gave a verdict.
    differing
        Ids of the rows on which they differ.
    """

    kind: ClassVar[str] = "agreement"

    raters: tuple[str, str]
    share: MetricValue
    kappa: MetricValue
    n: int
    differing: tuple[str, ...]

    @property
    def title(self) -> str:
        """Who, and on how much."""
        return f"{' and '.join(map(visible, self.raters))}: {plural(self.n, 'item')} rated by both"

    @property
    def summary(self) -> str:
        """How often they differ."""
        return f"They differ on {plural(len(self.differing), 'item')}."

    def table(self) -> Table:
        """Return both numbers with their intervals."""
        parts = {"agreement": self.share, "kappa": self.kappa}
        rows = [[name, number(v), v.interval_text, count(self.n)] for name, v in parts.items()]
        return Table(["measure", "value", "95 % interval", "n"], rows)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        return {**vars(self), "share": self.share.to_dict(), "kappa": self.kappa.to_dict()}


def agreement_of(
    raters: tuple[str, str], items: Sequence[Item], ones: Mapping[int, str], others: Mapping[int, str]
) -> Agreement:
    """Compare verdicts, by place of the item.

    Raises
    ------
    EvaluationError
        If there is no item that both rated.
    """
    from modelops_jupyter.evaluation.evaluator import ModelEvaluator
    from modelops_jupyter.evaluation.metrics.counted import AccuracyMetric, KappaMetric

    both = sorted(ones.keys() & others.keys())
    if not both:
        raise EvaluationError(
            f"No item was rated by both {raters[0]} and {raters[1]}.", code="none-in-common"
        )
    sides = [[said[i] for i in both] for said in (ones, others)]
    found = ModelEvaluator("multiclass", [AccuracyMetric(), KappaMetric()]).evaluate(*sides)
    differing = tuple(items[i].id for i in both if ones[i] != others[i])
    return Agreement(raters, found["accuracy"], found["kappa"], len(both), differing)


@dataclass(frozen=True, repr=False)
class Revealed(Finding):
    """How each source was rated; it prints as a table.

    Attributes
    ----------
    shares
        By source: the share that passed, or of the pairs with a winner the share that it won.
    ties
        Pairs without a winner; None if single answers were rated.
    rows
        Every verdict, with `source`, or `output_source` and `reference_source`.
    """

    kind: ClassVar[str] = "revealed"

    shares: dict[str, MetricValue]
    ties: int | None
    rows: list[dict[str, Any]]

    @property
    def title(self) -> str:
        """What the shares are of."""
        return "Share passed, by source" if self.ties is None else "Pairs won, by source"

    @property
    def summary(self) -> str:
        """What stands in no share."""
        return "" if self.ties is None else f"{plural(self.ties, 'tie')}, in no share."

    def table(self) -> Table:
        """Return the shares with their intervals."""
        rows = [[visible(name), percent(v), _between(v), count(v.n or 0)] for name, v in self.shares.items()]
        return Table(["source", "share", "95 % interval", "n"], rows)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        return {**vars(self), "shares": {k: v.to_dict() for k, v in self.shares.items()}}


def share_of(right: int, n: int) -> MetricValue:
    """Return a share with Wilson's interval."""
    if not n:
        return MetricValue(float("nan"), n=0, undefined="0/0")
    low, high, method = wilson(right, n)
    return MetricValue(right / n, low=low, high=high, n=n, method=method, bounds=(0.0, 1.0))


def _between(value: MetricValue) -> str:
    return f"[{percent(value.low)}, {percent(value.high)}]" if value.has_interval else "no interval"
