"""The list of jobs in a browser, without Jupyter."""

import time
from typing import Any

from playwright.sync_api import Locator, expect

from .sideways import outside
from .view import View, fixture


def jobs() -> list[dict[str, Any]]:
    return fixture("job_list")["jobs"]


def job_list(view: View, listed: list[dict[str, Any]] | None = None, **options: Any) -> list[dict[str, Any]]:
    listed = jobs() if listed is None else listed
    view.show("jobs", {"initial": listed}, state="ready" if listed else "empty", **options)
    return listed


def named(status: str, *, simulated: bool = False) -> dict[str, Any]:
    return next(job for job in jobs() if job["status"] == status and job["simulated"] is simulated)


def line(view: View, name: str) -> Locator:
    return view.root.locator("tbody tr").filter(has=view.page.get_by_role("rowheader", name=name, exact=True))


def test_no_text_leaves_the_widget_sideways(view: View):
    job_list(view, width=600)
    assert outside(view) == []


def test_each_job_is_one_line_with_its_numbers_as_they_were_sent(view: View):
    listed = job_list(view)
    rows = view.root.locator("tbody tr")
    expect(rows).to_have_count(len(listed))
    for row, job in zip(rows.all(), listed, strict=True):
        expect(row.get_by_role("rowheader")).to_have_text(job["name"])
        expect(row.locator(".mo-status")).to_have_text(job["label"])
        expect(row.locator(".mo-prov")).to_have_text(job["provider"])
    job, failed, lesson = named("running"), named("failed"), named("running", simulated=True)
    progress, held = job["progress"], job["values"]["validation_loss"]
    running = line(view, job["name"])
    eta = progress["eta_text"].partition(" (")[0]
    expect(running.locator(".jl-how")).to_have_text(f"{progress['percent_text']}, {eta}")
    expect(running.locator(".held")).to_have_text(f"{held['text']} {held['interval']}")
    simulated = line(view, lesson["name"]).locator(".held")
    expect(simulated).to_have_text(f"{lesson['values']['validation_loss']['text']} simulated")
    what, *_ = failed["reason_text"].partition(". ")
    expect(line(view, failed["name"]).locator(".jl-how")).to_contain_text(what)


def test_a_job_that_ended_without_validation_does_not_promise_a_loss(view: View):
    ended, going = named("completed") | {"values": {}}, named("running") | {"values": {}}
    job_list(view, [ended, going])
    expect(line(view, ended["name"]).locator(".held")).to_have_text("–")
    expect(line(view, going["name"]).locator(".held")).to_have_text("not yet")


def test_without_jobs_it_says_how_to_start_one(view: View):
    job_list(view, [])
    expect(view.root.locator(".mo-blank")).to_contain_text("%finetune")


def test_stop_acts_on_its_own_job_and_an_update_keeps_the_focus(view: View):
    listed = job_list(view, ops={"job.cancel": {"result": {"status": "running"}}})
    job = named("running", simulated=True)
    button = line(view, job["name"]).locator(".act button:visible")
    button.focus()
    view.press("Enter")
    expect(button).to_have_text(f"Stopping… {job['name']}")
    others = [other for other in listed if other["id"] != job["id"]]
    view.harness("carrier.push", "jobs", [others[-1], others[0], job])
    rows = view.root.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first.get_by_role("rowheader")).to_have_text(others[-1]["name"])
    expect(button).to_be_focused()
    assert [entry["args"] for entry in view.asked("job.cancel")] == [{"job": job["id"]}]


def test_a_stop_that_nobody_acknowledges_says_when_it_will_act(view: View):
    job_list(view, ops={"job.cancel": "never"})
    row = line(view, named("running")["name"])
    row.get_by_role("button", name="Stop").click()
    expect(row.locator(".jl-how")).to_contain_text("Will stop when the running cell ends.")


def test_what_was_running_is_last_seen(view: View):
    newest = job_list(view)[0]
    view.harness("carrier.silence", "jobs", "gone")
    view.wait("stale")
    running = line(view, named("running")["name"])
    expect(running.locator(".mo-status")).to_have_text("Last seen running")
    expect(running.get_by_role("button", name="Stop")).to_have_attribute("aria-disabled", "true")
    expect(line(view, named("completed")["name"]).locator(".mo-status")).to_have_text("Completed")
    at = time.strftime("%H:%M", time.gmtime(newest["now"] + newest["utc_offset"]))
    expect(view.root.locator(".mo-note")).to_have_text(f"Last seen 09 Oct {at}.")


def test_the_list_asks_for_itself_when_it_was_given_none(view: View):
    view.show("jobs", {}, ops={"jobs": {"result": fixture("job_list")}}, state="ready")
    expect(view.root.locator("tbody tr")).to_have_count(len(jobs()))


def test_a_store_that_cannot_be_read_is_said(view: View):
    error = {
        "code": "store",
        "message": "The job store is locked.",
        "hint": "Jobs that run are not affected.",
    }
    view.show("jobs", {}, ops={"jobs": {"error": error}}, state="error")
    expect(view.root.get_by_role("alert")).to_contain_text("The job store is locked.")


def test_hostile_text_is_shown_and_never_read_as_markup(view: View):
    job_list(view)
    expect(view.root.locator("img, script, a, iframe")).to_have_count(0)
    assert view.page.evaluate("'__pwned' in window") is False


def test_a_job_is_opened_under_the_list_by_its_name_and_closed_by_a_second_press(view: View):
    running = fixture("job_running")
    listed = [named("running") | {"id": running["id"], "name": running["name"]}]
    job_list(view, listed, ops={"job": {"result": running}})
    name = view.root.get_by_role("button", name=running["name"], exact=True)
    name.focus()
    view.press("Enter")
    opened = view.root.locator(".jl-open > .jm")
    expect(opened).to_have_attribute("data-state", "ready")
    expect(opened).to_be_focused()
    assert [entry["args"] for entry in view.asked("job")] == [{"job": running["id"]}]
    assert view.violations() == []
    view.harness("carrier.push", f"job:{running['id']}", [running | {"name": "moved"}])
    expect(opened.get_by_role("heading", level=2)).to_have_text("moved")
    name.click()
    expect(view.root.locator(".jl-open > *")).to_have_count(0)


def test_only_a_completed_job_offers_its_result(view: View):
    done = fixture("job_completed")
    job_list(view, [named("running"), named("completed")], ops={"job": {"result": done}})
    view.root.get_by_role("button", name=f"Result {named('completed')['name']}").click()
    expect(view.root.locator(".jl-open .mo-note.c-ok")).to_contain_text(done["result"]["call"])
    expect(line(view, named("running")["name"]).get_by_role("button", name="Result")).to_have_count(0)


def test_a_job_that_cannot_be_read_says_why_in_its_place(view: View):
    error = {"code": "job", "message": "There is no such job.", "hint": ""}
    job_list(view, ops={"job": {"error": error}})
    view.root.get_by_role("button", name=named("failed")["name"], exact=True).click()
    expect(view.root.locator(".jl-open").get_by_role("alert")).to_have_text("There is no such job.")
