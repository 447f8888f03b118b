"""The shipped notebooks in JupyterLab, from the first cell to the last: every view live, none blank."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from modelops_jupyter.notebook.display import MIME
from tests.notebooks.outputs import FOLDER, TRAINING, lasting

from .conftest import Open
from .notebook import Notebook
from .server import Server

VIEWS = {"dataset", "diff", "job", "jobs", "metrics", "comparison"}
QUICK = sorted(path.name for path in FOLDER.glob("*.ipynb") if "01_" not in path.name)


def check_live(views: Locator) -> None:
    """Scroll to each view and see that it shows something and is ready."""
    for view in views.all():
        view.scroll_into_view_if_needed()  # the host draws no text of what is far off the screen
        expect(view).not_to_have_text("", use_inner_text=True, timeout=10_000)
        assert view.get_attribute("data-state") in ("ready", "partial"), view.inner_text()


def copied(name: str, root: Path) -> str:
    """Put a notebook and the data of all into the server's folder."""
    shutil.copy(FOLDER / name, root / name)
    shutil.copytree(FOLDER / "data", root / "data", dirs_exist_ok=True)
    return name


def check_outputs(notebook: Notebook) -> None:
    """Save, and see that the outputs are those that the repository has."""
    notebook.save()
    assert lasting(notebook.server.root / notebook.path) == lasting(FOLDER / notebook.path)


def has_views(name: str) -> bool:
    """Tell from the committed outputs whether a notebook shows anything that has a live view."""
    cells = json.loads((FOLDER / name).read_text("utf-8"))["cells"]
    bundles = (output.get("data", {}).get(MIME, {}) for cell in cells for output in cell.get("outputs", ()))
    return any(bundle.get("kind") in VIEWS for bundle in bundles)


@pytest.mark.shots
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", QUICK)
def test_a_notebook_runs_and_every_view_is_live(name: str, lab: Open, server: Server) -> None:
    notebook = lab(path=copied(name, server.root))
    notebook.page.set_default_timeout(300_000)
    notebook.run()
    expect(notebook.body.locator(".jp-OutputArea-output[data-mime-type*=error]")).to_have_count(0)
    if name in TRAINING:
        check_outputs(notebook)
    views = notebook.body.locator(".mo")
    assert (views.count() > 0) == has_views(name)
    check_live(views)
    notebook.shows_nothing_broken()
    if has_views(name):  # axe refuses a page without what it is to look at
        assert notebook.axe(".mo") == []
    for theme in ("Light", "Dark"):
        notebook.theme(f"JupyterLab {theme}")
        notebook.shot(f"{Path(name).stem}-{theme.lower()}", notebook.body)
