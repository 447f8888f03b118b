# ruff: noqa: E501  # one line a case reads as a table
"""What happens at the edges: each line is a call that users make and the answer they must get.

Values are scikit-learn's where it has one that is honest; where it refuses what is clear, or
counts what is not, ours differs and the line says how.
"""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from modelops_jupyter.errors import ConfigError, EvaluationError, ModelOpsError
from modelops_jupyter.evaluation import (
    AccuracyMetric,
    AUCROCMetric,
    ConfusionMatrix,
    F1Metric,
    ModelEvaluator,
    PrecisionMetric,
    RecallMetric,
)
from modelops_jupyter.evaluation.metrics import CATALOGUE

NAN, INF = float("nan"), float("inf")
Y, P = [0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]
SETS, FOUND = [[1, 0, 1], [0, 0, 0], [0, 1, 1]], [[1, 1, 0], [0, 0, 0], [0, 1, 1]]
SHARES = [[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2], [0.1, 0.3, 0.6]]
TRUE3 = [0, 1, 2, 0, 1]


def one(name: str, y: Any, p: Any, **options: Any) -> float:
    return CATALOGUE[name](**options).compute(y, p)


def classes(metric: Any, y: Any, p: Any, scores: Any = None, weights: Any = None, **options: Any) -> Any:
    task = options.pop("task", "multiclass")
    found = ModelEvaluator(task, [metric], **options).evaluate(y, p, scores=scores, weights=weights)
    return next(iter(found.metrics.values()))


