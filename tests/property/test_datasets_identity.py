"""A row keeps its id through every selection, and its side of a split when rows are added."""

from hypothesis import given, settings
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset

QUESTIONS = st.integers(0, 30)
ROWS = st.lists(
    st.builds(lambda q, a: {"prompt": f"q{q}", "completion": f"a{a}"}, QUESTIONS, st.integers(0, 2)),
    max_size=40,
)


def side_of(rows: list[dict[str, str]], seed: int) -> dict[str, set[str]]:
    train, test = Dataset.from_records(rows).split(test=0.3, seed=seed)
    sides: dict[str, set[str]] = {}
    for name, ds in (("train", train), ("test", test)):
        for row in ds:
            sides.setdefault(row["prompt"], set()).add(name)
    return sides


@settings(deadline=None)
@given(ROWS, st.data())
def test_ids_are_distinct_and_follow_their_rows(rows: list[dict[str, str]], data: st.DataObject) -> None:
    ds = Dataset.from_records(rows)
    names = list(ds.ids)
    assert len(set(names)) == len(names)
    order = data.draw(st.permutations(range(len(rows))))
    picked = ds.take(order[: len(order) // 2 + 1])
    assert list(picked.ids) == [names[i] for i in order[: len(order) // 2 + 1]]
    again = picked.sort("completion").map(lambda row: {**row, "more": 1})
    by_id = {names[i]: rows[i] for i in range(len(rows))}
    assert all({**by_id[name], "more": 1} == row for name, row in zip(again.ids, again, strict=True))


@settings(deadline=None)
@given(ROWS, ROWS)
def test_concatenation_makes_ids_distinct_and_keeps_the_first(
    one: list[dict[str, str]], two: list[dict[str, str]]
) -> None:
    a, b = Dataset.from_records(one), Dataset.from_records(two)
    both = a + b
    assert list(both.ids)[: len(a)] == list(a.ids)
    assert len(set(both.ids)) == len(both) == len(a) + len(b)
    assert both.to_list() == one + two


@settings(deadline=None)
@given(ROWS, st.integers(0, 5))
def test_every_row_is_on_one_side_and_no_prompt_is_on_two(rows: list[dict[str, str]], seed: int) -> None:
    ds = Dataset.from_records(rows)
    sides = ds.split(test=0.3, validation=0.2, seed=seed)
    assert sorted(name for side in sides for name in side.ids) == sorted(ds.ids)
    prompts = [{row["prompt"] for row in side} for side in sides]
    assert sum(map(len, prompts)) == len(set().union(*prompts))


@settings(deadline=None)
@given(ROWS, ROWS, st.integers(0, 5))
def test_a_row_keeps_its_side_when_rows_are_added(
    rows: list[dict[str, str]], more: list[dict[str, str]], seed: int
) -> None:
    before, after = side_of(rows, seed), side_of(rows + more, seed)
    settled = {name for sides in before.values() for name in sides} == {"train", "test"}
    anchor = Dataset.from_records(rows).split(test=0.3, seed=seed)
    if settled and not anchor.notices:  # else the only test row was lent by train
        assert {prompt: after[prompt] for prompt in before} == before
