"""The dataset viewer in a browser, without Jupyter: what it shows and how it answers."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .view import FIXTURES, View, fixture

SPEC = {"dataset": "d1", "protocol": 1}


def chats(view: View, **options: Any) -> View:
    return view.show("dataset", SPEC, entries=fixture("dataset_chats"), state="ready", **options)


def recorded(op: str, scene: str = "dataset_chats") -> dict[str, Any]:
    return next(entry["result"] for entry in fixture(scene) if entry["op"] == op)


def row(view: View, position: int) -> Locator:
    """The row with this number, wherever it is."""
    return view.root.locator(".mo-window > .mo-row").filter(
        has=view.page.locator(".id", has_text=re.compile(rf"^{position:,}$"))
    )


def numbers(view: View) -> list[str]:
    return view.root.locator(".mo-window > .mo-row:not(.parked) > .id").all_inner_texts()


def test_rows_stand_there_as_python_sent_them(view: View):
    chats(view)
    page = recorded("rows")["rows"]
    third = row(view, 2)
    expect(third.locator(".words")).to_have_text(page[2]["preview"]["text"])
    expect(third.locator(".tk > span")).to_have_text(page[2]["tokens"]["text"])
    expect(third.locator(".mo-tag")).to_have_text(page[2]["problems"][0]["label"])
    expect(third.get_by_role("img")).to_have_attribute(
        "aria-label", "system, user, assistant (problem), tool, assistant"
    )


def test_a_row_that_cannot_be_read_shows_its_raw_text(view: View):
    chats(view)
    expect(row(view, 3).locator(".raw")).to_contain_text('{"messages": [{"role": "user"')
    row(view, 3).click()
    expect(view.root.get_by_role("button", name="Raw")).to_have_attribute("aria-pressed", "true")
    expect(view.root.get_by_role("button", name="JSON", exact=True)).to_be_disabled()
    expect(view.root.locator(".ds-flag")).to_contain_text("Not JSON")


def test_the_footer_says_what_is_shown_and_what_left_the_rest_out(view: View):
    chats(view)
    footer = view.root.locator(".mo-foot")
    expect(footer).to_contain_text("Rows 1 to 12 of 22.")
    view.root.get_by_label("Search rows").fill("refund")
    expect(footer).to_contain_text("Rows 1 to 8 of 8. 8 of 22 rows, filtered by the search “refund”.")


def test_a_search_marks_where_it_matches_in_list_and_conversation(view: View):
    chats(view)
    view.root.get_by_label("Search rows").fill("refund")
    expect(row(view, 7).locator("mark")).to_have_text("refund")
    row(view, 7).click()
    expect(view.root.locator(".ds-say mark")).to_have_text("refund")


def test_case_and_regular_expressions_are_switches_of_the_search(view: View):
    chats(view)
    view.root.get_by_label("Search rows").fill("refund (policy|window)")
    view.root.get_by_role("button", name="Regular expression").click()
    view.wait("ready")
    expect(view.root.locator(".mo-foot")).to_contain_text("8 of 22 rows, filtered by the pattern")
    assert view.asked("rows")[-1]["args"]["query"] == {
        "search": "refund (policy|window)",
        "regex": True,
        "case": False,
        "problem": None,
        "groups": False,
        "least": None,
        "most": None,
        "where": [],
        "sort": [],
    }


def test_a_pattern_that_cannot_run_leaves_the_rows_and_says_why(view: View):
    chats(view)
    before = numbers(view)
    field = view.root.get_by_label("Search rows")
    view.root.get_by_role("button", name="Regular expression").click()
    assert len(view.asked("rows")) == 1
    field.fill("refund (policy|window")
    expect(view.root.get_by_role("alert")).to_contain_text("no regular expression")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert numbers(view) == before
    field.fill("refund (policy|window)")
    expect(view.root.get_by_role("alert")).to_have_count(0)
    expect(field).to_have_attribute("aria-invalid", "false")


def test_a_chip_shows_only_the_rows_with_its_problem(view: View):
    chats(view)
    view.root.get_by_role("button", name="1 more").click()
    chip = view.root.get_by_role("button", name="Duplicate 1")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_be_focused()
    footer = view.root.locator(".mo-foot")
    expect(footer).to_contain_text("1 of 22 rows, filtered by the problem “Duplicate”.")
    chip.click()
    expect(view.root.locator(".mo-foot")).to_contain_text("of 22.")


def test_heads_and_menu_sort_and_say_so(view: View):
    chats(view)
    head = view.root.get_by_role("columnheader", name="Tokens")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(row(view, 12)).to_be_visible()
    assert numbers(view)[0] == "12"
    expect(view.root.get_by_label("Sort by")).to_have_value("longest")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    view.root.get_by_label("Sort by").select_option("worst problem")
    expect(head).to_have_attribute("aria-sort", "none")


def test_the_histogram_states_in_words_what_it_draws(view: View):
    chats(view)
    drawn = view.root.get_by_role("img", name=re.compile("Histogram of tokens per row"))
    expect(drawn).to_have_attribute("aria-label", re.compile("for 22 rows, from 18 to .* median ≈ 54"))
    expect(view.root.locator(".ds-hist dd").first).to_have_text("≈ 54")


def test_a_problem_stands_at_its_turn_with_place_and_fix(view: View):
    chats(view)
    row(view, 2).click()
    box = view.root.locator(".ds-turn:nth-of-type(3) + .ds-flag")
    expect(box).to_contain_text("Tool result missing.")
    expect(box).to_contain_text("/messages/2/tool_calls/1")
    expect(box).to_contain_text("Fix: ")
    expect(view.root.locator(".ds-turn .loss")).to_have_count(2)


def test_a_tool_call_is_one_line_until_it_is_opened(view: View):
    chats(view)
    row(view, 2).click()
    call = view.root.locator("details").first
    expect(call.locator("summary")).to_contain_text("get_order")
    expect(call.locator(".mo-code")).to_have_count(0)
    call.locator("summary").click()
    expect(call.locator(".mo-code")).to_contain_text('"order_id": "A-10293"')


def test_a_long_text_is_fetched_piece_by_piece(view: View):
    chats(view)
    row(view, 12).scroll_into_view_if_needed()
    row(view, 12).click()
    text = view.root.locator(".ds-turn").last.locator("p")
    short = len(text.inner_text())
    view.root.get_by_role("button", name=re.compile("Show .* more characters")).click()
    expect(text).to_contain_text("19. Goods travel")
    assert short < 4100 < len(text.inner_text())
    view.root.get_by_role("button", name="JSON", exact=True).click()
    view.root.get_by_role("button", name="Show more").click()
    expect(view.root.locator(".ds-open .mo-code")).to_contain_text(
        re.compile(r"19\. Goods travel.*\}$", re.DOTALL)
    )
    expect(view.root.get_by_role("button", name="Show more")).to_have_count(0)


def test_json_and_raw_show_the_row_itself(view: View):
    chats(view)
    row(view, 1).click()
    opened = view.root.locator(".ds-open")
    opened.get_by_role("button", name="JSON", exact=True).click()
    expect(opened.locator(".mo-code .k").first).to_have_text('"messages"')
    opened.get_by_role("button", name="Raw").click()
    expect(opened.locator(".mo-code")).to_have_text(re.compile(r'^\{"messages": \['))


@pytest.mark.parametrize("view", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_a_row_is_copied_whole_as_json(view: View):
    chats(view)
    row(view, 12).scroll_into_view_if_needed()
    row(view, 12).click()
    raw = (FIXTURES / "chats.jsonl").read_text(encoding="utf-8").splitlines()[12]
    view.harness("answer", "copy", {"result": {"text": raw, "rows": 1}})
    view.root.get_by_role("button", name="Copy row").click()
    view.root.get_by_role("button", name="JSONL").click()
    expect(view.root.locator(".sr[role=status]")).to_have_text("1 row copied as JSONL.")
    copied = view.page.evaluate("navigator.clipboard.readText()")
    assert copied == raw


def test_a_second_view_in_a_shadow_root_has_its_style_and_its_keys(view: View):
    chats(view, shadow=True)
    expect(view.root).to_have_css("border-radius", "10px")
    row(view, 1).click()
    view.press("Escape")
    expect(view.root.locator(".ds-open")).to_have_count(0)
    view.press("?")
    expect(view.root.get_by_role("dialog")).to_be_visible()


def test_a_view_that_is_taken_down_leaves_nothing_behind(view: View):
    chats(view)
    view.harness("unmount")
    expect(view.page.locator("#host > *")).to_have_count(0)
    view.press("?", "n", "ArrowDown")
