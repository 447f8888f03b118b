"""Copy as code, copies side by side and the order by label, in a browser over Python that runs for real."""

from typing import Any

import pytest
from playwright.sync_api import expect

from modelops_jupyter.datasets import Dataset

from .test_dataset_edits import Live
from .test_dataset_viewer import SPEC, row
from .view import View

ASKED = {"prompt": "How long does a refund take?"}
ROWS = Dataset(
    [
        {**ASKED, "completion": "Refunds arrive within 14 days."},
        {"prompt": "Where is it?", "completion": "<b>On its way</b>"},
        {**ASKED, "completion": "Refunds arrive within 30 working days."},
        {"prompt": "Where is it?", "completion": "<b>On its way</b>"},
        {**ASKED, "completion": "Never."},
        {"prompt": "This one", "completion": "stands alone"},
    ],
    name="refunds",
)


def opened(view: View, position: int) -> Any:
    row(view, position).locator(".words").click()
    view.root.get_by_role("button", name="Side by side").click()
    return view.root.locator(".ds-open")


@pytest.mark.shots
@pytest.mark.parametrize("width", [900, 320])
def test_a_row_stands_beside_the_others_of_its_group(view: View, width: int):
    Live(view, ROWS, width=width)
    detail = opened(view, 0)
    expect(detail.locator("del")).to_have_text(["14"])
    expect(detail.locator("ins")).to_have_text(["30 working"])
    other = detail.get_by_role("combobox", name="The other row")
    expect(other.locator("option")).to_have_text(["Row 2", "Row 4"])
    assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for theme in ("light", "dark"):
        view.harness("theme", theme)
        view.shot(f"dataset-beside-{theme}-{width}")
        assert view.violations(contrast=width > 320) == []
    other.focus()
    other.select_option("4")
    expect(detail.locator("ins")).to_have_text(["Never"])
    expect(other).to_be_focused()
    view.press("Escape")
    expect(view.root.locator(".ds-open")).to_have_count(0)


def test_equal_rows_are_said_to_be_equal_and_others_have_no_such_view(view: View):
    Live(view, ROWS)
    detail = opened(view, 3)
    expect(detail).to_contain_text("Both rows say the same.")
    expect(detail.locator("b", has_text="On its way")).to_have_count(0)  # text, not markup
    expect(detail).to_contain_text("<b>On its way</b>")
    view.press("Escape")
    expect(view.root.locator(".ds-open")).to_have_count(0)
    row(view, 5).locator(".words").click()
    expect(view.root.locator(".ds-turns")).to_contain_text("alone")
    expect(view.root.get_by_role("button", name="Side by side")).to_be_hidden()


@pytest.mark.parametrize("view", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_the_copied_code_gives_the_rows_on_the_screen(view: View):
    Live(view, ROWS)
    view.root.get_by_role("textbox", name="Search rows").fill("refund")
    expect(view.root.locator(".mo-foot")).to_contain_text("3 of 6 rows")
    view.root.get_by_role("combobox", name="Sort by").select_option("longest")
    expect(view.root.locator(".mo-window > .mo-row:not(.parked) > .id")).to_have_text(["2", "0", "4"])
    view.root.get_by_role("button", name="Copy as code").click()
    expect(view.root.get_by_role("button", name="Copied")).to_be_visible()
    names: dict[str, Any] = {"ds": ROWS}
    exec(view.page.evaluate("navigator.clipboard.readText()"), names)
    shown = [int(n) for n in view.root.locator(".mo-window > .mo-row:not(.parked) > .id").all_inner_texts()]
    assert [ROWS.ids[i] for i in shown] == list(names["shown"].ids)


def test_rows_are_sorted_by_label_from_its_head(view: View):
    live = Live(view, ROWS)
    for position, value in ((1, "bad"), (3, "gold")):
        live.desk.label([position], value)
    view.root.get_by_role("columnheader", name="Label").get_by_role("button").click()
    shown = view.root.locator(".mo-window > .mo-row:not(.parked) > .id")
    expect(shown).to_have_text(["3", "1", "0", "2", "4", "5"])


def test_rows_are_sorted_by_any_field_from_the_menu(view: View):
    Live(view, ROWS)
    menu = view.root.get_by_role("combobox", name="Sort by")
    shown = view.root.locator(".mo-window > .mo-row:not(.parked) > .id")
    menu.select_option("completion ↓")
    expect(shown).to_have_text(["5", "2", "0", "4", "1", "3"])
    menu.select_option("completion ↑")
    expect(shown).to_have_text(["1", "3", "4", "0", "2", "5"])
    expect(menu).to_have_value("completion ↑")
    expect(view.root.get_by_role("columnheader", name="Tokens")).to_have_attribute("aria-sort", "none")


def test_the_view_begins_with_the_query_that_it_is_given(view: View):
    sort = {"query": {"sort": [{"field": "problems", "descending": True}]}}
    Live(view, ROWS, spec={**SPEC, **sort})
    shown = view.root.locator(".mo-window > .mo-row:not(.parked) > .id")
    expect(shown).to_have_text(["0", "2", "3", "4", "1", "5"])
    expect(view.root.get_by_role("combobox", name="Sort by")).to_have_value("problems")
