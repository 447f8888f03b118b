"""The job monitor in a browser, without Jupyter."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from .sideways import outside
from .view import View, fixture

STATES = {
    "running": "ready",
    "early": "ready",
    "queued": "empty",
    "preparing": "empty",
    "failed": "error",
    "completed": "ready",
    "cancelled": "ready",
    "simulated": "ready",
    "overfitting": "ready",
    "hostile": "ready",
}
ACKNOWLEDGED = {
    "job.cancel": {"result": {"status": "running"}},
    "job.resume": {"result": {"status": "queued"}},
}


def snapshot(name: str) -> dict[str, Any]:
    return fixture(f"job_{name}")


def monitor(view: View, name: str = "running", **options: Any) -> dict[str, Any]:
    job = snapshot(name)
    view.show("job", {"job": job["id"], "home_id": "h", "initial": job}, state=STATES[name], **options)
    return job


def clock(job: dict[str, Any], at: float) -> str:
    return time.strftime("%H:%M", time.gmtime(at + job["utc_offset"]))


def caption(checkpoint: dict[str, Any]) -> str:
    return f"{checkpoint['word']} {checkpoint['step']:,}: {checkpoint['text']}"


def push(view: View, job: dict[str, Any], **changes: Any) -> None:
    view.harness("carrier.push", f"job:{job['id']}", [job | changes])


def silence(view: View, job: dict[str, Any]) -> None:
    view.harness("carrier.silence", f"job:{job['id']}", "The Jupyter server does not answer.")
    view.wait("stale")


@pytest.mark.parametrize("width", [700, 600])
def test_no_text_leaves_the_widget_sideways(view: View, width: int):
    for name in STATES:
        monitor(view, name, width=width)
        assert outside(view) == [], name


def test_without_a_first_snapshot_it_waits_for_one_and_then_draws_it(view: View):
    job = snapshot("running")
    view.show("job", {"job": job["id"]}, state="loading")
    push(view, job)
    view.wait("ready")
    expect(view.root.get_by_role("heading", level=2)).to_have_text(job["name"])


def test_every_number_is_the_text_that_was_sent(view: View):
    job = monitor(view)
    progress, values = job["progress"], job["values"]
    expect(view.root.locator(".jm-now .big")).to_have_text(progress["percent_text"])
    expect(view.root.locator(".jm-now .eta")).to_have_text(progress["eta_text"])
    labels = view.root.locator(".mo-inside .mo-lab")
    expect(labels.nth(0)).to_have_text(f"train {values['loss']['text']} {values['loss']['context']}")
    held = values["validation_loss"]
    expect(labels.nth(1)).to_have_text(f"validation {held['text']} {held['interval']}")
    for title, key in (
        ("Learning rate", "learning_rate"),
        ("Tokens/s", "tokens_per_second"),
        ("Gradient norm", "grad_norm"),
        ("Memory", "memory"),
    ):
        figure = view.root.locator(".jm-spark").filter(has_text=title)
        expect(figure.locator(".v")).to_have_text(values[key]["text"])
        expect(figure.locator(".w")).to_have_text(values[key]["context"])


def test_events_are_the_newest_first_and_the_rest_a_press_away(view: View):
    events = monitor(view)["events"]
    shown = view.root.locator(".jm-events li")
    texts = [event["at_text"] + event["text"] for event in events]
    expect(shown).to_have_text(texts[:6])
    view.root.get_by_role("button", name=f"All {len(events)}").click()
    expect(shown).to_have_text(texts)


def test_the_picture_has_a_sentence_with_the_last_values(view: View):
    job = monitor(view)
    sentence = view.root.locator(".jm-loss svg[role=img]").get_attribute("aria-label") or ""
    assert job["values"]["loss"]["text"] in sentence
    assert job["values"]["validation_loss"]["text"] in sentence
    eta = job["progress"]["eta"]
    low, mid, high = (clock(job, job["now"] + eta[side]) for side in ("low", "mid", "high"))
    begun = f"Started {clock(job, job['started'])}, now {clock(job, job['now'])}"
    expect(view.root.locator(".jm-time")).to_have_attribute(
        "aria-label", f"{begun}, ends about {mid}, between {low} and {high}"
    )


def test_without_an_estimate_no_end_is_drawn(view: View):
    monitor(view, "early")
    expect(view.root.locator(".jm-now .eta")).to_have_text("no estimate yet")
    expect(view.root.locator(".jm-time .end")).to_have_count(0)


def test_what_is_not_today_has_its_day(view: View):
    job = snapshot("running")
    day = {"low": 86_400.0, "mid": 86_400.0, "high": 90_000.0}
    changes = {"started": job["now"] - 20 * 3600, "progress": job["progress"] | {"eta": day}}
    view.show("job", {"job": job["id"], "home_id": "h", "initial": job | changes}, state="ready", width=320)
    begun, now = clock(job, changes["started"]), clock(job, job["now"])
    expect(view.root.locator(".jm-time .tick")).to_have_text([f"now {now}", f"10 Oct {now}"])
    expect(view.root.locator(".jm-time")).to_have_attribute(
        "aria-label", re.compile(f"Started 08 Oct {begun}, now {now}, ends about 10 Oct {now}")
    )


def test_stop_asks_once_and_the_button_stays_where_the_focus_is(view: View):
    job = monitor(view, ops=ACKNOWLEDGED)
    button = view.root.get_by_role("button", name="Stop")
    button.focus()
    view.press("Enter", "Enter")
    stopping = view.root.get_by_role("button", name="Stopping…")
    expect(stopping).to_be_focused()
    expect(stopping).to_have_attribute("aria-disabled", "true")
    push(view, job, seq=58)
    expect(stopping).to_be_focused()
    ended = snapshot("cancelled") | {"id": job["id"]}
    push(view, ended)
    expect(view.root.get_by_role("button", name="Resume")).to_be_focused()
    assert [entry["args"] for entry in view.asked("job.cancel")] == [{"job": job["id"]}]


def test_a_stop_that_nobody_acknowledges_says_when_it_will_act(view: View):
    job = monitor(view, ops={"job.cancel": "never"})
    view.root.get_by_role("button", name="Stop").click()
    note = view.root.locator(".mo-note:visible")
    expect(note).to_have_text("Will stop when the running cell ends.")
    expect(view.root.get_by_role("status")).to_have_text("Will stop when the running cell ends.")
    push(view, snapshot("cancelled") | {"id": job["id"]})
    expect(note).to_have_count(0)
    expect(view.root.get_by_role("status")).to_contain_text("Cancelled")


def test_a_refused_stop_says_why_and_can_be_tried_again(view: View):
    error = {"code": "job", "message": "The job has ended.", "hint": "Look at job.status."}
    monitor(view, ops={"job.cancel": {"error": error}})
    view.root.get_by_role("button", name="Stop").click()
    expect(view.root.locator(".mo-note:visible")).to_have_text("The job has ended. Look at job.status.")
    expect(view.root.get_by_role("button", name="Stop")).to_have_attribute("aria-disabled", "false")


def test_resume_is_offered_where_it_is_possible(view: View):
    job = monitor(view, "failed", ops=ACKNOWLEDGED)
    view.root.get_by_role("button", name="Resume").click()
    expect(view.root.get_by_role("button", name="Resuming…")).to_be_visible()
    assert view.asked("job.resume")[0]["args"] == {"job": job["id"]}
    monitor(view, "completed")
    expect(view.root.locator(".mo-head button")).to_be_hidden()


def test_an_attempt_that_failed_before_it_was_seen_can_be_resumed_again(view: View):
    job = monitor(view, "failed", ops=ACKNOWLEDGED)
    view.root.get_by_role("button", name="Resume").click()
    push(view, job)
    expect(view.root.get_by_role("button", name="Resuming…")).to_be_visible()
    push(view, job, attempt=job["attempt"] + 1)
    expect(view.root.get_by_role("button", name="Resume ")).to_have_attribute("aria-disabled", "false")


def test_when_the_button_goes_the_focus_stays_in_the_widget(view: View):
    job = monitor(view)
    view.root.get_by_role("button", name="Stop").focus()
    push(view, snapshot("completed") | {"id": job["id"]})
    expect(view.root.get_by_role("heading", level=2)).to_be_focused()


def test_a_failure_gives_its_reason_as_one_paragraph(view: View):
    job = monitor(view, "failed")
    box = view.root.get_by_role("alert")
    text = " ".join(box.locator("b, p").all_text_contents()).strip()
    assert text == job["reason_text"]
    expect(view.root.locator(".mo-status")).to_have_text("Failed")


def test_what_was_running_is_last_seen_and_its_numbers_stay(view: View):
    job = monitor(view)
    silence(view, job)
    expect(view.root.locator(".mo-status")).to_have_text("Last seen running")
    expect(view.root.locator(".mo-note:visible")).to_contain_text(
        f"Last seen 09 Oct {clock(job, job['seen'])}, at {job['progress']['percent_text']}."
    )
    expect(view.root.locator(".jm-now .big")).to_have_text(job["progress"]["percent_text"])
    stop = view.root.get_by_role("button", name="Stop")
    expect(stop).to_have_attribute("aria-disabled", "true")
    stop.click(force=True)
    assert view.asked("job.cancel") == []


def test_what_comes_back_is_live_again(view: View):
    job = monitor(view)
    silence(view, job)
    push(view, job)
    view.wait("ready")
    expect(view.root.locator(".mo-status")).to_have_text("Running")
    expect(view.root.locator(".mo-note:visible")).to_have_count(0)


def test_what_has_ended_is_not_called_running(view: View):
    job = monitor(view, "completed")
    silence(view, job)
    expect(view.root.locator(".mo-status")).to_have_text("Completed")


def test_a_simulated_job_says_so_at_every_number(view: View):
    monitor(view, "simulated")
    expect(view.root.locator(".mo-prov")).to_have_text("simulated")
    expect(view.root.locator(".mo-note.sim")).to_contain_text("Nothing is trained.")
    expect(view.root.locator(".mo-note.sim button")).to_have_count(0)
    expect(view.root.locator(".mo-water")).to_have_text("SIMULATED")
    expect(view.root.locator(".jm-loss path.ln.dash.ss")).to_have_count(1)
    for label in view.root.locator(".mo-inside .mo-lab").all():
        expect(label).to_contain_text("simulated")
    expect(view.root.locator(".jm-now .sec")).to_contain_text("simulated")


def test_hostile_text_is_shown_and_never_read_as_markup(view: View):
    job = monitor(view, "hostile")
    expect(view.root.get_by_role("heading", level=2)).to_have_text(job["name"])
    expect(view.root.locator(".jm-events li span").first).to_have_text(job["events"][0]["text"])
    expect(view.root.locator("img, script, a, iframe")).to_have_count(0)
    assert view.page.evaluate("'__pwned' in window") is False


def test_an_update_changes_texts_and_keeps_elements(view: View):
    job = monitor(view)
    pill = view.root.locator(".mo-status")
    pill.evaluate("e => e.firstElementChild.setAttribute('data-same', '')")
    push(view, job, progress=job["progress"] | {"percent_text": "63 %", "step": 1260})
    expect(view.root.locator(".jm-now .big")).to_have_text("63 %")
    expect(pill.locator("[data-same]")).to_have_count(1)


def test_the_axis_can_be_linear_and_stays_so(view: View):
    job = monitor(view)
    tick = view.root.locator(".mo-plot .y span")
    expect(tick.first).not_to_have_text("0")
    view.root.get_by_role("button", name="Linear").click()
    expect(tick.first).to_have_text("0")
    push(view, job, seq=58)
    expect(view.root.get_by_role("button", name="Linear")).to_have_attribute("aria-pressed", "true")
    expect(tick.first).to_have_text("0")


def test_a_checkpoint_tells_its_loss_when_it_is_picked(view: View):
    checkpoints = monitor(view)["checkpoints"]
    best = next(c for c in checkpoints if c["best"])
    other = next(c for c in checkpoints if not c["best"])
    label = view.root.locator(".jm-cks > .lab")
    expect(label).to_have_text(caption(best))
    view.root.get_by_role("button", name=f"Checkpoint {caption(other)}").focus()
    view.press("Space")
    expect(label).to_have_text(caption(other))
    view.press("Space")
    expect(label).to_have_text(caption(best))


def test_keys_of_the_host_do_not_fire_inside_and_escape_leaves(view: View):
    monitor(view)
    view.page.evaluate("window.heard = []; document.addEventListener('keydown', e => heard.push(e.key))")
    view.root.get_by_role("button", name="Stop").focus()
    view.press("d", "d", "Escape")
    assert "d" not in view.page.evaluate("heard")
    assert view.root.evaluate("r => r.contains(document.activeElement)") is False


def test_a_change_of_status_is_announced_and_a_step_is_not(view: View):
    job = monitor(view)
    status = view.root.get_by_role("status")
    push(view, job, progress=job["progress"] | {"percent_text": "63 %"})
    expect(view.root.locator(".jm-now .big")).to_have_text("63 %")
    expect(status).to_have_text("")
    push(view, snapshot("completed") | {"id": job["id"]})
    expect(status).to_contain_text("Completed")


# ---- metrics of the answers ----
def test_a_metric_is_drawn_with_its_band_and_says_its_last_value(view: View):
    (measure,) = monitor(view)["measures"]
    chart = view.root.locator(".jm-measures")
    expect(chart.get_by_role("heading")).to_have_text(measure["label"])
    expect(chart.locator("path.bd")).to_have_count(1)
    dots = chart.locator("path.dt").get_attribute("d") or ""
    assert dots.count("M") == len(measure["rows"])
    expect(chart.locator(".mo-inside .mo-lab")).to_have_text(f"{measure['text']} {measure['interval']}")
    sentence = chart.locator("svg[role=img]").get_attribute("aria-label") or ""
    assert f"{measure['label']} {measure['text']} {measure['interval']}" in sentence


def test_a_curve_without_an_interval_is_a_line_and_a_new_one_joins(view: View):
    job = monitor(view)
    reward = {"name": "reward", "label": "reward", "text": "0.5", "interval": ""}
    reward["rows"] = [[step, step / 10, None, None] for step in range(40)]
    push(view, job, measures=[*job["measures"], reward])
    chart = view.root.locator(".jm-measures > div").nth(1)
    expect(chart.locator("path.ln")).to_have_count(1)
    expect(chart.locator("path.dt, path.bd")).to_have_count(0)
    push(view, job, measures=[])
    expect(view.root.locator(".jm-measures")).to_be_hidden()


# ---- samples ----
def test_samples_stand_over_the_base_and_the_newest_step(view: View):
    first, *_, last = monitor(view)["samples"]
    shown = view.root.locator(".jm-sample")
    expect(shown).to_have_count(len(first["rows"]))
    for part, before, after in zip(shown.all(), first["rows"], last["rows"], strict=True):
        expect(part.locator(".q span")).to_have_text(before["prompt"])
        expect(part.get_by_role("group", name="base", exact=True)).to_contain_text(before["answer"])
        right = part.get_by_role("group", name=last["name"])
        expect(right).to_contain_text(after["answer"])
        expect(right).to_contain_text("as in the data")
    heads = view.root.locator(".jm-cols > div")
    for head, sample in ((heads.nth(0), first), (heads.nth(1), last)):
        (score,) = sample["scores"]
        expect(head).to_have_text(f"{sample['name']}{score['name']} {score['text']} {score['interval']}")


def test_another_step_is_picked_by_list_and_by_checkpoint_and_stays(view: View):
    job = monitor(view)
    samples, checkpoints = job["samples"], job["checkpoints"]
    picked, other = samples[2], next(c for c in checkpoints if c["step"] == samples[1]["step"])
    select = view.root.get_by_label("Step of the samples")
    select.select_option(label=picked["name"])
    head = view.root.locator(".jm-cols > div").nth(1)
    expect(head).to_contain_text(picked["scores"][0]["text"])
    push(view, job, seq=58)
    expect(head).to_contain_text(picked["scores"][0]["text"])
    view.root.get_by_role("button", name=f"Checkpoint {caption(other)}").click()
    expect(head).to_contain_text(samples[1]["scores"][0]["text"])
    expect(select).to_have_value(str(samples[1]["step"]))


def test_one_sample_stands_alone_and_none_takes_no_place(view: View):
    job = monitor(view)
    push(view, job, samples=job["samples"][:1])
    expect(view.root.locator(".jm-cols > div")).to_have_count(1)
    expect(view.root.get_by_label("Step of the samples")).to_be_hidden()
    push(view, job, samples=[])
    expect(view.root.locator(".jm-samples")).to_be_hidden()


# ---- early warnings, marks, plans, result ----
def test_an_early_warning_stands_under_the_head_with_its_advice_and_is_announced_once(view: View):
    job = snapshot("overfitting")
    (warning,) = job["warnings"]
    monitor(view)
    shown = view.root.get_by_role("group", name="Warnings")
    expect(shown).to_be_hidden()
    push(view, snapshot("running"), warnings=[warning])
    expect(shown.locator(".mo-note")).to_have_text(warning)
    assert shown.locator("b").inner_text() == warning.partition(". ")[0] + "."
    expect(view.root.get_by_role("status")).to_have_text(warning)
    shown.locator(".mo-note").evaluate("e => e.setAttribute('data-same', '')")
    push(view, snapshot("running"), warnings=[warning], seq=60)
    expect(shown.locator("[data-same]")).to_have_count(1)
    push(view, snapshot("running"), seq=61)
    expect(shown).to_be_hidden()


def test_where_a_job_was_resumed_is_marked_on_the_curve(view: View):
    (mark,) = monitor(view, "overfitting")["marks"]
    expect(view.root.locator(".mo-mark")).to_have_text(mark["text"])
    until = 2000
    place = view.root.locator(".jm-loss path.mk").get_attribute("d")
    assert place == f"M{round(1000 * mark['step'] / until)} 0V1000"


def test_the_planned_learning_rate_is_dashed_to_the_end(view: View):
    monitor(view)
    rate = view.root.locator(".jm-spark").filter(has_text="Learning rate")
    plan = rate.locator("path.dash.sn").get_attribute("d") or ""
    assert plan.split("L")[-1].split()[0] == "1000"


def test_a_completed_job_says_what_it_made_and_how_to_have_it(view: View):
    job = monitor(view, "completed")
    note = view.root.locator(".mo-note.c-ok:visible")
    expect(note).to_have_text(f"Completed. {job['result']['text']} {job['result']['call']}")
    monitor(view)
    expect(view.root.locator(".mo-note.c-ok:visible")).to_have_count(0)


# ---- several runs ----
def compared(view: View, **options: Any) -> list[dict[str, Any]]:
    runs = [snapshot(name) for name in ("running", "overfitting", "cancelled")]
    ids = [run["id"] for run in runs]
    spec = {"job": ids[0], "more": ids[1:], "initial": runs[0], "others": runs[1:], "home_id": "h"}
    view.show("job", spec, state="ready", **options)
    return runs


def test_several_runs_share_one_chart_by_their_names_and_not_by_colour_alone(view: View):
    runs = compared(view)
    labels = view.root.locator(".jm-loss .mo-inside .mo-lab")
    for label, run in zip(labels.all(), runs, strict=True):
        value = run["values"]["validation_loss"]
        expect(label).to_have_text(f"{run['name']} {value['text']} {value['interval']}")
    expect(view.root.locator(".jm-loss path.ln.s2.dash")).to_have_count(1)
    expect(view.root.locator(".jm-loss path.ln.s3:not(.dash)")).to_have_count(1)
    view.root.get_by_role("group", name="Loss of").get_by_role("button", name="train").click()
    expect(labels.nth(1)).to_contain_text(runs[1]["values"]["loss"]["text"])
    expect(view.root.locator(".jm-loss path.bd")).to_have_count(3)


def test_each_run_has_its_line_with_its_button_and_all_are_followed_at_once(view: View):
    runs = compared(view, ops=ACKNOWLEDGED)
    table = view.root.get_by_role("table", name="Jobs")
    expect(table.get_by_role("rowheader")).to_have_text([run["name"] for run in runs])
    table.get_by_role("button", name=f"Resume {runs[2]['name']}").click()
    assert view.asked("job.resume")[0]["args"] == {"job": runs[2]["id"]}
    later = runs[1] | {"name": "renamed"}
    view.harness("carrier.push", f"job:{','.join(run['id'] for run in runs)}", [runs[0], later, runs[2]])
    expect(table.get_by_role("rowheader").nth(1)).to_have_text("renamed")
    expect(view.root.locator(".jm-loss .mo-inside .mo-lab").nth(1)).to_contain_text("renamed")


def test_a_run_that_is_deleted_leaves_the_others_where_they_were(view: View):
    runs = compared(view)
    rows = view.root.get_by_role("table", name="Jobs").get_by_role("rowheader")
    topic = f"job:{','.join(run['id'] for run in runs)}"
    view.harness("carrier.push", topic, [runs[0], runs[2]])
    expect(rows).to_have_text([runs[0]["name"], runs[2]["name"]])
    view.harness("carrier.push", topic, [runs[2] | {"name": "renamed"}])
    expect(rows).to_have_text([runs[0]["name"], "renamed"])
    expect(view.root.get_by_role("heading", level=2)).to_have_text(runs[0]["name"])


def test_runs_without_validation_are_compared_by_what_they_have(view: View):
    alike = "sweep over learning rates, batch 16, seed "
    bare = {"values": {"loss": snapshot("running")["values"]["loss"]}}
    runs = [snapshot(name) | bare | {"name": alike + name} for name in ("running", "overfitting")]
    for run in runs:
        run["series"] = run["series"] | {"validation_loss": []}
    spec = {"job": runs[0]["id"], "more": [runs[1]["id"]], "initial": runs[0], "others": runs[1:]}
    view.show("job", spec | {"home_id": "h"}, state="ready")
    expect(view.root.get_by_role("group", name="Loss of")).to_have_count(0)
    expect(view.root.locator(".jm-loss path.bd")).to_have_count(2)
    labels = view.root.locator(".jm-loss .mo-inside .mo-lab b")
    text = runs[0]["values"]["loss"]["text"]
    expect(labels).to_have_text(
        [f"sweep over lear…6, seed running {text}", f"sweep over lear…eed overfitting {text}"]
    )


def test_one_job_alone_has_no_table_and_no_choice_of_loss(view: View):
    monitor(view)
    expect(view.root.get_by_role("table")).to_have_count(0)
    expect(view.root.get_by_role("group", name="Loss of")).to_have_count(0)


def test_a_curve_of_any_length_has_at_most_two_points_a_pixel(view: View):
    job = snapshot("running")
    long = [[step, 1.0 + step % 7, 0.5, 9.0] for step in range(20_000)]
    series = job["series"] | {"loss_band": long, "validation_loss": long}
    view.show("job", {"job": job["id"], "initial": job | {"series": series}}, state="ready", width=320)
    for path in view.root.locator(".jm-loss path:not(.g, .bd)").all():
        data = path.get_attribute("d") or ""
        assert data.count("M") + data.count("L") <= 501, path.get_attribute("class")
