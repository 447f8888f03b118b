"""One selection of rows, by id, in all views of a notebook and in Python; no page and no lab."""

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from modelops_jupyter import Dataset
from modelops_jupyter.datasets import Suspects
from modelops_jupyter.datasets.identity import as_ids
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import Examples, create_evaluator, evaluate_model
from modelops_jupyter.notebook.follow import follow
from modelops_jupyter.notebook.widgets import (
    DatasetDiffViewer,
    DatasetViewer,
    MetricsExplorer,
    Selection,
    link,
)
from modelops_jupyter.notebook.widgets.base import LinkedView, _context
from modelops_jupyter.wire.dispatch import answer
from modelops_jupyter.wire.linked import Linked
from modelops_jupyter.wire.protocol import WireError

WORDS = ["ham", "spam"] * 6
ROWS = Dataset([{"prompt": f"mail {i}", "completion": word} for i, word in enumerate(WORDS)])
# Rows 1, 5 and 9 are spam that was let through.
SAID = [word if i % 4 != 1 else "ham" for i, word in enumerate(WORDS)]


def ask(view: LinkedView, op: str, **args: Any) -> Any:
    key = next(name for name in ("dataset", "result", "diff") if name in view._spec)
    reply = answer({"v": 1, "id": "1", "op": op, "args": {key: view._spec[key], **args}}, _context)
    assert reply["ok"], reply
    return reply["result"]


def explorer(name: str | Selection) -> MetricsExplorer:
    result = evaluate_model(lambda _: SAID, ROWS, metrics=["accuracy"], baselines=None)
    return MetricsExplorer(result, link=name)


def mails(ds: Dataset | None) -> list[int]:
    return [] if ds is None else [int(row["prompt"].split()[1]) for row in ds]


def test_a_name_is_one_selection_that_python_sets_and_hears_of() -> None:
    shared, heard = Selection("python"), list[Any]()
    assert Selection("python") is shared is not Selection("other")
    shared.observe(lambda change: heard.append(change["new"]))
    shared.set(["a", "b", "a"])
    shared.clear()
    assert heard == [("a", "b"), ()]
    assert shared.dataset is None
    shared.set(ROWS[2:4])
    assert (list(shared.rows), mails(shared.dataset)) == (ROWS.ids[2:4], [2, 3])


@pytest.mark.parametrize("name", ["", "x" * 101, 3])
def test_a_name_that_is_none_is_refused(name: Any) -> None:
    with pytest.raises(ConfigError, match="1 to 100"):
        Selection(name)
    with pytest.raises(ConfigError, match="list of ids"):
        Selection("a").set("abc")


def test_a_cell_selects_its_rows_in_the_viewer_and_the_viewer_selects_in_the_explorer() -> None:
    shared, heard = Selection("chain"), list[list[str]]()
    shared.observe(lambda change: heard.append(list(change["new"])), "rows")
    metrics, part = explorer("chain"), DatasetViewer(ROWS[4:], link=shared)
    classes = ask(metrics, "result")["confusion"]["classes"]
    cell = {"true": classes.index("spam"), "predicted": classes.index("ham")}
    ask(metrics, "focus", **cell)
    assert list(shared.rows) == [ROWS.ids[i] for i in (1, 5, 9)]
    assert mails(part.selection) == [5, 9]
    state = ask(part, "summary")["edits"]
    assert (state["selected"], state["elsewhere"]) == (2, 1)
    assert mails(shared.dataset) == [1, 5, 9]

    # One more in the viewer: the row that is elsewhere stays selected.
    ask(part, "select", start=0, stop=1, how="add")
    assert set(shared.rows) == {ROWS.ids[i] for i in (1, 4, 5, 9)}
    assert isinstance(metrics.selection, Examples)
    assert metrics.selection.positions.tolist() == [1, 4, 5, 9]
    told = ask(metrics, "linked")
    assert (told["here"], told["elsewhere"]) == (4, 0)
    assert [classes.index("spam"), classes.index("ham"), 3] in told["cells"]
    assert ask(metrics, "examples", linked=True)["total"] == 4

    ask(part, "select", start=0, stop=0, how="only")
    assert (list(shared.rows), metrics.selection) == ([], None)
    assert len(heard) == 3  # each change once: nothing goes round in a circle


