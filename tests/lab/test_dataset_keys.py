"""The keys of a viewer in JupyterLab: its own inside, the notebook's own again after leaving."""

from playwright.sync_api import Locator, expect

from . import cells
from .conftest import Open
from .notebook import Notebook


def sources(notebook: Notebook) -> Locator:
    return notebook.page.locator(".jp-Notebook .jp-Cell")


def test_escape_gives_the_keys_back_and_no_command_of_the_notebook_runs_before(lab: Open) -> None:
    notebook = lab(cells.dataset("first", "second"), "1")
    notebook.run()
    view = notebook.wait_state("dataset", "ready")
    view.locator(".mo-row .id").nth(1).click()
    expect(view.locator(".ds-say")).to_have_count(2)
    notebook.page.keyboard.press("Escape")
    expect(view.locator(".ds-say")).to_have_count(0)
    expect(sources(notebook)).to_have_count(2)
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("b")
    expect(sources(notebook)).to_have_count(3)

    view.locator(".mo-row .id").nth(1).click()
    expect(view.locator(".ds-say")).to_have_count(2)
    for key in ("d", "d", "a", "b", "x", "m", "y", "0", "0", "ArrowDown", "Shift+Enter", "ArrowUp"):
        notebook.page.keyboard.press(key)
    expect(sources(notebook)).to_have_count(3)
    expect(notebook.page.locator(".jp-Dialog")).to_have_count(0)
    notebook.page.keyboard.press("/")
    notebook.page.keyboard.type("second dd")
    expect(view.get_by_label("Search rows")).to_have_value("second dd")
    expect(sources(notebook)).to_have_count(3)
