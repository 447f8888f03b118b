"""The dataset viewer as Python sees it: what is shown, selected and edited, and who hears of it."""

from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.datasets.query import Query
from modelops_jupyter.notebook.widgets import DatasetViewer
from modelops_jupyter.notebook.widgets.base import _context
from modelops_jupyter.wire.dispatch import answer

ROWS = Dataset([{"text": letter} for letter in "abcd"])


def ask(viewer: DatasetViewer, op: str, **args: Any) -> Any:
    given = {"dataset": viewer._spec["dataset"], **args}
    reply = answer({"v": 1, "id": "1", "op": op, "args": given}, _context)
    assert reply["ok"], reply
    return reply["result"]


def said(ds: Dataset) -> str:
    return "".join(row["text"] for row in ds)


def test_a_selection_in_the_page_is_a_dataset_here_and_can_be_observed() -> None:
    viewer, heard = DatasetViewer(ROWS), list[str]()
    viewer.observe(lambda change: heard.append(said(change["new"])), "selection")
    ask(viewer, "select", start=1, stop=3, how="add")
    ask(viewer, "select", start=2, stop=3, how="remove")
    assert heard == ["bc", "b"]
    assert said(viewer.selection) == "b"


def test_the_dataset_follows_the_edits_and_the_one_given_stays() -> None:
    viewer, heard = DatasetViewer(ROWS), list[int]()
    assert viewer.dataset is ROWS
    viewer.observe(lambda change: heard.append(len(change["new"])), "dataset")
    ask(viewer, "edit", what="drop", rows=[0])
    ask(viewer, "edit", what="label", rows=[1], value="gold")
    assert said(viewer.dataset) == "bcd"
    assert viewer.dataset[0]["review"] == "gold"
    ask(viewer, "turn", what="undo")
    assert heard == [3, 3, 3]
    assert said(ROWS) == "abcd"
    assert [step.operation for step in viewer.session.history] == ["drop"]


def test_the_query_says_what_the_list_shows() -> None:
    viewer = DatasetViewer(ROWS)
    assert viewer.query == Query()
    ask(viewer, "summary", query={"search": "c"})
    assert viewer.query == Query(search="c")


def test_a_journal_keeps_the_edits_for_the_next_viewer(tmp_path: Path) -> None:
    ask(DatasetViewer(ROWS, journal=tmp_path / "j"), "edit", what="drop", rows=[0, 1])
    again = DatasetViewer(ROWS, journal=tmp_path / "j")
    assert said(again.dataset) == "cd"
    assert ask(again, "summary")["edits"]["undo"]


@pytest.mark.parametrize("name", ["dataset_", "selection", "jurnal"])
def test_what_cannot_be_set_is_no_argument(name: str) -> None:
    with pytest.raises(TypeError, match="has no argument"):
        DatasetViewer(ROWS, **{name: ROWS})


def test_a_report_opens_as_the_rows_with_its_problems_first() -> None:
    ds = Dataset([{"prompt": "a", "completion": "b"}, {"prompt": "", "completion": ""}])
    words = "the boat leaves at nine from the old pier in the harbour"
    twice = Dataset([{"prompt": words + end, "completion": "b"} for end in ("", " .")])
    viewer = DatasetViewer(ds.validate())
    first = next(a["result"] for a in viewer._spec["answers"] if a["op"] == "rows")
    assert [row["position"] for row in first["rows"]] == [1, 0]
    assert viewer.dataset == ds
    near = DatasetViewer(twice.validate(near=True))
    assert [chip["code"] for chip in ask(near, "summary")["chips"]] == ["near-duplicate"]
    assert ask(DatasetViewer(twice), "summary")["chips"] == []
