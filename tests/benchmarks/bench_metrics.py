"""Metrics against scikit-learn, in turns in one process; run `python -m tests.benchmarks.bench_metrics`."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn import metrics as sk

from modelops_jupyter.evaluation import (
    AccuracyMetric,
    AUCROCMetric,
    ConfusionMatrix,
    F1Metric,
    MAEMetric,
    Metric,
    MSEMetric,
    PrecisionMetric,
    R2Metric,
    RecallMetric,
    RMSEMetric,
)
from modelops_jupyter.evaluation.coding import code_text
from modelops_jupyter.evaluation.metrics import CATALOGUE
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import BucketState, MomentState
from tests.benchmarks._measure import Row, ratio, sampled, seconds, shown

MILLION = 1_000_000
NAMES = "cat dog bird fish horse cow ant bee fox owl".split()


def labels(n: int, classes: int, seed: int = 0) -> tuple[Any, Any]:
    """Labels and predictions that agree in four of five rows and a little more."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    return y, np.where(rng.random(n) < 0.8, y, rng.integers(0, classes, n))


def separate(codes: Any) -> Any:
    """Text labels, each row its own object, as a file gives them."""
    return np.array(["".join(NAMES[i]) for i in codes.tolist()], dtype=object)


def row(
    what: str, ours: Callable[[], Any], peer: Callable[[], Any], goal: float, rounds: int = 5, note: str = ""
) -> Row:
    """Measure one line against scikit-learn."""
    return Row(what, "scikit-learn", ratio(ours, peer, rounds), 1 / goal, note)


def beside(part: Callable[[], Any], ours: Callable[[], Any], what: str = "reading both columns once") -> str:
    """Say how much of the time one part takes; reading is what no implementation can go below."""
    floor, mine = (min(sample() for _ in range(7)) for sample in (sampled(part), sampled(ours)))
    return f"{1e3 * mine:.2f} ms, of which {what} takes {1e3 * floor:.2f}"


def eight() -> Row:
    """What a user asks about one classifier: eight calls there, one table here."""
    y, p = labels(MILLION, 10)

    def ours() -> Any:
        matrix = ConfusionMatrix(y, p)
        state = matrix.state
        plain = [CATALOGUE[name]().value(state) for name in ("accuracy", "balanced_accuracy", "kappa", "mcc")]
        three = (PrecisionMetric, RecallMetric, F1Metric)
        averaged = [m(average=a).value(state) for m in three for a in ("macro", "weighted")]  # type: ignore[arg-type]
        return matrix.matrix, matrix.report(), plain, averaged

    def peer() -> Any:
        for call in (sk.accuracy_score, sk.balanced_accuracy_score, sk.cohen_kappa_score):
            call(y, p)
        sk.matthews_corrcoef(y, p)
        for average in ("macro", "weighted"):
            sk.precision_recall_fscore_support(y, p, average=average)
        sk.confusion_matrix(y, p)
        sk.classification_report(y, p)

    note = beside(lambda: ConfusionMatrix(y, p), ours, "counting the table")
    what = "eight classification calls, 1e6 rows, 10 classes (intervals in the report)"
    return row(what, ours, peer, 300, 5, note)


def binary() -> list[Row]:
    """Two classes, and accuracy alone."""
    y, p = labels(MILLION, 2)
    y10, p10 = labels(MILLION, 10)

    def three() -> Any:
        state = ConfusionMatrix(y, p).state
        return [m().value(state) for m in (PrecisionMetric, RecallMetric, F1Metric)]

    def with_intervals() -> Any:
        state = ConfusionMatrix(y, p).state
        return [m().measure(state) for m in (PrecisionMetric, RecallMetric, F1Metric)]

    def peer() -> Any:
        return sk.precision_recall_fscore_support(y, p, average="binary")

    def share() -> Any:
        return AccuracyMetric().compute(y10, p10)

    def with_interval() -> Any:
        return AccuracyMetric().measure(ConfusionMatrix(y10, p10).state)

    def other() -> Any:
        return sk.accuracy_score(y10, p10)

    note, short = beside(lambda: (y.sum(), p.sum()), three), beside(lambda: (y10.sum(), p10.sum()), share)
    what = "precision, recall and F1, 1e6 rows, 2 classes"
    return [
        row(what, three, peer, 110, note=note),
        Row(f"{what}, with intervals", "scikit-learn without", ratio(with_intervals, peer, 5)),
        row("accuracy, 1e6 rows", share, other, 80, 9, note=short),
        Row("accuracy, 1e6 rows, with its interval", "scikit-learn without", ratio(with_interval, other, 9)),
    ]


def text() -> list[Row]:
    """Labels as text: Python objects, then categories."""
    y, p = map(separate, labels(MILLION, 10))
    import pandas as pd

    macro = F1Metric(average="macro").compute
    a, b = pd.Categorical(y), pd.Categorical(p)
    objects = ratio(lambda: macro(y, p), lambda: macro_peer(y, p), 3)
    mine, theirs = (
        min(sample() for _ in range(3))
        for sample in (sampled(lambda: code_text(y)), sampled(lambda: pd.factorize(y)))
    )
    note = f"coding a column: {1e3 * mine:.0f} ms by our dictionary, {1e3 * theirs:.0f} by pandas.factorize"
    what, peer = "macro F1, 1e6 labels as str objects", "scikit-learn"
    return [
        Row(f"{what}, numpy alone", peer, objects, 1 / 25),
        Row(f"{what}, pandas there", peer, objects, 1 / 75, note),
        row(
            "macro F1, 1e6 labels, pandas Categorical", lambda: macro(a, b), lambda: macro_peer(a, b), 1000, 3
        ),
    ]


