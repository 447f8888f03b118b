"""Every state of the dataset viewer, and what it says."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from .test_dataset_viewer import SPEC, chats, recorded, row
from .view import View, fixture

GONE = {
    "error": {
        "code": "closed",
        "message": "The kernel behind this output is gone.",
        "hint": "Run the cell again.",
    }
}
MOVED = {
    "error": {
        "code": "source-changed",
        "message": "The file is not the one that was opened.",
        "hint": "It had 1.01 GB and has 0.98 GB now. Open it again.",
    }
}


def loading(view: View, **options: Any) -> None:
    view.show("dataset", SPEC, ops={"summary": "never", "rows": "never"}, state="loading", **options)


def ready(view: View, **options: Any) -> None:
    chats(view, **options)


def opened(view: View, **options: Any) -> None:
    chats(view, **options)
    row(view, 2).click()
    view.root.locator("summary").first.click()
    expect(view.root.locator(".ds-turn")).to_have_count(5)


def empty(view: View, **options: Any) -> None:
    view.show("dataset", SPEC, entries=fixture("dataset_empty"), state="empty", **options)


def no_match(view: View, **options: Any) -> None:
    chats(view, **options)
    view.root.get_by_label("Search rows").fill("nothing like this")
    view.wait("empty")


def error(view: View, **options: Any) -> None:
    view.show("dataset", SPEC, ops={"summary": MOVED, "rows": MOVED}, state="error", **options)


def bad_pattern(view: View, **options: Any) -> None:
    chats(view, **options)
    view.root.get_by_role("button", name="Regular expression").click()
    view.root.get_by_label("Search rows").fill("refund (policy|window")
    expect(view.root.get_by_role("alert")).to_be_visible()


def partial(view: View, **options: Any) -> None:
    some = {**recorded("summary"), "partial": {"done": 12, "total": 22}}
    ops = {"summary": {"result": some}}
    view.show("dataset", SPEC, entries=fixture("dataset_chats"), ops=ops, state="partial", **options)


def stale(view: View, **options: Any) -> None:
    view.page.clock.set_fixed_time("2026-03-19T14:49:00Z")
    chats(view, **options)
    view.harness("answer", "summary", GONE)
    view.root.get_by_label("Sort by").select_option("most tokens")
    view.wait("stale")


def keys(view: View, **options: Any) -> None:
    chats(view, **options)
    view.root.get_by_role("button", name="Keys").click()


def goto(view: View, **options: Any) -> None:
    chats(view, **options)
    row(view, 0).locator(".id").focus()
    view.press("g")
    expect(view.root.get_by_role("dialog")).to_be_visible()


SCENES: dict[str, Callable[..., None]] = {
    "loading": loading,
    "ready": ready,
    "ready opened": opened,
    "empty": empty,
    "empty no match": no_match,
    "error": error,
    "ready bad pattern": bad_pattern,
    "partial": partial,
    "stale": stale,
    "ready keys": keys,
    "ready goto": goto,
}


@pytest.mark.parametrize("width", [900, 700, 320])
def test_every_target_is_large_enough_for_a_finger_or_a_shaking_hand(view: View, width: int):
    opened(view, width=width)
    small = view.page.evaluate(
        """() => [...document.querySelectorAll('.mo :is(button, select, summary, input)')]
          .filter(e => e.checkVisibility())
          .map(e => [e.closest('.mo-field, .mo-sel') && !e.matches('button') ? e.parentElement : e])
          .map(([e]) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
          .filter(([_, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
    )
    assert small == []


def test_an_error_says_what_happened_and_can_be_tried_again(view: View):
    error(view)
    expect(view.root.get_by_role("alert")).to_contain_text("The file is not the one that was opened.")
    for op in ("summary", "rows"):
        view.harness("answer", op, {"result": recorded(op)})
    view.root.get_by_role("button", name="Try again").click()
    view.wait("ready")


def test_what_was_seen_last_stays_when_nobody_answers(view: View):
    stale(view)
    expect(view.root).to_have_attribute("data-live", "false")
    expect(view.root.locator(".mo-note")).to_contain_text(
        "Last seen 14:49. The 22 rows loaded by then are still here."
    )
    expect(view.root.get_by_label("Search rows")).to_be_disabled()
    expect(row(view, 0)).to_be_visible()
    view.harness("answer", "summary", {"result": recorded("summary")})
    view.root.get_by_role("button", name="Try again").click()
    view.wait("ready")
    expect(view.root.get_by_label("Search rows")).to_be_enabled()
    expect(view.root.locator(".mo-note")).to_have_count(0)


def test_a_kernel_that_lets_wait_is_named_as_the_reason(view: View):
    view.page.clock.install()
    loading(view)
    expect(view.root.get_by_role("status").first).to_have_text("Reading the first rows")
    view.page.clock.run_for(2500)
    expect(view.root.get_by_role("status").first).to_contain_text("It may be busy with another cell.")


def test_part_of_a_search_says_how_far_it_came_and_goes_on(view: View):
    partial(view)
    expect(view.root.locator(".mo-note")).to_contain_text("12 of 22 rows so far; 22 of them match.")
    expect(view.root.locator(".mo-foot")).to_contain_text("of 22 so far.")
    view.harness("answer", "summary", {"result": recorded("summary")})
    view.root.get_by_role("button", name="Go on").click()
    view.wait("ready")


def test_nothing_found_can_be_taken_back(view: View):
    no_match(view)
    expect(view.root.locator(".mo-blank")).to_contain_text("No row contains “nothing like this”")
    view.root.get_by_role("button", name="Clear search and filters").click()
    view.wait("ready")
    expect(view.root.get_by_label("Search rows")).to_be_focused()
    expect(view.root.get_by_label("Search rows")).to_have_value("")


def test_the_theme_of_the_host_is_followed_while_the_view_stands(view: View):
    ready(view)
    expect(view.root).to_have_attribute("data-mo-theme", "light")
    light = view.root.evaluate("e => getComputedStyle(e).backgroundColor")
    view.harness("theme", "dark")
    expect(view.root).to_have_attribute("data-mo-theme", "dark")
    assert view.root.evaluate("e => getComputedStyle(e).backgroundColor") != light


@pytest.mark.parametrize("view", [{"reduced_motion": "reduce"}], indirect=True)
def test_nothing_moves_where_motion_is_unwanted(view: View):
    loading(view)
    assert view.page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length") == 0


@pytest.mark.shots
@pytest.mark.parametrize("view", [{"forced_colors": "active"}], indirect=True)
def test_forced_colours_keep_what_colour_alone_would_say(view: View):
    opened(view)
    bad = view.root.locator(".ds-roles > b.bad").first
    assert bad.evaluate("e => getComputedStyle(e).borderTopWidth") == "2px"
    assert view.root.locator(".ds-say").first.evaluate("e => getComputedStyle(e).borderTopStyle") != "none"
    view.shot("dataset-forced-colours-900")


def test_the_rules_of_the_host_for_its_outputs_do_not_reach_inside(view: View):
    """The page carries JupyterLab's rules for buttons, code and lists, after ours: the worst order."""
    opened(view)
    looks = {".mo-chip": "99px", ".mo-seg > button": "5px", ".mo-btn": "6px", ".mo-tog": "6px"}
    for selector, radius in looks.items():
        expect(view.root.locator(selector).first).to_have_css("border-radius", radius)
    expect(view.root.locator(".ds-hist dt").first).to_have_css("font-weight", "400")
    expect(view.root.locator(".ds-hist dl")).to_have_css("display", "grid")
    expect(view.root.locator(".mo-head code")).to_have_css("font-size", re.compile(r"^11\.\d+px$"))
