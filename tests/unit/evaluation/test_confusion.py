"""The confusion matrix of the contract."""

import numpy as np
import pytest

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation import ConfusionMatrix

WORDS = ConfusionMatrix(["b", "a", "b", "c"], ["a", "a", "c", "c"])


def test_rows_are_true_columns_predicted_classes_sorted() -> None:
    assert WORDS.classes == ["a", "b", "c"]
    assert WORDS.matrix.tolist() == [[1, 0, 0], [1, 0, 1], [0, 0, 1]]
    assert WORDS.to_dict() == {"classes": ["a", "b", "c"], "matrix": [[1, 0, 0], [1, 0, 1], [0, 0, 1]]}


def test_labels_choose_classes_and_their_order() -> None:
    assert ConfusionMatrix([0, 1, 2], [0, 1, 1], labels=[2, 0]).matrix.tolist() == [[0, 0], [0, 1]]
    assert ConfusionMatrix([0, 1], [0, 1], labels=[5]).matrix.tolist() == [[0]]
    assert ConfusionMatrix([1, 1], [1, 1]).matrix.tolist() == [[2]]
    assert ConfusionMatrix([10**12, -5], [10**12, 7]).classes == [-5, 7, 10**12]


def test_get_cell_is_zero_for_unknown_labels() -> None:
    assert WORDS.get_cell("b", "c") == 1
    assert WORDS.get_cell("zzz", "c") == 0


def test_normalize_gives_shares_and_zero_for_an_empty_row() -> None:
    assert ConfusionMatrix([0, 0], [0, 1]).normalize("true").tolist() == [[0.5, 0.5], [0, 0]]
    assert ConfusionMatrix([0, 0], [0, 1]).normalize("predicted").tolist() == [[1, 1], [0, 0]]
    assert ConfusionMatrix([0, 0], [0, 1]).normalize("all").sum() == 1
    with pytest.raises(ConfigError, match="true"):
        WORDS.normalize("tru")  # type: ignore[arg-type]


def test_weights_count_as_repeated_rows() -> None:
    weighted = ConfusionMatrix([0, 1, 1], [0, 1, 0], weights=[0.5, 2, 1])
    assert weighted.matrix.tolist() == [[0.5, 0], [1, 2]]


def test_most_confused_lists_pairs_largest_first_without_the_diagonal() -> None:
    found = ConfusionMatrix([0, 0, 0, 1, 2], [1, 1, 2, 1, 2]).most_confused(2)
    assert [(c.true, c.predicted, c.count) for c in found] == [(0, 1, 2), (0, 2, 1)]
    assert ConfusionMatrix([0, 1], [0, 1]).most_confused() == []


def test_text_form_is_aligned_and_reports_carry_intervals() -> None:
    assert str(WORDS).splitlines() == [
        "true \\ predicted  a  b  c",
        "a                 1  0  0",
        "b                 1  0  1",
        "c                 0  0  1",
    ]
    assert repr(WORDS).startswith("ConfusionMatrix of 4 rows")
    for line in str(WORDS.report()).splitlines()[1:]:
        assert line.count("[") == 3


def test_hostile_labels_are_made_visible() -> None:
    text = str(ConfusionMatrix(["a\u202eb\x07"], ["a\u202eb\x07"]))
    assert "\u202e" not in text
    assert "\x07" not in text


def test_per_class_support_and_values() -> None:
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 3, 50), rng.integers(0, 3, 50)
    reports = ConfusionMatrix(y, p).per_class()
    assert [r.support for r in reports] == np.bincount(y).tolist()
    for r in reports:
        assert r.recall == pytest.approx(((y == r.label) & (p == r.label)).sum() / (y == r.label).sum())
        assert r.f1.low <= r.f1 <= r.f1.high
