"""The panel, the status bar, the palette and the `.jsonl` viewer."""

import json

import pytest
from playwright.sync_api import Page, expect

from . import cells
from .conftest import Open
from .notebook import Notebook
from .server import Server


def panel(notebook: Notebook) -> Page:
    notebook.command("modelops:open-panel")
    return notebook.page


@pytest.mark.shots
def test_the_panel_shows_jobs_live_without_a_kernel(lab: Open) -> None:
    notebook = lab(cells.job("in the panel"))
    notebook.run()
    notebook.kernel("shutdown")
    jobs = panel(notebook).locator("#modelops-panel .mo[data-kind=jobs]")
    expect(jobs).to_have_attribute("data-state", "ready")
    line = jobs.get_by_role("row").filter(has_text="in the panel").first
    expect(line).to_contain_text("%")
    shown = line.inner_text()
    expect(line).not_to_have_text(shown)
    expect(notebook.page.locator(".mo-badge")).to_contain_text("job")
    assert notebook.axe("#modelops-panel, .mo-badge") == []
    notebook.shot("lab-panel-light")
    line.get_by_role("button", name="Stop").click()
    expect(line).to_contain_text("Cancelled")


def test_a_panel_without_our_server_says_what_to_install(lab: Open, bare_server: Server) -> None:
    notebook = lab("1", on=bare_server)
    jobs = panel(notebook).locator("#modelops-panel .mo")
    expect(jobs).to_have_attribute("data-state", "error")
    expect(jobs).to_contain_text("install")
    assert notebook.axe("#modelops-panel") == []


def test_stopping_from_the_palette_asks_first_and_checks_its_argument(lab: Open) -> None:
    notebook = lab(cells.job("asked"))
    notebook.run()
    dialog = notebook.page.get_by_role("dialog")

    notebook.command("modelops:stop-job", {"job": "no-such-job"})
    expect(dialog).to_contain_text("no-such-job")
    dialog.get_by_role("button").first.click()

    identity = notebook.value("job.id").strip("'")
    notebook.command("modelops:stop-job", {"job": identity})
    expect(dialog).to_contain_text("asked")
    dialog.get_by_role("button", name="Cancel").click()
    assert notebook.value("str(job.status)") == "'running'"

    notebook.command("modelops:stop-job", {"job": identity})
    dialog.get_by_role("button", name="Stop").click()
    notebook.eventually("str(job.status)", "'cancelled'")


@pytest.mark.shots
def test_a_jsonl_file_opens_in_the_viewer_without_loading_it(lab: Open) -> None:
    notebook = lab("1")
    rows = [{"prompt": f"question {n}", "completion": "answer"} for n in range(500)]
    (notebook.server.root / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    notebook.command("docmanager:open", {"path": "rows.jsonl"})
    view = notebook.page.locator(".mo-document .mo[data-kind=dataset]")
    expect(view).to_have_attribute("data-state", "ready")
    expect(view).to_contain_text("question 0")
    expect(view).to_contain_text("500 rows")
    assert not [url for url in notebook.requests if "api/contents/rows.jsonl" in url and "content=1" in url]
    assert notebook.axe(".mo-document .mo") == []
    assert view.bounding_box()["height"] > 600, "the viewer does not fill its document"
    notebook.shot("lab-jsonl-light")
