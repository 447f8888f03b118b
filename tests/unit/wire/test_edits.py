"""A desk over the wire: rows are selected, edited, undone and saved, and keep their places."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.edit import EditSession
from modelops_jupyter.wire.context import Context
from modelops_jupyter.wire.desk import Desk
from modelops_jupyter.wire.dispatch import answer

from .test_rows import chat


class Asked:
    """A desk and what a page asks of it."""

    def __init__(self, ds: Dataset, **options: Any) -> None:
        self.heard: list[str] = []
        self.desk = Desk(EditSession(ds, **options), self.heard.append, lambda name, _rows: name)
        self.context = Context(resolve_dataset=lambda _: self.desk.rows, find_desk=lambda _: self.desk)

    def __call__(self, op: str, **args: Any) -> Any:
        reply = answer({"v": 1, "id": "1", "op": op, "args": {"dataset": "d", **args}}, self.context)
        assert reply["ok"], reply
        return reply["result"]

    def refused(self, op: str, **args: Any) -> str:
        reply = answer({"v": 1, "id": "1", "op": op, "args": {"dataset": "d", **args}}, self.context)
        return reply["error"]["code"]

    def rows(self, **query: Any) -> list[dict[str, Any]]:
        return self("rows", start=0, stop=200, query=query)["rows"]


def chats(n: int = 12) -> Asked:
    rows = [chat(f"question {i}" + " and more" * (i % 3), f"answer {i}") for i in range(n)]
    return Asked(Dataset(rows))


def said(ds: Dataset) -> list[str]:
    return [row["messages"][0]["content"].split()[1] for row in ds]


def test_a_range_of_the_list_is_selected_in_the_order_of_the_list() -> None:
    ask = chats()
    query = {"search": "answer 1"}  # rows 1, 10, 11
    state = ask("select", start=0, stop=2, how="add", query=query)
    assert (state["selected"], state["here"]) == (2, 2)
    assert said(ask.desk.selection) == ["1", "10"]
    assert [row["selected"] for row in ask.rows(**query)] == [True, True, False]
    backwards = {"sort": [{"field": "row", "descending": True}]}
    assert ask("select", start=0, stop=1, how="add", query=backwards)["selected"] == 3
    assert ask("select", start=0, stop=10**9, how="remove", query=query)["selected"] == 0
    ask("select", start=0, stop=10**9, how="add")
    assert ask("select", start=5, stop=6, how="only")["selected"] == 1
    assert said(ask.desk.selection) == ["5"]
    assert "selection" in ask.heard


def test_dropped_rows_stay_in_the_list_and_leave_the_dataset() -> None:
    ask = chats(4)
    ask("select", start=1, stop=3, how="add")
    changed = ask("edit", what="drop")
    assert changed["edits"]["said"] == "Dropped 2 rows"
    assert (changed["edits"]["dropped"], changed["edits"]["selected"]) == (2, 0)
    assert [row["dropped"] for row in ask.rows()] == [False, True, True, False]
    assert said(ask.desk.session.dataset) == ["0", "3"]
    assert ask.refused("edit", what="label", rows=[1], value="x") == "dropped"
    back = ask("edit", what="keep", rows=[1])
    assert back["edits"]["said"] == "Brought 1 row back"
    assert said(ask.desk.session.dataset) == ["0", "1", "3"]
    assert ask("turn", what="undo")["edits"]["said"] == "Undid: brought 1 row back"
    assert ask("turn", what="undo")["edits"]["undo"] is False
    assert said(ask.desk.session.dataset) == ["0", "1", "2", "3"]
    assert ask("turn", what="redo")["edits"]["dropped"] == 2


def test_an_edit_below_a_dropped_row_reaches_the_row_that_was_meant() -> None:
    ask = chats(5)
    ask("edit", what="drop", rows=[0, 2])
    ask("edit", what="label", rows=[3], value="gold")
    ask("rewrite", position=1, texts={"/messages/0/content": "question one"})
    ask("edit", what="drop", rows=[4])
    assert [row["label"] for row in ask.rows()] == [None, None, None, "gold", None]
    assert said(ask.desk.session.dataset) == ["one", "3"]


def test_a_label_stands_beside_the_row_and_keep_is_one() -> None:
    ask = chats(3)
    assert ask("edit", what="label", rows=[2], value="gold")["edits"]["said"] == "Labelled 1 row “gold”"
    ask("edit", what="keep", rows=[0])
    assert [row["label"] for row in ask.rows()] == ["keep", None, "gold"]
    assert [row["edited"] for row in ask.rows()] == [True, False, True]
    assert ask.desk.session.dataset[2]["review"] == "gold"
    assert said(ask.desk.session.dataset) == ["0", "1", "2"]


def test_an_edit_of_a_text_leaves_all_other_bytes_of_the_row() -> None:
    raw = (
        '{"big":123456789012345678901, "messages": [{"role":"user","content":"a\\n\\u00e9"},{"content":"b"}]}'
    )
    ask = Asked(Dataset.from_text(raw + "\n"))
    source = ask("source", position=0)
    assert [text["text"] for text in source["texts"]] == ["a\né", "b"]
    assert source["texts"][0]["pointer"] == "/messages/0/content"
    ask("rewrite", position=0, texts={"/messages/0/content": 'say "hé"'})
    assert ask.desk.rows.raw(0).decode() == raw.replace("a\\n\\u00e9", 'say \\"h\\u00e9\\"')
    assert ask("turn", what="undo")["edits"]["undo"] is False
    assert ask.desk.rows.raw(0).decode() == raw


def test_a_text_that_hides_something_is_edited_as_json_where_it_shows() -> None:
    ask = Asked(Dataset([chat("left\u202eright", "b")]))
    source = ask("source", position=0)
    assert [text["turn"] for text in source["texts"]] == [1]
    assert "left\\u202eright" in source["json"]
    before = ask.desk.rows[0]
    ask("rewrite", position=0, text=source["json"])
    assert ask.desk.rows[0] == before


def test_an_unreadable_row_is_made_readable_and_its_problem_goes() -> None:
    ask = Asked(Dataset.from_text('{"text": "a"}\n{"text": b}\n{"text": "c"}\n'))
    source = ask("source", position=1)
    assert (source["json"], source["readable"]) == ('{"text": b}', False)
    assert ask("check", position=1, text='{"text": }')["readable"] is False
    assert ask("check", position=1, text='{"text": }')["problems"][0]["severity"] == "error"
    assert ask("check", position=1, text='{"text": ""}')["problems"][0]["code"] == "empty-field"
    assert ask("check", position=1, text='{"text": "b"}') == {"problems": [], "readable": True}
    assert ask.refused("rewrite", position=1, text='{"text": }') == "not-json"
    changed = ask("rewrite", position=1, text='{\n  "text": "b"\n}')
    assert ask.desk.rows.raw(1) == b'{"text": "b"}'
    assert (changed["problem_rows"], changed["chips"]) == (0, [])
    assert ask("turn", what="undo")["problem_rows"] == 1


def test_the_same_text_again_is_no_edit() -> None:
    ask = chats(1)
    ask("rewrite", position=0, texts={"/messages/1/content": "answer 0"})
    assert not ask.desk.session.can_undo


def test_an_edit_moves_no_row_until_the_list_is_asked_for_anew() -> None:
    ask = chats(4)
    query = {"search": "answer", "sort": [{"field": "tokens", "descending": True}]}
    ask("summary", query=query)
    before = [row["position"] for row in ask.rows(**query)]
    ask(
        "rewrite",
        position=before[0],
        texts={"/messages/0/content": "x", "/messages/1/content": "other"},
        query=query,
    )
    assert [row["position"] for row in ask.rows(**query)] == before
    assert ask.rows(**query)[0]["preview"]["text"] == "x"
    ask("summary", query=query)
    assert {row["position"] for row in ask.rows(**query)} == set(before[1:])


def test_problems_of_dropped_rows_do_not_count() -> None:
    ask = Asked(Dataset([chat("a", "b"), chat("a", "b"), chat("", "c")]))
    chips = {chip["code"]: chip["count"] for chip in ask("edit", what="drop", rows=[1])["chips"]}
    assert chips["exact-duplicate"] == 0
    assert ask("summary")["problem_rows"] == 1


def test_saving_writes_the_rows_that_are_left_and_never_over_another_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text":  "a"}\n{"text":"b"}\n{"text":"c"}\n')
    ask = Asked(Dataset.from_file(path))
    ask("edit", what="drop", rows=[1])
    assert ask("summary")["edits"]["saved"] is False
    assert ask("summary")["edits"]["path"] == str(path)
    assert ask.refused("save", which="all", path=str(path)) == "exists"
    assert path.read_text().count("\n") == 3
    saved = ask("save", which="all", path=str(path), replace=True)
    assert (saved["rows"], saved["name"], saved["anew"], saved["edits"]["saved"]) == (
        2,
        "rows.jsonl",
        False,
        True,
    )
    assert path.read_text() == '{"text":  "a"}\n{"text":"c"}\n'
    ask("turn", what="undo")
    assert ask("summary")["edits"]["saved"] is False


def test_saving_over_the_source_of_a_journal_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text":"a"}\n{"text":"b"}\n')
    ask = Asked(Dataset.from_file(path), journal=tmp_path / "j")
    ask("edit", what="drop", rows=[0])
    saved = ask("save", which="all", path=str(path), replace=True)
    assert (saved["anew"], saved["edits"]["undo"]) == (True, False)
    assert [row["dropped"] for row in ask.rows()] == [False]


def test_what_is_shown_can_be_exported_in_its_order(tmp_path: Path) -> None:
    ask = chats()
    query = {"search": "answer 1", "sort": [{"field": "row", "descending": True}]}
    ask("edit", what="drop", rows=[10])
    ask("save", which="shown", path=str(tmp_path / "some.jsonl"), query=query)
    assert said(Dataset.from_file(tmp_path / "some.jsonl")) == ["11", "1"]


def test_rows_are_copied_as_they_are(tmp_path: Path) -> None:
    ask = Asked(Dataset.from_text('{"text":  "a\\u202e"}\n{"text": "b"}\n'))
    assert ask("copy", which="given", rows=[0])["text"] == '{"text":  "a\\u202e"}'
    ask("select", start=0, stop=2, how="add")
    assert ask("copy")["text"].splitlines() == ['{"text":  "a\\u202e"}', '{"text": "b"}']
    assert json.loads(ask("copy", form="json")["text"]) == [{"text": "a\u202e"}, {"text": "b"}]
    assert ask("copy", which="given", rows=[1], form="markdown")["text"] == "**text**\n\nb"


def test_the_selection_gets_a_name_in_python() -> None:
    ask = chats()
    ask("select", start=0, stop=2, how="add")
    assert ask("pick") == {"name": "picked", "rows": 2}


def test_rows_without_a_desk_can_be_looked_at_and_copied_only() -> None:
    ds = Dataset([{"text": "a"}])
    context = Context(resolve_dataset=lambda _: ds)

    def ask(op: str, **args: Any) -> Any:
        return answer({"v": 1, "id": "1", "op": op, "args": {"dataset": "d", **args}}, context)

    assert ask("copy", which="given", rows=[0])["result"]["text"] == '{"text":"a"}'
    for op, args in {
        "select": {"start": 0, "stop": 1, "how": "add"},
        "edit": {"what": "drop", "rows": [0]},
        "rewrite": {"position": 0, "text": "{}"},
        "save": {"path": "x.jsonl"},
    }.items():
        assert ask(op, **args)["error"]["code"] == "read-only"


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"field": "n", "op": ">=", "value": 10}, ["10", "11"]),
        ({"field": "/messages/1/content", "op": "==", "value": "answer 3"}, ["3"]),
        ({"field": "kind", "op": "startswith", "value": "od"}, ["1", "3", "5", "7", "9", "11"]),
        ({"field": "nothing", "op": "==", "value": None}, []),
    ],
)
def test_fields_filter_and_their_names_are_known(where: dict[str, Any], kept: list[str]) -> None:
    rows = [{**chat(f"q {i}", f"answer {i}"), "n": i, "kind": ["even", "odd"][i % 2]} for i in range(12)]
    ask = Asked(Dataset(rows))
    assert ask("summary")["fields"] == ["messages", "n", "kind"]
    assert [str(row["position"]) for row in ask.rows(where=[where])] == kept
    assert (
        ask.refused("rows", start=0, stop=1, query={"where": [{**where, "op": "=>"}]}) == "unknown-comparison"
    )


def test_a_range_of_lengths_filters_and_the_histogram_shows_what_it_leaves_out() -> None:
    ask = Asked(Dataset([{"text": "x" * (40 * i)} for i in range(1, 21)]))
    lengths = [row["tokens"]["value"] for row in ask.rows()]
    least, most = lengths[4], lengths[9]
    query = {"least": least, "most": most}
    assert [row["position"] for row in ask.rows(**query)] == [4, 5, 6, 7, 8, 9]
    summary = ask("summary", query=query)
    assert (summary["total"], sum(summary["histogram"]["counts"])) == (6, 20)


def test_groups_bring_the_rows_that_a_problem_is_shared_with() -> None:
    ask = Asked(
        Dataset(
            [chat("a", "1"), chat("b", "2"), chat("c", "3"), chat("b", "2"), chat("a", "1"), chat("c", "4")]
        )
    )
    copies = ask.rows(problem="exact-duplicate", groups=True)
    assert [(row["position"], row["group"]) for row in copies] == [(0, 0), (4, 0), (1, 1), (3, 1)]
    conflicts = ask.rows(problem="conflicting-duplicate", groups=True)
    assert [row["position"] for row in conflicts] == [2, 5]


def test_a_problem_is_marked_where_it_stands_in_json_and_raw_text() -> None:
    row = {"messages": [{"role": "user", "content": "\u202ea"}, {"role": "wizard", "content": "b"}]}
    opened = Asked(Dataset([row]))("row", position=0)
    for form, text in (("json", opened["json"]), ("raw", opened["raw"]["text"])):
        marked = [(text[start:end], severity) for start, end, severity in opened["marks"][form]]
        assert ('"wizard"', "error") in marked


def test_a_large_dataset_is_rechecked_in_the_edited_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelops_jupyter.datasets.validation.again.WHOLE", 2)
    ask = Asked(Dataset([chat("", "b"), chat("x", ""), chat("c", "d"), chat("e", "f")]))
    assert ask("summary")["problem_rows"] == 2
    assert ask("rewrite", position=0, texts={"/messages/0/content": "full"})["problem_rows"] == 1
    assert ask("rewrite", position=3, text="{}")["problem_rows"] == 2
    assert ask("turn", what="undo")["problem_rows"] == 1
    assert ask("turn", what="undo")["problem_rows"] == 2


def test_brackets_without_end_are_no_json_and_no_failure() -> None:
    found = chats()("check", position=0, text="[" * 100_000)
    assert (found["readable"], found["problems"][0]["code"]) == (False, "not-json")


def test_a_row_that_would_be_too_long_indented_is_edited_as_it_is_written() -> None:
    ask = Asked(Dataset([{**chat("a", "b"), "vector": [0] * 60_000}]))
    text = ask("source", position=0)["json"]
    assert len(text) < 200_000
    ask("rewrite", position=0, text=text.replace('"a"', '"c"'))
    assert ask.desk.rows[0]["messages"][0]["content"] == "c"


def test_an_edit_made_in_python_is_heard_and_seen() -> None:
    ask = chats(4)
    ask("select", start=0, stop=2, how="add")
    before = ask("select", start=0, stop=0, how="add")["version"]
    ask.heard.clear()
    ask.desk.session.drop([0])
    assert ask.heard == ["dataset", "selection"]
    after = ask("select", start=0, stop=0, how="add")
    assert (after["version"] > before, after["changes"], after["dropped"]) == (True, 1, 1)
    ask.desk.session.undo()
    assert [row["dropped"] for row in ask.rows()] == [False] * 4
