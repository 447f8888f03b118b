"""The dataset viewer by keyboard alone, and what the host hears of it."""

import re

import pytest
from playwright.sync_api import expect

from .test_dataset_viewer import chats, row
from .view import View

# As JupyterLab's command registry listens, in both its ways.
LISTENER = """(capture) => {
  window.heard = [];
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented) return;
    if (event.target.closest('[data-lm-suppress-shortcuts]')) return;
    window.heard.push(event.key);
  }, capture);
}"""


def focused(view: View) -> str:
    return view.page.evaluate("document.activeElement.className + ' ' + document.activeElement.textContent")


def into_grid(view: View) -> None:
    """From the top of the page by Tab alone, as somebody without a mouse comes."""
    for _ in range(30):
        view.press("Tab")
        if view.page.evaluate("!!document.activeElement.closest('[role=grid]')"):
            return
    raise AssertionError("Tab never reached the grid")


def test_the_whole_task_without_a_mouse(view: View):
    chats(view)
    into_grid(view)
    expect(row(view, 0).locator(".id")).to_be_focused()
    view.press("n")
    expect(row(view, 2).locator(".id")).to_be_focused()
    view.press("Enter")
    expect(row(view, 2).locator(".id")).to_have_attribute("aria-expanded", "true")
    expect(view.root.locator(".ds-turn")).to_have_count(5)
    view.press("Tab", "Tab", "Enter")
    expect(view.root.get_by_role("button", name="JSON", exact=True)).to_have_attribute("aria-pressed", "true")
    view.press("Escape")
    expect(view.root.locator(".ds-open")).to_have_count(0)
    expect(row(view, 2).locator(".id")).to_be_focused()
    view.press("/")
    expect(view.root.get_by_label("Search rows")).to_be_focused()
    view.page.keyboard.type("refund")
    expect(view.root.locator(".mo-foot")).to_contain_text("8 of 22 rows, filtered by the search")
    view.press("Escape")
    expect(view.root.get_by_label("Search rows")).to_have_value("")
    expect(view.root.locator(".mo-foot")).to_contain_text("of 22.")


def test_the_grid_is_one_tab_stop_and_arrows_move_inside(view: View):
    chats(view)
    into_grid(view)
    assert view.root.locator("[role=grid] [tabindex='0']").count() == 1
    view.press("ArrowDown", "ArrowDown", "ArrowRight", "End")
    expect(row(view, 2).locator(".pb")).to_be_focused()
    view.press("Home", "ArrowUp", "ArrowUp", "ArrowUp")
    expect(view.root.get_by_role("columnheader", name="#").get_by_role("button")).to_be_focused()
    view.press("ArrowUp", "Control+End")
    expect(row(view, 21).locator(".pb")).to_be_focused()
    view.press("PageUp", "Control+Home")
    expect(row(view, 0).locator(".id")).to_be_focused()
    assert view.root.locator("[role=grid] [tabindex='0']").count() == 1


def test_a_head_is_reached_by_arrow_and_sorts_by_enter(view: View):
    chats(view)
    into_grid(view)
    view.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp", "Enter")
    expect(view.root.get_by_role("columnheader", name="Tokens")).to_have_attribute("aria-sort", "descending")


def test_the_focus_survives_scrolling_away_by_wheel(view: View):
    view.show("dataset", {"dataset": "d1"}, rows=5000, state="ready")
    into_grid(view)
    view.root.locator(".mo-view").evaluate("e => e.scrollTop = 60000")
    expect(row(view, 1880)).to_be_visible()
    view.press("ArrowDown")
    expect(row(view, 1).locator(".id")).to_be_focused()
    expect(row(view, 1)).to_be_in_viewport()


def test_next_and_previous_problem_look_through_rows_not_loaded_yet(view: View):
    view.show("dataset", {"dataset": "d1"}, rows=5000, state="ready")
    into_grid(view)
    view.press("n")
    expect(row(view, 500).locator(".id")).to_be_focused()
    view.press("n")
    expect(row(view, 1500).locator(".id")).to_be_focused()
    view.press("p")
    expect(row(view, 500).locator(".id")).to_be_focused()
    view.press("p")
    expect(view.root.locator(".sr[role=status]")).to_have_text("No problem in the next 500 rows.")


def test_g_goes_to_a_row_by_its_number_and_clears_what_hides_it(view: View):
    chats(view)
    view.root.get_by_label("Search rows").fill("refund")
    expect(view.root.locator(".mo-foot")).to_contain_text("8 of 22")
    row(view, 2).locator(".id").focus()
    view.press("g")
    expect(view.root.get_by_role("dialog", name="Go to row")).to_contain_text("are cleared to go there")
    view.page.keyboard.type("99")
    view.press("Enter")
    expect(view.root.get_by_role("dialog")).to_contain_text("Rows go from 0 to 21.")
    view.press("Control+a")
    view.page.keyboard.type("19")
    view.press("Enter")
    expect(row(view, 19).locator(".id")).to_be_focused()
    expect(row(view, 19)).to_be_in_viewport()


def test_the_keys_in_the_popup_are_the_keys_that_work(view: View):
    chats(view)
    into_grid(view)
    view.press("?")
    popup = view.root.get_by_role("dialog", name="Keys")
    expect(popup).to_contain_text("Next problem")
    shown = set(popup.locator("kbd").all_inner_texts())
    assert shown >= {"↑", "Enter", "Esc", "N", "P", "/", "G", "?", "PgDn", "Home", "End", "Ctrl", "C"}
    view.press("Escape")
    expect(popup).to_have_count(0)
    expect(row(view, 0).locator(".id")).to_be_focused()


@pytest.mark.parametrize("capture", [False, True], ids=["bubbling", "capturing"])
def test_the_host_never_hears_a_plain_key(view: View, capture: bool):
    view.page.evaluate(LISTENER, capture)
    chats(view)
    into_grid(view)
    view.page.evaluate("heard.length = 0")
    view.press("d", "d", "a", "x", "0", "0", "ArrowDown", "Enter", "Shift+Enter", "Escape", "/")
    view.page.keyboard.type("dd a")
    view.root.get_by_role("button", name="Match case").focus()
    view.press("b", "m")
    assert view.page.evaluate("heard") == []


def test_the_host_hears_its_own_shortcuts_and_the_escape_that_leaves(view: View):
    view.page.evaluate(LISTENER, True)
    view.page.evaluate("void (document.body.onkeydown = e => { if (e.ctrlKey) e.preventDefault() })")
    chats(view)
    into_grid(view)
    view.page.evaluate("heard.length = 0")
    view.press("Control+Shift+K", "Escape")
    heard = view.page.evaluate("heard")
    assert [key for key in heard if not re.fullmatch("Control|Shift", key)] == ["K", "Escape"]
    assert view.page.evaluate("document.activeElement.closest('.mo') === null")


def test_the_focus_stays_in_the_grid_when_its_row_is_filtered_away(view: View):
    chats(view)
    row(view, 0).locator(".id").focus()
    view.press("Control+End")
    view.page.evaluate("document.querySelector('[data-code=not-json]').dispatchEvent(new Event('click'))")
    expect(row(view, 3).locator(".pb")).to_be_focused()
