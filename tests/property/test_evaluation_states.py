"""Every metric on random rows: parts equal the whole, order and weight two change nothing, peers agree."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from modelops_jupyter.evaluation import AUCROCMetric, ModelEvaluator
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.metrics import CATALOGUE, Setting
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import BucketState, ScoreState

quick = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 10_000)
LABELS = "accuracy precision recall f1 specificity jaccard balanced_accuracy mcc kappa".split()
SCORES = "auc_roc average_precision ks log_loss brier ece top_k".split()
NUMBERS = "mse mae rmse r2 max_error mape".split()
SETS = "accuracy precision recall f1 jaccard specificity".split()


def drawn(seed: int) -> dict[str, tuple[Any, list[str], Setting]]:
    """Rows of every kind, with small whole weights."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 60))
    y = rng.integers(0, 3, n)
    y[:3] = [0, 1, 2]
    two, s = (y > 0).astype(np.int64), np.round(rng.random(n), 2)
    sets = np.empty((2, n), dtype=object)
    for i in range(n):
        for side in (0, 1):
            sets[side, i] = tuple(np.flatnonzero(rng.random(3) < 0.5).tolist())
    a = rng.normal(size=(2, n)) * 3 + 5
    w = rng.integers(1, 3, n).astype(float)
    return {
        "labels": (Rows(y, rng.integers(0, 3, n), None, w), LABELS, Setting((0, 1, 2))),
        "scores": (Rows(two, two, s, w), SCORES, Setting((0, 1))),
        "numbers": (Rows(a[0], a[1], None, w), NUMBERS, Setting()),
        "label sets": (Rows(sets[0], sets[1], None, w), SETS, Setting((0, 1, 2), None, "macro", True)),
    }


def value(name: str, rows: Any, setting: Setting) -> float:
    metric = CATALOGUE[name]().bound(setting)
    return float(metric.value(metric.fill(metric.empty(setting), rows)))


@pytest.mark.parametrize("kind", ["labels", "scores", "numbers", "label sets"])
@quick
@given(seeds)
def test_parts_order_and_weights_change_nothing(kind: str, seed: int) -> None:
    rows, names, setting = drawn(seed)[kind]
    rng = np.random.default_rng(seed + 1)
    order, cut = rng.permutation(len(rows)), int(rng.integers(1, len(rows)))
    twice = np.repeat(np.arange(len(rows)), rows.weights.astype(int))
    plain = Rows(*[None if part is None else part[twice] for part in (rows.y_true, rows.y_pred, rows.scores)])
    for name in names:
        metric = CATALOGUE[name]().bound(setting)
        parts = [metric.fill(metric.empty(setting), rows.take(s)) for s in (slice(cut), slice(cut, None))]
        whole = value(name, rows, setting)
        close = pytest.approx(whole, rel=1e-9, abs=1e-9, nan_ok=True)
        assert metric.value(parts[0].merge(parts[1])) == close, f"{name}, merged"
        assert value(name, rows.take(order), setting) == close, f"{name}, in another order"
        assert value(name, plain, setting) == close, f"{name}, rows repeated instead of weighted"


@quick
@given(seeds)
def test_values_are_scikit_learns(seed: int) -> None:
    kinds = drawn(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows, _, setting = kinds["labels"]
        y, p, w = rows.y_true, rows.y_pred, rows.weights
        expected = {
            "jaccard": sk.jaccard_score(y, p, average="macro", sample_weight=w, zero_division=0),
            "balanced_accuracy": sk.balanced_accuracy_score(y, p, sample_weight=w),
            "mcc": sk.matthews_corrcoef(y, p, sample_weight=w),
            "kappa": sk.cohen_kappa_score(y, p, sample_weight=w),
        }
        assert {k: value(k, rows, setting) for k in expected} == pytest.approx(
            expected, abs=1e-12, nan_ok=True
        )
        rows, _, setting = kinds["scores"]
        y, s, w = rows.y_true, rows.scores, rows.weights
        expected = {
            "auc_roc": sk.roc_auc_score(y, s, sample_weight=w),
            "average_precision": sk.average_precision_score(y, s, sample_weight=w),
            "log_loss": sk.log_loss(y, s, sample_weight=w, labels=[0, 1]),
            "brier": sk.brier_score_loss(y, s, sample_weight=w),
        }
        assert {k: value(k, rows, setting) for k in expected} == pytest.approx(expected, abs=1e-12)
        ks = stats.ks_2samp(s[y == 1], s[y == 0]).statistic
        assert value("ks", Rows(y, y, s), setting) == pytest.approx(ks, abs=1e-12)
        rows, _, setting = kinds["numbers"]
        y, p, w = rows.y_true, rows.y_pred, rows.weights
        expected = {
            "mape": sk.mean_absolute_percentage_error(y, p, sample_weight=w),
            "max_error": sk.max_error(y, p),
            "r2": sk.r2_score(y, p, sample_weight=w),
        }
        assert {k: value(k, rows, setting) for k in expected} == pytest.approx(expected, rel=1e-9)


@quick
@given(seeds, st.sampled_from(["micro", "macro", "weighted", "samples"]))
def test_sets_are_scikit_learns(seed: int, average: str) -> None:
    rows, _, _ = drawn(seed)["label sets"]
    names = ["precision", "recall", "f1", "jaccard"]
    evaluator = ModelEvaluator("multilabel", names, average=average, labels=[0, 1, 2])
    found = {k: m.value(m.fill(m.empty(evaluator.setting), rows)) for k, m in evaluator.metrics.items()}
    y, p = (
        np.array([[c in row for c in range(3)] for row in side], int) for side in (rows.y_true, rows.y_pred)
    )
    options = {"average": average, "zero_division": 0, "sample_weight": rows.weights}
    three = sk.precision_recall_fscore_support(y, p, **options)[:3]
    expected = dict(zip(names, [*three, sk.jaccard_score(y, p, **options)], strict=True))
    assert found == pytest.approx(expected, abs=1e-12)


@quick
@given(seeds)
def test_the_bounded_area_keeps_its_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 300))
    y = rng.integers(0, 2, n)
    y[:2] = [0, 1]
    s = 1 / (1 + np.exp(-rng.normal(size=n) * 10 ** rng.uniform(-4, 1.5) - 10 * rng.normal()))
    state = BucketState.empty().add(Rows(y, y, s))
    found = AUCROCMetric(bounded=True).grouped(state)
    assert abs(found.area - AUCROCMetric().value(ScoreState(y, s))) <= found.bound + 1e-12


@quick
@given(st.integers(1, 400), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_statsmodels(n: int, share: float, level: float) -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    k = round(share * n)
    expected = proportion.proportion_confint(k, n, 1 - level, method="wilson")
    assert wilson(k, n, level)[:2] == pytest.approx(expected, abs=1e-9)


@quick
@given(seeds)
def test_clustered_error_is_statsmodels(seed: int) -> None:
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 12, 80)
    group[:12] = np.arange(12)
    error = rng.normal(size=80) + rng.normal(size=12)[group]
    fit = api.OLS(np.abs(error), np.ones(80)).fit(
        cov_type="cluster", cov_kwds={"groups": group, "use_correction": False}
    )
    from modelops_jupyter.evaluation.metrics.rowwise import mean_shares

    sums = np.bincount(group, mean_shares(np.abs(error), None))
    assert float(sums @ sums) ** 0.5 == pytest.approx(float(fit.bse[0]), rel=1e-9)
