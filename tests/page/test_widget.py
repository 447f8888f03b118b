"""The widget as anywidget renders it: over a comm, or a sentence that says what does not fit."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from modelops_jupyter.notebook import static

from .view import View, fixture

# As anywidget does: the script is a module, its default makes the widget.
IMPORT = """async ([script, missing]) => {
  if (missing) delete window[missing];
  const made = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const el = document.getElementById("host");
  (await made.default()).render({ el });
  return el.textContent;
}"""


def test_a_view_lives_over_the_comm_of_its_widget(view: View):
    view.harness("render", "dataset", {"dataset": "d1", "protocol": 1}, fixture("dataset_chats"))
    view.wait("ready")
    view.root.get_by_label("Search rows").fill("refund")
    expect(view.root.locator(".mo-foot")).to_contain_text("8 of 22 rows, filtered by the search “refund”.")


def test_another_protocol_is_said_and_nothing_is_asked(view: View):
    view.harness("render", "dataset", {"dataset": "d1", "protocol": 2}, [])
    view.wait("error")
    expect(view.root.get_by_role("alert")).to_contain_text("different versions of the protocol")
    expect(view.root.get_by_role("alert")).to_contain_text("Restart the kernel, reload the page")
    assert view.page.evaluate("harness.carrier.log") == []
    assert view.violations() == []


def test_a_view_of_a_later_version_is_named(view: View):
    view.harness("render", "<b>tomorrow</b>", {"protocol": 1}, [])
    view.wait("error")
    expect(view.root.get_by_role("alert")).to_contain_text("This front end does not know “<b>tomorrow</b>”.")


def test_a_job_without_a_server_extension_talks_over_the_comm(view: View):
    job = fixture("job_running")
    view.harness("render", "job", {"job": "j1", "home_id": "h", "initial": job, "protocol": 1}, [])
    expect(view.root).to_have_attribute("data-kind", "job")
    expect(view.root).to_contain_text(job["name"])


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What Python sends for a small script."""
    monkeypatch.setattr(static, "FOLDER", tmp_path)
    text = "export default { render: ({ el }) => el.append('Größe “100 %” %s 💡') };"
    (tmp_path / "widget.js").write_text(text, encoding="utf-8")
    return str(static.script())


def test_the_packed_script_is_the_script(view: View, script: str):
    assert view.page.evaluate(IMPORT, [script, ""]) == "Größe “100 %” %s 💡"


def test_a_browser_that_cannot_unpack_the_script_says_so(view: View, script: str):
    said = view.page.evaluate(IMPORT, [script, "DecompressionStream"])
    assert "cannot be shown in this browser" in said
    assert "DecompressionStream is not defined" in said
