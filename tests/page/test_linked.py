"""Views of one notebook select the same rows: several real widgets on one page, answered by real Python."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from modelops_jupyter import Dataset
from modelops_jupyter.evaluation import create_evaluator, evaluate_model
from modelops_jupyter.notebook.widgets import DatasetDiffViewer, DatasetViewer, MetricsExplorer, Selection
from modelops_jupyter.notebook.widgets.base import LinkedView, _context

from .view import View

WORDS = ["ham", "spam"] * 10
ROWS = Dataset([{"prompt": f"mail {i}", "completion": word} for i, word in enumerate(WORDS)], name="mails")
# Rows 1, 5, 9, 13 and 17 are spam that was let through.
SAID = [word if i % 4 != 1 else "ham" for i, word in enumerate(WORDS)]


def together(view: View, name: str, *widgets: LinkedView, **options: Any) -> tuple[Selection, list[Locator]]:
    """Put widgets below each other; what is pushed to one reaches all."""
    shared = Selection(name)
    shared.clear()
    shared.observe(lambda _: view.pushed.append(f"selection:{name}"), "rows")
    kinds = [widget.kind for widget in widgets]
    for i, widget in enumerate(widgets):
        spec = {key: value for key, value in widget._spec.items() if key != "answers"}
        view.show(widget.kind, spec, **({"live": _context, **options} if i == 0 else {"more": True}))
    found = [view.page.locator("#host > .mo").nth(i) for i in range(len(kinds))]
    for root in found:
        expect(root).to_have_attribute("data-state", "ready")
    return shared, found


def metrics(name: str) -> MetricsExplorer:
    result = evaluate_model(lambda _: SAID, ROWS, metrics=["accuracy"], baselines=None, title="mails")
    return MetricsExplorer(result, link=name)


def ticked(root: Locator) -> Locator:
    return root.locator(".mo-row[aria-selected=true]")


def cell(root: Locator, true: str, said: str) -> Locator:
    return root.get_by_role("button", name=f"{true} predicted {said}: ")


def test_a_cell_selects_its_rows_in_the_viewer_and_back_without_a_loop(view: View):
    heard: list[int] = []
    explorer, viewer = metrics("page-chain"), DatasetViewer(ROWS[4:], link="page-chain")
    shared, (top, below) = together(view, "page-chain", explorer, viewer)
    shared.observe(lambda change: heard.append(len(change["new"])), "rows")
    cell(top, "spam", "ham").click()
    expect(ticked(below)).to_have_count(4)
    expect(below.locator(".ds-pick")).to_contain_text("4 of 5 linked rows are here")
    expect(top.locator(".mx-linked")).to_be_hidden()

    below.get_by_role("button", name="Only the selected").click()
    expect(below.locator(".mo-foot")).to_contain_text("4 of 16 rows, filtered by what is selected")
    cell(top, "spam", "spam").click()  # the list follows
    expect(below.locator(".mo-foot")).to_contain_text("4 of 16 rows, filtered by what is selected")
    expect(below.locator(".ds-pick")).to_contain_text("4 of 5 linked rows are here")
    cell(top, "spam", "spam").click()  # nothing is selected: all rows again
    expect(below.locator(".mo-row[aria-rowindex='2']")).to_contain_text("mail 4")
    expect(ticked(below)).to_have_count(0)

    below.get_by_role("gridcell", name="Select row 1", exact=True).click()
    expect(top.locator(".mx-linked")).to_contain_text("1 of 1 linked row is in this evaluation.")
    expect(cell(top, "spam", "ham")).to_have_accessible_name("spam predicted ham: 5, 50.0 %, 1 linked")
    assert view.violations() == []
    top.get_by_role("button", name="Show them").click()
    expect(top.locator(".mx-behind tbody tr")).to_have_count(1)
    expect(top.locator(".mx-behind")).to_contain_text("mail 5")
    assert heard == [5, 5, 0, 1]
    assert list(shared.rows) == [ROWS.ids[5]]


def test_bins_and_slices_that_hold_linked_rows_are_marked(view: View):
    scores = [0.05 + 0.09 * (i % 10) for i in range(60)]
    said = ["spam" if score > 0.5 else "ham" for score in scores]
    result = create_evaluator("binary", ["accuracy"], positive_class="spam").evaluate(
        WORDS * 3, said, scores=scores
    )
    result.dataset = Dataset([{"prompt": f"mail {i}", "half": "ab"[i // 30]} for i in range(60)])
    views = MetricsExplorer(result, link="page-bins"), DatasetViewer(result.dataset, link="page-bins")
    _, (top, below) = together(view, "page-bins", *views)
    for name in ("Curves", "Slices"):
        top.get_by_role("group", name=name, exact=True).locator(".mx-fold").click()
    slices = top.get_by_role("group", name="Slices", exact=True)
    below.get_by_role("gridcell", name="Select row 2", exact=True).click()
    bars = top.locator(".mx-bars button[data-linked]")
    expect(bars).to_have_count(1)
    expect(bars).to_have_accessible_name("0.200 to 0.300: 6 rows, 1 linked")
    slices.get_by_label("by").select_option("half")
    # A part that is drawn anew is marked anew.
    expect(slices.get_by_role("button", name="a, 1 linked", exact=True)).to_be_visible()
    expect(slices.get_by_role("button", name="b", exact=True)).to_be_visible()
    assert view.violations() == []
    below.get_by_role("gridcell", name="Select row 2", exact=True).click()
    expect(top.locator("[data-linked]")).to_have_count(0)


def test_two_views_of_one_model_select_and_edit_the_same(view: View):
    viewer = DatasetViewer(ROWS, link="page-twice")
    _, (one, two) = together(view, "page-twice", viewer, viewer)
    one.get_by_role("gridcell", name="Select row 2", exact=True).click()
    expect(ticked(two)).to_have_count(1)
    two.get_by_role("gridcell", name="Select row 4", exact=True).click()
    expect(ticked(one)).to_have_count(2)
    one.get_by_role("button", name="Drop").click()
    expect(two.locator(".mo-row.gone")).to_have_count(2)
    expect(two.locator(".ds-pick")).to_contain_text("1 edit, not saved")
    one.get_by_role("button", name="Undo").click()
    expect(two.locator(".mo-row.gone")).to_have_count(0)


def test_python_selects_in_all_views(view: View):
    diff = DatasetDiffViewer(
        ROWS.diff(ROWS.patch({1: {"prompt": "other"}, 3: {"prompt": "b"}})), link="page-py"
    )
    shared, (rows, changes) = together(view, "page-py", DatasetViewer(ROWS, link="page-py"), diff)
    shared.set([ROWS.ids[1], ROWS.ids[2]])
    view.harness("carrier.push", "selection:page-py", [])
    expect(ticked(rows)).to_have_count(2)
    changes.get_by_role("button", name="1 of 2 linked rows differs").click()
    expect(changes.locator(".df-change")).to_have_count(1)
    changes.get_by_role("button", name="1 of 2 linked rows differs").click()
    expect(changes.locator(".df-change")).to_have_count(2)
    changes.locator(".df-change").nth(1).focus()
    view.press(" ")
    expect(ticked(rows)).to_have_count(3)
    expect(changes.locator(".df-change").nth(1)).to_be_focused()
    changes.locator(".df-change").nth(0).get_by_role("button", name="Select").click()
    expect(ticked(rows)).to_have_count(2)
    assert sorted(shared.rows) == sorted([ROWS.ids[2], ROWS.ids[3]])
    assert view.violations() == []


@pytest.mark.shots
@pytest.mark.parametrize("width", [900, 320])
def test_rows_behind_a_number_open_in_a_viewer_of_their_own(view: View, width: int):
    explorer = metrics("page-open")
    _, (top,) = together(view, "page-open", explorer, width=width)
    cell(top, "spam", "ham").click()
    opener = top.get_by_role("button", name="Open in viewer")
    opener.click()
    inner = top.locator(".mo")
    expect(inner).to_have_attribute("data-state", "ready")
    expect(inner.locator(".mo-foot")).to_contain_text("of 5")
    assert explorer.opened is not None
    assert [row["prompt"] for row in explorer.opened.dataset] == [f"mail {i}" for i in (1, 5, 9, 13, 17)]
    for theme in ("light", "dark"):
        view.harness("theme", theme)
        assert view.violations() == []
        view.shot(f"metrics-opened-{theme}-{width}")
    # Its keys are its own, and the explorer's are not.
    inner.locator(".mo-window [role=gridcell]").nth(1).focus()
    view.press("d")  # all are selected, for they are what was picked
    expect(inner.locator(".mo-row.gone")).to_have_count(5)
    assert len(explorer.opened.dataset) == 0
    view.press("?")
    expect(inner.get_by_role("dialog", name="Keys")).to_contain_text("Keep, drop, label")
    view.press("Escape")
    opener.click()
    expect(inner).to_have_count(0)
