"""Do the comparisons keep their promise? False findings (size) and findings (power), as Markdown.

python -m tests.benchmarks.coverage_comparisons

Rates are enumerated exactly: every pair of discordant counts that can occur, weighted by its
chance, at the worst of a fine grid of discordance. The rest is simulated with fixed seeds; a
simulated 5.0 % of 2,000 rounds is known to within 1.0 points.
"""

import argparse
import math
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from modelops_jupyter.evaluation import AUCROCMetric, EvaluationResult, F1Metric, Gate, create_evaluator
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import mcnemar_p, normal_quantile
from modelops_jupyter.evaluation.metrics import Setting
from modelops_jupyter.evaluation.paired import Paired, from_clusters, from_influence, from_rows, rate_p
from modelops_jupyter.evaluation.rows import Rows

LEVEL = 0.95
Draw = Callable[[np.random.Generator, int], Paired]


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2_000, help="rounds of each simulated cell")
    rounds = parser.parse_args().rounds
    for title, lines in (
        ("Rates: McNemar mid-p with Tango's interval, enumerated", rates()),
        (f"Other paired tests, {rounds:,} rounds a cell, no true difference", others(rounds)),
        (f"Gates, {rounds:,} A/A rounds", gates(rounds)),
    ):
        print(f"\n### {title}\n", flush=True)
        for line in lines:
            print(line, flush=True)


@cache
def findings(n: int, discordant: int) -> tuple[Array, Array]:
    """Per count of "only after is right": whether mid-p alone, and whether our verdict finds a difference.

    Tango's interval leaves out zero exactly where the gap exceeds z times the root of the
    discordant rows, whatever the number of rows; `agrees_with_the_library` checks this.
    """
    b = np.arange(discordant + 1)
    mid = np.array([mcnemar_p(int(k), discordant - int(k)) for k in b])
    ours = np.array([rate_p(int(k), discordant - int(k), n) for k in b])
    apart = np.abs(2 * b - discordant) > normal_quantile(LEVEL) * math.sqrt(discordant)
    return mid < 1 - LEVEL, (ours < 1 - LEVEL) & apart


@cache
def chances(discordant: int, only_after: float) -> Array:
    """Chances of each "only after" among so many discordant rows."""
    return binomial(discordant, only_after)


