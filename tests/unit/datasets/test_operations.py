"""Operations over several datasets, and labels beside rows: what comes out, and again from the same seed."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest

from modelops_jupyter.datasets import Dataset, EditSession
from modelops_jupyter.errors import ConfigError, DatasetError, RowError

from .build import chat, pairs


def numbered(name: str, rows: int) -> Dataset:
    return Dataset([{"text": f"{name}{i}"} for i in range(rows)], name=name)


def origin(ds: Dataset) -> Counter[str]:
    return Counter(row["text"][0] for row in ds)


# ---- mix --------------------------------------------------------------------------------------------


def test_a_mixture_has_the_shares_from_its_beginning_on() -> None:
    parts = [(numbered("a", 500), 0.5), (numbered("b", 500), 0.3), (numbered("c", 500), 0.2)]
    mixed = Dataset.mix(parts, 600)
    assert len(mixed) == len(set(mixed.ids)) == 600
    for size in range(0, 601, 7):
        found = origin(mixed.head(size))
        for name, share in (("a", 0.5), ("b", 0.3), ("c", 0.2)):
            assert abs(found[name] - share * size) <= 2
    assert len(Counter(row["text"] for row in mixed)) == 600


def test_shares_need_not_add_up_to_one() -> None:
    a, b = numbered("a", 50), numbered("b", 50)
    assert Dataset.mix([(a, 3), (b, 1)], 40).to_list() == Dataset.mix([(a, 0.75), (b, 0.25)], 40).to_list()


def test_the_first_that_is_used_up_ends_it_or_the_last() -> None:
    a, b = numbered("a", 10), numbered("b", 30)
    assert origin(Dataset.mix([(a, 1), (b, 1)], stop="first_exhausted")) == {"a": 10, "b": 10}
    again = Dataset.mix([(a, 1), (b, 1)], stop="all_exhausted")
    assert origin(again) == {"a": 30, "b": 30}
    assert set(Counter(row["text"] for row in again if row["text"][0] == "a").values()) == {3}
    assert len(set(again.ids)) == 60
    assert origin(Dataset.mix([(a, 1), (b, 1)], 8, stop="all_exhausted")) == {"a": 4, "b": 4}


def test_a_dataset_too_small_for_its_share_is_an_error_that_counts() -> None:
    with pytest.raises(DatasetError, match=r'"a" has 10 rows, its share is 15.*all_exhausted'):
        Dataset.mix([(numbered("a", 10), 1), (numbered("b", 30), 1)], 30)


def test_by_tokens_long_rows_are_fewer() -> None:
    class Words:
        def encode(self, text: str) -> list[str]:
            return text.split()

    long = Dataset([{"text": "l " * 30} for _ in range(100)])
    short = Dataset([{"text": "s " * 3} for _ in range(1000)])
    mixed = Dataset.mix([(long, 0.5), (short, 0.5)], 1200, by="tokens", tokenizer=Words())
    tokens = Counter[str]()
    for row in mixed:
        tokens.update(row["text"].split())
    assert abs(tokens["l"] - 600) <= 30
    assert abs(tokens["s"] - 600) <= 30
    assert 1170 <= tokens.total() <= 1200


def test_a_mixture_remembers_where_its_rows_came_from() -> None:
    a = numbered("a", 20).filter([("text", "!=", "a3")])
    (step,) = Dataset.mix([(a, 2), (numbered("b", 20), 1)], 6, seed=4).lineage
    assert (step.operation, step.rows, step.arguments["seed"]) == ("mix", 6, 4)
    assert [(d["name"], d["share"], d["rows"]) for d in step.arguments["datasets"]] == [
        ("a", 2, 19),
        ("b", 1, 20),
    ]
    assert [s["operation"] for s in step.arguments["datasets"][0]["lineage"]] == ["from_records", "filter"]
    json.dumps(step.to_json())


@pytest.mark.parametrize(
    ("parts", "options", "message"),
    [
        ([], {"n": 1}, "shares above 0"),
        ([(numbered("a", 2), 0)], {"n": 1}, "shares above 0"),
        ([(numbered("a", 2), float("nan"))], {"n": 1}, "shares above 0"),
        ([(numbered("a", 2), 1)], {}, "needs n"),
        ([(numbered("a", 2), 1)], {"n": 0}, "leaves nothing"),
        ([(numbered("a", 2), 1)], {"n": 1, "by": "row"}, "Did you mean 'rows'"),
        ([(numbered("a", 2), 1)], {"n": 1, "stop": "first"}, "first_exhausted"),
        ([(numbered("a", 0), 1)], {"n": 1}, "no rows to give"),
    ],
)
def test_a_mixture_that_cannot_be_made_says_why(
    parts: list[Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises((ConfigError, DatasetError), match=message):
        Dataset.mix(parts, **options)


# ---- seeds ------------------------------------------------------------------------------------------

DRAWN = """
import json, sys
from modelops_jupyter.datasets import Dataset
ds = Dataset([{"id": i, "text": f"item {i}"} for i in range(40)])
made = [ds.sample(7, seed=11), ds.shuffle(seed=11), *ds.split(test=0.3, seed=11),
        Dataset.mix([(ds.head(20), 0.3), (ds[20:], 0.7)], 15, seed=11)]
