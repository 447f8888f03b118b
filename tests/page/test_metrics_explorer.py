"""The metrics explorer in a browser, without Jupyter."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from modelops_jupyter.notebook.twin import result as twin
from tests.wire.metrics_scenes import shown

from .sideways import outside
from .view import View, fixture

SPEC = {"result": "r1", "comparison": "c1"}
PAGE = 10
STATES = {
    "classification": "ready",
    "generation": "partial",
    "hostile": "ready",
    "binary": "ready",
    "regression": "ready",
}
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
    recorded += parts()
    empty = {"total": 0, "title": "technical predicted as delivery", "share_text": "", "rows": []}
    args = {"result": "r1", "true": technical, "predicted": delivery, "start": 0, "stop": PAGE}
    return [*recorded, {"op": "examples", "args": args, "result": empty}]


def parts() -> list[dict[str, Any]]:
    """What Python answers to the parts of the binary and the regression result."""
    curves, slices, residuals = (fixture(f"metrics_{name}") for name in ("curves", "slices", "residuals"))
    low = curves["threshold"][curves["cheapest"]]
    score_bin = next(b for b in reversed(curves["calibration"]["bins"]) if b["n"])
    found: list[tuple[str, dict[str, Any], Any]] = [
        ("curves", {}, curves),
        (
            "curves",
            {"positive": curves["positive"], "cost_fp": 1, "cost_fn": 5},
            fixture("metrics_curves_costly"),
        ),
        ("result", {"threshold": low}, fixture("metrics_binary_moved")),
        ("slices", {}, slices),
        ("slices", {"by": "language"}, fixture("metrics_slices_by")),
        ("residuals", {}, residuals),
    ]
    first = {"start": 0, "stop": PAGE}
    ends = [{key: b[key] for key in ("low", "high")} for b in (score_bin, residuals["bins"][2])]
    name = slices["rows"][0]["label"]
    found += [
        ("examples", {"bin": {"of": "score", **ends[0]}, **first}, fixture("metrics_score_bin")),
        ("examples", {"bin": {"of": "error", **ends[1]}, **first}, fixture("metrics_error_bin")),
        ("examples", {"slice": {"by": "", "name": name}, **first}, fixture("metrics_slice_rows")),
    ]
    return [{"op": op, "args": {"result": "r1", **args}, "result": result} for op, args, result in found]


def opened(view: View, name: str) -> Locator:
    """Open a folded part and return it."""
    part = view.root.get_by_role("group", name=name, exact=True)
    button = part.locator(".mx-fold")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return part


def open_all(view: View) -> None:
    closed = view.root.locator(".mx-fold[aria-expanded=false]")
    while closed.count():
        closed.first.click()


def explorer(view: View, name: str = "classification", **options: Any) -> dict[str, Any]:
    view.show("metrics", SPEC, entries=answers(name), state=STATES[name], **options)
    return fixture(f"metrics_{name}")


def cell(view: View, true: str, predicted: str) -> Locator:
    return view.root.get_by_role("button", name=f"{true} predicted {predicted}: ")


def test_no_text_leaves_the_widget_sideways(view: View):
    for name in STATES:
        explorer(view, name, width=700)
        open_all(view)
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
    for name, rows in (
        ("Against what it must beat", result["baselines"]["rows"]),
        ("What it should not forget", result["retained"]),
        (f"Paired differences, {result['comparison']['title']}", result["comparison"]["rows"]),
    ):
        open_all(view)
        lines_are(view.root.get_by_role("table", name=name), rows)


def lines_are(table: Locator, rows: list[dict[str, Any]]) -> None:
    for row, known in zip(table.locator("tbody tr").all(), rows, strict=True):
        expect(row.locator(".val")).to_have_text(f"{known['text']} {known['interval_text']}")
        expect(row.locator(".p")).to_have_text(known["p_text"])
        expect(row.locator(".v")).to_have_text(known["verdict"])
        if "before_text" in known:
            expect(row.locator("small")).to_have_text(f"{known['before_text']} to {known['after_text']}")


def test_the_verdict_comes_before_the_differences(view: View):
    found = explorer(view)["comparison"]
    verdict = found["verdict"]
    part = opened(view, found["title"])
    box = part.locator(".mx-verdict")
    expect(box.locator("b")).to_have_text(verdict["word"])
    expect(box).to_contain_text(verdict["text"])
    first = part.locator(".mx-verdict, .mx-rows").first
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
    view.harness("answer", "focus", {"error": GONE})
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


def test_what_it_must_beat_stands_before_its_own_numbers(view: View):
    result = explorer(view)
    names = view.root.locator("h3, .mx-tile h3").all_inner_texts()
    assert names.index("Against what it must beat") < names.index(result["metrics"][0]["label"])
    table = view.root.get_by_role("table", name="Against what it must beat")
    expect(table.locator(".mo-ci")).to_have_count(len(result["baselines"]["rows"]))
    explorer(view, "regression")
    expect(view.root.get_by_text("Against what it must beat")).to_have_count(0)


def test_a_part_is_one_line_with_its_finding_and_opens_in_place(view: View):
    explorer(view, "binary")
    for name, finding in (
        ("Curves", fixture("metrics_curves")["finding"]),
        ("Slices", fixture("metrics_slices")["finding"]),
    ):
        part = view.root.get_by_role("group", name=name, exact=True)
        button = part.locator(".mx-fold")
        expect(button.locator(".said")).to_have_text(finding)
        expect(button).to_have_attribute("aria-expanded", "false")
        expect(part.locator(".body")).to_be_hidden()
        button.focus()
        view.press("Enter")
        expect(part.locator(".body")).to_be_visible()
        expect(button).to_be_focused()
    explorer(view, "binary")
    expect(opened(view, "Curves").locator(".body")).to_be_visible()


def test_a_gate_that_did_not_pass_opens_its_part(view: View):
    gate = explorer(view, "binary")["gate"]
    assert gate["word"] == "Gate: inconclusive."
    expect(view.root.locator(".mx-verdict").first).to_contain_text(f"{gate['word']} {gate['text']}")
    part = view.root.get_by_role("group", name="spam v2 minus spam v1")
    expect(part.locator(".mx-fold")).to_have_attribute("aria-expanded", "true")
    expect(part.locator("td.gated")).to_have_count(1)
    expect(part).to_contain_text("dashed: gate, −0.010")


def test_a_comparison_that_got_better_is_folded(view: View):
    explorer(view)
    part = view.root.get_by_role("group", name="ticket-triage v7 minus ticket-triage v6")
    expect(part.locator(".mx-fold")).to_have_attribute("aria-expanded", "false")
    expect(part.locator(".said")).to_contain_text("Better.")


def place_of(curves: dict[str, Any], value: float) -> int:
    """Where the slider stands for a threshold: they fall along the lists."""
    return len(curves["threshold"]) - 1 - curves["threshold"].index(value)


def test_the_threshold_moves_curves_numbers_and_confusion(view: View):
    before = explorer(view, "binary")
    curves, moved = fixture("metrics_curves"), fixture("metrics_binary_moved")
    part = opened(view, "Curves")
    slider = part.get_by_role("slider", name="Threshold")
    start, low = curves["start"], curves["cheapest"]
    expect(slider).to_have_value(str(place_of(curves, curves["threshold"][start])))
    assert curves["alarms"][start] == before["confusion"]["matrix"][0][1]
    part.get_by_role("button", name=f"Use {curves['text'][low]}").click()
    expect(slider).to_have_value(str(place_of(curves, curves["threshold"][low])))
    expect(slider).to_have_attribute(
        "aria-valuetext",
        f"{curves['text'][low]}, recall {curves['recall'][low]}, precision {curves['precision'][low]}",
    )
    expect(part.locator(".nums")).to_contain_text(curves["recall"][low])
    for plot, axes in zip(part.locator(".area:has(.mx-knob)").all(), ("roc", "pr"), strict=True):
        left = float(plot.evaluate("e => parseFloat(e.style.getPropertyValue('--l'))"))
        assert left == pytest.approx(100 * curves[axes]["x"][low], abs=0.01)
    expect(view.root.locator(".mo-meta")).to_contain_text(f"at threshold {curves['text'][low]}")
    matrix = moved["confusion"]["matrix"]
    assert matrix != before["confusion"]["matrix"]
    assert [matrix[1][1], matrix[0][1]] == [curves["hits"][low], curves["alarms"][low]]
    expect(cell(view, "spam", "spam")).to_have_text(str(matrix[1][1]))
    for tile, metric in zip(view.root.locator(".mx-tile").all(), moved["metrics"], strict=True):
        expect(tile.locator("p b")).to_have_text(metric["text"])
    cell(view, "spam", "ham").click()
    assert view.asked("examples")[-1]["args"]["threshold"] == curves["threshold"][low]
    assert view.violations() == []


def test_the_threshold_moves_by_keys_and_by_dragging_on_a_curve(view: View):
    explorer(view, "binary")
    curves = fixture("metrics_curves")
    part = opened(view, "Curves")
    slider = part.get_by_role("slider", name="Threshold")
    at = place_of(curves, curves["threshold"][curves["start"]])
    slider.focus()
    view.press("ArrowRight")
    expect(slider).to_have_value(str(at + 1))
    view.press("Shift+ArrowLeft")
    expect(slider).to_have_value(str(at - 9))
    expect(part.locator(".mx-thr > span b")).to_have_text(curves["text"][len(curves["text"]) - at + 8])
    box = part.locator(".area:has(.mx-knob)").first.bounding_box()
    assert box is not None
    view.page.mouse.move(box["x"] + 1, box["y"] + box["height"] - 1)
    view.page.mouse.down()
    expect(slider).to_have_value(str(len(curves["threshold"]) - 1))
    view.page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 1)
    expect(slider).to_have_value("0")
    view.page.mouse.up()


def test_the_cost_line_states_its_arithmetic_and_asks_again_for_other_costs(view: View):
    explorer(view, "binary")
    curves, costly = fixture("metrics_curves"), fixture("metrics_curves_costly")
    line = opened(view, "Curves").locator(".mx-cost")
    start = curves["start"]
    missed, wrong = int(curves["positives"] - curves["hits"][start]), int(curves["alarms"][start])
    expect(line).to_contain_text(f"{missed} missed ×")
    expect(line.locator("b")).to_have_text(f"= {missed + wrong}")
    expect(line).to_contain_text(curves["cheapest_text"])
    line.get_by_label("Cost of a miss").fill("5")
    view.press("Tab")
    expect(line.locator("b")).to_have_text(f"= {5 * missed + wrong}")
    assert costly["cheapest_text"] != curves["cheapest_text"]
    expect(line).to_contain_text(costly["cheapest_text"])
    view.page.wait_for_timeout(300)
    assert len(view.asked("result")) == 1, "other costs are no move of the handle"


def test_a_bar_of_the_scores_leads_to_its_rows_by_keys_alone(view: View):
    explorer(view, "binary")
    part = opened(view, "Curves")
    bars = part.get_by_role("toolbar", name="Rows by score")
    known = fixture("metrics_score_bin")
    expect(bars.locator("button[tabindex='0']")).to_have_count(1)
    bars.get_by_role("button").first.focus()
    view.press("End")
    last = bars.get_by_role("button").last
    expect(last).to_be_focused()
    view.press("ArrowLeft", "ArrowRight", "Enter")
    expect(last).to_have_attribute("aria-pressed", "true")
    behind = part.get_by_role("group", name="Rows behind the number")
    expect(behind.get_by_role("heading")).to_have_text(f"{known['title']} · {known['share_text']}")
    view.press("Enter")
    expect(view.root.locator(".mx-behind")).to_be_hidden()
    expect(last).to_have_attribute("aria-pressed", "false")


def test_slices_stand_worst_first_with_all_rows_and_lead_to_their_rows(view: View):
    explorer(view, "binary")
    found, by = fixture("metrics_slices"), fixture("metrics_slices_by")
    part = opened(view, "Slices")
    expect(part).to_contain_text(f"all rows {found['overall']['text']} {found['overall']['interval_text']}")
    lines_are(part.get_by_role("table"), found["rows"])
    name = found["rows"][0]["label"]
    part.get_by_role("button", name=name).click()
    expect(part.locator(".mx-behind tbody tr")).to_have_count(PAGE)
    assert view.asked("focus")[-1]["args"] == {"result": "r1", "slice": {"by": "", "name": name}}
    part.get_by_label("by").select_option("language")
    expect(part.get_by_role("columnheader", name=by["measure"])).to_have_count(1)
    lines_are(part.get_by_role("table").first, by["rows"])
    values = [row["value"] for row in by["rows"]]
    assert values == sorted(values)


def test_residuals_open_a_regression_and_bins_lead_to_rows(view: View):
    explorer(view, "regression")
    found = fixture("metrics_residuals")
    part = view.root.get_by_role("group", name="Residuals", exact=True)
    expect(part.get_by_role("img")).to_have_attribute(
        "aria-label", f"Errors over predictions. {found['finding']}"
    )
    dots = part.locator("svg path.pale").get_attribute("d") or ""
    assert dots.count("M") == len(found["points"][0])
    bars = part.get_by_role("toolbar", name="Rows by error").get_by_role("button")
    expect(bars).to_have_count(len(found["bins"]))
    bars.nth(2).click()
    expect(part.locator(".mx-behind h3")).to_contain_text(fixture("metrics_error_bin")["title"])


def test_many_residuals_are_a_density(view: View):
    explorer(view, "regression")
    view.harness("answer", "residuals", {"result": fixture("metrics_dense")})
    view.show("metrics", {"result": "r2"}, entries=None, ops={
        "result": {"result": fixture("metrics_regression")},
        "residuals": {"result": fixture("metrics_dense")},
        "slices": "never",
    }, state="ready")  # fmt: skip
    part = view.root.get_by_role("group", name="Residuals", exact=True)
    expect(part.locator("svg path.o4")).to_have_count(1)
    expect(part.locator("svg path.pale")).to_have_count(0)
    assert view.violations() == []


def test_what_was_picked_is_the_selection_in_python_and_can_be_bound(view: View):
    explorer(view)
    view.harness("answer", "focus", {"result": {"rows": 61, "name": "picked"}})
    cell(view, "returns", "billing").click()
    true, predicted = indices("returns", "billing")
    picked = {"result": "r1", "true": true, "predicted": predicted}
    assert [asked["args"] for asked in view.asked("focus")] == [picked]
    view.root.get_by_role("button", name="To Python").click()
    expect(view.root.locator(".mx-behind header")).to_contain_text("61 rows are “picked” in Python.")
    assert view.asked("focus")[-1]["args"] == {**picked, "name": "picked"}
    cell(view, "returns", "billing").click()
    expect(view.root.locator(".mx-behind")).to_be_hidden()
    assert view.asked("focus")[-1]["args"] == {"result": "r1", "clear": True}


def test_cells_can_show_the_change_against_the_earlier_result(view: View):
    confusion = explorer(view)["confusion"]
    true, predicted = indices("returns", "billing")
    view.root.get_by_role("button", name="Change", exact=True).click()
    for i, j in ((true, predicted), (true, true)):
        n = confusion["change"][i][j]
        text = f"+{n}" if n > 0 else f"−{-n}" if n < 0 else "0"
        button = cell(view, confusion["classes"][i], confusion["classes"][j])
        expect(button).to_have_text(text)
        better = n >= 0 if i == j else n <= 0
        expect(button).to_have_attribute("class", "hit" if better else "miss")
    expect(view.root.get_by_text("more hits, fewer errors")).to_be_visible()
    assert view.violations() == []
    explorer(view, "regression")
    expect(view.root.get_by_role("button", name="Change", exact=True)).to_have_count(0)


def test_a_part_that_python_cannot_give_says_why_and_the_rest_stays(view: View):
    why = {"code": "evaluation", "message": "Only one class occurs among these rows.", "hint": None}
    ops = {"result": {"result": fixture("metrics_binary")}, "curves": {"error": why}, "slices": "never"}
    view.show("metrics", {"result": "r3"}, ops=ops, state="ready")
    part = view.root.get_by_role("group", name="Curves", exact=True)
    expect(part.locator(".said")).to_have_text(why["message"])
    waiting = view.root.get_by_role("group", name="Slices", exact=True).locator(".said")
    expect(waiting).to_have_text("waiting for the kernel")
    assert view.violations() == []


def numbers(text: str) -> set[str]:
    return set(re.findall(r"[+−]?\d[\d,]*(?:\.\d+)?", text))


def test_whatever_number_the_view_shows_stands_in_the_twin(view: View):
    """Of values, cells, baselines, differences and what was retained; curves and slices have no twin here."""
    for name, one in shown().items():
        if name == "hostile":
            continue
        explorer(view, name)
        open_all(view)
        said = numbers(re.sub(r"<[^>]*>", " ", str(twin.html_of(one))))
        rows = ".mx-rows:not([aria-label=Slices]) :is(.n, .val, .p, small)"
        places = f".mx-tile p, [role=grid] [role=gridcell], {rows}"
        seen = [numbers(text) for text in view.root.locator(places).all_text_contents()]
        assert len(seen) >= 3, name
        assert set().union(*seen) <= said, name


def test_another_class_or_column_keeps_the_focus_where_it_was_chosen(view: View):
    several = fixture("metrics_curves") | {"classes": ["a", "b"], "moves": False, "positive": 0}
    ops = {
        "result": {"result": fixture("metrics_binary")},
        "curves": {"result": several},
        "slices": {"result": fixture("metrics_slices")},
    }
    view.show("metrics", {"result": "r4"}, ops=ops, state="ready")
    for name, value, args in (
        ("Curves", "1", {"positive": 1}),
        ("Slices", "language", {"by": "language"}),
    ):
        part = opened(view, name)
        select = part.get_by_role("combobox")
        select.focus()
        select.select_option(value)
        expect(part.get_by_role("combobox")).to_be_focused()
        assert view.asked(name.lower())[-1]["args"] == {"result": "r4", **args}
    slider = view.root.get_by_role("slider", name="Threshold")
    slider.focus()
    view.press("ArrowRight", "ArrowRight")
    view.page.wait_for_timeout(400)
    assert len(view.asked("result")) == 1
    assert view.violations() == []


def test_rows_of_a_part_that_is_drawn_anew_are_shown_no_more(view: View):
    explorer(view, "binary")
    part = opened(view, "Slices")
    part.get_by_role("button", name="language = pl").click()
    expect(part.locator(".mx-behind")).to_be_visible()
    part.get_by_label("by").select_option("language")
    expect(part.get_by_role("button", name="pl", exact=True)).to_be_visible()
    expect(view.root.locator(".mx-behind")).to_have_count(0)


def test_hostile_names_in_parts_are_text_too(view: View):
    slices = fixture("metrics_slices")
    row = slices["rows"][0] | {"label": HOSTILE, "text": HOSTILE}
    slices |= {"rows": [row], "columns": [[HOSTILE, HOSTILE]], "finding": HOSTILE, "measure": HOSTILE}
    curves = fixture("metrics_curves") | {
        "classes": [HOSTILE],
        "base_text": HOSTILE,
        "cheapest_text": HOSTILE,
    }
    result = fixture("metrics_binary")
    result["gate"] |= {"word": HOSTILE, "text": HOSTILE}
    ops = {"result": {"result": result}, "curves": {"result": curves}, "slices": {"result": slices}}
    view.show("metrics", {"result": "r5"}, ops=ops, state="ready", width=320)
    open_all(view)
    expect(view.root.get_by_role("button", name=HOSTILE)).to_be_visible()
    expect(view.root.locator(".mx-verdict").first).to_contain_text(HOSTILE)
    expect(view.root.locator("img, script, a, iframe")).to_have_count(0)
    assert view.page.evaluate("'__pwned' in window") is False
    assert outside(view) == []
    assert view.violations() == []


def test_an_opened_part_says_what_it_waits_for_and_why_it_is_empty(view: View):
    ops = {"result": {"result": fixture("metrics_binary")}, "curves": "never"}
    ops["slices"] = {"result": fixture("metrics_slices")}
    view.show("metrics", {"result": "r6"}, ops=ops, state="ready")
    expect(opened(view, "Curves").locator(".said")).to_be_visible()
    part = opened(view, "Slices")
    expect(part.locator(".said")).to_be_hidden()  # it stands inside
    why = {"code": "evaluation", "message": "'text' has 600 different values.", "hint": None}
    view.harness("answer", "slices", {"error": why})
    part.get_by_label("by").select_option("language")
    expect(part.locator(".said")).to_be_visible()
    expect(part.locator(".said")).to_have_text(why["message"])


@pytest.mark.parametrize("width", [900, 320])
def test_many_classes_with_long_names_can_be_read(view: View, width: int):
    many, name = 30, "card_payment_fee_charged_twice"
    names = [f"{name}_{i}" for i in range(many)]
    matrix = [[120 if i == j else 1 for j in range(many)] for i in range(many)]
    totals = [sum(row) for row in matrix]
    chips = [{"true": i, "predicted": i + 1, "count": 1} for i in range(3)]
    result = fixture("metrics_classification") | {"per_class": [], "most_confused": chips}
    result["confusion"] = {"classes": names, "matrix": matrix, "row_totals": totals, "column_totals": totals}
    view.show("metrics", {"result": "r7"}, ops={"result": {"result": result}}, state="ready", width=width)
    box = cell(view, names[0], names[0]).bounding_box()
    assert box is not None
    assert box["width"] >= 24
    chip = view.root.locator(".mx-most .mo-chip").first
    assert chip.evaluate("e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight")
    last = cell(view, names[-1], names[-1])
    last.focus()
    expect(last).to_be_in_viewport()
    view.press("Home")  # and what stands first is not under the names
    left = view.root.locator(".mx-cm tbody th").last.bounding_box()
    first = cell(view, names[-1], names[0]).bounding_box()
    assert left is not None
    assert first is not None
    assert first["x"] >= left["x"] + left["width"] - 1
    assert outside(view) == []


@pytest.mark.parametrize("width", [900, 848, 800, 765])
def test_intervals_by_class_are_whole_beside_the_matrix(view: View, width: int):
    result = fixture("metrics_classification")
    for one in result["per_class"]:
        one["label"] = "Chinstrap penguin"
    view.show("metrics", {"result": "r7"}, ops={"result": {"result": result}}, state="ready", width=width)
    table, section = (
        view.root.locator(place).bounding_box() for place in (".mx-per", ".mo-sec:has(> .mx-split)")
    )
    assert table
    assert section
    assert table["x"] + table["width"] <= section["x"] + section["width"] - 8
    view.shot(f"metrics-by-class-{width}")


def test_the_ends_of_a_small_axis_are_numbers(view: View):
    result = fixture("metrics_regression")
    result["metrics"][0] |= {"value": 2e-5, "low": 1.5e-5, "high": 2.5e-5, "axis": [1e-5, 3e-5]}
    view.show("metrics", {"result": "r8"}, ops={"result": {"result": result}}, state="ready")
    expect(view.root.locator(".mx-tile .ends").first).to_have_text("1e-53e-5")


def test_what_the_cells_show_stays_while_the_threshold_moves(view: View):
    explorer(view, "binary")
    view.root.get_by_role("button", name="% of row").click()
    opened(view, "Curves").get_by_role("button", name=re.compile("^Use ")).click()
    expect(view.root.locator(".mo-meta")).to_contain_text("values and matrix at threshold")
    expect(view.root.get_by_role("button", name="% of row")).to_have_attribute("aria-pressed", "true")
    (hit, missed), *_ = fixture("metrics_binary_moved")["confusion"]["matrix"]
    expect(cell(view, "ham", "ham")).to_have_text(f"{100 * hit / (hit + missed):.1f}")


def test_costs_that_are_refused_leave_no_old_sum(view: View):
    explorer(view, "binary")
    line = opened(view, "Curves").locator(".mx-cost")
    why = {"code": "config", "message": "Costs must be numbers of at least zero.", "hint": None}
    view.harness("answer", "curves", {"error": why})
    line.get_by_label("Cost of a miss").fill("0")
    line.get_by_label("Cost of a false alarm").fill("0")
    view.press("Tab")
    expect(line).to_contain_text(why["message"])
    expect(line.locator("b")).to_have_text("= 0")


def test_a_threshold_moved_while_costs_are_asked_for_stays(view: View):
    explorer(view, "binary")
    part = opened(view, "Curves")
    slider = part.get_by_role("slider", name="Threshold")
    view.harness("hold")
    part.get_by_label("Cost of a miss").fill("5")
    view.press("Tab")
    slider.focus()
    view.press("Home")
    view.harness("release")
    expect(part.locator(".mx-cost")).to_contain_text(fixture("metrics_curves_costly")["cheapest_text"])
    expect(slider).to_have_value("0")
