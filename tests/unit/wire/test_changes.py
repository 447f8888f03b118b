"""Differences over the wire: word by word, and the dataset that decisions make."""

import time
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.notebook.widgets import DatasetDiffViewer
from modelops_jupyter.wire.changes import words
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.review import Review


def letters(text: str) -> Dataset:
    return Dataset([{"id": letter.lower(), "text": letter} for letter in text], id_key="id")


def said(ds: Dataset) -> str:
    return "".join(row["text"] for row in ds)


def ask(review: Review, op: str, **args: Any) -> Any:
    context = Context(resolve_review=lambda _: review)
    return answer({"v": 1, "id": "1", "op": op, "args": {"diff": "f", **args}}, context)


def test_words_are_marked_and_together_are_the_texts() -> None:
    old, new = words("pay within 14 days, please", "pay within 30 days")
    assert [text for text, same in old if not same] == ["14", ", please"]
    assert [text for text, same in new if not same] == ["30"]
    assert "".join(text for text, _ in old) == "pay within 14 days, please"
    assert "".join(text for text, _ in new) == "pay within 30 days"
    old, _ = words("请在十四天内付款", "请在三十天内付款")
    assert "".join(text for text, same in old if same) == "请在十天内付款"


@pytest.mark.parametrize(
    ("accepted", "rows"),
    [
        ([], "abcd"),
        (["changed"], "aBcd"),
        (["removed"], "abd"),
        (["added"], "xabycd"),
        (["changed", "removed", "added"], "xaByd"),
    ],
)
def test_accepted_differences_make_the_rows_and_the_others_do_not(accepted: list[str], rows: str) -> None:
    review = Review(letters("abcd").diff(letters("xaByd")))
    which = [i for i in range(len(review.places)) if review.kind(i) in accepted]
    assert ask(review, "decide", choice="accepted", which=which)["ok"]
    assert said(review.accepted) == rows
    assert ask(review, "decide", choice="open", which=which)["ok"]
    assert said(review.accepted) == "abcd"


@pytest.mark.parametrize(
    ("after", "accepted", "rows"),
    [
        ("bcda", "moved", "bcda"),  # one down
        ("dabc", "moved", "dabc"),  # one up
        ("dabc", "rejected", "abcd"),
        ("dxabyc", "added", "xabycd"),  # an added row does not follow one that stays where it was
        ("dxabyc", "moved", "dabc"),
        ("Cbdax", "moved", "cbda"),
        ("Cbdax", "changed", "abCd"),
        ("Cbdax", "all", "Cbdax"),
    ],
)
def test_moved_rows_are_decided_for_themselves(after: str, accepted: str, rows: str) -> None:
    review = Review(letters("abcd").diff(letters(after)))
    kinds = [review.kind(i) for i in range(len(review.places))]
    ask(review, "decide", choice="accepted", which=[i for i, k in enumerate(kinds) if accepted in (k, "all")])
    assert said(review.accepted) == rows
    assert "moved" in kinds


def test_a_moved_row_says_from_where_to_where() -> None:
    review = Review(letters("abcd").diff(letters("bcda")))
    (row,) = ask(review, "changes", kind="moved")["result"]["rows"]
    assert (row["id"], row["moved"], row["places"][0]["after"]) == ("a", [0, 3], [("a", True)])
    assert ask(review, "changes")["result"]["counts"]["moved"] == 1


def test_of_long_texts_the_first_difference_is_shown() -> None:
    start = "the same words again and again " * 200
    old, new = (letters("a").map(lambda row, end=end: {**row, "text": start + end}) for end in ("one", "two"))
    (row,) = ask(Review(old.diff(new)), "changes")["result"]["rows"]
    (shown,) = row["places"]
    assert [text for text, same in shown["before"] if not same] == ["one"]
    assert shown["before"][0][0].startswith("…")
    assert len(shown["after"][0][0]) < 300


def test_differences_stand_in_the_order_of_the_rows() -> None:
    review = Review(letters("abcd").diff(letters("xaByd")))
    rows = ask(review, "changes")["result"]["rows"]
    assert [(row["kind"], row["id"]) for row in rows] == [
        ("added", "x"),
        ("changed", "b"),
        ("added", "y"),
        ("removed", "c"),
    ]


def test_a_row_shows_its_places_and_counts_follow_decisions() -> None:
    review = Review(letters("abcd").diff(letters("xaByd")))
    (row,) = ask(review, "changes", kind="changed")["result"]["rows"]
    assert (row["id"], row["line"], row["choice"]) == ("b", 3, "open")
    assert row["places"] == [
        {"pointer": "/text", "before": [("b", False)], "after": [("B", False)], "more": 0}
    ]
    counts = ask(review, "decide", choice="rejected", which=[row["index"]])["result"]["counts"]
    assert (counts["rejected"], counts["open"], counts["added"]) == (1, 3, 2)
    ask(review, "decide", choice="accepted")
    assert said(review.accepted) == "xabyd"


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("decide", {"choice": "accepted", "which": [4]}),
        ("decide", {"choice": "perhaps"}),
        ("changes", {"kind": "all"}),
    ],
)
def test_what_does_not_fit_is_an_error_answer(op: str, args: dict[str, Any]) -> None:
    review = Review(letters("abcd").diff(letters("xaByd")))
    assert ask(review, op, **args)["error"]["code"] == "bad-arguments"
    assert set(review.choices) == {"open"}


def test_the_viewer_tells_who_observes_what_is_accepted() -> None:
    viewer, heard = DatasetDiffViewer(letters("ab").diff(letters("aB"))), list[str]()
    viewer.observe(lambda change: heard.append(said(change["new"])), "accepted")
    viewer._review.decide([0], "accepted")
    assert (said(viewer.accepted), heard) == ("aB", ["aB"])
    assert [answer["op"] for answer in viewer._spec["answers"]] == ["changes"]


def test_a_row_that_is_only_written_otherwise_is_shown_as_it_is_written() -> None:
    before = Dataset.from_text('{"id": "q", "text": "a", "n": [1]}\n')
    after = Dataset.from_text('{"text": "a", "id": "q", "n": [true]}\n')
    (row,) = ask(Review(before.diff(after, "id")), "changes")["result"]["rows"]
    (place,) = row["places"]
    assert "".join(text for text, _ in place["before"]) == before.raw(0).decode()
    assert "".join(text for text, _ in place["after"]) == after.raw(0).decode()


def test_texts_of_the_same_few_words_are_compared_at_once() -> None:
    began = time.perf_counter()
    old, new = words("x, " * 660, ", y" * 660)
    assert time.perf_counter() - began < 2  # 26 s word by word
    assert ["".join(text for text, _ in side) for side in (old, new)] == ["x, " * 660, ", y" * 660]
    numbers = [f"  {i % 7},\n" for i in range(500)]
    old, new = words("".join(numbers), "".join([*numbers[:250], "  9,\n", *numbers[251:]]))
    assert [text for text, same in old + new if not same] == [numbers[250], "  9,\n"]