print(json.dumps([[row["id"] for row in each] for each in made]))
"""


def test_the_same_seed_gives_the_same_rows_in_every_process_and_disturbs_no_other() -> None:
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]
    runs = {
        subprocess.run(
            [sys.executable, "-c", f"import random; random.seed({seed})\n{DRAWN}"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "7")
    }
    here: dict[str, Any] = {"print": lambda text: runs.add(text + "\n")}
    exec(DRAWN, here)
    assert len(runs) == 1
    after = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]
    assert after == before
    assert here["ds"].sample(7, seed=12).to_list() != here["made"][0].to_list()


# ---- labels -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("through", ["dataset", "session"])
def test_a_label_stands_beside_the_row_and_changes_no_other_byte(through: str) -> None:
    ds = Dataset.from_text(
        '{ "text" : "a", "n": 1.0E5, "n": 007.5e0 }\n{"text": "b"} \n{"text": "c"}\n'.replace("007", "7")
    )
    of: Dataset | EditSession = ds if through == "dataset" else ds.edit()
    done = of.label([0, ds.ids[1]], {"by": "ann", "ok": True})
    assert done.raw(0) == b'{ "text" : "a", "n": 1.0E5, "n": 7.5e0 ,"review":{"by":"ann","ok":true}}'
    assert done[1] == {"text": "b", "review": {"by": "ann", "ok": True}}
    assert done.raw(2) == ds.raw(2)
    assert list(done.ids) == list(ds.ids)
    assert (done.lineage[-1].operation, done.lineage[-1].arguments["key"]) == ("label", "review")
    assert done.label([1], 2)[1] == {"text": "b", "review": 2}
    assert Dataset([{}]).label([0], 1, key="x").raw(0) == b'{"x":1}'


def test_a_field_of_the_format_is_no_label() -> None:
    rows = {
        "messages": chat("u:a", "a:b"),
        "label": {"prompt": "a", "completion": "b", "label": True},
        "text": {"text": "a"},
    }
    for key, row in rows.items():
        ds = Dataset([row])
        for of in (ds, ds.edit()):
            with pytest.raises(DatasetError, match=r"ds\.patch") as caught:
                of.label([0], "x", key=key)
            assert caught.value.code == "format-field"
    assert Dataset(pairs(1)).label([0], "x", key="label")[0]["label"] == "x"  # of KTO, not of these


def test_a_row_that_cannot_be_read_gets_no_label() -> None:
    with pytest.raises(RowError):
        Dataset.from_text('{"text"').label([0], 1)


def test_a_label_that_is_no_json_is_refused() -> None:
    with pytest.raises(DatasetError, match="NaN"):
        numbered("a", 1).label([0], float("nan"))


# ---- diff -------------------------------------------------------------------------------------------


def test_a_diff_names_what_was_added_removed_changed_and_moved() -> None:
    a = numbered("a", 6)
    b = a.drop([1]).patch({0: {"text": "A0", "new": 1}}).take([0, 1, 4, 2, 3]) + numbered("n", 1)
    diff = a.diff(b)
    assert diff.counts() == {"added": 1, "removed": 1, "changed": 1, "moved": 1}
    assert diff.added.to_list() == [{"text": "n0"}]
    assert diff.removed.to_list() == [{"text": "a1"}]
    assert diff.changed.to_list() == [{"text": "A0", "new": 1}]
    assert diff.moved.to_list() == [{"text": "a5"}]
    (change,) = diff.changes()
    assert (change.id, change.line, change.pointers) == (a.ids[0], 1, ("/text", "/new"))
    assert (change.before, change.after) == ("a0", "A0")
    assert repr(diff) == "DatasetDiff(1 added, 1 removed, 1 changed, 1 moved)"
    made = diff.apply(a)
    assert made == b
    assert list(made.ids) == list(b.ids)
    assert made.lineage[-1].arguments == diff.counts()
    with pytest.raises(DatasetError, match="other rows"):
        diff.apply(b)


def test_nothing_differs_from_itself() -> None:
    ds = numbered("a", 5)
    diff = ds.diff(ds)
    assert not diff
    assert repr(diff) == "DatasetDiff(no difference)"
    assert diff.apply(ds) == ds
    assert not Dataset().diff(Dataset())


def test_a_saved_and_reopened_file_is_compared_by_a_key() -> None:
    a = Dataset([{"id": i, "text": f"t{i}"} for i in range(4)])
    b = Dataset([{"id": i, "text": f"t{i}" if i != 2 else "new"} for i in (3, 1, 2)])
    assert a.diff(b).counts()["changed"] == 0
    diff = a.diff(b, key="id")
    assert diff.counts() == {"added": 0, "removed": 1, "changed": 1, "moved": 1}
    assert diff.apply(a) == b
    assert list(diff.apply(a).ids) == list(b.ids)


def test_a_key_must_be_there_and_different_in_every_row() -> None:
    ds = Dataset([{"id": 1, "text": "a"}, {"id": 1, "text": "b"}, {"text": "c"}])
    with pytest.raises(DatasetError, match='nothing under "id"'):
        ds.diff(ds, key="id")
    with pytest.raises(DatasetError, match='same "id"'):
        ds.head(2).diff(ds.head(2), key="id")
    other = Dataset([{"id": 1}, {"id": "1"}])
    assert not other.diff(other, key="id")  # a number is not a text


def test_rows_that_cannot_be_read_are_compared_too() -> None:
    a = Dataset.from_text('{"text": "a"}\n{"tex\n')
    diff = a.diff(a.patch({1: {"text": "b"}}))
    assert [(c.pointers, c.before) for c in diff.changes()] == [(("",), '{"tex')]
    assert not a.diff(a, key="text")


def test_the_safe_fixes_are_shown_before_they_are_applied() -> None:
    ds = numbered("a", 2) + numbered("a", 1)
    assert ds.diff(ds.validate().fix()).counts()["removed"] == 1


def test_conflicts_come_in_the_order_of_rows_in_every_process() -> None:
    script = (
        "from modelops_jupyter.datasets import Dataset;"
        "from modelops_jupyter.datasets.steps import DropConflicts;"
        "ds = Dataset([{'prompt': f'{n % 9}?', 'completion': str(n)} for n in range(27)]);"
        "print([decision.row for decision in DropConflicts().apply(ds)])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {str([n + 9 * k for n in range(9) for k in range(3)]) + "\n"}
