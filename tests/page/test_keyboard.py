"""Every task of a widget by keyboard alone; viewer, rating and registry have theirs elsewhere."""

import pytest
from playwright.sync_api import Locator, expect

from modelops_jupyter.wire import chat as chats

from . import test_chat as chat
from . import test_job_monitor as job
from . import test_metrics_explorer as metrics
from .view import View, fixture

NAME = """() => { const e = document.activeElement;
  return (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent).trim(); }"""
AWAY = "r => !r.contains(document.activeElement)"


def tab(view: View, name: str, key: str = "Tab") -> Locator:
    """Press Tab until what begins with a name has the focus."""
    seen: list[str] = []
    while len(seen) < 60:
        view.press(key)
        seen.append(view.page.evaluate(NAME))
        if seen[-1].startswith(name):
            return view.page.locator("*:focus")
    raise AssertionError(f"{name!r} is not reached: {seen}")


def helped(view: View) -> None:
    """The keys are shown and taken away, and the focus is where it was."""
    before = view.page.evaluate(NAME)
    view.press("?")
    expect(view.root.get_by_role("dialog", name="Keys")).to_be_visible()
    view.press("Escape")
    expect(view.root.get_by_role("dialog")).to_have_count(0)
    assert view.page.evaluate(NAME) == before


def test_the_explorer(view: View):
    metrics.explorer(view)
    classes = fixture("metrics_classification")["confusion"]["classes"]
    true, predicted = metrics.indices("returns", "billing")
    tab(view, f"{classes[0]} predicted {classes[0]}")
    helped(view)
    view.press(*["ArrowDown"] * true, *["ArrowRight"] * predicted, "Enter")
    behind = view.root.locator(".mx-behind")
    expect(behind.locator("tbody tr")).to_have_count(metrics.PAGE)
    tab(view, "To Python")
    view.harness("answer", "focus", {"result": {"rows": 61, "name": "picked", "version": 1}})
    view.press("Enter")
    expect(behind).to_contain_text("61 rows are “picked” in Python.")
    tab(view, "Later")
    view.press("Enter")
    expect(behind).to_contain_text("Rows 11–20 of")
    tab(view, "returns predicted billing", "Shift+Tab")
    view.press("Enter")
    expect(behind).to_be_hidden()
    fold = tab(view, "ticket-triage v7 minus ticket-triage v6")
    view.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(view.root.get_by_role("table", name="Paired differences")).to_be_visible()
    view.press("Escape")
    assert view.root.evaluate(AWAY)

    metrics.explorer(view, "binary")
    curves, slices = fixture("metrics_curves"), fixture("metrics_slices")
    tab(view, "Curves")
    view.press("Enter")
    tab(view, "Slices")
    view.press("Enter")
    tab(view, slices["rows"][0]["label"])
    view.press("Enter")
    expect(behind.locator("tbody tr")).to_have_count(metrics.PAGE)
    view.press("Enter")
    expect(behind).to_be_hidden()
    slider = tab(view, "Threshold", "Shift+Tab")
    at = int(slider.input_value())
    view.press("ArrowRight", "Shift+ArrowLeft")
    expect(slider).to_have_value(str(at - 9))
    tab(view, f"Use {curves['text'][curves['cheapest']]}")
    view.press("Enter")
    expect(view.root.locator(".mo-meta")).to_contain_text("at threshold")
    view.press("Escape")
    assert view.root.evaluate(AWAY)


def test_the_chat(view: View, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chats, "PIECE", 0.0)
    view.page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text; }")
    talk = chat.shown(view)
    tab(view, "Prompt")
    view.page.keyboard.type("When?")
    view.press("Enter")
    chat.answers(view)
    tab(view, "Answer of dates-tiny", "Shift+Tab")
    view.press("ArrowRight", "ArrowRight")
    expect(view.root.locator(".ct-detail")).to_contain_text("-03 62 %")
    helped(view)
    toggle = tab(view, "Ask tiny too")
    view.press("Enter")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    tab(view, "Prompt", "Shift+Tab")
    view.page.keyboard.type("And now?")
    view.press("Enter")
    chat.answers(view, 3)
    tab(view, "Copy row", "Shift+Tab")
    view.press("Enter")
    expect(view.root.get_by_role("status")).to_have_text("The conversation was copied as a row.")
    assert view.page.evaluate("JSON.parse(copied).messages.length") == 4
    tab(view, "Ask tiny too")
    view.press("Enter")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    talk.voices = (chat.Voice("endless", chat.endless),)
    tab(view, "Prompt", "Shift+Tab")
    view.page.keyboard.type("Count.")
    view.press("Enter")
    expect(view.root.locator(".ct-say").last).to_contain_text("3 ")
    view.press("Escape")
    chat.answers(view, 4)
    assert talk.turns[-1].answer.end == "stopped"
    tab(view, "Clear", "Shift+Tab")
    view.press("Enter")
    view.wait("empty")
    assert [len(row["messages"]) for row in talk.rows] == [6]
    view.press("Escape")
    assert view.root.evaluate(AWAY)


def test_the_job_monitor(view: View):
    shown = job.monitor(view, ops=job.ACKNOWLEDGED)
    samples, checkpoints = shown["samples"], shown["checkpoints"]
    other = next(c for c in checkpoints if c["step"] == samples[1]["step"])
    tab(view, "Stop")
    view.press("Enter")
    expect(view.root.get_by_role("button", name="Stopping…")).to_be_focused()
    assert view.asked("job.cancel")
    linear = tab(view, "Linear")
    view.press("Space")
    expect(linear).to_have_attribute("aria-pressed", "true")
    tab(view, f"Checkpoint {job.caption(other)}")
    view.press("Enter")
    expect(view.root.locator(".jm-cks > .lab")).to_have_text(job.caption(other))
    head = view.root.locator(".jm-cols > div").nth(1)
    expect(head).to_contain_text(samples[1]["scores"][0]["text"])
    step = tab(view, "Step of the samples")
    view.press("ArrowDown")
    expect(step).to_have_value(str(samples[2]["step"]))
    expect(head).to_contain_text(samples[2]["scores"][0]["text"])
    tab(view, "All ")
    view.press("Enter")
    expect(view.root.locator(".jm-events li")).to_have_count(len(shown["events"]))
    job.push(view, job.snapshot("cancelled") | {"id": shown["id"]})
    tab(view, "Resume", "Shift+Tab")
    view.press("Enter")
    expect(view.root.get_by_role("button", name="Resuming…")).to_be_focused()
    view.press("Escape")
    assert view.root.evaluate(AWAY)
