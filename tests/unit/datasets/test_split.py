"""Splits: nothing straddles, rare classes are kept, notices say what was done."""

from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import ConfigError

from .build import chat, pairs


def ids(ds: Dataset | None) -> set[str]:
    assert ds is not None
    return set(ds.ids)


def test_a_split_unpacks_to_what_was_asked_for() -> None:
    ds = Dataset(pairs(200))
    train, test = ds.split()
    assert len(train) + len(test) == 200
    train, validation, test = ds.split(test=0.2, validation=0.1)
    assert ids(train) | ids(validation) | ids(test) == ids(ds)
    assert len(train) + len(validation) + len(test) == 200


def test_shares_are_close_to_what_was_asked_for() -> None:
    train, validation, test = Dataset(pairs(4000)).split(test=0.1, validation=0.05)
    assert 340 < len(test) < 460
    assert 150 < len(validation) < 250
    assert len(train) > 3300


def test_a_seed_gives_the_same_sides_for_ever_and_another_seed_others() -> None:
    ds = Dataset(pairs(60))
    assert [row["prompt"][9:] for row in ds.split(test=0.1, seed=4).test] == FROZEN
    assert ds.split(test=0.1, seed=4).test == ds.split(test_size=0.1, seed=4).test
    assert ds.split(test=0.1, seed=5).test != ds.split(test=0.1, seed=4).test


FROZEN = ["17", "21", "37", "38", "50", "52", "59"]


def test_copies_and_rows_that_ask_the_same_stay_together() -> None:
    rows = [chat(f"u:question {i % 40}", f"a:answer {i % 80}") for i in range(160)]
    train, test = Dataset(rows).split(test=0.4)
    asked = [{row["messages"][0]["content"] for row in side} for side in (train, test)]
    assert asked[0]
    assert asked[1]
    assert not asked[0] & asked[1]


def test_groups_stay_together_and_rows_without_group_stand_alone() -> None:
    rows: list[dict[str, Any]] = [{**row, "who": i % 20} for i, row in enumerate(pairs(200))]
    rows += [{"prompt": f"alone {i}", "completion": "x"} for i in range(100)]
    train, test = Dataset(rows).split(test=0.3, group="who")
    groups = [{row["who"] for row in side if "who" in row} for side in (train, test)]
    assert not groups[0] & groups[1]
    assert groups[0] | groups[1] == set(range(20))
    for side in (train, test):
        assert any("who" not in row for row in side)


def test_a_shared_prompt_joins_two_groups() -> None:
    rows = [
        {"prompt": "shared" if i % 10 == 0 else f"q{i}", "completion": f"{i}", "who": i // 2}
        for i in range(60)
    ]
    train, test = Dataset(rows).split(test=0.4, group="who")
    for field in ("who", "prompt"):
        assert not {row[field] for row in train} & {row[field] for row in test}


def test_every_class_is_divided_and_a_lonely_one_goes_to_train_with_a_notice() -> None:
    labels = ["a"] * 60 + ["b"] * 5 + ["c"]
    rows = [{"text": f"note {i}", "label": label} for i, label in enumerate(labels)]
    split = Dataset(rows).split(test=0.25, seed=3, stratify="label")
    counts = [[sum(row["label"] == name for row in side) for name in "abc"] for side in split]
    assert counts == [[45, 4, 1], [15, 1, 0]]
    assert len(split.notices) == 1
    assert '"c"' in split.notices[0]
    assert '"c"' in repr(split)


def test_a_small_dataset_still_has_a_test_row_and_says_so() -> None:
    for seed in range(10):
        split = Dataset(pairs(3)).split(test=0.01, seed=seed)
        assert (len(split.train), len(split.test)) == (2, 1)
        assert "3 units" in split.notices[0]
    assert len(Dataset(pairs(1)).split().train) == 1


def test_bad_rows_have_a_side_too() -> None:
    ds = Dataset.from_text("".join(f'{{"text": {i}\n' for i in range(50)))
    train, test = ds.split(test=0.5)
    assert len(train) + len(test) == 50
    assert len(test) > 5


@pytest.mark.parametrize(
    "shares", [{"test": 1.0}, {"test": -0.1}, {"test": 30}, {"test": 0.6, "validation": 0.5}]
)
def test_shares_that_cannot_be_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ConfigError) as caught:
        Dataset(pairs(10)).split(**shares)
    assert caught.value.code == "split-share"


def test_near_duplicates_stay_together_unless_that_is_not_asked_for() -> None:
    body = " ".join(f"word{i}" for i in range(40))
    rows = [{"prompt": f"{body} {i} {j}", "completion": "yes"} for i in range(1) for j in range(60)]
    rows += [{"prompt": f"question {i}", "completion": f"answer {i}"} for i in range(60)]
    ds = Dataset(rows)
    for side in ds.split(test=0.4):
        near = [row for row in side if row["prompt"].startswith("word0")]
        assert len(near) in (0, 60)
    assert all(
        any(row["prompt"].startswith("word0") for row in side) for side in ds.split(test=0.4, near=False)
    )


def test_a_group_names_its_unit_so_that_later_rows_move_none() -> None:
    rows = [{**row, "who": i % 30} for i, row in enumerate(pairs(90))]
    more = [{"prompt": f"new {i}", "completion": "x", "who": i % 45} for i in range(90)]
    old = Dataset(rows).split(test=0.3, group="who").test
    new = Dataset(rows + more).split(test=0.3, group="who").test
    assert ids(old) == {name for name in Dataset(rows).ids if name in ids(new)}
