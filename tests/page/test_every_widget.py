"""What holds for every widget: in nobody's way in any state, small, calm and in the colours of the system."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from modelops_jupyter import Dataset

from . import test_chat as chat
from . import test_dataset_diff as diff
from . import test_dataset_states as dataset
from . import test_job_list as jobs
from . import test_job_monitor as job
from . import test_metrics_explorer as metrics
from . import test_rating as rating
from . import test_registry as models
from .sideways import outside
from .view import View

Scene = Callable[[View, Path], object]
KINDS: dict[str, Callable[..., Any]] = {
    "chat": lambda view, _, **options: chat.shown(view, said=("March",), **options),
    "dataset": lambda view, _, **options: dataset.ready(view, **options),
    "diff": lambda view, _, **options: diff.reviewed(view, **options),
    "job": lambda view, _, **options: job.monitor(view, **options),
    "jobs": lambda view, _, **options: jobs.job_list(view, **options),
    "metrics": lambda view, _, **options: metrics.explorer(view, **options),
    "rating": lambda view, folder, **options: rating.shown(
        view, folder, rating.two(2), pairs=True, **options
    ),
    "registry": lambda view, folder, **options: models.shown(view, versions(folder), **options),
}
GONE = {"error": metrics.GONE}
LOOKS = (("light", 900), ("dark", 900), ("dark", 320))
CALM = {"reduced_motion": "reduce", "forced_colors": "active"}
ENDLESS = "a => a.playState === 'running' && a.effect.getTiming().iterations === Infinity"
HAS_FOCUS = "e => e.contains(e.getRootNode().activeElement)"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path / "home"))


# ---- every state ----
def versions(folder: Path) -> Any:
    return models.filled(models.registries.ModelRegistry(folder / "registry"))


def unanswered(kind: str, op: str, state: str, **spec: Any) -> Scene:
    """A view whose first question has no answer, or an error."""
    ops: Any = {op: "never" if state == "loading" else GONE}
    return lambda view, _: view.show(kind, spec, ops=ops, state=state)


def silent(kind: str, topic: str) -> Scene:
    """A view of which nobody speaks any more."""

    def scene(view: View, folder: Path) -> None:
        KINDS[kind](view, folder)
        view.harness("carrier.silence", topic, "The Jupyter server does not answer.")

    return scene


def gone(shown: Scene, press: Callable[[View], object], *ops: str) -> Scene:
    """A view whose kernel went away since it was shown."""

    def scene(view: View, folder: Path) -> None:
        shown(view, folder)
        for op in ops:
            view.harness("answer", op, GONE)
        press(view)

    return scene


def button(name: str) -> Callable[[View], None]:
    return lambda view: view.root.get_by_role("button", name=name).first.click()


def decided(view: View, _: Path) -> None:
    diff.reviewed(view)
    view.root.get_by_role("listitem").first.focus()
    view.press("a", "ArrowDown", "r")
    expect(view.root.locator(".mo-foot")).to_contain_text("1 accepted, 1 rejected")


def equal(view: View, _: Path) -> None:
    ds = Dataset([{"text": "a"}])
    diff.between(view, ds, ds, state="empty")


def conversed(view: View, compare: bool) -> None:
    said = ("When was 3 March 2021?", f"And {chat.HOSTILE}?")
    chat.shown(view, said=said, compare=compare, system="Answer with a date.")
    view.root.get_by_label("Answer of dates-tiny").last.focus()
    view.press("ArrowRight", "ArrowRight", "ArrowRight")


def explored(name: str) -> Scene:
    def scene(view: View, _: Path) -> None:
        metrics.explorer(view, name)
        if name == "classification":
            metrics.cell(view, "returns", "billing").click()
        if name in ("classification", "generation"):
            expect(view.root.locator(".mx-behind tbody tr")).to_have_count(metrics.PAGE)
        metrics.open_all(view)
        expect(view.root.get_by_text("waiting for the kernel")).to_have_count(0)

    return scene


def rated(view: View, folder: Path, pairs: bool) -> None:
    words = ("left", "tie", "skip") if pairs else ("pass", "fail", "skip")
    rating.shown(view, folder, rating.two(12), words, pairs=pairs, rater=words[0])


def refused(view: View, folder: Path) -> None:
    rating.shown(view, folder, rating.rows(3), rater="late").rate("fail")
    button("Pass")(view)
    expect(view.root.get_by_role("alert")).to_contain_text("Another answer is shown by now.")


def waiting(view: View, folder: Path) -> None:
    rating.shown(view, folder, rating.rows(3), rater="waits")
    view.harness("answer", "rating.rate", "never")
    button("Pass")(view)
    expect(view.root.locator(".rt-trouble")).to_contain_text("Waiting for the kernel")


def about(view: View, folder: Path) -> None:
    models.shown(view, versions(folder))
    models.pick(view, 2)


def part(name: str, first: str) -> Scene:
    """Another part of the view that is shown."""
    return lambda view, _: expect(models.part(view, name).locator(first).first).to_be_visible()


# The first word is the state; a rating begins with its first answer, and says errors below it.
SCENES: dict[str, dict[str, Scene]] = {
    "chat": {
        "loading": unanswered("chat", "chat", "loading", chat="t1"),
        "empty": lambda view, _: chat.shown(view),
        "ready": lambda view, _: conversed(view, compare=False),
        "ready compared": lambda view, _: conversed(view, compare=True),
        "stale": gone(KINDS["chat"], lambda view: chat.ask(view, "b"), "chat", "chat.say", "chat.next"),
    },
    "dataset": {name: lambda view, _, scene=scene: scene(view) for name, scene in dataset.SCENES.items()},
    "diff": {
        "loading": unanswered("diff", "changes", "loading", diff="f1"),
        "empty": equal,
        "ready": decided,
        "error": unanswered("diff", "changes", "error", diff="f1"),
        "stale": gone(decided, button("Removed 1"), "changes"),
    },
    "job": {
        "loading": lambda view, _: view.show("job", {"job": "x"}, state="loading"),
        "stale": silent("job", f"job:{job.snapshot('running')['id']}"),
        "ready compared": lambda view, _: job.compared(view),
        **{f"{is_} {name}": lambda view, _, n=name: job.monitor(view, n) for name, is_ in job.STATES.items()},
    },
    "jobs": {
        "loading": unanswered("jobs", "jobs", "loading"),
        "empty": lambda view, _: jobs.job_list(view, []),
        "ready": KINDS["jobs"],
        "error": unanswered("jobs", "jobs", "error"),
        "stale": silent("jobs", "jobs"),
    },
    "metrics": {
        "loading": unanswered("metrics", "result", "loading", result="r1"),
        "error": unanswered("metrics", "result", "error", result="r1"),
        **{f"{is_} {name}": explored(name) for name, is_ in metrics.STATES.items()},
        "stale": gone(
            KINDS["metrics"],
            lambda view: metrics.cell(view, "returns", "billing").click(),
            "examples",
            "focus",
        ),
    },
    "rating": {
        "ready": lambda view, folder: rated(view, folder, pairs=False),
        "ready pairs": lambda view, folder: rated(view, folder, pairs=True),
        "ready waiting": waiting,
        "ready refused": refused,
        "ready end": rating.ended,
        "stale": gone(KINDS["rating"], button("Tie"), "rating", "rating.rate"),
    },
    "registry": {
        "loading": unanswered("registry", "registry", "loading", registry="g1"),
        "empty": lambda view, folder: models.shown(
            view, models.registries.ModelRegistry(folder / "none"), state="empty"
        ),
        "ready": about,
        "ready card": part("Card", "pre"),
        "ready difference": part("Difference", "del"),
        "ready log": part("Log", ".rg-log"),
        "error": unanswered("registry", "registry", "error", registry="g1"),
        "stale": silent("registry", models.TOPIC),
    },
}


@pytest.mark.shots
@pytest.mark.parametrize("kind", SCENES)
def test_nothing_is_in_the_way_of_anybody_in_any_state(view: View, kind: str, tmp_path: Path):
    for name, scene in SCENES[kind].items():
        view.page.set_viewport_size({"width": 932, "height": 900})
        scene(view, tmp_path)
        view.wait(name.split()[0])
        for theme, width in LOOKS:
            view.page.set_viewport_size({"width": width + 32, "height": 900})
            view.harness("theme", theme)
            expect(view.root).to_have_attribute("data-mo-theme", theme)
            view.shot(f"{kind}-{name.replace(' ', '-')}-{theme}-{width}")
            # Colours do not depend on the width.
            assert view.violations(contrast=width > 320) == [], (name, theme, width)
            assert outside(view) == [], (name, width)
            assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)


@pytest.mark.parametrize("view", [CALM], indirect=True, ids=["calm"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_widget_lives_in_a_shadow_root_at_320_pixels(view: View, kind: str, tmp_path: Path):
    """As marimo holds it; 320 pixels are also what 400 % leave of 1,280."""
    KINDS[kind](view, tmp_path, shadow=True, width=320)
    root = view.root.first
    assert root.evaluate("e => e.getRootNode() instanceof ShadowRoot")
    expect(root).to_have_css("border-top-style", "solid")  # the style came along
    assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert outside(view) == []
    assert root.evaluate(f"e => e.getRootNode().getAnimations().filter({ENDLESS}).length") == 0
    root.locator("button:visible").first.focus()
    keys = root.get_by_role("button", name="Keys", exact=True)
    if keys.count():
        keys.first.click()
        expect(root.get_by_role("dialog", name="Keys")).to_be_visible()
        view.press("Escape")
        expect(root.get_by_role("dialog")).to_have_count(0)
    assert root.evaluate(HAS_FOCUS)
    view.press("Escape")
    assert not root.evaluate(HAS_FOCUS)


@pytest.mark.parametrize("kind", KINDS)
def test_widgets_side_by_side_share_the_width(view: View, kind: str, tmp_path: Path):
    """As an `HBox` lays them out."""
    KINDS[kind](view, tmp_path)
    view.page.evaluate("""() => {
        document.body.style.display = 'flex';
        document.body.append(document.getElementById('host').cloneNode(true));
    }""")
    first, second = (each.bounding_box() for each in view.page.locator("main > .mo").all()[-2:])
    assert first
    assert second
    assert first["width"] == second["width"] > 300
