"""What a search found, and how often an approximate search finds what an exact one does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from modelops_jupyter import _format as fmt
from modelops_jupyter._display import Rich


@dataclass(frozen=True, slots=True)
class Match:
    """One stored vector that is near a query.

    `score` is the similarity under "cosine" and "dot", the distance under "l2".
    """

    id: str
    score: float
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recall:
    """How many of the `k` exact neighbours an approximate search found, measured on some queries.

    Attributes
    ----------
    value
        The mean share over the queries; `worst` is the lowest share of a single query.
    k, queries, rows
        Neighbours of each query, number of queries, and number of stored vectors then.
    """

    value: float
    worst: float
    k: int
    queries: int
    rows: int

    def __str__(self) -> str:
        return (
            f"recall@{self.k} {fmt.number(self.value)} (worst query {fmt.number(self.worst)}), measured "
            f"against exact search with {fmt.plural(self.queries, 'query', 'queries')} "
            f"over {fmt.plural(self.rows, 'vector')}"
        )


@dataclass(frozen=True, repr=False)
class Matches(Rich):
    """The nearest stored vectors of one query, nearest first.

    Attributes
    ----------
    found
        The matches; fewer than asked for if the namespace or the filter holds fewer.
    engine
        "exact", or "lancedb"; then `recall` says what was measured when its index was made.
    """

    kind: ClassVar[str] = "matches"
    found: tuple[Match, ...]
    metric: str
    engine: str = "exact"
    recall: Recall | None = field(default=None)

    @property
    def ids(self) -> list[str]:
        """The ids, nearest first."""
        return [match.id for match in self.found]

    @property
    def scores(self) -> list[float]:
        """The scores, nearest first."""
        return [match.score for match in self.found]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.found)

    def __getitem__(self, place: int) -> Match:
        return self.found[place]

    def __repr__(self) -> str:
        lines = [f"  {fmt.number(m.score)}  {m.id}  {dict(m.fields)}" for m in self.found]
        return fmt.visible("\n".join([self.summary, *lines]))

    @property
    def summary(self) -> str:
        """One line: how many, by which measure, and how sure."""
        how = f"approximate ({self.engine}): {self.recall}" if self.recall else "exact"
        return f"{fmt.plural(len(self.found), 'match', 'matches')} by {self.metric}, {how}"
