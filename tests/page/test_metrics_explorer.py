"""The metrics explorer in a browser, without Jupyter."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .sideways import outside
from .view import View, fixture

SPEC = {"result": "r1", "comparison": "c1"}
PAGE = 10
STATES = {"classification": "ready", "generation": "partial", "hostile": "ready"}
LOOKS = [(theme, width) for theme in ("light", "dark") for width in (900, 320)]
GONE = {"code": "closed", "message": "The kernel behind this output is gone.", "hint": "Run the cell again."}


HOSTILE = "<img src=x onerror='window.__pwned=1'><script>window.__pwned=1</script>"


def indices(*classes: str) -> list[int]:
    known = fixture("metrics_classification")["confusion"]["classes"]
    return [known.index(c) for c in classes]


def answers(name: str) -> list[dict[str, Any]]:
    """What Python answers: the result, every page of the wrong rows and of one cell."""
    recorded: list[dict[str, Any]] = [{"op": "result", "args": SPEC, "result": fixture(f"metrics_{name}")}]
    true, predicted, technical, delivery = indices("returns", "billing", "technical", "delivery")
    for known, which in (
        ("examples", {"correct": False}),
        ("cell", {"true": true, "predicted": predicted}),
    ):
        found = fixture(f"metrics_{known}")
        for start in range(0, found["total"], PAGE):
            args = {"result": "r1", **which, "start": start, "stop": start + PAGE}
            page = found | {"rows": found["rows"][start : start + PAGE]}
            recorded.append({"op": "examples", "args": args, "result": page})
    empty = {"total": 0, "title": "technical predicted as delivery", "share_text": "", "rows": []}
    args = {"result": "r1", "true": technical, "predicted": delivery, "start": 0, "stop": PAGE}
    return [*recorded, {"op": "examples", "args": args, "result": empty}]


def explorer(view: View, name: str = "classification", **options: Any) -> dict[str, Any]:
    view.show("metrics", SPEC, entries=answers(name), state=STATES[name], **options)
    return fixture(f"metrics_{name}")


def cell(view: View, true: str, predicted: str) -> Locator:
    return view.root.get_by_role("button", name=f"{true} predicted {predicted}: ")


@pytest.mark.shots
@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_nothing_is_in_the_way_of_anybody_in_any_state(view: View, theme: str, width: int):
    for name in STATES:
        explorer(view, name, theme=theme, width=width)
        if name == "classification":
            cell(view, "returns", "billing").click()
        if name != "hostile":
            expect(view.root.locator(".mx-behind tbody tr")).to_have_count(PAGE)
        view.shot(f"metrics-{name}-{theme}-{width}")
        assert view.violations() == [], name
    view.show("metrics", SPEC, ops={"result": "never"}, state="loading", theme=theme, width=width)
    assert view.violations() == [], "loading"
    view.show("metrics", SPEC, ops={"result": {"error": GONE}}, state="error", theme=theme, width=width)
    assert view.violations() == [], "error"


@pytest.mark.parametrize("width", [900, 700, 320])
def test_no_text_leaves_the_widget_sideways(view: View, width: int):
    for name in STATES:
        explorer(view, name, width=width)
        assert outside(view) == [], name


def test_every_number_is_the_text_that_was_sent(view: View):
    result = explorer(view)
    for tile, metric in zip(view.root.locator(".mx-tile").all(), result["metrics"], strict=True):
        expect(tile.locator("h3")).to_contain_text(metric["label"])
        expect(tile.locator("p b")).to_have_text("–" if metric["undefined"] else metric["text"])
        why = metric["undefined"] or metric["interval_text"]
        expect(tile.locator("p > span").first).to_have_text(why)
    for row, known in zip(view.root.locator(".mx-per tbody tr").all(), result["per_class"], strict=True):
        expect(row.locator("td[data-label=precision]")).to_have_text(known["precision"]["text"])
        expect(row.locator("td[data-label=recall]")).to_have_text(known["recall"]["text"])
    compared = result["comparison"]["rows"]
    for row, known in zip(view.root.locator(".mx-rows tbody tr").all(), compared, strict=True):
        expect(row.locator(".val")).to_have_text(f"{known['text']} {known['interval_text']}")
        expect(row.locator(".p")).to_have_text(known["p_text"])
        expect(row.locator(".v")).to_have_text(known["verdict"])
        expect(row.locator("small")).to_have_text(f"{known['before_text']} to {known['after_text']}")


def test_the_verdict_comes_before_the_differences(view: View):
    verdict = explorer(view)["comparison"]["verdict"]
    box = view.root.locator(".mx-verdict")
    expect(box.locator("b")).to_have_text(verdict["word"])
    expect(box).to_contain_text(verdict["text"])
    first = view.root.locator(".mx-verdict, .mx-rows").first
    expect(first).to_contain_text(verdict["word"])


def test_a_value_that_has_no_meaning_says_why(view: View):
    result = explorer(view)
    place, metric = next((i, m) for i, m in enumerate(result["metrics"]) if m["undefined"])
    tile = view.root.locator(".mx-tile").nth(place)
    expect(tile.locator("p")).to_have_text("–" + metric["undefined"])
    expect(tile.locator(".mo-ci")).to_have_count(0)


def test_a_click_on_a_cell_shows_its_rows_and_a_second_one_takes_them_away(view: View):
    explorer(view)
    known = fixture("metrics_cell")
    button = cell(view, "returns", "billing")
    button.click()
    behind = view.root.get_by_role("group", name="Rows behind the number")
    expect(behind.get_by_role("heading")).to_have_text(f"{known['title']} · {known['share_text']}")
    expect(behind.locator("tbody tr").first).to_contain_text(known["rows"][0]["prompt"]["text"])
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(view.root.locator(".mx-most .mo-chip").first).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(behind).to_be_hidden()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_rows_are_shown_page_by_page(view: View):
    explorer(view)
    view.root.locator(".mx-most .mo-chip").first.click()
    behind = view.root.locator(".mx-behind")
    total = fixture("metrics_cell")["total"]
    later = behind.get_by_role("button", name="Later")
    for first in range(1, total + 1, PAGE):
        last = min(total, first + PAGE - 1)
        expect(behind.locator(".mo-foot")).to_contain_text(f"Rows {first}–{last} of {total}")
        expect(behind.locator("tbody tr")).to_have_count(last - first + 1)
        if last < total:
            later.click()
    expect(later).to_have_attribute("aria-disabled", "true")


def test_an_empty_cell_says_that_it_is_empty(view: View):
    explorer(view)
    cell(view, "technical", "delivery").click()
    expect(view.root.locator(".mx-behind")).to_contain_text("No row here")


def test_the_matrix_is_one_tab_stop_and_arrows_move_in_it(view: View):
    first, second, third, *_, last = explorer(view)["confusion"]["classes"]
    expect(view.root.locator(".mx-cm button[tabindex='0']")).to_have_count(1)
    cell(view, first, first).focus()
    view.press("ArrowDown", "ArrowDown", "ArrowRight")
    expect(cell(view, third, second)).to_be_focused()
    view.press("Control+End")
    expect(cell(view, last, last)).to_be_focused()
    view.press("Control+Home", "ArrowDown", "Home", "Enter")
    expect(cell(view, second, first)).to_have_attribute("aria-pressed", "true")
    expect(view.root.locator(".mx-cm button[tabindex='0']")).to_have_count(1)


def test_keys_are_explained_by_a_question_mark_and_escape_gives_the_focus_back(view: View):
    explorer(view)
    start = cell(view, "billing", "billing")
    start.focus()
    view.press("?")
    expect(view.root.get_by_role("dialog", name="Keys")).to_contain_text("Move in the matrix")
    assert view.violations() == []
    view.press("Escape")
    expect(view.root.get_by_role("dialog")).to_have_count(0)
    expect(start).to_be_focused()


def test_cells_can_show_shares_of_their_row(view: View):
    confusion = explorer(view)["confusion"]
    true, predicted = indices("returns", "billing")
    n, of = confusion["matrix"][true][predicted], confusion["row_totals"][true]
    view.root.get_by_role("button", name="% of row").click()
    expect(cell(view, "returns", "billing")).to_have_text(f"{100 * n / of:.1f}")
    view.root.get_by_role("button", name="Count", exact=True).click()
    expect(cell(view, "returns", "billing")).to_have_text(str(n))


def test_generation_opens_with_the_rows_that_are_wrong(view: View):
    explorer(view, "generation")
    known = fixture("metrics_examples")
    rows = view.root.locator(".mx-behind tbody tr")
    expect(rows).to_have_count(PAGE)
    for row, example in zip(rows.all(), known["rows"], strict=False):
        for name in ("prompt", "reference", "prediction"):
            text = example[name]["text"] or "empty"
            expect(row.locator(f"[data-label={name}]")).to_have_text(text)


def test_rows_without_a_score_are_counted_in_a_line(view: View):
    result = explorer(view, "generation")
    none, all_rows = result["skipped"], result["n"] + result["skipped"]
    expect(view.root.locator(".mo-note.c-warn")).to_contain_text(f"{none} of {all_rows} rows have no score.")


def test_without_a_kernel_the_numbers_stay(view: View):
    result = explorer(view)
    view.harness("answer", "examples", {"error": GONE})
    cell(view, "returns", "billing").click()
    view.wait("stale")
    expect(view.root.locator(".mo-note:visible")).to_contain_text("The numbers are final.")
    expect(view.root.locator(".mx-tile b").first).to_have_text(result["metrics"][0]["text"])


def test_a_result_that_is_gone_is_said_with_the_way_out(view: View):
    view.show("metrics", SPEC, ops={"result": {"error": GONE}}, state="error")
    expect(view.root.get_by_role("alert")).to_have_text(GONE["message"] + GONE["hint"])


def test_a_late_answer_for_another_cell_is_not_shown(view: View):
    explorer(view)
    view.harness("hold")
    cell(view, "technical", "delivery").click()
    cell(view, "returns", "billing").click()
    view.harness("release")
    expect(view.root.locator(".mx-behind h3")).to_contain_text("returns predicted as billing")
    first, *_ = view.asked("examples")
    assert first["cancelled"] is True


def test_hostile_text_is_shown_and_never_read_as_markup(view: View):
    result = explorer(view, "hostile")
    expect(view.root.get_by_role("heading", level=2)).to_have_text(result["title"])
    explorer(view, "generation")
    expect(view.root.locator(".mx-behind")).to_contain_text(
        fixture("metrics_examples")["rows"][5]["prompt"]["text"]
    )
    expect(view.root.locator("img, script, a, iframe")).to_have_count(0)
    assert view.page.evaluate("'__pwned' in window") is False
