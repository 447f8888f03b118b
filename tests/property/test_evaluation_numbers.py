"""On random inputs: scikit-learn's numbers, and what must not change them."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from modelops_jupyter.evaluation import ConfusionMatrix, F1Metric, ModelEvaluator, create_evaluator
from modelops_jupyter.evaluation.delong import place

pairs = st.lists(st.tuples(st.integers(-2, 3), st.integers(-2, 3)), min_size=1, max_size=60)
words = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcde")), min_size=1, max_size=60)
finite = st.floats(-1e6, 1e6)
numbers = st.lists(st.tuples(finite, finite), min_size=2, max_size=60)
ranked = st.lists(
    st.tuples(st.booleans(), st.floats(-3, 3).map(lambda v: round(v, 1))), min_size=2, max_size=60
)
NAMES = ["accuracy", "precision", "recall", "f1", "balanced_accuracy", "mcc", "kappa"]
quick = settings(max_examples=60, deadline=None)


def sklearn_numbers(y: Any, p: Any, weights: Any = None) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        w = {"sample_weight": weights}
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            y, p, average="macro", zero_division=0, **w
        )
        return {
            "accuracy": sk.accuracy_score(y, p, **w),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "balanced_accuracy": sk.balanced_accuracy_score(y, p, **w),
            "mcc": sk.matthews_corrcoef(y, p, **w),
            "kappa": sk.cohen_kappa_score(y, p, **w),
        }


def values(y: Any, p: Any, **options: Any) -> dict[str, float]:
    return {
        k: float(v) for k, v in ModelEvaluator("multiclass", NAMES).evaluate(y, p, **options).metrics.items()
    }


@pytest.mark.filterwarnings("ignore:A single label:UserWarning")
@quick
@given(st.one_of(pairs, words))
def test_classification_equals_scikit_learn(rows: Any) -> None:
    y, p = map(list, zip(*rows, strict=True))
    assert values(y, p) == pytest.approx(sklearn_numbers(y, p), abs=1e-12, nan_ok=True)
    expected = sk.confusion_matrix(y, p, labels=sorted({*y, *p}))
    assert ConfusionMatrix(y, p).matrix.tolist() == expected.tolist()


@quick
@given(pairs, st.randoms(use_true_random=False))
def test_weights_equal_scikit_learn_and_weight_two_is_a_repeated_row(rows: Any, random: Any) -> None:
    y, p = map(np.array, zip(*rows, strict=True))
    w = np.array([random.choice([1, 2, 3]) for _ in rows])
    weighted = values(y, p, weights=w)
    assert weighted == pytest.approx(sklearn_numbers(y, p, w), abs=1e-12, nan_ok=True)
    assert weighted == pytest.approx(values(np.repeat(y, w), np.repeat(p, w)), abs=1e-12, nan_ok=True)


@quick
@given(words, st.randoms(use_true_random=False))
def test_order_and_label_names_change_nothing(rows: Any, random: Any) -> None:
    y, p = map(list, zip(*rows, strict=True))
    renamed = dict(zip("abcde", [50, 10, 40, 20, 30], strict=True))
    order = list(range(len(y)))
    random.shuffle(order)
    other = values([renamed[y[i]] for i in order], [renamed[p[i]] for i in order])
    assert other == pytest.approx(values(y, p), abs=1e-12, nan_ok=True)


@quick
@given(pairs, st.integers(0, 60))
def test_merged_halves_equal_the_whole(rows: Any, cut: int) -> None:
    y, p = map(list, zip(*rows, strict=True))
    cut = min(max(1, cut), len(y) - 1)
    if cut:
        a, b = (create_evaluator("multiclass").update(y[s], p[s]) for s in (slice(cut), slice(cut, None)))
        assert a.merge(b).result() == create_evaluator("multiclass").evaluate(y, p)


@quick
@given(numbers)
def test_regression_equals_scikit_learn(rows: Any) -> None:
    y, p = map(np.array, zip(*rows, strict=True))
    found = create_evaluator("regression").evaluate(y, p)
    expected = {"mse": sk.mean_squared_error(y, p), "mae": sk.mean_absolute_error(y, p)}
    assert {k: float(found[k]) for k in expected} == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert found["rmse"] == pytest.approx(sk.root_mean_squared_error(y, p), rel=1e-9, abs=1e-9)
    if y.std() > 1e-6 * max(1.0, np.abs(y).max()):
        assert found["r2"] == pytest.approx(sk.r2_score(y, p), rel=1e-6, abs=1e-6)


@quick
@given(ranked)
def test_area_equals_scikit_learn_and_turns_round_with_the_class(rows: Any) -> None:
    y, s = map(np.array, zip(*rows, strict=True))
    area = place(s, y).area
    if len(set(y.tolist())) < 2:
        assert np.isnan(area)
        return
    assert area == pytest.approx(sk.roc_auc_score(y, s), abs=1e-12)
    assert area + place(s, ~y).area == pytest.approx(1.0, abs=1e-12)
    assert place(-s, y).area == pytest.approx(1 - area, abs=1e-12)
    assert place(s**3, y).area == area


@quick
@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_binary_f_equals_scikit_learn(rows: Any, beta: float) -> None:
    y, p = map(list, zip(*rows, strict=True))
    expected = sk.fbeta_score(y, p, beta=beta, zero_division=0)
    assert F1Metric(beta=beta).compute(y, p) == pytest.approx(expected, abs=1e-12)
