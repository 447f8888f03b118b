"""The dataset viewer in a browser, without Jupyter."""

from playwright.sync_api import expect

from .view import View, fixture

SPEC = {"dataset": "d1", "protocol": 1}


def chats(view: View, **options) -> View:
    return view.show("dataset", SPEC, entries=fixture("dataset_chats"), state="ready", **options)


def test_shots(view: View):
    for theme in ("light", "dark"):
        for width in (900, 700, 320):
            chats(view, theme=theme, width=width)
            view.shot(f"dataset-{theme}-{width}")
            view.root.locator("[role=gridcell].id", has_text="2").first.click()
            expect(view.root.locator(".ds-turn")).to_have_count(5)
            view.root.locator("summary").first.click()
            view.shot(f"dataset-open-{theme}-{width}")
            view.root.get_by_label("Search rows").fill("refund")
            expect(view.root.locator(".unit")).to_contain_text("8 rows")
            view.shot(f"dataset-search-{theme}-{width}")
            view.press("Escape", "Escape")
            view.root.get_by_role("button", name="Keys").click()
            view.shot(f"dataset-keys-{theme}-{width}")