def test_only_the_selected_rows_can_be_listed_and_the_list_stands_still_until_asked() -> None:
    viewer = DatasetViewer(ROWS, link="listed")
    Selection("listed").set([ROWS.ids[7], ROWS.ids[2], "nowhere"])
    only = {"selected": True}
    assert ask(viewer, "summary", query=only)["total"] == 2
    page = lambda: [r["position"] for r in ask(viewer, "rows", start=0, stop=9, query=only)["rows"]]  # noqa: E731
    assert page() == [2, 7]
    state = ask(viewer, "select", start=1, stop=2, how="remove", query=only)
    assert (state["selected"], state["here"], page()) == (1, 1, [2, 7])
    assert ask(viewer, "summary", query=only)["total"] == 1
    assert page() == [2]


def test_a_question_changes_nothing_and_a_version_says_whether_a_page_knows() -> None:
    viewer, heard = DatasetViewer(ROWS, link="versions"), list[Any]()
    viewer.link.observe(heard.append)
    asked = lambda: ask(viewer, "select", start=0, stop=0, how="add")["version"]  # noqa: E731
    first = asked()
    assert (asked(), heard) == (first, [])
    told = ask(viewer, "select", start=0, stop=1, how="add")["version"]
    assert first < told == asked()
    viewer.link.set([ROWS.ids[3]])
    assert asked() > told
    ask(viewer, "edit", what="label", rows=[0], value="gold")
    assert asked() > told + 1


def test_the_diff_viewer_marks_and_filters_by_id() -> None:
    after = ROWS.patch({1: {"prompt": "mail 1, again"}}).drop([6])
    viewer, rows = DatasetDiffViewer(ROWS.diff(after), link="diffs"), DatasetViewer(ROWS, link="diffs")
    ask(rows, "select", start=1, stop=3, how="add")
    page = ask(viewer, "changes", linked=True)
    assert [row["kind"] for row in page["rows"]] == ["changed"]
    assert (page["linked"]["here"], page["linked"]["elsewhere"]) == (1, 1)
    ask(viewer, "mark", which=1)
    assert mails(rows.selection) == [1, 2, 6]
    ask(viewer, "mark", which=0, on=False)
    assert mails(rows.selection) == [2, 6]


def test_link_joins_views_that_were_apart() -> None:
    one, two, three = (DatasetViewer(ROWS) for _ in range(3))
    ask(two, "select", start=2, stop=3, how="add")
    assert link(one, two, three) is one.link
    assert [mails(view.selection) for view in (one, two, three)] == [[2]] * 3
    ask(three, "select", start=4, stop=5, how="add")
    assert [mails(view.selection) for view in (one, two, three)] == [[2, 4]] * 3
    assert link(three, one) is three.link  # twice, or in a circle, is harmless
    link(two, three)
    ask(one, "select", start=0, stop=0, how="only")
    assert [mails(view.selection) for view in (one, two, three)] == [[]] * 3


def test_views_that_are_not_linked_do_not_hear_of_each_other() -> None:
    one, two = DatasetViewer(ROWS), DatasetViewer(ROWS)
    ask(one, "select", start=2, stop=3, how="add")
    assert (mails(one.selection), mails(two.selection)) == ([2], [])


def test_a_page_that_follows_is_told_now_and_at_each_change_by_anybody() -> None:
    viewer, told = DatasetViewer(ROWS), list[Any]()
    end = follow(f"selection:{viewer._spec['link']}", lambda seq, items: told.append((seq, items)))
    ask(viewer, "select", start=0, stop=2, how="add")
    viewer.link.set([])
    end()
    viewer.link.set(["x"])
    assert told == [(1, [{"rows": 0}]), (2, [{"rows": 2}]), (3, [{"rows": 0}])]
    with pytest.raises(WireError, match="no selection"):
        follow("selection:made-up", lambda *_: None)


def test_a_view_that_is_gone_is_let_go() -> None:
    shared = Selection("gone")
    viewer = DatasetViewer(ROWS, link=shared)
    seen = weakref.ref(viewer)
    viewer.close()
    del viewer
    gc.collect()
    assert seen() is None
    shared.set([ROWS.ids[0]])
    assert shared.dataset is None


def test_a_result_without_ids_cannot_be_linked_but_shown() -> None:
    plain = create_evaluator("multiclass").evaluate(WORDS, SAID)
    with pytest.raises(EvaluationError, match="no ids"):
        MetricsExplorer(plain, link="x")
    alone = MetricsExplorer(plain)
    ask(alone, "focus", correct=False)
    assert alone.selection is not None
    assert len(alone.selection) == 3
    assert list(alone.link.rows) == []


