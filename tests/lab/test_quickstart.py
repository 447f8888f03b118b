"""The shipped quickstart in JupyterLab, from the first cell to the last: real training, every view live."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import Open
from .server import Server

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.train
@pytest.mark.shots
@pytest.mark.timeout(900)
def test_every_view_of_the_quickstart_is_live_and_nothing_is_blank(lab: Open, server: Server) -> None:
    notebook = lab(path=_copied(server.root))
    notebook.page.set_default_timeout(600_000)
    notebook.run()
    expect(notebook.body.locator(".jp-OutputArea-output[data-mime-type*=error]")).to_have_count(0)
    expect(notebook.view("dataset").first).to_have_attribute("data-state", "ready")
    expect(notebook.view("job").first).to_have_attribute("data-status", "completed")
    expect(notebook.view("metrics").first).to_have_attribute("data-state", "ready")
    for view in notebook.body.locator(".mo").all():
        view.scroll_into_view_if_needed()  # the host draws no text of what is far off the screen
        expect(view).not_to_have_text("", use_inner_text=True, timeout=10_000)
        assert view.get_attribute("data-state") in ("ready", "partial"), view.inner_text()
    notebook.shows_nothing_broken()
    assert notebook.axe(".mo") == []
    for theme in ("Light", "Dark"):
        notebook.theme(f"JupyterLab {theme}")
        for index, view in enumerate(notebook.body.locator(".mo").all()):
            expect(view).to_have_attribute("data-mo-theme", theme.lower())
            notebook.shot(f"quickstart-{theme.lower()}-{index}", view)
    assert notebook.axe(".mo") == []


def _copied(root: Path) -> str:
    shutil.copy(NOTEBOOKS / "01_quickstart.ipynb", root / "quickstart.ipynb")
    shutil.copytree(NOTEBOOKS / "data", root / "data", dirs_exist_ok=True)
    return "quickstart.ipynb"
