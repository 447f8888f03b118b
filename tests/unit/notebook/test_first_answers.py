"""A view carries its first answers: it shows its rows while the kernel is busy with the next cells."""

from modelops_jupyter import Dataset
from modelops_jupyter.evaluation import evaluate_model
from modelops_jupyter.notebook.widgets import DatasetViewer, MetricsExplorer

ROWS = Dataset([{"prompt": f"{n}?", "completion": f"{n}"} for n in range(150)])


def answers(view: DatasetViewer | MetricsExplorer) -> dict[str, dict]:
    return {answer["op"]: answer["result"] for answer in view._spec["answers"]}


def test_a_dataset_brings_its_summary_and_its_first_page() -> None:
    first = answers(DatasetViewer(ROWS))
    assert first["summary"]["rows"] == 150
    assert first["rows"]["total"] == 150
    assert [row["position"] for row in first["rows"]["rows"]] == list(range(100))


def test_a_result_brings_its_numbers_and_its_wrong_rows() -> None:
    before = evaluate_model(lambda prompts: ["no"] * len(prompts), ROWS)
    after = evaluate_model(lambda prompts: [str(n) if n else "no" for n in range(len(prompts))], ROWS)
    first = answers(MetricsExplorer(after.compare(before)))
    assert first["result"]["comparison"]["rows"]
    assert first["examples"]["total"] == 1