def binomial(n: int, p: float) -> Array:
    """All chances of a binomial."""
    if p in (0.0, 1.0):
        return np.eye(n + 1)[0 if p == 0 else n]
    k = np.arange(n + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    return np.exp(logs[n] - logs - logs[::-1] + k * math.log(p) + (n - k) * math.log1p(-p))


def found(n: int, discordance: float, only_after: float) -> tuple[float, float]:
    """Chance of a finding, by mid-p alone and by our verdict."""
    weight = binomial(n, discordance)
    likely = [d for d in range(n + 1) if weight[d] > 1e-9]
    both = [[weight[d] * float(chances(d, only_after) @ rule) for rule in findings(n, d)] for d in likely]
    sums = np.sum(both, axis=0)
    return float(sums[0]), float(sums[1])


def rates() -> Iterator[str]:
    """Worst size over all discordances, and power at a few differences."""
    yield "| rows | worst size, mid-p | worst size, verdict | at discord | power, mid-p | power, verdict |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for n in (20, 50, 100, 200, 500, 1_000):
        grid = np.linspace(0.01, 1, 100)
        sizes = [found(n, float(share), 0.5) for share in grid]
        worst = int(np.argmax([ours for _, ours in sizes]))
        gap = min(0.95, 2.8 * math.sqrt(0.2 / n) / 0.2)  # of 20 % discordant rows, for a power near 80 %
        power = found(n, 0.2, 0.5 + gap / 2)
        cells = [max(mid for mid, _ in sizes), sizes[worst][1]]
        shown = [f"{100 * c:.2f} %" for c in cells]
        yield f"| {n:,} | {shown[0]} | {shown[1]} | {grid[worst]:.2f} | {power[0]:.3f} | {power[1]:.3f} |"


def rejected(draw: Draw, n: int, rounds: int) -> tuple[float, float]:
    """Shares of rounds with a finding, and with the true difference of zero outside the interval."""
    generator, size, missed = np.random.default_rng(n), 0, 0
    for _ in range(rounds):
        pair = draw(generator, n)
        outside = pair.low > 0 or pair.high < 0
        missed += outside
        size += outside and pair.p < 1 - LEVEL
    return size / rounds, missed / rounds


def others(rounds: int) -> Iterator[str]:
    """Size of the tests that cannot be enumerated."""
    kinds: list[tuple[str, Draw]] = [
        ("paired t, normal scores", means),
        ("paired t, skewed scores", skewed),
        ("paired t over clusters of 10", clustered),
        ("paired DeLong (AUC near .75)", areas),
        ("paired multinomial bootstrap (F1 near .8)", f1),
        ("paired multinomial bootstrap (macro F1, 4 classes)", macro),
    ]
    sizes = (50, 100, 200, 500)
    yield f"| test | {' | '.join(f'n={n}' for n in sizes)} |"
    yield f"|---|{'---:|' * len(sizes)}"
    for name, draw in kinds:
        cells = [f"{100 * rejected(draw, n, rounds)[0]:.1f} %" for n in sizes]
        yield f"| {name} | {' | '.join(cells)} |"


def means(g: np.random.Generator, n: int) -> Paired:
    """Two scores of like mean."""
    return from_influence(g.normal(size=n) - g.normal(size=n), LEVEL)


def skewed(g: np.random.Generator, n: int) -> Paired:
    """Squared errors of two like models."""
    return from_influence(g.exponential(size=n) ** 2 - g.exponential(size=n) ** 2, LEVEL)


def clustered(g: np.random.Generator, n: int) -> Paired:
    """Differences that go together within clusters of ten."""
    cluster = np.arange(n) // 10
    return from_clusters(g.normal(size=n) + g.normal(size=n // 10)[cluster], cluster, LEVEL)


def areas(g: np.random.Generator, n: int) -> Paired:
    """Two scorings of like quality, correlated."""
    y = (np.arange(n) < n // 3).astype(np.int64)
    shared = y + g.normal(size=n)
    a, b = (Rows(y, y, shared + 0.5 * g.normal(size=n)) for _ in range(2))
    return AUCROCMetric().paired(a, b, LEVEL, Setting())


def f1(g: np.random.Generator, n: int) -> Paired:
    """Two like classifiers that are wrong on some of the same rows."""
    return _labels(g, n, 2, F1Metric(average="binary"))


def macro(g: np.random.Generator, n: int) -> Paired:
    """The same for four classes."""
    return _labels(g, n, 4, F1Metric(average="macro"))


def _labels(g: np.random.Generator, n: int, classes: int, metric: F1Metric) -> Paired:
    y = g.integers(0, classes, n)
    hard = g.random(n) < 0.15
    sides: list[Rows] = []
    for _ in range(2):
        wrong = np.where(hard, g.random(n) < 0.7, g.random(n) < 0.1)
        sides.append(Rows(y, np.where(wrong, (y + g.integers(1, classes, n)) % classes, y)))
    return metric.paired(sides[0], sides[1], LEVEL, Setting())


def gates(rounds: int) -> Iterator[str]:
    """How often a gate fails a model that is exactly as good as it must be."""
    yield "| gate | n=50 | n=200 | n=500 |"
    yield "|---|---:|---:|---:|"
    for metric in ("accuracy", "f1", "auc_roc"):
        for limit in ({"max_drop": 0.0}, {"min_value": 0.8}):
            cells: list[str] = []
            for n in (50, 200, 500):
                g = np.random.default_rng(n)
                y = g.integers(0, 2, n)
                sides = [_side(g, y) for _ in range(2)]
                found = Gate(metric, **limit).aa(*sides, rounds=rounds)
                cells.append(f"{100 * found.rate:.1f} %")
            name = "max_drop=0" if "max_drop" in limit else "min_value at the model's own value"
            yield f"| {metric}, {name} | {' | '.join(cells)} |"


def _side(g: np.random.Generator, y: Array) -> EvaluationResult:
    scores = y + g.normal(size=len(y))
    return create_evaluator("binary").evaluate(y, (scores > 0.5).astype(int), scores=scores)


def agrees_with_the_library(n: int) -> bool:
    """Whether `findings` says what a comparison of such rows says, for every pair of counts."""
    for d in range(n + 1):
        for b in range(d + 1):
            after, before = np.zeros(n), np.zeros(n)
            after[:b], before[b:d] = 1, 1
            pair = from_rows(after, before, LEVEL)
            if (pair.p < 1 - LEVEL and (pair.low > 0 or pair.high < 0)) != bool(findings(n, d)[1][b]):
                return False
    return True


if __name__ == "__main__":
    main()
