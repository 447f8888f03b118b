"""What may be passed as labels, numbers and scores, and what is refused with row and hint."""

import fractions
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.errors import EmptyInputError, EvaluationError, LengthMismatchError
from modelops_jupyter.evaluation import AccuracyMetric, ConfusionMatrix, MSEMetric
from modelops_jupyter.evaluation.inputs import as_labels, as_numbers, as_scores, as_texts, as_weights
from modelops_jupyter.evaluation.rows import read_rows

accuracy, mse = AccuracyMetric().compute, MSEMetric().compute


@pytest.mark.parametrize(
    ("y_true", "y_pred", "expected"),
    [
        ([0, 1, 1], [0, 1, 0], 2 / 3),
        ((0, 1), iter([0, 1]), 1.0),
        ((v for v in [0, 1]), range(2), 1.0),
        ([[0], [1]], [0, 1], 1.0),
        (np.array([[0], [1]]), np.array([0, 1]), 1.0),
        ([True, False], [1, 0], 1.0),
        ([0.0, 1.0], [0, 1], 1.0),
        ([10**12, -5], [10**12, 7], 0.5),
        (np.array([2**63, 1], np.uint64), np.array([2**63, 2], np.uint64), 0.5),
        (np.array([2**63], np.uint64), [-(2**63)], 0.0),
        ([2**70, 1], [2**70, 1], 1.0),
        (["a\0"], ["a"], 0.0),
        (["é"], ["e\u0301"], 0.0),
        (np.array(["a", "b"]), ["a", "b"], 1.0),
        (np.array(["a", "b"], object), np.array(["a", "c"]), 0.5),
        (np.array(["a", "b"], np.dtypes.StringDType()), ["a", "b"], 1.0),
        ([b"a", b"b"], ["a", "b"], 1.0),
        ([np.int8(1), np.int64(2)], [1, 2], 1.0),
    ],
)
def test_labels_of_many_kinds_are_read(y_true: Any, y_pred: Any, expected: float) -> None:
    assert accuracy(y_true, y_pred) == pytest.approx(expected, abs=1e-15)


def test_frames_and_tensors_are_read_without_being_required() -> None:
    torch = pytest.importorskip("torch")
    pd = pytest.importorskip("pandas")
    assert accuracy(torch.tensor([0, 1]), torch.tensor([0, 1])) == 1
    assert mse(torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([1.0, 2.0]).bfloat16()) == 0
    assert accuracy(pd.Series(["a", "b"], index=[5, 6]), pd.Series(["a", "b"])) == 1
    assert accuracy(pd.Categorical(["a", "b"]), ["a", "b"]) == 1
    assert accuracy(pd.Series([1, 2], dtype="Int64"), [1, 2]) == 1
    assert accuracy(pd.Series([True, False], dtype="boolean"), [1, 0]) == 1
    with pytest.raises(EvaluationError, match="row 1"):
        accuracy(pd.Series([1, None], dtype="Int64"), [1, 2])


@pytest.mark.parametrize(
    ("y_true", "y_pred", "words"),
    [
        (5, 5, ["int", "sequence"]),
        ("abc", "abc", ["str", "sequence"]),
        ({0, 1}, {0, 1}, ["set", "sequence"]),
        ({"a": 1}, [1], ["dict"]),
        ([0, 1, float("nan")], [0, 1, 1], ["missing", "row 2", "y_true"]),
        (["a", None], ["a", "b"], ["missing", "row 1"]),
        (["a", "b"], ["a", float("nan")], ["missing", "row 1", "y_pred"]),
        (np.ma.masked_array([1, 2], mask=[False, True]), [1, 2], ["missing", "row 1"]),
        ([0, 1], ["0", "1"], ["numbers", "text", "str(v)"]),
        ([1, "a"], [1, "a"], ["mixes", "row 1", "'a'"]),
        (np.array([1, "a"], object), [1, 2], ["mixes"]),
        ([0, 1], [0.2, 0.8], ["probabilities", "row 0", "scores="]),
        ([0.5, 7.25], [0, 1], ["measured numbers", "regression"]),
        ([0, float("inf")], [0, 1], ["inf", "row 1"]),
        ([["a"], ["b", "c"]], [["a"], ["b"]], ["list", "one value per row"]),
        (np.zeros((2, 2)), [0, 1], ["2 dimensions", "scores="]),
        ([object()], [1], ["object"]),
        ([b"\xff"], ["a"], ["ASCII"]),
        ([3, -100, -100], [3, 1, 2], ["-100", "2 rows", "1, 2", "ignore_label=-100"]),
    ],
)
def test_labels_that_mean_trouble_are_refused_with_row_and_hint(
    y_true: Any, y_pred: Any, words: list[str]
) -> None:
    with pytest.raises(EvaluationError) as caught:
        accuracy(y_true, y_pred)
    for word in words:
        assert word in str(caught.value)


