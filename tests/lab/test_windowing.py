"""A notebook takes cells that are far away out of the page: what comes back is what went, and has gone on."""

import re

import pytest
from playwright.sync_api import Locator, expect

from . import cells
from .conftest import Open
from .notebook import Notebook

VIEW = """
from modelops_jupyter import Dataset
from modelops_jupyter.notebook.widgets import DatasetViewer
many = Dataset([{"text": f"row {n} {'odd' if n % 2 else 'even'}"} for n in range(400)])
viewer = DatasetViewer(many, link="picked")
viewer
"""
EXPLORER = """
from modelops_jupyter import ModelEvaluator
ModelEvaluator("multiclass_classification").evaluate(list("aabb") * 30, list("abbb") * 30)
"""
SLOW = "import time\ntime.sleep(3)"
FAR = ["print('\\n' * 60)"] * 10
_MODE = "panel.content.notebookConfig = {...panel.content.notebookConfig, windowingMode: arg};"
# The active cell never leaves.
_SCROLL = "panel.content.activeCellIndex = arg; await panel.content.scrollToItem(arg, 'start');"
_MOVE = "app.shell.add(panel, 'main', {mode: arg});"


def words(view: Locator) -> list[str]:
    return view.locator(".mo-row:not(.parked, .head) .words").all_inner_texts()


def filtered(notebook: Notebook) -> Locator:
    """The view, searched for odd rows and scrolled down in."""
    view = notebook.wait_state("dataset", "ready")
    view.get_by_label("Search rows").fill("odd")
    view.get_by_label("Search rows").press("Enter")
    expect(view.locator(".mo-foot")).to_contain_text("200 of 400")
    view.locator(".mo-view").evaluate("e => { e.scrollTop = 2000; }")
    expect(view.locator(".mo-foot")).to_contain_text("Rows 63 to")
    return view


@pytest.mark.parametrize("mode", ["full", "contentVisibility"])
def test_a_view_that_was_scrolled_away_comes_back_as_it_was_and_has_gone_on(lab: Open, mode: str) -> None:
    notebook = lab(VIEW, cells.job("windowing " + mode, steps=300), *FAR)
    notebook.call(_MODE, mode)
    notebook.run()
    notebook.call(_SCROLL, 0)
    view = filtered(notebook)
    before = words(view)
    assert before
    assert all("odd" in text for text in before)

    notebook.call(_SCROLL, len(FAR) + 1)
    if mode == "full":
        expect(view).to_be_hidden()
    else:
        expect(view).not_to_be_in_viewport()
    notebook.execute("job.wait()\nviewer.link.set(many[127:128])")

    notebook.call(_SCROLL, 0)
    expect(view.locator('.mo-row[aria-selected="true"] .words')).to_have_text("row 127 odd")
    assert words(view) == before
    expect(view.locator(".mo-foot")).to_contain_text(re.compile("Rows 63 to .* 200 of 400"))
    view.get_by_label("Search rows").fill("even")
    view.get_by_label("Search rows").press("Enter")
    expect(view.locator(".mo-row .words").nth(1)).to_have_text("row 0 even")
    notebook.call(_SCROLL, 1)
    expect(notebook.view("job").first).to_contain_text("Completed")


@pytest.mark.parametrize("mode", ["full", "contentVisibility"])
def test_a_view_whose_output_came_while_its_cell_was_far_away_is_there_on_arrival(
    lab: Open, mode: str
) -> None:
    notebook = lab(*FAR, SLOW, VIEW, EXPLORER, cells.job("born far away, " + mode, steps=300), *FAR)
    notebook.call(_MODE, mode)
    notebook.run(wait=False)
    notebook.call(_SCROLL, 0)
    expect(notebook.view("dataset")).to_have_count(0)
    notebook.eventually("str(job.status)", "'completed'", 60)
    shown = (("dataset", "row 3 odd"), ("metrics", "Accuracy"), ("job", "Completed"))
    for place, (kind, text) in enumerate(shown, len(FAR) + 1):
        notebook.call(_SCROLL, place)
        notebook.wait_state(kind, "ready")
        expect(notebook.view(kind).get_by_text(text).first).to_be_in_viewport()
        notebook.shot(f"arrived-{mode}-{kind}")


def test_a_notebook_that_is_moved_beside_another_shows_what_it_showed(lab: Open) -> None:
    notebook = lab(VIEW, cells.job("moved", steps=300))
    notebook.run()
    view = filtered(notebook)
    before = words(view)
    notebook.wait_state("job", "ready")
    notebook.command("launcher:create")
    expect(view).to_be_hidden()
    notebook.call(_MOVE, "split-right")
    expect(view).to_be_visible()
    expect(view.locator(".mo-foot")).to_contain_text("Rows 63 to")
    assert words(view)[: len(before) // 2] == before[: len(before) // 2]
    expect(notebook.view("job")).to_have_attribute("data-status", "completed")
