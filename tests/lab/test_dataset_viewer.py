"""The dataset viewer in a notebook: live, themed, accessible, and hostile text stays text."""

import pytest
from playwright.sync_api import expect

from . import cells
from .conftest import Open


def test_hostile_text_is_shown_as_text(lab: Open) -> None:
    notebook = lab(cells.dataset(*cells.HOSTILE, name=cells.HOSTILE[0]))
    notebook.run()
    view = notebook.wait_state("dataset", "ready")
    for text in cells.HOSTILE[:3]:
        expect(view).to_contain_text(text)
    expect(view.locator("img, script, a")).to_have_count(0)
    expect(view).not_to_contain_text("\u202e")
    assert notebook.page.evaluate("window.pwned") is None


def test_a_viewer_is_live_again_after_a_reload(lab: Open) -> None:
    notebook = lab(cells.dataset("first", "second"))
    notebook.run()
    notebook.wait_state("dataset", "ready")
    notebook.save()
    notebook.reload()
    expect(notebook.wait_state("dataset", "ready")).to_contain_text("second")


def test_the_theme_changes_in_place(lab: Open) -> None:
    notebook = lab(cells.dataset("first"))
    notebook.run()
    view = notebook.wait_state("dataset", "ready")
    view.evaluate("element => { element.kept = true; }")
    ground = view.evaluate("element => getComputedStyle(element).backgroundColor")
    notebook.theme("JupyterLab Dark")
    expect(view).to_have_attribute("data-mo-theme", "dark")
    assert view.evaluate("element => element.kept")
    assert view.evaluate("element => getComputedStyle(element).backgroundColor") != ground


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_inside_our_elements(lab: Open, theme: str) -> None:
    notebook = lab(cells.dataset("first", "second", "second"), cells.job(steps=200))
    notebook.theme(theme)
    notebook.run()
    notebook.wait_state("dataset", "ready")
    notebook.wait_state("job", "ready")
    assert notebook.axe(".mo") == []
