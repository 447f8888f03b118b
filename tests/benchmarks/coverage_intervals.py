"""How often our 95 % intervals hold the truth: exact where it can be, else by simulation with fixed seeds.

Run `python -m tests.benchmarks.coverage_intervals`; it prints Markdown tables for the docs.
"""

import argparse
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from modelops_jupyter.evaluation import AUCROCMetric, Metric, ModelEvaluator
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.states import BucketState, ScoreState

SIZES = (20, 50, 100, 200, 500, 1000, 5000)
RATES = (*[round(0.5 + 0.05 * i, 2) for i in range(10)], 0.98)
FINE = np.arange(0.5, 0.99, 0.001)


def rate_coverage(n: int, rates: Any) -> Any:
    """Exact: the binomial chance of every count whose interval holds the rate."""
    k = np.arange(n + 1)
    limits = np.array([wilson(int(i), n)[:2] for i in k])
    return np.array(
        [stats.binom.pmf(k, n, p)[(limits[:, 0] <= p) & (p <= limits[:, 1])].sum() for p in rates]
    )


def rates() -> str:
    """Wilson's interval, which accuracy, and precision and recall of one class, get."""
    head = ["n", *[f"{p:.2f}" for p in RATES], "mean", "worst p of a fine grid"]
    rows: list[list[str]] = []
    for n in SIZES:
        found, fine = rate_coverage(n, RATES), rate_coverage(n, FINE)
        worst = f"{fine.min():.3f} at {FINE[fine.argmin()]:.3f}"
        rows.append([str(n), *[f"{c:.3f}" for c in found], f"**{found.mean():.3f}**", worst])
    return table(head, rows)


def clustered_rows(rng: Any, groups: int, size: int, rate: float, sway: float) -> tuple[Any, Any, Any]:
    """Right or wrong answers whose chance varies by cluster (beta, intra-cluster correlation `sway`)."""
    scale = (1 - sway) / sway
    chance = rng.beta(rate * scale, (1 - rate) * scale, groups)
    right = rng.random((groups, size)) < chance[:, None]
    return (
        np.ones(groups * size, np.int64),
        right.astype(np.int64).ravel(),
        np.repeat(np.arange(groups), size),
    )


def clusters(trials: int = 1000) -> str:
    """Accuracy in clusters of ten; beside it the interval that knows nothing of clusters."""
    rng = np.random.default_rng(0)
    rows: list[list[str]] = []
    for groups in (10, 20, 50, 100, 300):
        for rate in (0.5, 0.7, 0.9, 0.95):
            held = np.zeros(2)
            for _ in range(trials):
                y, p, group = clustered_rows(rng, groups, 10, rate, 0.3)
                evaluator = ModelEvaluator("binary", ["accuracy"])
                values = (evaluator.evaluate(y, p, **c)["accuracy"] for c in ({"cluster": group}, {}))
                held += [v.low <= rate <= v.high for v in values]
            rows.append([str(groups), f"{rate:.2f}", *[f"{h / trials:.3f}" for h in held]])
    means = np.array([[float(r[2]), float(r[3])] for r in rows]).mean(axis=0)
    rows.append(["**mean**", "", *[f"**{m:.3f}**" for m in means]])
    return table(["clusters of 10", "rate", "with cluster=", "without"], rows)


def normal_scores(rng: Any, n: int, shift: float = 1.0) -> tuple[Any, Any]:
    """Labels and the true probability of label 1, from two shifted normals."""
    y = (rng.random(n) < 0.4).astype(np.int64)
    z = rng.normal(size=n) + shift * y
    return y, 1 / (1 + np.exp(-(shift * z - shift**2 / 2 + np.log(0.4 / 0.6))))


def overconfident(rng: Any, n: int) -> tuple[Any, Any]:
    """Probabilities that are too sure of themselves."""
    y, s = normal_scores(rng, n)
    odds = np.log(s / (1 - s))
    return y, 1 / (1 + np.exp(-1.8 * odds))


class Median(Metric):
    """A user's own metric of four lines."""

    name = "median_error"
    greater_is_better = False

    def compute(self, y_true: Any, y_pred: Any) -> float:
        """Median absolute error."""
        return float(np.median(np.abs(y_true - y_pred)))


def confused(rng: Any, n: int) -> tuple[Any, Any]:
    """Three classes, one of them rare, with 75 % right."""
    y = rng.choice(3, n, p=[0.5, 0.35, 0.15])
    return y, np.where(rng.random(n) < 0.75, y, rng.integers(0, 3, n))