def macro_peer(y: Any, p: Any) -> Any:
    """scikit-learn's macro F1."""
    return sk.f1_score(y, p, average="macro")


def areas() -> list[Row]:
    """The area under the ROC curve, exact and bounded."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 10 * MILLION)
    s = 1 / (1 + np.exp(-(rng.normal(size=10 * MILLION) + y)))
    exact, few, score = AUCROCMetric(), slice(MILLION), sk.roc_auc_score
    metric = AUCROCMetric(bounded=True)
    rows = Rows(y, y, s)

    def ours() -> float:
        return metric.value(BucketState.empty().add(rows))

    return [
        row(
            "exact AUC, 1e6 rows", lambda: exact.compute(y[few], s[few]), lambda: score(y[few], s[few]), 5, 3
        ),
        row("bounded AUC, 1e7 rows", ours, lambda: score(y, s), 25, 1),
    ]


def regression() -> Row:
    """Four numbers from one pass."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=MILLION)
    p = y + rng.normal(size=MILLION)
    four = [MSEMetric(), MAEMetric(), RMSEMetric(), R2Metric()]
    calls = (sk.mean_squared_error, sk.mean_absolute_error, sk.root_mean_squared_error, sk.r2_score)

    def ours() -> Any:
        state = MomentState.empty().add(Rows(y, p))
        return [metric.value(state) for metric in four]

    def values_alone() -> None:
        for start in range(0, MILLION, 8_192):
            error, u = y[start : start + 8_192] - p[start : start + 8_192], y[start : start + 8_192] - y[0]
            float(error @ error), float(u @ u), float(u.sum()), float(np.abs(error, out=error).sum())

    def peer() -> Any:
        return [c(y, p) for c in calls]

    plain = ratio(values_alone, peer, 5)
    note = f"nine sums a row, of which the four values need four: those alone 1/{1 / plain:.1f}"
    return row("MSE, MAE, RMSE and R², 1e6 rows, with the sums of their intervals", ours, peer, 4, note=note)


def resampled() -> Row:
    """Ten thousand resamples of F1 from the table, beside resampling rows."""
    y, p = labels(100_000, 2)
    state, metric = ConfusionMatrix(y, p).state, F1Metric()

    def ours() -> Any:
        rng = np.random.default_rng(0)
        return metric._formula(
            state, rng.multinomial(100_000, state.count / 100_000, size=10_000).astype(float)
        )

    def one() -> float:
        i = np.random.default_rng(0).integers(0, 100_000, 100_000)
        return float(sk.f1_score(y[i], p[i]))

    ours()
    mine, theirs = min(seconds(ours) for _ in range(5)), min(seconds(one) for _ in range(3)) * 10_000
    note = f"{1e3 * mine:.1f} ms by multinomial draws, {theirs:,.0f} s by rows (one resample, times 10,000)"
    return Row(
        "10,000 resamples of F1, 1e5 rows",
        "scikit-learn on resampled rows",
        mine / theirs,
        0.01 / theirs,
        note,
    )


Y2, P2 = labels(100, 2)
S2 = np.random.default_rng(1).random(100)
M = (np.random.default_rng(2).normal(size=100), np.random.default_rng(3).normal(size=100))
SMALL: list[tuple[str, Any, Any, Any]] = [
    ("accuracy", sk.accuracy_score, Y2, P2),
    ("precision", sk.precision_score, Y2, P2),
    ("recall", sk.recall_score, Y2, P2),
    ("f1", sk.f1_score, Y2, P2),
    ("jaccard", sk.jaccard_score, Y2, P2),
    ("balanced_accuracy", sk.balanced_accuracy_score, Y2, P2),
    ("mcc", sk.matthews_corrcoef, Y2, P2),
    ("kappa", sk.cohen_kappa_score, Y2, P2),
    ("auc_roc", sk.roc_auc_score, Y2, S2),
    ("average_precision", sk.average_precision_score, Y2, S2),
    ("log_loss", sk.log_loss, Y2, S2),
    ("brier", sk.brier_score_loss, Y2, S2),
    ("mse", sk.mean_squared_error, *M),
    ("mae", sk.mean_absolute_error, *M),
    ("rmse", sk.root_mean_squared_error, *M),
    ("r2", sk.r2_score, *M),
    ("max_error", sk.max_error, *M),
    ("mape", sk.mean_absolute_percentage_error, *M),
]


def small() -> list[Row]:
    """Every metric at 100 rows, checks of the input included; arrays, and the slower lists."""
    found: list[Row] = []
    for name, peer, y, p in SMALL:
        metric: Metric = CATALOGUE[name]()
        for kind, (a, b) in (("arrays", (y, p)), ("lists", (y.tolist(), p.tolist()))):
            ours, theirs = partial(metric.compute, a, b), partial(peer, a, b)
            sample = sampled(ours)
            mine = f"{1e6 * min(sample() for _ in range(3)):.0f} µs"
            found.append(row(f"{name}, 100 rows, {kind}", ours, theirs, 10, note=mine))
    return found


def measure() -> list[Row]:
    """All rows."""
    warnings.simplefilter("ignore")
    return [eight(), *binary(), *text(), *areas(), regression(), resampled(), *small()]


if __name__ == "__main__":
    print(shown(measure()))
