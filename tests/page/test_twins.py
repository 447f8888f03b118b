"""Widget and twin of one object hold the same rows and numbers; other views compare in their own tests."""

from typing import Any

from playwright.sync_api import expect

from modelops_jupyter.notebook.display import twin_of

from . import test_chat as chat
from . import test_dataset_diff as diff
from . import test_registry as models
from .view import View

registry = models.registry
CELLS = """html => [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('tr:has(td)')]
  .map(row => [...row.cells].map(cell => cell.textContent.trim()))"""


def told(view: View, obj: Any) -> list[list[str]]:
    """The rows of all tables of a twin."""
    return view.page.evaluate(CELLS, str(twin_of(obj).html(obj)))


def test_of_a_difference(view: View):
    review = diff.reviewed(view)
    shown: list[list[str]] = []
    for change in view.root.locator(".df-change").all():
        kind, line = change.locator("header > :is(.mo-tag, .num)").all_text_contents()
        where = change.locator("> code").all_text_contents()
        before, after = change.locator(".mo-pair p").all_text_contents()
        words = [before.removeprefix("Before: "), after.removeprefix("After: ")]
        shown.append([kind.lower(), line.removeprefix("line "), "".join(where), *words])
    assert len(shown) == 3
    assert shown == told(view, review.diff)
    chips = view.root.get_by_role("group", name="Kinds").locator(".mo-chip:not(.zero)").all_inner_texts()
    counted = {" ".join(chip.lower().split()[::-1]) for chip in chips}
    assert counted == set(twin_of(review.diff).text(review.diff).splitlines()[0].split(", "))


def test_of_a_chat(view: View):
    talk = chat.shown(view, said=("When?", f"And {chat.HOSTILE}?"), compare=True)
    turns, tokens = told(view, talk)[:2], told(view, talk)[2:]
    for turn, row in zip(view.root.locator(".ct-turn").all(), turns, strict=True):
        said = turn.locator(".ct-say").all_text_contents()
        assert row[1:] == [turn.locator(".ct-said").inner_text(), *(text.removesuffix("∎") for text in said)]
    view.root.get_by_label("Answer of dates-tiny").last.focus()
    detail = view.root.locator(".ct-answer:has(:focus) .ct-detail")
    for token, probability, others in tokens:
        view.press("ArrowRight")
        expect(detail).to_have_text(f"{token} {probability}, else {others}")
    assert len(tokens) == len(talk.turns[-1].answer.tokens)


def test_of_a_registry_a_version_and_its_lineage(view: View, registry: Any):
    models.shown(view, models.filled(registry))
    models.pick(view, 2)
    version, lineage = registry.get("dates", 2), registry.lineage("dates", 2)
    listed = view.root.get_by_role("navigation").get_by_role("button").all()
    for button, (name, versions, latest, aliases) in zip(listed, told(view, registry), strict=True):
        counted = f"{versions} version{'s' * (versions != '1')}"
        words = [counted, *filter(None, aliases.split(", "))]
        assert button.locator("> *").all_text_contents() == [name, " · ".join(words)]
        assert latest == versions  # none was deleted
    numbers = view.root.get_by_role("table", name="Metric").locator("tbody tr")
    found = [[row.locator("th").inner_text(), row.locator(".rg-num").inner_text()] for row in numbers.all()]
    measured = told(view, version)
    assert [[name, value.partition(" n=")[0]] for name, value in measured[:2]] == found
    facts = dict(line.split(": ", 1) for line in twin_of(version).text(version).splitlines() if ": " in line)
    created, size, *tags = view.root.locator(".rg-head .mo-meta span").all_text_contents()
    assert [facts["registered"], facts["size"], facts["‹tags"]] == [created, size, ", ".join(tags)]
    lines = view.root.locator(".rg-list li").all_text_contents()
    for line, (kind, name, before) in zip(lines, told(view, lineage), strict=True):
        assert line == f"{kind} {name}" + (f", came of {before}" if before else "")
