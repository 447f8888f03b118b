"""The dataset viewer and the monitor in a notebook: themed in place, accessible, live after a reload."""

from playwright.sync_api import expect

from . import cells
from .conftest import Open


def test_axe_finds_nothing_in_both_themes_which_change_in_place_and_a_reload_is_live_again(lab: Open) -> None:
    notebook = lab(cells.dataset("first", "second", "second"), cells.job(steps=200))
    notebook.theme("JupyterLab Light")
    notebook.run()
    view = notebook.wait_state("dataset", "ready")
    notebook.wait_state("job", "ready")
    assert notebook.axe(".mo") == []

    view.evaluate("element => { element.kept = true; }")
    ground = view.evaluate("element => getComputedStyle(element).backgroundColor")
    notebook.theme("JupyterLab Dark")
    expect(view).to_have_attribute("data-mo-theme", "dark")
    assert view.evaluate("element => element.kept")
    assert view.evaluate("element => getComputedStyle(element).backgroundColor") != ground
    assert notebook.axe(".mo") == []

    notebook.save()
    notebook.reload()
    expect(notebook.wait_state("dataset", "ready")).to_contain_text("second")