def test_unequal_lengths_name_the_longer_side_and_the_first_lone_row() -> None:
    with pytest.raises(LengthMismatchError, match=r"y_pred goes on at row 2"):
        accuracy([0, 1], [0, 1, 1])
    with pytest.raises(LengthMismatchError, match=r"y_true goes on at row 1 .*'b'"):
        read_rows("labels", [0, 1], [0], ids=["a", "b"])


@pytest.mark.parametrize("call", [accuracy, mse, ConfusionMatrix])
def test_nothing_to_evaluate_is_an_error(call: Any) -> None:
    with pytest.raises(EmptyInputError, match="nothing to evaluate"):
        call([], [])


@pytest.mark.parametrize(
    ("y_true", "y_pred", "expected"),
    [
        (np.array([2**31 - 1], np.int32), np.array([-(2**31)], np.int32), (2.0**32 - 1) ** 2),
        (np.array([0], np.uint8), np.array([255], np.uint8), 65025.0),
        ([2**53 + 1], [2**53], 1.0),
        ([2**63 + 1], [2**63], 1.0),
        ([-(2**63)], [2**63 - 1], (2.0**64 - 1) ** 2),
        (np.array([300], np.float16), np.array([0], np.float16), 90000.0),
        ([Decimal("1.5"), fractions.Fraction(1, 2)], [1.5, 0.5], 0.0),
        ([True, False], [1, 1], 0.5),
    ],
)
def test_integers_never_wrap_and_small_floats_accumulate_in_double(
    y_true: Any, y_pred: Any, expected: float
) -> None:
    assert mse(y_true, y_pred) == expected


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["1", "2"], ["text", "row 0", "float()"]),
        ([1.0, float("nan")], ["missing", "row 1"]),
        ([1.0, float("inf")], ["infinite", "row 1"]),
        ([1.0, None], ["missing", "row 1"]),
        ([1.0, 1j], ["complex", "row 1"]),
    ],
)
def test_numbers_that_are_none_are_refused(values: list[Any], words: list[str]) -> None:
    with pytest.raises(EvaluationError) as caught:
        as_numbers(values)
    for word in words:
        assert word in str(caught.value)


def test_scores_may_be_infinite_and_have_columns_but_not_be_missing() -> None:
    assert as_scores([0.1, float("inf")])[1] == np.inf
    assert as_scores([[0.1, 0.9], [0.5, 0.5]]).shape == (2, 2)
    with pytest.raises(EvaluationError, match="row 1"):
        as_scores([[0.1, 0.9], [0.5, float("nan")]])


@pytest.mark.parametrize(("weights", "word"), [([-1, 2], "negative"), ([0, 0], "zero"), ([1], "goes on")])
def test_weights_must_count_rows(weights: list[float], word: str) -> None:
    with pytest.raises(EvaluationError, match=word):
        ConfusionMatrix([0, 1], [0, 0], weights=weights)
    if word != "goes on":
        with pytest.raises(EvaluationError, match=word):
            as_weights(weights)


def test_texts_are_str_and_an_empty_one_is_not_missing() -> None:
    assert as_texts(["a", ""]).tolist() == ["a", ""]
    with pytest.raises(EvaluationError, match="int"):
        as_texts(["a", 1])


def test_booleans_stay_booleans_and_whole_floats_become_integers() -> None:
    assert as_labels([True, False]).dtype == np.bool_
    assert as_labels([1.0, 2.0]).dtype == np.int64
