"""What is clicked and moved in the metrics explorer, seen from Python."""

import queue
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.evaluation import Examples, Gate, create_evaluator
from modelops_jupyter.notebook.widgets import MetricsExplorer

TRUTH = ["ham", "spam"] * 30
SCORES = [0.1 + 0.8 * (k % 2) + (0.3 - 0.6 * (k % 2)) * (k % 5 == 0) + k / 1000 for k in range(60)]


@pytest.fixture
def explorer() -> MetricsExplorer:
    evaluator = create_evaluator("binary", ["accuracy"], positive_class="spam")
    result = evaluator.evaluate(TRUTH, ["spam" if s >= 0.5 else "ham" for s in SCORES], scores=SCORES)
    result.dataset = Dataset([{"text": str(k), "kind": "ab"[k % 2]} for k in range(60)])
    return MetricsExplorer(result, gate=result.check(Gate("accuracy", min_value=0.999)))


def send(explorer: MetricsExplorer, op: str, **args: Any) -> Any:
    """Send what the page sends; return the answer."""
    answers: queue.Queue[Any] = queue.Queue()
    explorer._reply = answers.put  # type: ignore[method-assign]
    args = {"result": explorer._spec["result"], **args}
    explorer._receive(explorer, {"v": 1, "id": "1", "op": op, "args": args}, [])
    return answers.get(timeout=20)


def test_picked_rows_are_the_selection_and_can_be_observed(explorer: MetricsExplorer) -> None:
    seen: list[Any] = []
    explorer.observe(lambda change: seen.append(change["new"]), "selection")
    assert explorer.selection is None
    assert send(explorer, "focus", slice={"by": "kind", "name": "b"})["ok"]
    assert isinstance(explorer.selection, Examples)
    assert explorer.selection.positions.tolist() == list(range(1, 60, 2))
    assert explorer.selection.dataset is not None
    assert {row["kind"] for row in explorer.selection.dataset} == {"b"}
    send(explorer, "focus", clear=True)
    assert explorer.selection is None
    assert len(seen) == 2


def test_the_threshold_is_seen_once_it_is_moved(explorer: MetricsExplorer) -> None:
    seen: list[Any] = []
    explorer.observe(lambda change: seen.append(change["new"]), "threshold")
    assert explorer.threshold is None
    assert send(explorer, "result")["ok"]
    assert explorer.threshold is None
    assert send(explorer, "result", threshold=0.3)["ok"]
    assert explorer.threshold == 0.3
    assert seen == [0.3]


def test_both_are_only_read_and_stay_in_the_kernel(explorer: MetricsExplorer) -> None:
    for name in ("selection", "threshold"):
        assert name not in explorer.keys
        with pytest.raises(Exception, match="read-only"):
            setattr(explorer, name, 1)
    with pytest.raises(TypeError):
        MetricsExplorer(explorer.result, treshold=0.5)


def test_the_gate_travels_with_the_first_answer(explorer: MetricsExplorer) -> None:
    first = next(a["result"] for a in explorer._spec["answers"] if a["op"] == "result")
    assert first["gate"]["word"] == "Gate: inconclusive."
