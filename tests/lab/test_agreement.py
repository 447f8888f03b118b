"""Widget and twin of one output say the same numbers."""

import json
import re

from playwright.sync_api import Locator

from .conftest import Open

TRUE = ["tea", "milk", "tea", "rice", "milk", "tea", "rice", "tea"] * 5
PREDICTED = ["tea", "milk", "milk", "rice", "milk", "tea", "tea", "tea"] * 5
BEFORE = ["tea", "rice", "milk", "rice", "tea", "tea", "tea", "milk"] * 5
TWIN = ".mo-output > .jp-RenderedHTMLCommon :is(p, td, th)"
EVALUATE = f"""
from modelops_jupyter import ModelEvaluator
from modelops_jupyter.evaluation.forgetting import Retained
def result(said):
    return ModelEvaluator("multiclass_classification").evaluate({TRUE}, said)
after = result({PREDICTED})
after.baselines = dict.fromkeys(["majority answer"], result(["tea"] * 40))
numbers = (77, 0.08, 0.03, 0.13, 0.0123)
after.retained = (Retained("Loss", "2.31 [2.2, 2.4]", "2.39 [2.3, 2.5]", *numbers, "worse"),)
after.compare(result({BEFORE}))
"""
ROWS = [{"prompt": f"{n} and {n}?", "completion": str(2 * n)} for n in range(40)] + [{"prompt": "x"}]
DATASET = f"from modelops_jupyter import Dataset\nDataset({json.dumps(ROWS)}, name='sums')"


def numbers(text: str) -> set[str]:
    """Every number in a text, as written."""
    return set(re.findall(r"[+−]?\d[\d,]*(?:\.\d+)?", text))


def shown(views: Locator) -> set[str]:
    """The numbers that parts of a view show."""
    return set().union(*(numbers(view.text_content() or "") for view in views.all()))


def test_every_value_interval_and_difference_of_the_explorer_stands_in_its_twin(lab: Open) -> None:
    notebook = lab(EVALUATE)
    notebook.run()
    view = notebook.wait_state("metrics", "ready")
    twin = shown(
        notebook.body.locator(".mo-output > .jp-RenderedHTMLCommon").locator("p, td, th, figcaption")
    )
    values = shown(view.locator(".mx-tile p"))
    cells = shown(view.locator('[role="grid"] [role="gridcell"]'))
    # of baselines, of what was retained, and of the comparison, which is folded to its verdict
    tables = view.locator(".mx-rows:not([aria-label=Slices])")
    differences = shown(tables.locator("td.n, td.val, td.p, th small"))
    assert len(values) >= 4
    assert len(cells) >= 3
    assert len(differences) >= 4
    assert {"77", "0.012", "+0.080"} <= differences
    assert tables.count() == 3
    assert values <= twin
    assert cells <= twin
    assert differences <= twin


def test_rows_turns_and_problems_of_the_viewer_stand_in_its_twin(lab: Open) -> None:
    notebook = lab(DATASET)
    notebook.run()
    view = notebook.wait_state("dataset", "ready")
    twin = shown(
        notebook.body.locator(".mo-output > .jp-RenderedHTMLCommon").locator("p, td, th, figcaption")
    )
    head = shown(view.locator(".mo-head .mo-meta span").first)
    assert head == {"41"}
    assert (head | shown(view.locator(".mo-chip b"))) <= twin