def test_suspects_are_a_filter_of_the_viewer() -> None:
    found = Suspects(ROWS.take(np.array([7, 2])), np.array([9.0, 8.0]), 0.1, 0, 2)
    viewer = DatasetViewer(ROWS, link="suspects")
    Selection("suspects").set(found.dataset)
    only = {"selected": True}
    assert ask(viewer, "summary", query=only)["total"] == 2
    page = ask(viewer, "rows", start=0, stop=9, query=only)
    assert [row["position"] for row in page["rows"]] == [2, 7]
    assert mails(viewer.selection) == [2, 7]


def test_ids_that_stand_twice_are_selected_together_and_others_are_elsewhere() -> None:
    linked = Linked(["a", "b", "a"])
    linked.take(["a", "c"])
    assert (linked.mask.tolist(), linked.elsewhere) == ([True, False, True], ["c"])
    linked.take([])
    assert (linked.mask.any(), linked.elsewhere, linked.version) == (False, [], 2)
    Linked([]).take(["a"])


def test_bins_and_slices_say_how_many_linked_rows_they_hold() -> None:
    scores = [0.05 + 0.09 * (i % 10) for i in range(60)]
    true = ["spam" if i % 3 else "ham" for i in range(60)]
    result = create_evaluator("binary", ["accuracy"], positive_class="spam").evaluate(
        true, ["spam" if s > 0.5 else "ham" for s in scores], scores=scores
    )
    result.dataset = Dataset([{"prompt": f"mail {i}", "half": "ab"[i // 30]} for i in range(60)])
    metrics = MetricsExplorer(result, link="bins")
    Selection("bins").set(result.dataset[25:33])
    curves, slices = ask(metrics, "curves"), ask(metrics, "slices", by="half")
    filters = [
        *(
            {"bin": {"of": "score", "low": b["low"], "high": b["high"]}}
            for b in curves["calibration"]["bins"]
        ),
        *({"slice": {"by": "half", "name": row["label"]}} for row in slices["rows"]),
    ]
    picks = [{**each, "result": metrics._spec["result"], "linked": True} for each in filters]
    found = ask(metrics, "linked", picks=picks)["picks"]
    assert found[:10] == [sum(low / 10 <= s < (low + 1) / 10 for s in scores[25:33]) for low in range(10)]
    assert dict(zip((row["label"] for row in slices["rows"]), found[10:], strict=True)) == {"a": 5, "b": 3}
    assert ask(metrics, "examples", **filters[11], linked=True)["total"] == found[11]


def test_an_id_has_one_key_whoever_holds_it_and_only_what_is_shown_is_written_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = Dataset([{"text": word} for word in ("a", "b", "a", "c", "a")])
    names = [*rows.ids, "0123456789abcdef-", "0123456789abcdefg", "0123456789ABCDEF", "\ud800", "m1"]
    held = [rows.ids, rows[:].ids, (rows[3:] + rows[:3]).ids]
    assert rows.ids[4] == f"{rows.ids[0]}-3"
    for ids in held:
        assert ids.keys.tolist() == as_ids(list(ids)).keys.tolist()
    assert len(set(as_ids(names).keys.tolist())) == len(names)

    wanted = [rows.ids[4], rows.ids[3]]
    monkeypatch.setattr(type(rows[:].ids), "_id", None)  # a million ids take seconds
    linked = Linked(rows[1:].ids)
    linked.take(wanted)
    assert linked.mask.tolist() == [False, False, True, True]
    linked.take(rows[::2].ids)
    assert (linked.mask.tolist(), len(linked.elsewhere)) == ([False, True, False, True], 1)


def test_rows_behind_a_number_open_in_a_viewer_that_is_linked() -> None:
    metrics = explorer("opened")
    spec = ask(metrics, "open", correct=False)
    assert metrics.opened is not None
    assert spec == {name: metrics.opened._spec[name] for name in ("dataset", "link")}
    assert mails(metrics.opened.dataset) == [1, 5, 9]
    ask(metrics.opened, "select", start=1, stop=2, how="add")
    assert metrics.selection is not None
    assert metrics.selection.positions.tolist() == [5]
