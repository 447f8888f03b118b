"""A rating in a browser, answered by Python that runs for real."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from modelops_jupyter import Dataset
from modelops_jupyter.evaluation import Predictions
from modelops_jupyter.evaluation.rating import Rating
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.rating import snapshot

from .view import View

HOSTILE = '<img src=x onerror="window.__pwned=1">\u202e</script>'
LONG = "The third of March 2021 is a Wednesday. " * 40


def rows(count: int) -> Dataset:
    asked = [f"When is {day} March 2021? Answer with the date alone." for day in range(1, count + 1)]
    said = [f"2021-03-{day:02}" if day % 3 else LONG for day in range(1, count + 1)]
    return Dataset([{"prompt": q, "completion": a} for q, a in zip(asked, said, strict=True)], name="dates")


def two(count: int) -> dict[str, Any]:
    """Two models' answers to the same prompts."""
    ds = rows(count)
    return {"tuned": ds, "base": Predictions([f"It is day {i + 1}." for i in range(count)], dataset=ds)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def shown(view: View, folder: Path, items: Any, said: tuple[str, ...] = (), **options: Any) -> Rating:
    settings = {key: options.pop(key) for key in ("pairs", "rater") if key in options}
    name = f"{settings.get('rater', 'me')[:5].strip('<')}.jsonl"
    rating = items if isinstance(items, Rating) else Rating(items, journal=folder / name, **settings)
    for verdict in said:
        rating.rate(verdict)
    spec = {"rating": "a1", "initial": snapshot(rating)}
    view.show("rating", spec, live=Context(resolve_rating=lambda _: rating), state="ready", **options)
    return rating


def meta(view: View) -> Locator:
    return view.root.locator(".mo-meta")


# ---- looks ----
def ended(view: View, folder: Path) -> None:
    other = Rating(two(6), pairs=True, rater="bob", journal=folder / "bob.jsonl")
    for verdict in ("left", "right", "left", "left", "tie", "right"):
        other.rate(verdict)
    said = ("left", "right", "left", "left", "tie", "skip")
    shown(view, folder, two(6), said, pairs=True, rater="ann")
    view.root.get_by_role("button", name="Reveal").click()
    expect(view.root.locator(".rt-end")).to_contain_text("Pairs won, by source")


def test_the_end_tells_whose_answers_they_were(view: View, folder: Path):
    ended(view, folder)
    expect(view.root.locator(".rt-end")).to_be_focused()
    expect(view.root.locator(".rt-end")).to_contain_text("ann and bob: 5 items rated by both")


@pytest.mark.parametrize("view", [{"forced_colors": "active"}], indirect=True)
@pytest.mark.parametrize("pairs", [False, True])
def test_in_forced_colours_too(view: View, folder: Path, pairs: bool):
    shown(view, folder, two(3), pairs=pairs)
    assert view.violations() == []
    edges = view.root.locator(".rt-text:visible").evaluate_all(
        "all => all.map(e => getComputedStyle(e).borderTopColor)"
    )
    assert "rgba(0, 0, 0, 0)" not in edges


def test_nothing_says_whose_an_answer_is_before_the_end(view: View, folder: Path):
    rating = shown(view, folder, two(4), ("pass", "skip"))
    for word in ("tuned", "base", "first"):
        assert word not in view.root.inner_html()
        assert word not in str(snapshot(rating))
    view.root.get_by_label("Answer").focus()
    for number in range(3, 9):
        expect(meta(view)).to_contain_text(f"{number - 2} of 8 rated, 1 skipped")
        view.press("1")
    expect(view.root.locator(".rt-end")).to_be_focused()
    assert "tuned" not in view.root.inner_html()
    view.press("Tab", "Tab", "Enter")
    expect(view.root.locator(".rt-end")).to_contain_text("tuned")


# ---- a whole session by keyboard alone ----
def test_ten_answers_are_rated_by_keyboard_alone_with_undo_a_note_and_the_skipped_one(
    view: View, folder: Path
):
    rating = shown(view, folder, rows(10), rater="ann")
    seen: list[str] = []

    def press(key: str, then: str) -> None:
        seen.append(view.root.get_by_label("Prompt").inner_text())
        view.press(key)
        expect(meta(view)).to_contain_text(then)

    view.page.keyboard.press("Tab")
    while view.page.evaluate("document.activeElement.getAttribute('aria-label')") != "Answer":
        view.page.keyboard.press("Tab")
    press("1", "1 of 10 rated")
    press("0", "2 of 10 rated")
    press("s", "2 of 10 rated, 1 skipped")
    press("1", "3 of 10 rated, 1 skipped")
    expect(view.root.get_by_role("status")).to_contain_text("Passed. 3 of 10 rated, 1 skipped. Prompt: When")
    press("z", "2 of 10 rated, 1 skipped")
    expect(view.root.get_by_label("Prompt")).to_have_text(seen[3])
    view.press("n")
    expect(view.root.get_by_label("note")).to_be_focused()
    view.page.keyboard.type("wrong 10th")
    view.press("Enter")
    press("0", "3 of 10 rated, 1 skipped")
    expect(view.root.get_by_label("note")).to_have_value("")
    for number in range(4, 10):
        press("1", f"{number} of 10 rated, 1 skipped")
    expect(view.root.locator(".rt-end")).to_have_text("1 skipped, the rest is rated.Rate the skippedReveal")
    view.press("Tab", "Enter")
    expect(view.root.get_by_label("Prompt")).to_have_text(seen[2])
    press("0", "10 of 10 rated")
    expect(view.root.get_by_role("heading", name="Share passed, by source")).to_be_visible()
    expect(view.root.locator(".rt-end td").first).to_have_text("70 %")
    assert [row["label"] for row in rating.verdicts].count("pass") == 7
    assert [row["note"] for row in rating.verdicts if "note" in row] == ["wrong 10th"]
    view.press("Escape")
    assert view.root.evaluate("r => r.contains(document.activeElement)") is False
    again = Rating(rows(10), rater="ann", journal=folder / "ann.jsonl")
    assert again.verdicts == rating.verdicts


def test_pairs_are_rated_by_arrows_and_make_preference_rows(view: View, folder: Path):
    rating = shown(view, folder, two(4), pairs=True)
    better: list[str] = []
    a, b = view.root.get_by_label("Answer A"), view.root.get_by_label("Answer B")
    a.focus()
    for number, (key, side) in enumerate((("ArrowLeft", a), ("ArrowRight", b), ("t", None), ("2", b)), 1):
        better += [side.inner_text().strip()] if side else []
        view.press(key)
        expect(meta(view)).to_contain_text(f"{number} of 4 rated")
    found = rating.rows.to_list()
    assert [row["chosen"][0]["content"].strip() for row in found] == better
    assert rating.rows.format == "preference"


def test_the_mouse_does_the_same(view: View, folder: Path):
    rating = shown(view, folder, rows(2))
    for name, number in (("Pass", 1), ("Undo", 0), ("Fail", 1), ("Skip", 1)):
        view.root.get_by_role("button", name=name).click()
        expect(meta(view)).to_contain_text(f"{number} of 2 rated")
    expect(view.root.get_by_role("button", name="Rate the skipped")).to_be_visible()
    assert [row["label"] for row in rating.verdicts] == ["fail"]


def test_the_focus_is_not_lost_when_the_last_one_was_rated_by_its_button(view: View, folder: Path):
    shown(view, folder, rows(1))
    view.root.get_by_role("button", name="Pass").focus()
    view.press("Enter")
    expect(view.root.locator(".rt-end")).to_be_focused()
    view.press("z")
    expect(view.root.get_by_label("Answer")).to_be_focused()


def test_hostile_text_is_text(view: View, folder: Path):
    ds = Dataset([{"prompt": HOSTILE, "completion": HOSTILE}], name=HOSTILE)
    shown(view, folder, ds, rater=HOSTILE)
    assert view.violations() == []
    view.root.get_by_label("note").fill(HOSTILE)
    view.root.get_by_role("button", name="Pass").click()
    expect(view.root.locator(".rt-end")).to_contain_text("<img src=x")
    expect(view.root.locator("img, script")).to_have_count(0)
    assert view.page.evaluate("'__pwned' in window") is False


# ---- trouble ----
def test_a_second_key_rates_nothing_that_was_not_seen(view: View, folder: Path):
    rating = shown(view, folder, rows(3))
    view.root.get_by_label("Answer").focus()
    view.harness("hold")
    view.press("1", "1", "1")
    assert len(view.asked("rating.rate")) == 1
    view.harness("release")
    expect(meta(view)).to_contain_text("1 of 3 rated")
    assert len(rating.verdicts) == 1


def test_another_view_went_on_and_this_one_rates_nothing(view: View, folder: Path):
    rating = shown(view, folder, rows(3))
    rating.rate("fail")
    view.root.get_by_role("button", name="Pass").click()
    expect(view.root.get_by_role("alert")).to_contain_text("Another answer is shown by now.")
    view.root.get_by_role("button", name="Try again").click()
    expect(meta(view)).to_contain_text("1 of 3 rated")
    expect(view.root.get_by_role("alert")).to_have_count(0)
    assert [row["label"] for row in rating.verdicts] == ["fail"]


def test_without_a_kernel_the_answer_stays_and_nothing_is_rated(view: View, folder: Path):
    shown(view, folder, rows(3), ("pass",))
    closed = {
        "error": {"code": "closed", "message": "The kernel behind this output is gone.", "hint": "Run."}
    }
    for op in ("rating", "rating.rate"):
        view.harness("answer", op, closed)
    view.root.get_by_role("button", name="Fail").click()
    view.wait("stale")
    expect(view.root.get_by_role("alert")).to_contain_text("The kernel behind this output is gone.")
    expect(view.root.get_by_label("Prompt")).to_contain_text("When is")
    expect(view.root.get_by_role("button", name="Pass")).to_have_attribute("aria-disabled", "true")


def test_a_busy_kernel_is_said(view: View, folder: Path):
    shown(view, folder, rows(3))
    view.harness("answer", "rating.rate", "never")
    view.root.get_by_role("button", name="Pass").click()
    expect(view.root.locator(".rt-trouble")).to_contain_text("Waiting for the kernel")


# ---- keys ----
@pytest.mark.parametrize("pairs", [False, True])
def test_keys_of_the_host_do_not_fire_inside_and_the_popup_names_ours(view: View, folder: Path, pairs: bool):
    shown(view, folder, two(3), pairs=pairs)
    view.page.evaluate("window.heard = []; document.addEventListener('keydown', e => heard.push(e.key))")
    view.root.get_by_label("Prompt").focus()
    view.press("d", "d", "x", "n", "1", "0", "z")
    expect(view.root.get_by_label("note")).to_have_value("10z")
    view.press("Escape", "?")
    popup = view.root.get_by_role("dialog", name="Keys")
    expect(popup).to_contain_text("A is better" if pairs else "Pass")
    assert view.violations() == []
    view.press("Escape", "Escape")
    assert view.page.evaluate("heard.filter(k => k !== 'Escape')") == []
    assert view.root.evaluate("r => r.contains(document.activeElement)") is False
