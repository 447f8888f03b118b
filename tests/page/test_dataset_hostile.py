"""Whatever stands in a dataset is text: nothing runs, nothing is fetched."""

from typing import Any

import pytest
from playwright.sync_api import expect

from .test_dataset_viewer import SPEC, recorded, row
from .view import View, fixture

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    '" onmouseover="alert(1)',
    "<svg/onload=alert(1)>",
    "{{7*7}}${7*7}",
    "&lt;b&gt;",
)


def strings(value: Any, text: str) -> Any:
    """The same shape with every text replaced, keys that the page looks up excepted."""
    if isinstance(value, dict):
        kept = {"severity", "kind", "pointer"}
        return {key: inner if key in kept else strings(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [strings(inner, text) for inner in value]
    return text if isinstance(value, str) else value


def test_hostile_rows_are_shown_as_they_are(view: View):
    view.show("dataset", SPEC, entries=fixture("dataset_hostile"), state="ready")
    for position in range(8):
        row(view, position).click()
        opened = view.root.locator(".ds-open")
        expect(opened).to_have_attribute("aria-busy", "false")
        for summary in opened.locator("summary").all():
            summary.click()
        for name in ("JSON", "Raw", "Chat"):
            button = opened.get_by_role("button", name=name, exact=True)
            if button.is_enabled():
                button.click()
        view.press("Escape")
    view.root.get_by_label("Search rows").fill("script")
    expect(view.root.locator("mark").first).to_be_visible()
    assert view.page.title() == "Widgets"
    assert view.root.locator("img, script, iframe, a, style, object").count() == 0


def test_an_image_of_a_row_is_named_and_not_fetched(view: View):
    view.show("dataset", SPEC, entries=fixture("dataset_hostile"), state="ready")
    row(view, 5).click()
    expect(view.root.locator(".ds-image")).to_contain_text("https://example.invalid/pixel.png")


def test_controls_and_overrides_of_direction_can_be_seen(view: View):
    view.show("dataset", SPEC, entries=fixture("dataset_hostile"), state="ready")
    assert not set(row(view, 3).inner_text()) & set("\u202e\u2066\u2069\x00\x07\x1b")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_text_of_every_answer_may_be_hostile(view: View, payload: str):
    ops = {op: {"result": strings(recorded(op), payload)} for op in ("summary", "rows", "row")}
    view.show("dataset", SPEC, ops=ops, state="ready")
    expect(view.root.get_by_role("heading", name=payload)).to_be_visible()
    row(view, 2).click()
    expect(view.root.locator(".ds-say").first).to_contain_text(payload)
    view.root.locator(".mo-chip").first.click()
    view.wait("ready")
    failed = {"error": {"code": payload, "message": payload, "hint": payload}}
    view.harness("answer", "summary", failed)
    view.root.locator(".mo-chip").first.click()
    expect(view.root.get_by_role("alert")).to_contain_text(payload)
    assert view.root.locator("img, script, iframe, a, object").count() == 0
