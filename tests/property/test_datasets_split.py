"""Splits: rows keep their side when rows are added, and nothing near stands on two sides."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset, near

TOPICS = [" ".join(f"{topic}{i}" for i in range(30)) for topic in "abcdefgh"]


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, str]]:
    out: list[dict[str, str]] = []
    for at in range(draw(st.integers(5, 40))):
        words = draw(st.sampled_from(TOPICS)).split()
        for place in draw(st.lists(st.integers(0, 29), max_size=4)):
            words[place] = f"new{draw(st.integers(0, 5))}"
        out.append({"prompt": " ".join(words), "completion": "same" if at % 3 else f"other {at}"})
    return out


@settings(max_examples=40, deadline=None)
@given(rows(), st.integers(0, 2**32))
def test_nothing_near_stands_on_two_sides(data: list[dict[str, str]], seed: int) -> None:
    ds = Dataset(data)
    train, test = ds.split(test=0.4, seed=seed)
    side = dict.fromkeys(train.ids, 0) | dict.fromkeys(test.ids, 1)
    for later, earlier in near.linked(ds):
        assert side[ds.ids[later]] == side[ds.ids[earlier]]
    first = near.first_of(ds).first
    assert all(side[ds.ids[at]] == side[ds.ids[int(to)]] for at, to in enumerate(first) if to >= 0)


@settings(max_examples=40, deadline=None)
@given(rows(), rows(), st.integers(0, 2**32))
def test_rows_keep_their_side_when_others_are_added(
    data: list[dict[str, str]], more: list[dict[str, str]], seed: int
) -> None:
    ds, grown = Dataset(data), Dataset(data + more)
    before, after = ds.split(test=0.4, seed=seed), grown.split(test=0.4, seed=seed)
    if before.notices or after.notices:
        return  # so few units that one was moved by hand, as the notice says
    first, later = units(ds), units(grown)
    old, new = set(before.test.ids), set(after.test.ids)
    for at, name in enumerate(ds.ids):
        if first[at] == later[at]:  # else a new row joins its unit to an earlier one
            assert (name in old) == (name in new)


def units(ds: Dataset) -> list[int]:
    """Return for each row the first row of those that must stay together with it."""
    root = list(range(len(ds)))

    def top(row: int) -> int:
        while root[row] != row:
            row = root[row]
        return row

    asked: dict[str, int] = {}
    pairs = [(at, asked.setdefault(row["prompt"], at)) for at, row in enumerate(ds)]
    for one, two in [*pairs, *near.linked(ds)]:
        low, high = sorted((top(one), top(two)))
        root[high] = low
    return [top(row) for row in root]


def test_added_rows_that_are_near_to_none_move_none() -> None:
    chance = random.Random(4)
    made = [
        {"prompt": " ".join(chance.choices(TOPICS[0].split(), k=20)), "completion": "x"} for _ in range(400)
    ]
    whole = Dataset(made)
    full = {name: number for number, side in enumerate(whole.split(test=0.3)) for name in side.ids}
    for size in (100, 250):
        for number, side in enumerate(whole[:size].split(test=0.3)):
            assert all(full[name] == number for name in side.ids)
