"""The view of two datasets in a browser, answered by Python that runs for real."""

from typing import Any

from playwright.sync_api import expect

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.review import Review

from .view import View

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


def reviewed(view: View, **options: Any) -> Review:
    before = Dataset([{"text": f"row {i} says this and that"} for i in range(6)], name="before")
    after = (
        before.drop([5])
        .patch({1: {"text": f"row 1 says that and {HOSTILE}"}})
        .concat(Dataset([{"text": "a new row"}]))
    )
    return between(view, before, after, **options)


def between(view: View, before: Dataset, after: Dataset, state: str = "ready", **options: Any) -> Review:
    review = Review(before.diff(after))
    view.show("diff", {"diff": "f1"}, live=Context(resolve_review=lambda _: review), state=state, **options)
    return review


def test_words_that_differ_are_marked_and_text_is_text(view: View):
    reviewed(view)
    changed = view.root.get_by_role("listitem", name="changed, line 2")
    expect(changed.locator("del").first).to_have_text("this")
    expect(changed.locator("ins").last).to_contain_text("onerror")
    expect(view.root.locator("img")).to_have_count(0)
    expect(view.root.get_by_role("listitem")).to_have_count(3)


def test_differences_are_decided_by_keys_and_python_has_the_rows(view: View):
    review = reviewed(view)
    view.root.get_by_role("listitem").first.focus()
    view.press("a")
    expect(view.root.get_by_role("listitem").first.get_by_role("button", name="Accept")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(view.root.get_by_role("listitem").first).to_be_focused()
    view.press("ArrowDown", "r")
    expect(view.root.locator(".mo-foot")).to_contain_text("1 accepted, 1 rejected, 1 open")
    kinds = [review.kind(i) for i in range(3)]
    assert review.choices[0] == "accepted"
    assert kinds[0] == "changed"
    assert [row["text"][:5] for row in review.accepted] == [f"row {i}" for i in range(6)]
    assert HOSTILE in review.accepted[1]["text"]
    view.press("u")
    expect(view.root.locator(".mo-foot")).to_contain_text("1 accepted, 0 rejected, 2 open")
    view.root.get_by_role("button", name="Accept the rest").click()
    expect(view.root.locator(".mo-foot")).to_contain_text("3 accepted, 0 rejected, 0 open")
    assert review.accepted == review.after


def test_a_kind_is_picked_by_its_chip(view: View):
    reviewed(view)
    view.root.get_by_role("button", name="Removed 1").click()
    expect(view.root.get_by_role("listitem")).to_have_count(1)
    expect(view.root.locator(".mo-foot")).to_contain_text("1 of 1 difference shown.")


def test_no_difference_is_said(view: View):
    ds = Dataset([{"text": "a"}])
    between(view, ds, ds, state="empty")
    expect(view.root).to_contain_text("No row was added, removed, changed or moved")


def test_many_differences_come_page_by_page(view: View):
    before = Dataset([{"text": f"row {i}"} for i in range(70)])
    between(view, before, before.map(lambda row: {"text": row["text"] + "!"}))
    view.root.get_by_role("button", name="Show more, 20 left").click()
    expect(view.root.locator(".df-change")).to_have_count(70)
    expect(view.root.locator(".mo-foot")).to_contain_text("70 of 70")


GONE = {"code": "closed", "message": "The kernel behind this output is gone.", "hint": "Run the cell again."}


def test_an_error_says_what_to_do_and_can_be_tried_again(view: View):
    broken = {"error": {"code": "internal", "message": "Something failed.", "hint": "Try it in Python."}}
    view.show("diff", {"diff": "f1"}, ops={"changes": broken}, state="error")
    expect(view.root.get_by_role("alert")).to_contain_text("Something failed.")
    expect(view.root.get_by_role("alert")).to_contain_text("Try it in Python.")
    expect(view.root.locator(".mo-foot")).to_be_hidden()
    view.root.get_by_role("button", name="Try again").click()
    expect(view.root.get_by_role("alert")).to_have_count(1)


def test_without_a_kernel_what_was_seen_stays_and_comes_back(view: View):
    review = reviewed(view)
    view.harness("answer", "changes", {"error": GONE})
    view.harness("answer", "decide", {"error": GONE})
    view.root.get_by_role("listitem").first.focus()
    view.press("a")
    view.wait("stale")
    expect(view.root.locator(".mo-note")).to_contain_text("Last seen")
    expect(view.root.locator(".mo-note")).to_contain_text("The kernel behind this output is gone.")
    expect(view.root.locator(".df-change")).to_have_count(3)
    assert set(review.choices) == {"open"}
    view.root.get_by_role("button", name="Removed 1").click()
    view.wait("stale")
    expect(view.root.locator(".df-change")).to_have_count(3)
    context = Context(resolve_review=lambda _: review)
    known = answer({"v": 1, "id": "1", "op": "changes", "args": {"diff": "f1"}}, context)
    view.harness("answer", "changes", {"result": known["result"]})
    view.root.get_by_role("button", name="Try again").click()
    view.wait("ready")
    expect(view.root.locator(".mo-note")).to_have_count(0)


def test_moved_rows_say_where_they_went_and_are_decided(view: View):
    before = Dataset([{"text": f"row {i}"} for i in range(5)])
    review = between(view, before, before.take([4, 0, 1, 2, 3]))
    item = view.root.get_by_role("listitem")
    expect(item).to_contain_text("from row 4 to row 0")
    item.get_by_role("button", name="Accept").click()
    expect(view.root.locator(".mo-foot")).to_contain_text("1 accepted")
    assert [row["text"] for row in review.accepted] == [f"row {i}" for i in (4, 0, 1, 2, 3)]