VALUES = [
    ("huge integers", lambda: one("accuracy", [10**12, -5], [10**12, 7]), 0.5),
    ("unsigned 64 bit", lambda: one("accuracy", np.array([2**63, 1], np.uint64), [2**63, 1]), 1.0),
    ("more than 64 bit", lambda: one("accuracy", [2**70, 1], [2**70, 1]), 1.0),
    ("bool against int", lambda: one("accuracy", [True, False], [1, 0]), 1.0),
    ("integral floats", lambda: one("accuracy", [0.0, 1.0], [0, 1]), 1.0),
    ("column vector", lambda: one("accuracy", [[0], [1]], [0, 1]), 1.0),
    ("generators", lambda: one("accuracy", (v for v in [0, 1]), iter([0, 1])), 1.0),
    ("ASCII bytes are text", lambda: one("accuracy", [b"a"], ["a"]), 1.0),
    ("trailing blank counts", lambda: one("accuracy", ["a "], ["a"]), 0.0),
    ("trailing NUL counts", lambda: one("accuracy", ["a\0"], ["a"]), 0.0),
    ("composed against combining accent", lambda: one("accuracy", ["e\u0301"], ["\u00e9"]), 0.0),
    ("F1 of labels 1 and 2", lambda: one("f1", [1, 2], [1, 1]), 2 / 3),
    ("F1 of -1 and 1", lambda: one("f1", [-1, 1], [1, 1]), 2 / 3),
    ("F1 of text, class named", lambda: one("f1", ["a", "b"], ["a", "a"], positive_class="b"), 0.0),
    ("precision, nothing predicted", lambda: one("precision", [0, 1], [0, 0]), 0.0),
    ("micro F1", lambda: one("f1", Y, P, average="micro"), 1 / 3),
    ("macro precision", lambda: one("precision", Y, P, average="macro"), 2 / 9),
    ("macro F1", lambda: one("f1", Y, P, average="macro"), 4 / 15),
    ("label only predicted counts in the mean", lambda: one("f1", [0, 1], [0, 2], average="macro"), 1 / 3),
    ("declared label that never occurs", lambda: classes(F1Metric(average="macro"), Y, P, labels=[0, 3]), 0.4),
    ("micro over some labels", lambda: classes(F1Metric(average="micro"), Y, P, labels=[0, 1]), 4 / 9),
    ("weighted precision", lambda: classes(PrecisionMetric(), [0, 1, 1], [0, 1, 0], None, [1, 2, 3], task="binary"), 1.0),
    ("balanced accuracy", lambda: one("balanced_accuracy", [0, 0, 1], [0, 1, 1]), 0.75),
    ("balanced accuracy, class only predicted", lambda: one("balanced_accuracy", [0, 0], [0, 1]), 0.5),
    ("MCC without variation", lambda: one("mcc", [0, 0], [0, 1]), 0.0),
    ("MCC", lambda: one("mcc", [0, 1, 1, 0], [0, 1, 0, 0]), 1 / math.sqrt(3)),
    ("kappa of one label is 0/0", lambda: one("kappa", [0, 0], [0, 0]), NAN),
    ("sets: all right", lambda: classes("accuracy", SETS, FOUND, task="multilabel"), 2 / 3),
    ("sets: micro", lambda: classes("f1", SETS, FOUND, task="multilabel", average="micro"), 0.75),
    ("sets: macro", lambda: classes("f1", SETS, FOUND, task="multilabel"), 7 / 9),
    ("sets: weighted", lambda: classes("f1", SETS, FOUND, task="multilabel", average="weighted"), 0.75),
    ("sets: by row", lambda: classes("f1", SETS, FOUND, task="multilabel", average="samples"), 0.5),
    ("ragged sets", lambda: classes("accuracy", [{"a"}, {"b", "c"}], [["a"], ["c", "b"]], task="multilabel"), 1.0),
    ("Jaccard", lambda: one("jaccard", Y, P, average="macro"), 2 / 9),
    ("MSE", lambda: one("mse", [3, -0.5, 2, 7], [2.5, 0, 2, 8]), 0.375),
    ("R²", lambda: one("r2", [3, -0.5, 2, 7], [2.5, 0, 2, 8]), 0.9486081370449679),
    ("R² of one row", lambda: one("r2", [1], [1]), NAN),
    ("R², constant and exact", lambda: one("r2", [1, 1], [1, 1]), 1.0),
    ("R², constant and wrong", lambda: one("r2", [1, 1], [1, 2]), 0.0),
    ("R² far from zero", lambda: one("r2", [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3], [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 4]), 0.8),
    ("int32 does not wrap", lambda: one("mse", np.array([2**31 - 1], np.int32), np.array([-(2**31)], np.int32)), (2.0**32 - 1) ** 2),
    ("uint8 does not wrap", lambda: one("mse", np.array([0], np.uint8), np.array([255], np.uint8)), 65025.0),
    ("integers beyond 2^53 are subtracted exactly", lambda: one("mse", [2**53 + 1], [2**53]), 1.0),
    ("float16 adds up in double", lambda: one("mse", np.array([300], np.float16), np.array([0], np.float16)), 90000.0),
    ("weighted MAE", lambda: classes("mae", [0, 0], [1, 2], None, [1, 3], task="regression"), 1.75),
    ("MAPE at zero is undefined, not 1e15", lambda: one("mape", [0, 1], [1, 1]), NAN),
    ("largest error", lambda: one("max_error", [3, 2, 7], [4, 2, 5]), 2.0),
    ("AUC", lambda: one("auc_roc", [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 0.75),
    ("AUC of one class", lambda: one("auc_roc", [1, 1], [0.2, 0.3]), NAN),
    ("AUC, all tied", lambda: one("auc_roc", [0, 1, 0, 1], [0.5] * 4), 0.5),
    ("AUC, infinite score has its place", lambda: one("auc_roc", [0, 1], [0.1, INF]), 1.0),
    ("AUC of text, class named", lambda: one("auc_roc", ["a", "b"], [0.1, 0.9], positive_class="b"), 1.0),
    ("AUC from two columns", lambda: one("auc_roc", [0, 1], [[0.9, 0.1], [0.2, 0.8]]), 1.0),
    ("AUC one against the rest", lambda: one("auc_roc", TRUE3, SHARES), sk.roc_auc_score(TRUE3, SHARES, multi_class="ovr")),
    ("AUC weighted by class", lambda: one("auc_roc", TRUE3, SHARES, average="weighted"), sk.roc_auc_score(TRUE3, SHARES, multi_class="ovr", average="weighted")),
    ("AUC, declared class that never occurs", lambda: classes("auc_roc", [0, 1, 0, 1, 0], [0] * 5, SHARES, labels=[0, 1, 2]), NAN),
    ("AUC, weights leave one class", lambda: classes("auc_roc", [0, 1], [0, 1], [0.1, 0.9], [0, 1], task="binary"), NAN),
    ("average precision", lambda: one("average_precision", [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 5 / 6),
    ("log loss, sure and right", lambda: one("log_loss", [0, 1], [0.0, 1.0]), 2.220446049250313e-16),
    ("log loss, sure and wrong", lambda: one("log_loss", [0, 1], [1.0, 0.0]), 36.04365338911715),
    ("log loss, float32 has larger steps", lambda: one("log_loss", [0, 1], np.array([1, 0], np.float32)), 23 * math.log(2)),
    ("log loss of one label, the other is known", lambda: one("log_loss", [1, 1], [0.9, 0.8]), 0.164252033486018),
    ("Brier", lambda: one("brier", [0, 1], [0.1, 0.8]), 0.025),
    ("top 2 of three", lambda: one("top_k", TRUE3, SHARES), sk.top_k_accuracy_score(TRUE3, SHARES, k=2)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "call", "expected"), VALUES, ids=[v[0] for v in VALUES])
def test_value(what: str, call: Any, expected: float) -> None:
    del what
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert call() == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)


REFUSED = [
    ("nothing", lambda: one("accuracy", [], []), ["y_true", "empty"]),
    ("no numbers", lambda: one("mse", [], []), ["empty"]),
    ("no scores", lambda: one("auc_roc", [], []), ["empty"]),
    ("an empty table", lambda: ConfusionMatrix([], [], labels=[0, 1]), ["empty"]),
    ("unequal lengths", lambda: one("accuracy", [0, 1], [0, 1, 1]), ["2 rows", "3", "row 2"]),
    ("unequal numbers", lambda: one("mse", [1, 2], [1]), ["y_true goes on", "row 1"]),
    ("a number for a column", lambda: one("accuracy", 5, 5), ["int", "sequence"]),
    ("a text for a column", lambda: one("accuracy", "abc", "abc"), ["str", "sequence"]),
    ("a set has no order", lambda: one("accuracy", {0, 1}, {0, 1}), ["set"]),
    ("NaN label", lambda: one("accuracy", [0, 1, NAN], [0, 1, 1]), ["missing", "row 2"]),
    ("None label", lambda: one("accuracy", ["a", None], ["a", "b"]), ["missing", "row 1"]),
    ("NaN among text", lambda: one("accuracy", ["a", "b"], ["a", NAN]), ["missing", "row 1", "y_pred"]),
    ("NaN number", lambda: one("mse", [1, NAN], [1, 2]), ["missing", "row 1"]),
    ("infinite number", lambda: one("mse", [1, INF], [1, 2]), ["infinite", "row 1"]),
    ("NaN score", lambda: one("auc_roc", [0, 1], [0.1, NAN]), ["missing", "row 1", "scores"]),
    ("masked", lambda: one("accuracy", np.ma.masked_array([1, 2], mask=[0, 1]), [1, 2]), ["missing", "row 1"]),
    ("numbers against text", lambda: one("accuracy", [0, 1], ["0", "1"]), ["numbers", "text"]),
    ("bool against text", lambda: one("accuracy", [True, False], ["True", "False"]), ["numbers", "text"]),
    ("a mixed list", lambda: one("accuracy", [1, "a"], [1, "a"]), ["mixes", "row 1"]),
    ("a mixed object array", lambda: ConfusionMatrix(np.array([1, "a"], object), [1, 2]), ["mixes"]),
    ("probabilities as labels", lambda: one("accuracy", [0, 1], [0.2, 0.8]), ["probabilities", "scores="]),
    ("measured numbers as labels", lambda: one("accuracy", [0.5, 7.25], [0, 1]), ["measured", "regression"]),
    ("numbers as text", lambda: one("mse", ["1", "2"], [1, 2]), ["text", "row 0"]),
    ("bytes that are no ASCII", lambda: one("accuracy", [b"\xff"], ["a"]), ["ASCII"]),
    ("no label declared", lambda: ConfusionMatrix([0, 1], [0, 1], labels=[]), ["at least one"]),
    ("negative weight", lambda: ConfusionMatrix([0, 1], [0, 0], weights=[-1, 2]), ["negative", "row 0"]),
    ("no weight", lambda: ConfusionMatrix([0, 1], [0, 0], weights=[0, 0]), ["zero"]),
    ("too few weights", lambda: ConfusionMatrix([0, 1], [0, 0], weights=[1]), ["weights has 1"]),
    ("binary average of three", lambda: one("f1", Y, P, average="binary"), ["3 labels", "macro"]),
    ("which text is positive?", lambda: one("f1", ["a", "b"], ["a", "a"]), ["positive_class", "'a', 'b'"]),
    ("by row, one label each", lambda: one("f1", Y, P, average="samples"), ["several labels"]),
    ("no such average", lambda: one("f1", Y, P, average="makro"), ["makro", "macro"]),
    ("three classes, one column", lambda: one("auc_roc", [0, 1, 2], [0.1, 0.5, 0.9]), ["3 classes", "1 score"]),
    ("three classes, two columns", lambda: one("log_loss", [0, 1, 2], [[0.5, 0.5]] * 3), ["3 classes", "labels="]),
    ("no probability", lambda: one("log_loss", [0, 1], [1.2, 0.3]), ["1.2", "row 0"]),
    ("padding as a class", lambda: one("accuracy", [3, -100], [3, 1]), ["-100", "ignore_label"]),
    ("sets that are none", lambda: classes("f1", ["a", "b"], [["a"], ["b"]], task="multilabel"), ["set of labels", "row 0"]),
    ("columns without a name", lambda: classes("f1", SETS, FOUND, task="multilabel", labels=[0]), ["3 columns for 1"]),
    ("ranking sets", lambda: classes("kappa", SETS, FOUND, task="multilabel"), ["label sets"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "call", "words"), REFUSED, ids=[r[0] for r in REFUSED])
def test_refused_with_the_reason(what: str, call: Any, words: list[str]) -> None:
    del what
    with pytest.raises(ModelOpsError) as caught:
        call()
    assert isinstance(caught.value, EvaluationError | ConfigError)
    for word in words:
        assert word in str(caught.value)


TABLES = [
    ("ascending labels", ([10**12, -5], [10**12, 7]), {}, [[0, 1, 0], [0, 0, 0], [0, 0, 1]]),
    ("text in order", (["b", "a", "b"], ["a", "a", "c"]), {}, [[1, 0, 0], [1, 0, 1], [0, 0, 0]]),
    ("declared order", ([0, 1, 2], [0, 1, 1]), {"labels": [2, 0]}, [[0, 0], [0, 1]]),
    ("declared label that is nowhere", ([0, 1], [0, 1]), {"labels": [5]}, [[0]]),
    ("one label", ([1, 1], [1, 1]), {}, [[2]]),
    ("bools", ([True, False, True], [True, True, False]), {}, [[0, 1], [1, 1]]),
    ("weights", ([0, 1, 1], [0, 1, 0]), {"weights": [0.5, 2, 1]}, [[0.5, 0], [1, 2]]),
    ("weight zero keeps its class", ([0, 1], [1, 1]), {"weights": [0, 1]}, [[0, 0], [0, 1]]),
]


@pytest.mark.parametrize(("what", "given", "options", "expected"), TABLES, ids=[t[0] for t in TABLES])
def test_table(what: str, given: Any, options: Any, expected: Any) -> None:
    del what
    assert ConfusionMatrix(*given, **options).matrix.tolist() == expected


FLAGGED = [
    (PrecisionMetric(positive_class=1), [0, 0], [0, 0], 0.0, "0/0"),
    (RecallMetric(positive_class=1), [0, 0], [0, 1], 0.0, "0/0"),
    (F1Metric(positive_class=1), [0, 0], [0, 0], 0.0, "0/0"),
    ("kappa", [0, 0], [0, 0], NAN, "0/0"),
]


@pytest.mark.parametrize(("metric", "y", "p", "expected", "reason"), FLAGGED)
def test_nothing_by_nothing_is_marked(metric: Any, y: Any, p: Any, expected: float, reason: str) -> None:
    found = classes(metric, y, p, task="binary")
    assert found == pytest.approx(expected, nan_ok=True)
    assert reason in str(found.undefined)


def test_empty_rows_of_a_normalised_table_are_zero() -> None:
    assert ConfusionMatrix([0, 0], [0, 1]).normalize().tolist() == [[0.5, 0.5], [0, 0]]


def test_pandas_columns_go_by_position_and_missing_values_have_a_row() -> None:
    pd = pytest.importorskip("pandas")
    assert one("accuracy", pd.Series([0, 1], index=[7, 3]), pd.Series([0, 1])) == 1.0
    assert one("accuracy", pd.Categorical(["a", "b"]), pd.Series(["a", "c"], dtype="category")) == 0.5
    for column in (pd.array([1, None], "Int64"), pd.Categorical(["a", None])):
        with pytest.raises(EvaluationError, match="row 1"):
            one("accuracy", column, column)
    assert AUCROCMetric().compute(pd.Series([0, 1]), pd.Series([0.2, 0.7])) == 1.0
    assert AccuracyMetric().compute(pd.array([True, False], "boolean"), [1, 1]) == 0.5
