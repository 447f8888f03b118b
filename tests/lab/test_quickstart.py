"""The shipped quickstart in JupyterLab, from the first cell to the last: real training, every view live."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import Open
from .server import Server
from .test_notebooks import check_live, check_outputs, copied


@pytest.mark.train
@pytest.mark.shots
@pytest.mark.timeout(900)
def test_every_view_of_the_quickstart_is_live_and_nothing_is_blank(lab: Open, server: Server) -> None:
    notebook = lab(path=copied("01_quickstart.ipynb", server.root))
    notebook.page.set_default_timeout(600_000)
    notebook.run()
    expect(notebook.body.locator(".jp-OutputArea-output[data-mime-type*=error]")).to_have_count(0)
    check_outputs(notebook)
    expect(notebook.view("dataset").first).to_have_attribute("data-state", "ready")
    expect(notebook.view("job").first).to_have_attribute("data-status", "completed")
    expect(notebook.view("metrics").first).to_have_attribute("data-state", "ready")
    check_live(notebook.body.locator(".mo"))
    notebook.shows_nothing_broken()
    assert notebook.axe(".mo") == []
    raw = notebook.view("dataset").nth(1)
    raw.get_by_role("button", name=re.compile("Role order")).click()
    expect(raw.locator(".mo-foot")).to_contain_text("5 of 4,065")
    raw.locator(".mo-row .words").nth(2).click()
    expect(raw.locator(".ds-turn").first).to_be_visible()
    for theme in ("Light", "Dark"):
        notebook.theme(f"JupyterLab {theme}")
        for index, view in enumerate(notebook.body.locator(".mo").all()):
            expect(view).to_have_attribute("data-mo-theme", theme.lower())
            notebook.shot(f"quickstart-{theme.lower()}-{index}", view)
    assert notebook.axe(".mo") == []
