"""Rows are selected and edited in a browser, by Python that runs for real; no Jupyter."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.edit import EditSession
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.desk import Desk

from .test_dataset_viewer import SPEC, numbers, row
from .view import FIXTURES, View


class Live:
    """A desk, and a view that works on it."""

    def __init__(self, view: View, ds: Dataset, spec: dict[str, Any] = SPEC, **options: Any) -> None:
        self.names: dict[str, Dataset] = {}
        self.desk = Desk(EditSession(ds), bind=self._bind)
        self.view = view
        context = Context(resolve_dataset=lambda _: self.desk.rows, find_desk=lambda _: self.desk)
        view.show("dataset", spec, live=context, state="ready", **options)
        self.bar = view.root.get_by_role("group", name="Selected and edited rows")
        self.said = view.root.locator(":scope > .sr[role=status]")

    def _bind(self, name: str, rows: Dataset) -> str:
        self.names[name] = rows
        return name

    @property
    def dataset(self) -> Dataset:
        return self.desk.session.dataset

    def selected(self) -> list[str]:
        rows = self.view.root.locator(".mo-window > .mo-row[aria-selected=true]:not(.parked) > .id")
        return rows.all_inner_texts()


@pytest.fixture
def chats() -> Dataset:
    return Dataset.from_file(FIXTURES / "chats.jsonl", name="chats")


def numbered(n: int) -> Dataset:
    def made(i: int) -> dict[str, str]:
        return {"prompt": f"question {i}", "completion": "x" * (20 + 8 * i), "lang": ("de", "en")[i % 2]}

    return Dataset([made(i) for i in range(n)], name="numbered")


def at(view: View, position: int) -> None:
    """Put the focus on a row, as a click on its number does, without opening it."""
    row(view, position).locator(".id").focus()


# ---- selecting ----


def test_the_box_before_a_row_selects_it_and_opens_nothing(view: View, chats: Dataset):
    live = Live(view, chats)
    row(view, 1).locator(".ck").click()
    expect(row(view, 1)).to_have_attribute("aria-selected", "true")
    expect(live.bar).to_contain_text("1 selected")
    expect(view.root.locator(".ds-open")).to_have_count(0)
    row(view, 1).locator(".ck").click()
    expect(row(view, 1)).to_have_attribute("aria-selected", "false")
    expect(live.bar).to_be_hidden()


def test_shift_click_selects_the_range_between(view: View, chats: Dataset):
    live = Live(view, chats)
    row(view, 2).locator(".ck").click()
    row(view, 6).locator(".words").click(modifiers=["Shift"])
    expect(live.bar).to_contain_text("5 selected")
    row(view, 4).locator(".words").click(modifiers=["Shift"])
    expect(live.bar).to_contain_text("3 selected")
    assert live.selected() == ["2", "3", "4"]
    row(view, 8).locator(".words").click(modifiers=["ControlOrMeta"])
    expect(live.bar).to_contain_text("4 selected")
    assert [int(p) for p in live.desk.selected.nonzero()[0]] == [2, 3, 4, 8]


def test_space_selects_and_shift_with_arrows_extends_and_shrinks(view: View, chats: Dataset):
    live = Live(view, chats)
    at(view, 3)
    view.press("Space", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    expect(live.bar).to_contain_text("4 selected")
    view.press("Shift+ArrowUp")
    expect(live.bar).to_contain_text("3 selected")
    expect(row(view, 5).locator(".id")).to_be_focused()
    view.press("ArrowDown", "ArrowDown", "Space")
    expect(live.bar).to_contain_text("4 selected")
    assert live.selected() == ["3", "4", "5", "7"]


def test_everything_in_the_list_is_selected_and_no_row_beside_it(view: View, chats: Dataset):
    live = Live(view, chats)
    view.root.get_by_label("Search rows").fill("refund")
    expect(view.root.locator(".mo-foot")).to_contain_text("8 of 22 rows")
    view.root.locator(".mo-window .id").first.focus()
    view.press("Control+a")
    expect(live.bar).to_contain_text("8 selected")
    head = view.root.get_by_role("checkbox", name="Select all 8 rows")
    expect(head).to_have_attribute("aria-checked", "true")
    view.press("Space")
    expect(head).to_have_attribute("aria-checked", "mixed")
    view.root.get_by_label("Search rows").fill("")
    expect(view.root.get_by_role("checkbox", name="Select all 22 rows")).to_have_attribute(
        "aria-checked", "mixed"
    )
    expect(live.bar).to_contain_text("7 selected")
    live.bar.get_by_role("button", name="Clear").click()
    expect(live.bar).to_be_hidden()
    assert not live.desk.selected.any()


def test_the_selection_goes_to_python_as_a_dataset(view: View, chats: Dataset):
    live = Live(view, chats)
    at(view, 4)
    view.press("Space", "Shift+ArrowDown")
    live.bar.get_by_role("button", name="To Python").click()
    expect(live.said).to_have_text("2 rows bound to picked.")
    assert live.names["picked"] == chats.take([4, 5])


# ---- editing ----


def test_keys_drop_keep_and_label_the_row_with_the_focus(view: View, chats: Dataset):
    live = Live(view, chats)
    at(view, 1)
    view.press("d")
    expect(row(view, 1)).to_have_class(re.compile("gone"))
    expect(row(view, 1).locator(".lb")).to_have_text("drop")
    expect(live.said).to_have_text("Dropped 1 row")
    expect(live.bar).to_contain_text("1 edit, not saved")
    assert len(live.dataset) == 21
    expect(view.root.locator(".mo-foot")).to_contain_text("1 is dropped.")
    view.press("k")
    expect(row(view, 1).locator(".lb")).to_have_text("")
    view.press("ArrowDown", "k")
    expect(row(view, 2).locator(".lb")).to_have_text("keep")
    view.press("ArrowDown", "ArrowDown", "l")
    view.page.keyboard.type("gold")
    view.press("Enter")
    expect(row(view, 4).locator(".lb")).to_have_text("gold")
    expect(row(view, 4).locator(".id")).to_be_focused()
    assert live.dataset[4]["review"] == "gold"


def test_undo_and_redo_say_what_they_did_and_end(view: View, chats: Dataset):
    live = Live(view, chats)
    before = live.dataset
    at(view, 0)
    view.press("d", "ArrowDown", "d", "Control+z")
    expect(live.said).to_have_text("Undid: dropped 1 row")
    expect(row(view, 1)).not_to_have_class(re.compile("gone"))
    view.press("Control+Shift+z")
    expect(row(view, 1)).to_have_class(re.compile("gone"))
    view.press("Control+z", "Control+z", "Control+z")
    expect(live.said).to_have_text("There is nothing to undo.")
    assert live.dataset is before
    live.bar.get_by_role("button", name="Redo").click()
    expect(row(view, 0)).to_have_class(re.compile("gone"))


def test_a_selection_is_dropped_as_one_edit(view: View, chats: Dataset):
    live = Live(view, chats)
    at(view, 5)
    view.press("Space", "Shift+ArrowDown", "Shift+ArrowDown", "d")
    expect(live.said).to_have_text("Dropped 3 rows")
    assert len(live.dataset) == 19
    view.press("Control+z")
    expect(view.root.locator(".mo-row.gone")).to_have_count(0)
    assert len(live.dataset) == 22


def test_keys_that_come_faster_than_answers_act_on_what_they_were_meant_for(view: View, chats: Dataset):
    live = Live(view, chats)
    at(view, 5)
    view.harness("hold")
    view.press("Space", "Shift+ArrowDown", "d")
    for op in ("select", "select", "edit"):
        view.page.wait_for_function("op => harness.carrier.log.at(-1).op === op", arg=op)
        view.harness("release")
    view.page.wait_for_function("harness.carrier.log.at(-1).op !== 'edit'")
    view.harness("release")
    expect(live.said).to_have_text("Dropped 2 rows")
    assert live.desk.session.dropped.nonzero()[0].tolist() == [5, 6]


def test_a_turn_becomes_a_field_and_its_problem_goes_while_typing(view: View):
    rows = [{"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": ""}]}]
    live = Live(view, Dataset(rows))
    at(view, 0)
    view.press("e")
    field = view.root.get_by_label("Text of turn 2, assistant")
    expect(field).to_be_focused()
    view.page.keyboard.type("Good day")
    expect(view.root.locator(".ds-edit .found")).to_have_text("No problem found in this row.")
    view.press("Control+Enter")
    expect(view.root.locator(".ds-say").last).to_have_text("Good day")
    expect(row(view, 0).locator(".id")).to_be_focused()
    expect(row(view, 0).locator(".mo-tag.c-err")).to_have_count(0)
    expect(view.root.locator(".mo-chip").first).to_have_class(re.compile("zero"))
    assert live.dataset[0]["messages"][1]["content"] == "Good day"
    view.press("Control+z")
    expect(row(view, 0).locator(".pb .mo-tag")).to_be_visible()


def test_a_row_that_cannot_be_read_is_edited_as_text_at_the_place(view: View, chats: Dataset):
    live = Live(view, chats)
    at(view, 3)
    view.press("e")
    field = view.root.get_by_label("Row as JSON")
    expect(field).to_be_focused()
    column = live.dataset.validate().for_row(3)[0].column
    assert field.evaluate("e => e.selectionStart") == column - 1
    field.fill('{"messages": [')
    expect(view.root.locator(".ds-edit .found .ds-flag")).to_be_visible()
    view.press("Control+Enter")
    expect(view.root.locator(".ds-edit .found")).to_contain_text("ends")
    expect(field).to_be_visible()
    fixed = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    field.fill(json.dumps(fixed, indent=4))
    view.press("Control+Enter")
    expect(view.root.locator(".ds-turn")).to_have_count(2)
    assert live.dataset[3] == fixed
    assert b"\n" not in live.dataset.raw(3)


def test_escape_gives_up_what_was_typed_only_at_the_second_time(view: View, chats: Dataset):
    live = Live(view, chats)
    at(view, 1)
    view.press("e")
    field = view.root.locator("textarea").last
    expect(field).to_be_focused()
    view.page.keyboard.type("x")
    view.press("Escape")
    expect(live.said).to_have_text("Press Esc again to give up what was typed.")
    expect(field).to_be_visible()
    view.press("Escape")
    expect(view.root.locator("textarea")).to_have_count(0)
    expect(row(view, 1).locator(".id")).to_be_focused()
    assert not live.desk.session.can_undo


def test_an_edit_under_a_filter_changes_that_row_and_moves_none(view: View, chats: Dataset):
    live = Live(view, chats)
    view.root.get_by_label("Search rows").fill("refund")
    expect(view.root.locator(".mo-foot")).to_contain_text("8 of 22 rows")
    before = numbers(view)
    position = int(before[2])
    at(view, position)
    view.press("e")
    field = view.root.locator("textarea").first
    field.fill("something else")
    view.press("Control+Enter")
    expect(view.root.locator(".ds-say p", has_text="something else")).to_be_visible()
    assert numbers(view) == before
    changed = [i for i in range(22) if live.dataset.raw(i) != chats.raw(i)]
    assert changed == [position]


def test_an_edit_that_cannot_be_made_says_why_and_changes_nothing(view: View, chats: Dataset):
    live = Live(view, chats)
    at(view, 3)
    view.press("k")
    expect(view.root.get_by_role("alert")).to_be_visible()
    assert not live.desk.session.can_undo
    view.press("ArrowDown", "k")
    expect(view.root.get_by_role("alert")).to_have_count(0)


def test_saving_asks_before_it_replaces_a_file(view: View, tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b"}\n')
    live = Live(view, Dataset.from_file(path))
    at(view, 0)
    view.press("d", "s")
    dialog = view.root.get_by_role("dialog", name="Save as")
    expect(dialog.get_by_label("Save as")).to_have_value(str(path))
    view.press("Enter")
    expect(dialog).to_contain_text("rows.jsonl is there already.")
    assert path.read_text().count("\n") == 2
    expect(dialog.get_by_label("Replace it")).to_be_focused()
    view.press("Space", "Enter")
    expect(dialog).to_have_count(0)
    expect(live.said).to_have_text("1 row saved in rows.jsonl.")
    expect(live.bar).to_contain_text("1 edit, saved")
    assert path.read_text() == '{"text": "b"}\n'


def test_what_is_shown_is_exported(view: View, tmp_path: Path, chats: Dataset):
    Live(view, chats)
    view.root.get_by_label("Search rows").fill("refund")
    expect(view.root.locator(".mo-foot")).to_contain_text("8 of 22 rows")
    view.root.get_by_role("button", name="Save", exact=True).click()
    dialog = view.root.get_by_role("dialog", name="Save as")
    expect(dialog.get_by_label("Rows")).to_have_value("shown")
    dialog.get_by_label("Save as").fill(str(tmp_path / "some.jsonl"))
    view.press("Enter")
    expect(dialog).to_have_count(0)
    assert Dataset.from_file(tmp_path / "some.jsonl") == chats.search("refund")


# ---- filters ----


def test_the_sliders_and_their_inputs_are_one_range(view: View):
    live = Live(view, numbered(100))
    least = view.root.get_by_role("slider", name="Least tokens")
    low = int(least.get_attribute("aria-valuenow") or 0)
    least.focus()
    view.press("ArrowRight", "Home")
    expect(view.root.locator(".mo-foot")).to_contain_text("of 100.")
    expect(view.root.locator(".ds-hist").get_by_role("button", name="Clear")).to_be_disabled()
    view.press("Shift+ArrowRight", "ArrowRight")
    value = int(least.get_attribute("aria-valuenow") or 0)
    assert value > low
    expect(view.root.get_by_label("Least tokens").last).to_have_value(f"{value:,}")
    expect(view.root.locator(".mo-foot")).to_contain_text(f"a length of {value} to ∞ tokens")
    view.root.get_by_label("Most tokens").last.fill(str(value + 40))
    view.press("Enter")
    expect(view.root.locator(".mo-foot")).to_contain_text(f"a length of {value} to {value + 40} tokens")
    shown = {int(n) for n in numbers(view)}
    from modelops_jupyter.datasets import tokens

    lengths = tokens.estimate(live.dataset)
    assert all(value <= lengths[i] <= value + 40 for i in shown)
    view.root.locator(".ds-hist").get_by_role("button", name="Clear").click()
    expect(view.root.locator(".mo-foot")).to_contain_text("of 100.")


def test_a_slider_is_dragged_and_the_bars_beside_the_range_pale(view: View):
    Live(view, numbered(100))
    most = view.root.get_by_role("slider", name="Most tokens")
    box, plot = most.bounding_box(), view.root.locator(".ds-brush").bounding_box()
    assert box
    assert plot
    view.page.mouse.move(box["x"] + 12, box["y"] + 12)
    view.page.mouse.down()
    view.page.mouse.move(plot["x"] + plot["width"] / 2, box["y"] + 12, steps=4)
    view.page.mouse.up()
    expect(view.root.locator(".mo-foot")).to_contain_text("a length of 0 to")
    assert len(view.root.locator(".bars.out").get_attribute("d") or "") > 20
    assert "of 100." not in view.root.locator(".mo-foot").inner_text()


def test_a_field_filters_and_its_chip_takes_the_filter_away(view: View):
    Live(view, numbered(40))
    view.root.get_by_role("button", name="Filter").click()
    dialog = view.root.get_by_role("dialog", name="Filter by a field")
    expect(dialog.locator("option[value=lang]")).to_have_count(1)
    view.page.keyboard.type("lang")
    dialog.get_by_label("Value").fill("en")
    view.press("Enter")
    expect(view.root.locator(".mo-foot")).to_contain_text('20 of 40 rows, filtered by lang == "en".')
    assert numbers(view)[:3] == ["1", "3", "5"]
    view.root.get_by_role("button", name="take this filter away").click()
    expect(view.root.locator(".mo-foot")).to_contain_text("of 40.")


def test_one_more_column_sorts_within_the_first_by_mouse_and_by_key(view: View, chats: Dataset):
    Live(view, chats)
    head = view.root.get_by_role("columnheader")
    head.filter(has_text="Turns").get_by_role("button").click()
    expect(head.filter(has_text="Turns")).to_have_attribute("aria-sort", "descending")
    head.filter(has_text="Tokens").get_by_role("button").click(modifiers=["Shift"])
    expect(head.filter(has_text="Tokens").locator("small")).to_have_text("2")
    head.filter(has_text="Tokens").get_by_role("button").focus()
    view.press("Shift+Enter")
    expect(head.filter(has_text="Tokens")).to_have_attribute("aria-sort", "ascending")
    expect(head.filter(has_text="Turns")).to_have_attribute("aria-sort", "descending")
    from modelops_jupyter.datasets import tokens
    from modelops_jupyter.datasets.query import turn_counts

    turns, lengths = turn_counts(chats), tokens.estimate(chats)
    order = sorted(range(22), key=lambda i: (-turns[i], lengths[i], i))
    view.wait("ready")
    expect(view.root.locator(".mo-window .id").first).to_have_text(str(order[0]))
    assert numbers(view)[:8] == [str(i) for i in order[:8]]


def test_rows_that_are_the_same_stand_together(view: View):
    texts = ["a", "b", "c", "b", "d", "a"]
    Live(view, Dataset([{"text": text} for text in texts]))
    view.root.locator("[data-code=exact-duplicate]").click()
    expect(view.root.locator(".mo-foot")).to_contain_text("2 of 6 rows")
    view.root.get_by_role("button", name="With the rows that share it").click()
    expect(view.root.locator(".mo-foot")).to_contain_text("with the rows that share it")
    expect(view.root.locator(".mo-window > .mo-row:not(.parked)")).to_have_count(4)
    assert numbers(view) == ["0", "5", "1", "3"]
    expect(row(view, 1)).to_have_class(re.compile("apart"))
    expect(row(view, 5)).not_to_have_class(re.compile("apart"))


def filtering(view: View, field: str, value: str) -> None:
    view.root.get_by_role("button", name="Filter").click()
    dialog = view.root.get_by_role("dialog", name="Filter by a field")
    view.page.keyboard.type(field)
    dialog.get_by_label("Value").fill(value)
    view.press("Enter")


def test_a_number_of_many_digits_is_not_rounded(view: View):
    Live(view, Dataset([{"text": "a", "n": 1234567890123456789}, {"text": "b", "n": 1234567890123456800}]))
    filtering(view, "n", "1234567890123456789")
    expect(view.root.locator(".mo-foot")).to_contain_text("filtered by n == 1234567890123456789.")
    assert numbers(view) == ["0"]


def test_a_filter_that_was_refused_is_not_asked_for_again(view: View):
    Live(view, numbered(40))
    filtering(view, "lang", "x" * 1001)
    expect(view.root.get_by_role("alert")).to_be_visible()
    view.root.get_by_label("Search rows").fill("question 7")
    expect(view.root.locator(".mo-foot")).to_contain_text("1 of 40 rows")
    expect(view.root.get_by_role("alert")).to_have_count(0)


def test_a_long_label_ends_where_python_takes_no_more_and_a_file_needs_a_name(view: View):
    live = Live(view, numbered(3))
    at(view, 0)
    view.press("l")
    view.page.keyboard.insert_text("x" * 300)
    view.press("Enter")
    expect(live.bar).to_contain_text("1 edit, not saved")
    assert live.dataset[0]["review"] == "x" * 200
    view.press("s")
    dialog = view.root.get_by_role("dialog", name="Save as")
    dialog.get_by_label("Save as").fill(" ")
    view.press("Enter")
    expect(dialog).to_contain_text("never replaced unasked")


# ---- copying, marks ----


@pytest.mark.parametrize("view", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_selected_rows_are_copied_in_three_forms(view: View, chats: Dataset):
    live = Live(view, chats)

    def clipboard() -> str:
        return view.page.evaluate("navigator.clipboard.readText()")

    at(view, 0)
    view.press("Space", "Shift+ArrowDown", "Control+c")
    expect(live.said).to_have_text("2 rows copied as JSONL.")
    assert clipboard().encode().splitlines() == [chats.raw(0), chats.raw(1)]
    live.bar.get_by_role("button", name="Copy").click()
    view.root.get_by_role("button", name="JSON", exact=True).click()
    expect(live.said).to_have_text("2 rows copied as JSON.")
    assert json.loads(clipboard()) == [chats[0], chats[1]]
    live.bar.get_by_role("button", name="Copy").click()
    view.root.get_by_role("button", name="Markdown").click()
    expect(live.said).to_have_text("2 rows copied as Markdown.")
    assert clipboard().startswith("**")


def test_a_problem_is_marked_in_the_raw_text_and_in_json(view: View, chats: Dataset):
    Live(view, chats)
    row(view, 2).click()
    opened = view.root.locator(".ds-open")
    for form in ("JSON", "Raw"):
        opened.get_by_role("button", name=form, exact=True).click()
        expect(opened.locator("mark.bad").first).to_have_text('"call_82a"')
    opened.get_by_role("button", name="Chat").click()
    expect(opened.locator("summary .mo-tag")).to_have_count(1)


@pytest.mark.parametrize("width", [708, 320])
def test_undo_and_redo_stand_side_by_side_however_narrow_the_bar(view: View, chats: Dataset, width: int):
    live = Live(view, chats, width=width)
    selecting(live)
    undo, redo = (live.bar.get_by_role("button", name=name).bounding_box() for name in ("Undo", "Redo"))
    assert undo
    assert redo
    assert undo["y"] == redo["y"]


def test_long_counts_and_images_as_data_stay_readable(view: View):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0KGgo" * 9000}}
    asked = {"role": "user", "content": [picture, {"type": "text", "text": "What is it? " * 400_000}]}
    Live(view, Dataset([{"messages": [asked, {"role": "assistant", "content": "ok"}]}]))
    number, bar = (row(view, 0).locator(f".tk > {part}").bounding_box() for part in ("span", "i"))
    assert number
    assert bar
    assert number["x"] + number["width"] <= bar["x"]
    row(view, 0).click()
    label = view.root.locator(".ds-image > span")
    expect(label).to_have_text("Image")
    assert label.evaluate("e => e.getBoundingClientRect().height") < 30


def test_a_long_label_stays_in_a_narrow_row(view: View):
    Live(view, Dataset([{"text": "a", "review": "to be looked at again by somebody else"}]), width=320)
    line, label = (found.bounding_box() for found in (row(view, 0), row(view, 0).locator(".lb")))
    assert line
    assert label
    assert label["x"] > line["x"] + line["width"] / 3
    assert label["x"] + label["width"] <= line["x"] + line["width"]


# ---- special scenes, axe ----


def selecting(live: Live) -> None:
    at(live.view, 1)
    live.view.press("Space", "Shift+ArrowDown", "d", "Space", "ArrowDown", "k")
    expect(live.bar).to_contain_text("1 selected")


def editing(live: Live) -> None:
    at(live.view, 2)
    live.view.press("e")
    field = live.view.root.locator("textarea").last
    field.fill("")
    expect(live.view.root.locator(".ds-edit .ds-flag").first).to_be_visible()


def editing_json(live: Live) -> None:
    at(live.view, 3)
    live.view.press("e")
    expect(live.view.root.get_by_label("Row as JSON")).to_be_focused()


def ranged(live: Live) -> None:
    view = live.view
    view.root.get_by_role("slider", name="Least tokens").focus()
    view.press("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    expect(view.root.locator(".mo-foot")).to_contain_text("a length of")
    view.root.get_by_role("button", name="Filter").click()
    view.page.keyboard.type("messages")
    view.root.get_by_role("dialog").get_by_label("Comparison").select_option("!=")
    view.press("Enter")
    view.wait("ready")


def saving(live: Live) -> None:
    at(live.view, 0)
    live.view.press("s")
    live.view.press("Enter")
    expect(live.view.root.get_by_role("dialog")).to_contain_text("is there already")


def labelling(live: Live) -> None:
    at(live.view, 0)
    live.view.press("l")
    expect(live.view.root.get_by_role("dialog")).to_be_visible()


SCENES: dict[str, Callable[[Live], None]] = {
    scene.__name__: scene for scene in (selecting, editing, editing_json, ranged, saving, labelling)
}


@pytest.mark.shots
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("width", [900, 320])
def test_axe_finds_nothing(view: View, chats: Dataset, scene: str, width: int):
    SCENES[scene](Live(view, chats, width=width))
    assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for theme in ("light", "dark"):
        view.harness("theme", theme)
        expect(view.root).to_have_attribute("data-mo-theme", theme)
        view.shot(f"dataset-{scene}-{theme}-{width}")
        assert view.violations(contrast=width > 320) == []
