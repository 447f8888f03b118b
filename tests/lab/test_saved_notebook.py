"""What a saved notebook shows when nobody answers, and when nobody trusts it."""

import json
import re

import nbformat
from playwright.sync_api import expect

from modelops_jupyter.notebook.display import MIME

from . import cells
from .conftest import Open, Reopen
from .server import Server


def test_a_job_reopened_with_a_dead_kernel_is_last_seen_and_never_running(
    lab: Open, reopen: Reopen, bare_server: Server
) -> None:
    notebook = lab(cells.job("left behind"), on=bare_server)
    notebook.run()
    notebook.wait_state("job", "ready")
    notebook.save()
    saved = json.loads((notebook.server.root / notebook.path).read_text())
    (output,) = saved["cells"][0]["outputs"]
    assert output["data"][MIME] == {"v": 1, "kind": "job"}, "what changes would change the file"
    notebook.execute("job.cancel(force=True)")
    notebook.kernel("shutdown")
    later = reopen(notebook)
    expect(later.twin).to_contain_text(re.compile("last seen", re.I))
    expect(later.twin).to_contain_text("left behind")
    expect(later.view("job")).to_have_count(0)
    later.shows_nothing_broken()


def test_a_dataset_reopened_with_another_kernel_shows_its_twin(lab: Open, reopen: Reopen) -> None:
    notebook = lab(cells.dataset("Which river crosses Porto?"))
    notebook.run()
    notebook.wait_state("dataset", "ready")
    notebook.save()
    notebook.kernel("shutdown")
    later = reopen(notebook)
    expect(later.twin).to_contain_text("Which river crosses Porto?")
    expect(later.view("dataset")).to_have_count(0)
    later.shows_nothing_broken()


def test_hostile_text_stays_text_and_without_trust_nobody_is_asked(lab: Open, reopen: Reopen) -> None:
    notebook = lab(
        cells.dataset(*cells.HOSTILE, name=cells.HOSTILE[0]), cells.job(cells.HOSTILE[0], steps=20)
    )
    notebook.run()
    view = notebook.wait_state("dataset", "ready")
    for text in cells.HOSTILE[:3]:
        expect(view).to_contain_text(text)
    expect(view.locator("img, script, a")).to_have_count(0)
    expect(view).not_to_contain_text("\u202e")
    assert notebook.page.evaluate("window.pwned") is None
    notebook.save()
    path = notebook.server.root / notebook.path
    stranger = nbformat.read(path, as_version=4)
    stranger.metadata["from"] = "somebody else"  # other bytes: the signature does not hold any more
    nbformat.write(stranger, path)

    later = reopen(notebook)
    expect(later.twin).to_have_count(2)
    for text in cells.HOSTILE[:3]:
        expect(later.twin.first).to_contain_text(text)
    expect(later.view("job")).to_have_count(0)
    expect(later.view("dataset")).to_have_count(0)
    assert later.page.evaluate("window.pwned") is None
    assert not [op for op in later.asked if op not in ("poll jobs", "jobs")]
    assert not [
        url
        for url in later.requests
        if not url.partition(" ")[2].startswith((later.server.url, "data:", "blob:"))
    ]
