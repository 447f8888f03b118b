"""Copy as code, rows beside each other, and the order by label."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.notebook.widgets import DatasetViewer
from modelops_jupyter.notebook.widgets import dataset_viewer as module
from modelops_jupyter.notebook.widgets.base import _context
from modelops_jupyter.wire.dispatch import answer

WORDS = (
    "refund",
    "a Refund, please",
    'it\'s "quoted" \\ back',
    "nothing",
    "nothing",
    "so (long" + " x" * 300,
)
ROWS = Dataset([{"prompt": WORDS[i % 6], "completion": f"yes {i % 4}", "language": "de en".split()[i % 2]}
                for i in range(24)])  # fmt: skip
ORDERS = st.lists(st.sampled_from(["row", "tokens", "turns", "problems", "label"]), max_size=2, unique=True)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "search": st.sampled_from(["refund", "(long", "it's", '"', "no.hing", "\\"]),
        "case": st.booleans(),
        "problem": st.sampled_from(["exact-duplicate", "conflicting-duplicate"]),
        "groups": st.booleans(),
        "least": st.integers(0, 300),
        "most": st.integers(0, 300),
        "selected": st.booleans(),
        "where": st.lists(
            st.fixed_dictionaries(
                {
                    "field": st.just("language"),
                    "op": st.sampled_from(["==", "!=", "in"]),
                    "value": st.just("de"),
                }
            ),
            max_size=2,
        ),
        "sort": ORDERS.map(lambda names: [{"field": n, "descending": i == 0} for i, n in enumerate(names)]),
    },
)


def ask(viewer: DatasetViewer, op: str, **args: Any) -> Any:
    reply = answer(
        {"v": 1, "id": "1", "op": op, "args": {"dataset": viewer._spec["dataset"], **args}}, _context
    )
    return reply["result"] if reply["ok"] else reply["error"]["code"]


def listed(viewer: DatasetViewer, query: dict[str, Any]) -> list[str]:
    ask(viewer, "summary", query=query)
    rows = ask(viewer, "rows", start=0, stop=200, query=query)["rows"]
    ids = viewer.session.all_rows.ids
    return [ids[row["position"]] for row in rows if not row["dropped"]]


def run(code: str, **names: Any) -> list[str]:
    exec(code, names)
    return list(names["shown"].ids)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Names of a notebook."""
    found: dict[str, Any] = {"_": 1}
    monkeypatch.setattr(module, "_names", lambda: found)
    yield found
    found.clear()


@settings(max_examples=60, deadline=None)
@given(query=QUERIES)
def test_the_copied_code_gives_exactly_the_rows_of_the_list(query: dict[str, Any]) -> None:
    viewer = DatasetViewer(ROWS)
    ask(viewer, "select", start=3, stop=9, how="add")
    wanted = listed(viewer, query)
    assert run(ask(viewer, "code", query=query)["text"], ds=ROWS) == wanted


def test_simple_code_reads_as_one_would_write_it(names: dict[str, Any]) -> None:
    viewer = DatasetViewer(ROWS)
    where = {"field": "language", "op": "==", "value": "de"}
    names["train"] = ROWS
    text = ask(viewer, "code", query={"search": "refund", "regex": True, "where": [where]})["text"]
    assert text == "shown = train.search('refund', regex=True).filter([('language', '==', 'de')])"
    assert ask(viewer, "code")["text"] == "shown = train"


def test_code_after_edits_is_about_the_rows_that_the_viewer_holds(names: dict[str, Any]) -> None:
    viewer = names["view"] = DatasetViewer(ROWS)
    names["train"] = ROWS
    ask(viewer, "edit", what="drop", rows=[0, 7])
    ask(viewer, "edit", what="label", rows=[3, 8], value="gold")
    ask(viewer, "select", start=5, stop=10, how="add")
    for query in (
        {"search": "refund"},
        {"sort": [{"field": "label", "descending": True}]},
        {"selected": True},
    ):
        text = ask(viewer, "code", query=query)["text"]
        assert "view.dataset" in text
        assert run(text, view=viewer) == listed(viewer, query)


def test_code_for_a_file_opens_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ROWS.to_file("rows.jsonl")
    viewer = DatasetViewer(Dataset.from_file("rows.jsonl"))
    wanted = listed(viewer, {"search": "refund"})
    assert run(ask(viewer, "code", query={"search": "refund"})["text"]) == wanted


def test_rows_are_sorted_by_label_and_the_others_stand_last() -> None:
    viewer = DatasetViewer(ROWS.head(6))
    for row, value in ((4, "bad"), (1, "gold"), (3, "bad")):
        ask(viewer, "edit", what="label", rows=[row], value=value)
    query = {"sort": [{"field": "label", "descending": True}]}
    ask(viewer, "summary", query=query)
    rows = ask(viewer, "rows", start=0, stop=9, query=query)["rows"]
    assert [(row["position"], row["label"]) for row in rows[:4]] == [
        (1, "gold"),
        (3, "bad"),
        (4, "bad"),
        (0, None),
    ]


def test_a_row_stands_beside_the_others_of_its_group_word_by_word() -> None:
    asked = {"prompt": "How long?"}
    ds = Dataset([{**asked, "completion": "14 days"}, {"prompt": "b", "completion": "c"},
                  {**asked, "completion": "30 days"}, {**asked, "completion": "30 days"}])  # fmt: skip
    viewer = DatasetViewer(ds)
    found = ask(viewer, "beside", position=0)
    assert (found["other"], found["members"]) == (2, [2, 3])
    question, reply = found["places"]
    assert (question["pointer"], question["before"]) == ("user", [("How long?", True)])
    assert (reply["before"], reply["after"]) == (
        [("14", False), (" days", True)],
        [("30", False), (" days", True)],
    )
    assert ask(viewer, "beside", position=2, other=3)["places"][1]["after"] == [("30 days", True)]
    assert ask(viewer, "beside", position=1) == "no-group"
    assert ask(viewer, "beside", position=0, other=4) == "bad-arguments"
