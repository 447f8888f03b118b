"""The search for what a model is bad at, with the price of having searched paid."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation import columns as cols
from modelops_jupyter.evaluation import slices
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.clusters import codes
from modelops_jupyter.evaluation.clusters import interval as cluster_interval
from modelops_jupyter.evaluation.intervals import mean_t, wilson
from modelops_jupyter.evaluation.table import Finding, Table

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.result import EvaluationResult

_MOST_CONDITIONS = 80
_EFFORT, _CELLS = 2e10, 4e7  # multiplications and numbers that the permutations may cost, about two seconds
_LEAST, _MOST = 199, 1999  # permutations
_HIDDEN = ("messages", "prompt", "completion", "chosen", "rejected", "instruction", "input", "output", "text")


class Condition(NamedTuple):
    """One condition on one column, and the rows that meet it."""

    column: str
    text: str
    rows: Array


@dataclass(frozen=True, slots=True, eq=False)
class WorstSlice:
    """A rule, its rows, their mean error (its interval holds for the whole search) and that elsewhere."""

    rule: str
    positions: Array
    value: float
    low: float
    high: float
    elsewhere: float
    p: float

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.positions)


class WorstSlices(Finding):
    """What stood out, worst first; empty if nothing did."""

    kind: ClassVar[str] = "worst_slices"

    def __init__(
        self, result: "EvaluationResult", found: Sequence[WorstSlice], searched: int, method: str, rates: bool
    ) -> None:
        self.result, self.slices, self.searched = result, list(found), searched
        self.method, self.rates, self.asked = method, rates, result.asked

    def __len__(self) -> int:
        return len(self.slices)

    def __getitem__(self, index: int) -> WorstSlice:
        return self.slices[index]

    def __iter__(self) -> Iterator[WorstSlice]:
        return iter(self.slices)

    @property
    def title(self) -> str:
        """Where it was searched."""
        return f"Where {_format.visible(self.result.title)} is worst"

    @property
    def summary(self) -> str:
        """The finding in one sentence."""
        effort = f"{_format.plural(self.searched, 'rule')} searched, corrected by {self.method}"
        if not self.slices:
            return f"Nothing stands out: {effort}."
        word = "Wrong" if self.rates else "Mean error"
        worst = self.slices[0]
        inside = f"{self.text(worst.value)} {self.interval(worst)} inside"
        return f"{word} where {worst.rule}: {inside}, {self.text(worst.elsewhere)} elsewhere ({effort})."

    def text(self, value: float) -> str:
        """Write a mean error: a share of rows, or a number."""
        return _format.percent(value, 1) if self.rates else _format.number(value)

    def interval(self, found: WorstSlice) -> str:
        """Write the interval of a slice."""
        if self.rates:
            return f"[{100 * found.low:.1f}, {100 * found.high:.1f}]"
        return _format.interval(found.low, found.high)

    def table(self) -> Table:
        """Return the slices as an aligned table."""
        head = ["where", "n", "wrong" if self.rates else "mean error", "interval", "elsewhere", "p corrected"]
        rows: list[list[str]] = []
        for s in self.slices:
            numbers = (self.text(s.value), self.interval(s), self.text(s.elsewhere), _format.p_value(s.p))
            rows.append([s.rule, _format.count(s.n), *numbers])
        return Table(head, rows)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        names = ("rule", "n", "value", "low", "high", "elsewhere", "p")
        rows = [{name: getattr(s, name) for name in names} for s in self.slices]
        searched = {"searched": self.searched, "method": self.method}
        return {"kind": self.kind, "schema": 1, **searched, "slices": rows}


def search(
    result: "EvaluationResult",
    columns: Mapping[str, Sequence[Any]] | Sequence[str] | None,
    metric: str | None,
    min_rows: int,
    k: int,
    seed: int,
) -> WorstSlices:
    """Try every condition and every pair of conditions; see `EvaluationResult.worst_slices`."""
    if min_rows < 2:
        raise ConfigError("min_rows must be at least 2.")
    errors = slices.row_errors(result, metric or next(iter(result.metrics)))
    known = np.flatnonzero(~np.isnan(errors))
    low = float(errors[known].min(initial=math.inf))
    rates = set(np.unique(errors[known]).tolist()) in ({0.0, 1.0}, {-1.0, 0.0}, {0.0}, {1.0}, {-1.0})
    errors = errors - low if low < 0 else errors  # a score turned round: 0 is its best row
    found = [
        c for name, values in _columns(result, columns).items() for c in conditions(name, values, min_rows)
    ]
    rules = _rules(sorted(found, key=lambda c: -c.rows.sum())[:_MOST_CONDITIONS], known, min_rows)
    clusters = result.need_rows("search").clusters
    clusters = None if clusters is None else clusters[known]
    errors = errors[known]
    p, order, method = _tested(errors, rules, seed, clusters)
    chosen: list[WorstSlice] = []
    open_rows = np.ones(len(known), dtype=np.bool_)
    for i in order:
        if p[i] >= 1 - result.level or len(chosen) == k:
            break
        inside = rules[i].rows & open_rows  # a rule must say more than the ones before it
        left = None if clusters is None else clusters[open_rows]
        gap, alone = slices.apart(errors[open_rows], inside[open_rows], left)
        if inside.sum() >= min_rows and gap > 0 and alone < 1 - result.level:
            chosen.append(_described(errors, known, rules, i, float(p[i]), rates, result.level, clusters))
            open_rows &= ~rules[i].rows
    return WorstSlices(result, chosen, len(rules), method, rates)


def _columns(
    result: "EvaluationResult", given: Mapping[str, Sequence[Any]] | Sequence[str] | None
) -> dict[str, list[Any]]:
    if isinstance(given, Mapping):
        return {name: cols.values_of(result, values)[1] for name, values in given.items()}
    if given is not None:
        return dict(cols.values_of(result, name) for name in given)
    rows, found = result.need_rows("search"), dict[str, list[Any]]()
    if result.dataset is not None:
        records = [result.dataset[i] for i in range(len(rows))]
        for name in sorted({key for record in records for key in record} - set(_HIDDEN)):
            values = [record.get(name) for record in records]
            if all(v is None or isinstance(v, str | int | float | bool) for v in values):
                found[name] = values
    if rows.prompts is not None:
        found["prompt length"] = [len(prompt) for prompt in rows.prompts]
    if result.task_type.takes == "texts":
        found["reference length"] = [len(text) for text in rows.y_true.tolist()]
    else:
        found["truth"] = rows.y_true.tolist()
    return found


def conditions(column: str, values: list[Any], min_rows: int) -> list[Condition]:
    """Return the conditions of a column: each frequent value, or both sides of each quartile."""
    numbers = cols.numeric(values)
    if numbers is not None:
        cuts = np.unique(np.nanquantile(numbers, [0.25, 0.5, 0.75])).tolist()
        found = [Condition(column, f"{column} ≤ {cut:g}", numbers <= cut) for cut in cuts]
        found += [Condition(column, f"{column} > {cut:g}", numbers > cut) for cut in cuts]
    else:
        texts = np.array([_format.clip(_format.visible(str(v)), 40) for v in values], dtype=object)
        names, counts = np.unique(texts.astype(str), return_counts=True)
        often = names[np.argsort(-counts, kind="stable")][:30].tolist()
        shown = {"None": f"{column} is missing"}
        found = [Condition(column, shown.get(t, f"{column} = {t}"), texts == t) for t in often]
    return [c for c in found if min_rows <= c.rows.sum() <= len(values) - min_rows]


def _rules(found: list[Condition], known: Array, min_rows: int) -> list[Condition]:
    """Return single conditions, and pairs over two columns with enough rows."""
    single = [c._replace(rows=c.rows[known]) for c in found]
    pairs = (
        Condition("", f"{a.text} and {b.text}", a.rows & b.rows)
        for a, b in combinations(single, 2)
        if a.column != b.column
    )
    return [c for c in (*single, *pairs) if c.rows.sum() >= min_rows and not c.rows.all()]


def _tested(
    errors: Array, rules: list[Condition], seed: int, clusters: Array | None
) -> tuple[Array, list[int], str]:
    """Return corrected p-values of "no more errors here than elsewhere", and the order, worst first."""
    n, m = len(errors), len(rules)
    if not m or not float(np.var(errors)):
        return np.ones(m), [], "permutation"
    sizes = np.array([c.rows.sum() for c in rules], dtype=np.float64)
    scale = np.sqrt(float(np.var(errors)) * sizes * (n - sizes) / (n - 1))
    inside = np.array([float(errors[c.rows].sum()) for c in rules])
    z = (inside - sizes * errors.mean()) / scale
    order: list[int] = np.argsort(-z, kind="stable").tolist()
    rounds = int(min(_MOST, _EFFORT / (n * m), _CELLS / n))
    if rounds < _LEAST or clusters is not None:
        tests = [slices.apart(errors, c.rows, clusters) for c in rules]
        p = slices.adjusted([p / 2 if gap > 0 else 1 - p / 2 for gap, p in tests])
        return np.array(p), order, "Holm"
    return _permuted(errors, rules, z, scale, rounds, seed), order, f"{rounds:,} permutations"


def _permuted(errors: Array, rules: list[Condition], z: Array, scale: Array, rounds: int, seed: int) -> Array:
    """Compare each rule with the worst rule of every shuffle of the errors over the rows."""
    generator, n = np.random.default_rng(seed), len(errors)
    centred = (errors - errors.mean()).astype(np.float32)
    shuffled = generator.permuted(np.tile(centred, (rounds, 1)), axis=1).T
    worst = np.full(rounds, -math.inf)
    step = max(1, 20_000_000 // n)
    for start in range(0, len(rules), step):
        block = np.array([c.rows for c in rules[start : start + step]], dtype=np.float32)
        worst = np.maximum(worst, (block @ shuffled / scale[start : start + step, None]).max(axis=0))
    return (1 + (worst >= z[:, None] - 1e-6).sum(axis=1)) / (rounds + 1)


def _described(
    errors: Array,
    known: Array,
    rules: list[Condition],
    i: int,
    p: float,
    rates: bool,
    level: float,
    clusters: Array | None,
) -> WorstSlice:
    rows = rules[i].rows
    inside = errors[rows]
    wide = 1 - (1 - level) / len(rules)  # holds for all rules at once, so also for the one picked
    mean, n = float(inside.mean()), len(inside)
    if clusters is not None:
        bounds = (0.0, 1.0) if rates else (-math.inf, math.inf)
        found = cluster_interval(mean, (inside - mean) / n, codes(clusters[rows]), wide, bounds)
    elif rates:
        found = wilson(float(inside.sum()), n, wide)
    else:
        found = mean_t(mean, float(inside.std(ddof=1)), n, wide)
    elsewhere = float(errors[~rows].mean())
    return WorstSlice(rules[i].text, known[rows], mean, found.low, found.high, elsewhere, p)
