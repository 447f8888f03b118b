"""A whole task by keyboard alone: ten defects in ten thousand rows, found, mended, undone, redone, saved."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from modelops_jupyter.datasets import Dataset

from .test_dataset_edits import Live
from .test_dataset_keys import into_grid
from .test_dataset_viewer import row
from .view import View

ROWS = 10_000
MENDED = "Mended by hand"


def chat(i: int, answer: str | None = None) -> dict[str, Any]:
    said = f"Answer number {i}." if answer is None else answer
    turns = [{"role": "user", "content": f"Question number {i}?"}, {"role": "assistant", "content": said}]
    return {"messages": turns, "n": i}


def planted(path: Path) -> list[int]:
    """Write the rows; return where the defects are: empty answers, and lines that are no JSON."""
    lines = [json.dumps(chat(i)) for i in range(ROWS)]
    places = [37 + 1009 * k for k in range(9)] + [ROWS - 1]
    for k, place in enumerate(places):
        empty = json.dumps(chat(place, ""))
        lines[place] = empty if k % 2 else lines[place].replace('"n": ', '"n" ')
    path.write_text("\n".join(lines) + "\n")
    return places


def test_ten_defects_are_found_and_mended_by_keyboard_alone(view: View, tmp_path: Path):
    path, page = tmp_path / "rows.jsonl", view.page
    places = planted(path)
    before = path.read_bytes().splitlines()
    live = Live(view, Dataset.from_file(path))
    into_grid(view)
    for k, place in enumerate(places):
        view.press("n")
        expect(row(view, place).locator(".id")).to_be_focused()
        view.press("e")
        if k % 2:
            expect(view.root.get_by_label("Text of turn 2, assistant")).to_be_focused()
            page.keyboard.type(MENDED)
        else:
            field = view.root.get_by_label("Row as JSON")
            expect(field).to_be_focused()
            at = field.evaluate("e => e.selectionStart")
            assert field.input_value()[at - 1 : at + 1] in (" " + str(place)[0], '" ')
            page.keyboard.type(":")
        expect(view.root.locator(".ds-edit .found")).to_have_text("No problem found in this row.")
        view.press("Control+Enter")
        expect(view.root.locator("textarea")).to_have_count(0)
        expect(row(view, place).locator(".pb .mo-tag")).to_have_count(0)
        view.press("Escape")
    view.press("n")
    expect(live.said).to_have_text("No row in this view has a problem.")
    mended = live.dataset
    assert mended.validate().problems == ()

    for left in reversed(range(10)):
        view.press("Control+z")
        expect(live.bar).to_contain_text(f"{left} edit" if left != 1 else "1 edit,")
    assert live.dataset == Dataset.from_file(path)
    for made in range(1, 11):
        view.press("Control+Shift+z")
        expect(live.bar).to_contain_text("1 edit," if made == 1 else f"{made} edits")
    assert live.dataset == mended

    view.press("s")
    expect(view.root.get_by_role("dialog").get_by_label("Save as")).to_be_focused()
    view.press("Enter")
    expect(view.root.get_by_label("Replace it")).to_be_focused()
    view.press("Space", "Enter")
    expect(live.said).to_have_text("10,000 rows saved in rows.jsonl.")
    after = path.read_bytes().splitlines()
    changed = [i for i in range(ROWS) if before[i] != after[i]]
    assert len(after) == ROWS
    assert changed == places
    for k, place in enumerate(places):
        assert json.loads(after[place]) == chat(place, MENDED if k % 2 else None)
