"""What holds for every widget: inside a shadow root, small, calm and in the colours of the system."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

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

registry = models.registry
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
}
CALM = {"reduced_motion": "reduce", "forced_colors": "active"}
ENDLESS = "a => a.playState === 'running' && a.effect.getTiming().iterations === Infinity"
HAS_FOCUS = "e => e.contains(e.getRootNode().activeElement)"


@pytest.mark.parametrize("view", [CALM], indirect=True, ids=["calm"])
@pytest.mark.parametrize("kind", [*KINDS, "registry"])
def test_every_widget_lives_in_a_shadow_root_at_320_pixels(
    view: View, kind: str, tmp_path: Path, request: pytest.FixtureRequest
):
    """As marimo holds it; 320 pixels are also what 400 % leave of 1,280."""
    options: Any = {"shadow": True, "width": 320}
    if kind == "registry":
        models.shown(view, models.filled(request.getfixturevalue("registry")), **options)
    else:
        KINDS[kind](view, tmp_path, **options)
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
