"""The view of two datasets in a browser, answered by Python that runs for real."""

import pytest
from playwright.sync_api import expect

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.review import Review

from .view import View

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


def reviewed(view: View, **options: object) -> Review:
    before = Dataset([{"text": f"row {i} says this and that"} for i in range(6)], name="before")
    after = (
        before.drop([5])
        .patch({1: {"text": f"row 1 says that and {HOSTILE}"}})
        .concat(Dataset([{"text": "a new row"}]))
    )
    review = Review(before.diff(after))
    view.show("diff", {"diff": "f1"}, live=Context(resolve_review=lambda _: review), state="ready", **options)
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
    review = Review(ds.diff(ds))
    context = Context(resolve_review=lambda _: review)
    view.show("diff", {"diff": "f1"}, live=context, state="empty")
    expect(view.root).to_contain_text("No row was added, removed or changed")


@pytest.mark.shots
@pytest.mark.parametrize("width", [900, 320])
def test_axe_finds_nothing(view: View, width: int):
    reviewed(view, width=width)
    view.root.get_by_role("listitem").first.focus()
    view.press("a", "ArrowDown", "r")
    expect(view.root.locator(".mo-foot")).to_contain_text("1 accepted, 1 rejected")
    assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for theme in ("light", "dark"):
        view.harness("theme", theme)
        view.shot(f"diff-{theme}-{width}")
        assert view.violations() == []


def test_many_differences_come_page_by_page_and_axe_finds_nothing(view: View):
    before = Dataset([{"text": f"row {i}"} for i in range(70)])
    review = Review(before.diff(before.map(lambda row: {"text": row["text"] + "!"})))
    view.show("diff", {"diff": "f1"}, live=Context(resolve_review=lambda _: review), state="ready")
    assert view.violations() == []
    view.root.get_by_role("button", name="Show more, 20 left").click()
    expect(view.root.locator(".df-change")).to_have_count(70)
    expect(view.root.locator(".mo-foot")).to_contain_text("70 of 70")
