"""States: parts put together equal the whole, and survive JSON."""

import json
import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.coding import Coded, distinct
from modelops_jupyter.evaluation.rows import Rows, read_rows
from modelops_jupyter.evaluation.states import CountState, MeanState, MomentState, RowState, ScoreState

RNG = np.random.default_rng(0)
LABELS = read_rows("labels", RNG.integers(0, 4, 90), RNG.integers(0, 5, 90), scores=RNG.random(90))
WORDS = read_rows("labels", RNG.choice(["x", "y", "ż"], 90), RNG.choice(["x", "z"], 90))
NUMBERS = read_rows("numbers", 1e9 + RNG.normal(size=90), 1e9 + RNG.normal(size=90), weights=RNG.random(90))
WHOLE = read_rows("numbers", RNG.integers(-9, 9, 90), RNG.integers(-9, 9, 90))

CASES = [
    (CountState.empty(), LABELS),
    (CountState.empty(), WORDS),
    (CountState.empty([3, 1, 9]), LABELS),
    (ScoreState.empty(), LABELS),
    (MomentState.empty(), NUMBERS),
    (MomentState.empty(), WHOLE),
    (RowState.empty(), WORDS),
]


def flat(state: Any) -> Any:
    return json.loads(json.dumps(state.to_dict()))


def close(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    return a == (pytest.approx(b, rel=1e-9, abs=1e-6) if isinstance(b, float) else b)


@pytest.mark.parametrize(("empty", "rows"), CASES)
def test_merged_parts_equal_the_whole_in_any_grouping(empty: Any, rows: Any) -> None:
    cuts = np.split(np.arange(90), [7, 30, 31, 80])
    a, b, c, d, e = (empty.add(rows.take(cut)) for cut in cuts)
    whole = empty.add(rows)
    left = a.merge(b).merge(c).merge(d).merge(e)
    right = a.merge(b.merge(c.merge(d.merge(e))))
    streamed = empty
    for cut in cuts:
        streamed = streamed.add(rows.take(cut))
    for state in (left, right, streamed, empty.merge(whole), whole.merge(empty)):
        assert close(flat(state), flat(whole))


@pytest.mark.parametrize(("empty", "rows"), CASES)
def test_states_survive_json(empty: Any, rows: Any) -> None:
    for state in (empty, empty.add(rows)):
        assert flat(type(state).from_dict(flat(state))) == flat(state)


def test_integer_counts_are_exact_and_independent_of_order() -> None:
    order = RNG.permutation(90)
    a, b = CountState.empty().add(LABELS), CountState.empty().add(LABELS.take(order))
    assert flat(a) == flat(b)
    assert a.count.dtype == np.int64
    assert flat(MomentState.empty().add(WHOLE))["e2u"][0] == float(
        sum((t - p) ** 2 for t, p in zip(WHOLE.y_true.tolist(), WHOLE.y_pred.tolist(), strict=True))
    )


def test_mean_state_merges_skips_and_knows_rates() -> None:
    scores = np.array([1.0, 0.0, np.nan, 1.0, 1.0])
    whole = MeanState.empty().add(scores)
    parts = MeanState.empty().add(scores[:2]).merge(MeanState.empty().add(scores[2:3])).add(scores[3:])
    assert (parts.n, parts.skipped, parts.mean, parts.is_rate) == (4, 1, 0.75, True)
    assert parts.deviation == pytest.approx(whole.deviation) == pytest.approx(0.5)
    assert not whole.add(np.array([0.5])).is_rate
    assert MeanState.from_dict(whole.to_dict()) == whole


def test_parts_that_do_not_fit_cannot_be_merged() -> None:
    weighted = read_rows("labels", [0, 1], [0, 1], scores=[0.1, 0.9], weights=[1, 2])
    columns = read_rows("labels", [0, 1], [0, 1], scores=[[0.9, 0.1], [0.1, 0.9]])
    for other in (weighted, columns):
        with pytest.raises(EvaluationError, match="columns or weights"):
            ScoreState.empty().add(LABELS).add(other)


def test_labels_of_two_kinds_or_two_declarations_cannot_be_merged() -> None:
    with pytest.raises(EvaluationError, match="text and numbers"):
        CountState.empty().add(LABELS).merge(CountState.empty().add(WORDS))
    with pytest.raises(EvaluationError, match="labels="):
        CountState.empty([0]).merge(CountState.empty([1]))
    with pytest.raises(EvaluationError, match="once"):
        CountState.empty([0, 0])
    with pytest.raises(EvaluationError, match="at least one"):
        CountState.empty([])


LATE: dict[str, Any] = {
    "two": None, "a third one": 2, "a far one": 300, "a negative one": -3, "a huge one": 10**12,
}  # fmt: skip


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
@pytest.mark.parametrize("kind", [np.int64, np.int16, np.bool_])
def test_long_columns_count_a_class_that_comes_late(late: int | None, kind: Any) -> None:
    if late is not None and (kind is np.bool_ or late > np.iinfo(kind).max):
        kind = np.int64
    rng = np.random.default_rng(7)
    true, predicted = (rng.integers(0, 2, 70_001).astype(kind) for _ in range(2))
    if late is not None:
        true[-5:], predicted[-3:] = late, late
    state = CountState.read(true, predicted)
    assert state.classes == tuple(sorted({0, 1} | ({late} if late is not None else set())))
    assert np.array_equal(state.table(), confusion_matrix(true, predicted))


def test_labels_that_occur_are_found_wherever_they_are() -> None:
    column = np.zeros(70_001, np.int64)
    column[[5, 40_000, -1]] = [7, -9, 3]
    assert distinct(column) == {0, 7, -9, 3}
    column[-2] = 10**15
    assert distinct(column) == {0, 7, -9, 3, 10**15}


def test_moments_of_long_weighted_columns_are_the_sums_that_they_name() -> None:
    rng = np.random.default_rng(8)
    y, p, w = rng.normal(3, 2, 20_001), rng.normal(3, 2, 20_001), rng.random(20_001)
    state = MomentState.empty().add(Rows(y, p, None, w))
    e, u = y - p, y - y[0]
    assert (state.absolute, state.e4, state.largest) == pytest.approx(
        (math.fsum(w * abs(e)), math.fsum(w * e**4), max(abs(e)))
    )
    assert state.u == pytest.approx([math.fsum(w * u**k) for k in range(5)])
    assert state.e2u == pytest.approx([math.fsum(w * e**2 * u**k) for k in range(3)])


def test_small_codes_of_long_categories_do_not_wrap() -> None:
    rng = np.random.default_rng(9)
    names = tuple(f"c{i:02}" for i in range(20))
    true, predicted = (Coded(rng.integers(0, 20, 40_000).astype(np.int8), names) for _ in range(2))
    state = CountState.read(true, predicted)
    assert np.array_equal(state.table(), confusion_matrix(true.codes, predicted.codes))