def measured(rng: Any, n: int) -> tuple[Any, Any]:
    """Numbers with normal errors."""
    y = rng.normal(size=n)
    return y, y + 0.5 * rng.normal(size=n)


CASES: list[tuple[str, str, Callable[[Any, int], tuple[Any, Any]], list[Any]]] = [
    ("multiclass", "labels", confused, ["precision", "recall", "f1", "specificity", "jaccard"]),
    ("multiclass", "labels", confused, ["mcc", "kappa", "balanced_accuracy"]),
    ("binary", "scores", normal_scores, ["auc_roc", "average_precision", "ks", "log_loss", "brier", "ece"]),
    ("binary", "scores", overconfident, ["ece"]),
    ("regression", "numbers", measured, ["mse", "mae", "rmse", "r2", Median]),
]


def others(trials: int = 400, sizes: tuple[int, ...] = (50, 200, 1000)) -> str:
    """All other metrics against their value on a very large sample."""
    warnings.simplefilter("ignore")
    rows: list[list[str]] = []
    for task, kind, make, metrics in CASES:
        evaluator = ModelEvaluator(task, metrics)
        truth = evaluated(evaluator, kind, make, np.random.default_rng(99), 400_000, plain=True)
        held: dict[str, list[str]] = {name: [] for name in evaluator.metrics}
        method = dict.fromkeys(evaluator.metrics, "")
        for n in sizes:
            rng, hits = np.random.default_rng(n), dict.fromkeys(evaluator.metrics, 0)
            for _ in range(trials):
                for name, value in evaluated(evaluator, kind, make, rng, n).items():
                    hits[name] += value.low <= truth[name] <= value.high
                    method[name] = value.method
            for name, count in hits.items():
                held[name].append(f"{count / trials:.3f}")
        rows += [[f"{name} ({make.__name__})", *cells, method[name]] for name, cells in held.items()]
    return table(["metric", *[f"n = {n}" for n in sizes], "method"], rows)


def evaluated(
    evaluator: ModelEvaluator, kind: str, make: Any, rng: Any, n: int, *, plain: bool = False
) -> dict[str, Any]:
    """Values by name; `plain`: without intervals, which take long for very many rows."""
    y, p = make(rng, n)
    given = (y, (p >= 0.5).astype(np.int64), p) if kind == "scores" else (y, p)
    if not plain:
        return dict(evaluator.evaluate(*given).metrics)
    inputs = (y, p)
    return {name: metric.compute(*inputs) for name, metric in evaluator.metrics.items()}


def bounded(trials: int = 10_000) -> str:
    """The bounded area beside the exact one, on scores of many shapes."""
    rng = np.random.default_rng(1)
    worst = widest = outside = 0.0
    metric = AUCROCMetric(bounded=True)
    for _ in range(trials):
        n = int(rng.integers(2, 400))
        y = (rng.random(n) < rng.random()).astype(np.int64)
        z = rng.normal(size=n) * 10 ** rng.uniform(-4, 1.5) + rng.normal() * 10 + y * rng.normal()
        s = 1 / (1 + np.exp(-z))
        s = np.round(s, int(rng.integers(1, 6))) if rng.random() < 0.3 else s
        if len(set(y.tolist())) < 2:
            continue
        exact = AUCROCMetric().value(ScoreState(y, s))
        found = metric.grouped(BucketState.empty().add(_rows(y, s)))
        off = abs(found.area - exact)
        outside += off > found.bound + 1e-12
        worst, widest = max(worst, off), max(widest, found.bound)
    return (
        f"Bounded area, {trials:,} random samples: outside its bound {outside:.0f} times; "
        f"largest error {worst:.1e}, largest bound {widest:.1e}."
    )


def _rows(y: Any, s: Any) -> Any:
    from modelops_jupyter.evaluation.rows import Rows

    return Rows(y, y, s)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows])


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=400, help="samples of each cell of the other metrics")
    trials = parser.parse_args().trials
    parts: list[tuple[str, Callable[[], str]]] = [
        ("Rates, exact", rates),
        ("Rates in clusters, 1,000 trials each", clusters),
        (f"Other metrics, {trials:,} trials each", lambda: others(trials)),
        ("Bounded area", bounded),
    ]
    for title, part in parts:
        print(f"### {title}\n\n{part()}\n", flush=True)


if __name__ == "__main__":
    main()
