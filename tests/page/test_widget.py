"""The widget as anywidget renders it: over a comm, or a sentence that says what does not fit."""

from playwright.sync_api import expect

from .view import View, fixture


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
