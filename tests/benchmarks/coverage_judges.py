"""Does a calibrated judge's interval keep its promise? Coverage by simulation, as Markdown.

python -m tests.benchmarks.coverage_judges

Every cell draws labelled answers and a thousand judged ones of a judge with known errors, and
counts how often the true rate lies inside the interval. Samples in which all labels are the same
are refused, as in the library, and do not count. Seeds are fixed; a share of 10,000 rounds is
known to within 0.4 points.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator

import numpy as np

from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import normal_quantile, wilson
from modelops_jupyter.evaluation.judges.powered import powered

RATES = (0.5, 0.7, 0.8, 0.9, 0.95)
SENSITIVITIES = (0.8, 0.9, 0.95)
SPECIFICITIES = (0.7, 0.8, 0.9, 0.95)
LABELS = (50, 100, 200)
ANSWERS = 1_000
DRAWS = 1_000  # of the posterior; the library takes more, which narrows the scatter of its ends

Limits = tuple[float, float]
Method = Callable[[Array, Array], Limits]  # labelled counts, judged counts


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10_000, help="rounds of each cell")
    rounds = parser.parse_args().rounds
    for title, lines in (
        (f"Pass or fail, nominal 95 %, {rounds:,} rounds a cell", rubric(rounds)),
        (f"Win, tie or loss, nominal 95 %, {rounds:,} rounds a cell", pairs(rounds)),
    ):
        print(f"\n### {title}\n", flush=True)
        for line in lines:
            print(line, flush=True)


def corrected(labelled: Array, judged: Array) -> Limits:
    """The library's: rows of `labelled` are verdicts, columns labels, from 0 to 1 evenly."""
    values = np.linspace(0, 1, len(judged))
    counts = {float(v): float(c) for v, c in zip(values, judged, strict=True) if c}
    table = {
        (float(values[v]), float(values[y])): int(labelled[v, y])
        for v, y in np.ndindex(labelled.shape)
        if labelled[v, y]
    }
    low, high, _ = powered(counts, table, values.tolist(), draws=DRAWS)[1]
    return low, high


def normal(labelled: Array, judged: Array) -> Limits:
    """The usual prediction-powered interval, by the normal distribution."""
    values = np.linspace(0, 1, len(judged))
    gaps, n, size = values[None, :] - values[:, None], labelled.sum(), judged.sum()
    rate, gap = values @ judged / size, (gaps * labelled).sum() / n
    spread = (values - rate) ** 2 @ judged / size / size + ((gaps - gap) ** 2 * labelled).sum() / n / n
    half = normal_quantile(0.95) * float(np.sqrt(spread))
    return rate + gap - half, rate + gap + half


def uncorrected(labelled: Array, judged: Array) -> Limits:
    """Wilson's interval of the judge's own verdicts."""
    low, high, _ = wilson(float(judged[1]), float(judged.sum()))
    return low, high


def coverage(chances: Array, truth: float, labels: int, rounds: int, methods: list[Method]) -> Array:
    """Return each method's share of rounds with the truth inside, and the share refused."""
    generator = np.random.default_rng(labels)
    flat, size = chances.ravel(), len(chances)
    hits, kept = np.zeros(len(methods)), 0
    for _ in range(rounds):
        labelled = generator.multinomial(labels, flat).reshape(size, size)
        judged = generator.multinomial(ANSWERS, chances.sum(axis=1))
        if (labelled.sum(axis=0) > 0).sum() < 2:
            continue
        kept += 1
        hits += [low <= truth <= high for low, high in (m(labelled, judged) for m in methods)]
    return np.append(hits / kept, 1 - kept / rounds)


def binary(rate: float, sensitivity: float, specificity: float) -> Array:
    """Chances of each verdict (rows: fail, pass) and label (columns)."""
    wrong = 1 - rate
    return np.array(
        [[wrong * specificity, rate * (1 - sensitivity)], [wrong * (1 - specificity), rate * sensitivity]]
    )


def rubric(rounds: int) -> Iterator[str]:
    """One line per true rate and number of labels: least, mean and greatest coverage over the judges."""
    judges = list(itertools.product(SENSITIVITIES, SPECIFICITIES))
    yield "| true rate | labels | uncorrected | normal form | calibrated: least | mean | greatest | refused |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|"
    everything: list[tuple[float, str]] = []
    for rate, labels in itertools.product(RATES, LABELS):
        cells = np.array(
            [
                coverage(binary(rate, *judge), rate, labels, rounds, [uncorrected, normal, corrected])
                for judge in judges
            ]
        )
        ours = cells[:, 2]
        everything += [
            (float(c), f"rate {rate}, sensitivity {j[0]}, specificity {j[1]}, {labels} labels")
            for c, j in zip(ours, judges, strict=True)
        ]
        shown = [
            cells[:, 0].mean(),
            cells[:, 1].min(),
            ours.min(),
            ours.mean(),
            ours.max(),
            cells[:, 3].max(),
        ]
        yield f"| {rate} | {labels} | {' | '.join(f'{100 * c:.1f} %' for c in shown)} |"
    (least, where_least), (most, where_most) = min(everything), max(everything)
    outside = sum(not 0.93 <= c <= 0.97 for c, _ in everything)
    yield f"\nUncorrected is the mean over the {len(judges)} judges, the normal form its least."
    yield f"Of {len(everything)} cells {outside} lie outside 93-97 %."
    yield f"Least {100 * least:.1f} % ({where_least}); greatest {100 * most:.1f} % ({where_most})."


def pairs(rounds: int) -> Iterator[str]:
    """The same for a judge of pairs that turns wins into ties and ties into wins."""
    yield "| wins | ties | losses | judge right | labels | normal form | calibrated |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    for label in ((0.5, 0.2, 0.3), (0.7, 0.2, 0.1), (0.85, 0.1, 0.05)):
        for right, labels in itertools.product((0.7, 0.9), LABELS):
            slips = np.full((3, 3), (1 - right) / 2) + np.eye(3) * (right - (1 - right) / 2)
            chances = slips * np.array(label[::-1])[None, :]
            truth = label[0] + label[1] / 2
            found = coverage(chances, truth, labels, rounds, [normal, corrected])
            cells = " | ".join(f"{100 * c:.1f} %" for c in found[:2])
            yield f"| {' | '.join(map(str, label))} | {right} | {labels} | {cells} |"


if __name__ == "__main__":
    main()
