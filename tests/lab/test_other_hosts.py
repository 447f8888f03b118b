"""Notebook 7 takes the same extension; it has no status bar and no side panel of ours must break it."""

from playwright.sync_api import expect

from . import cells
from .conftest import Open


def test_notebook_7_shows_the_live_view(lab: Open) -> None:
    notebook = lab(cells.dataset("first", "second"), app="notebooks")
    notebook.run()
    expect(notebook.wait_state("dataset", "ready")).to_contain_text("second")
    # Notebook logs one error of its own about settings.
    ours = [error for error in notebook.errors if "modelops" in error.lower()]
    assert not ours
