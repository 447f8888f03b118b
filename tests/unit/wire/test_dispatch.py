"""One table of operations: honest requests are answered, everything else is an error answer."""

import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.edit import EditSession
from modelops_jupyter.evaluation import create_evaluator
from modelops_jupyter.evaluation.rating import Rating
from modelops_jupyter.fine_tuning import Chat
from modelops_jupyter.fine_tuning.chat import Voice
from modelops_jupyter.registry import ModelRegistry
from modelops_jupyter.training import Token
from modelops_jupyter.wire import dispatch, handles
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.desk import Desk
from modelops_jupyter.wire.dispatch import MAX_WAITING, OPS, Dispatcher, answer
from modelops_jupyter.wire.jobs import NoArgs
from modelops_jupyter.wire.protocol import PROTOCOL, Cancel, Request, WireError, parse, request_id
from modelops_jupyter.wire.results import Shown
from modelops_jupyter.wire.review import Review

HUGE = "x" * 5_000_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELOPS_HOME", str(tmp_path))


@pytest.fixture
def context() -> Context:
    ds = Dataset([{"prompt": f"q{i}", "completion": "a"} for i in range(500)], name="many")
    desk = Desk(EditSession(ds))
    scores = [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.6, 0.3]] * 50
    evaluated = create_evaluator("multiclass").evaluate(
        ["a", "b", "c"] * 50, ["a", "b", "b"] * 50, scores=scores
    )
    numbers = create_evaluator("regression").evaluate([1.0, 2.0, 4.0], [1.5, 2.0, 3.0])
    evaluated.dataset = ds.take(range(150))
    results = {"r1": Shown(evaluated, open=lambda _: {"dataset": "d1"}), "r2": Shown(numbers)}

    def dataset(name: str) -> Dataset:
        return desk.rows if name == "d1" else handles.resolve(name, "d")

    talk = Chat([Voice("parrot", lambda *_, **__: iter([Token("hello", 0.5)]))])
    talk.say("hi")
    rating = Rating(ds)
    return Context(
        resolve_dataset=dataset,
        resolve_chat=lambda _: talk,
        resolve_rating=lambda _: rating,
        resolve_review=lambda _: Review(ds.diff(ds.drop([0]))),
        find_desk=lambda name: desk if name == "d1" else None,
        resolve_result=lambda name: results.get(name) or handles.resolve(name, "r"),
    )


def ask(op: str, args: object, context: Context | None = None) -> dict[str, Any]:
    return answer({"v": 1, "id": "7", "op": op, "args": args}, context or Context())


def test_a_request_and_a_cancel_are_told_apart() -> None:
    assert isinstance(parse({"v": 1, "id": "a", "op": "jobs", "args": {}}), Request)
    assert isinstance(parse({"v": 1, "cancel": "a"}), Cancel)


FORGED: list[object] = [
    None,
    17,
    "rows",
    [],
    {},
    {"v": 1},
    {"v": 1, "id": "a"},
    {"v": 1, "op": "rows"},
    {"v": "1", "id": "a", "op": "jobs"},
    {"v": True, "id": "a", "op": "jobs"},
    {"v": 0, "id": "a", "op": "jobs"},
    {"v": 2, "id": "a", "op": "jobs"},
    {"v": HUGE, "id": "a", "op": "jobs"},
    {"v": 1, "id": None, "op": "jobs"},
    {"v": 1, "id": {"a": 1}, "op": "jobs"},
    {"v": 1, "id": HUGE, "op": "jobs"},
    {"v": 1, "id": "a", "op": HUGE},
    {"v": 1, "id": "a", "op": None},
    {"v": 1, "id": "a", "op": "__class__"},
    {"v": 1, "id": "a", "op": "jobs", "args": None},
    {"v": 1, "id": "a", "op": "jobs", "args": [1]},
    {"v": 1, "id": "a", "op": "jobs", "args": {"x": HUGE}},
    {"v": 1, "id": "a", "op": "rows", "args": {}},
    {"v": 1, "id": "a", "op": "rows", "args": {"dataset": "d1", "start": -1, "stop": 2}},
    {"v": 1, "id": "a", "op": "rows", "args": {"dataset": "d1", "start": 0, "stop": "2"}},
    {"v": 1, "id": "a", "op": "rows", "args": {"dataset": "d1", "start": 0, "stop": 1.5}},
    {"v": 1, "id": "a", "op": "rows", "args": {"dataset": 1, "start": 0, "stop": 1}},
    {"v": 1, "id": "a", "op": "rows", "args": {"dataset": "d999", "start": 0, "stop": 1}},
    {"v": 1, "id": "a", "op": "rows", "args": {"dataset": "r1", "start": 0, "stop": 1}},
    {"v": 1, "id": "a", "op": "rows", "args": {"dataset": "../../etc/passwd", "start": 0, "stop": 1}},
    {
        "v": 1,
        "id": "a",
        "op": "rows",
        "args": {"dataset": "d1", "start": 0, "stop": 1, "query": {"search": HUGE}},
    },
    {
        "v": 1,
        "id": "a",
        "op": "rows",
        "args": {"dataset": "d1", "start": 0, "stop": 1, "query": {"search": "(", "regex": True}},
    },
    {
        "v": 1,
        "id": "a",
        "op": "rows",
        "args": {"dataset": "d1", "start": 0, "stop": 1, "query": {"where": "1=1; DROP TABLE job"}},
    },
    {
        "v": 1,
        "id": "a",
        "op": "rows",
        "args": {"dataset": "d1", "start": 0, "stop": 1, "query": {"sort": [{"field": "__dict__"}]}},
    },
    {
        "v": 1,
        "id": "a",
        "op": "rows",
        "args": {"dataset": "d1", "start": 0, "stop": 1, "query": {"sort": [{"field": "row"}] * 99}},
    },
    {"v": 1, "id": "a", "op": "row", "args": {"dataset": "d1", "position": 500}},
    {"v": 1, "id": "a", "op": "row", "args": {"dataset": "d1", "position": -1}},
    {"v": 1, "id": "a", "op": "row", "args": {"dataset": "d1", "position": 0, "part": "9/9"}},
    {"v": 1, "id": "a", "op": "row", "args": {"dataset": "d1", "position": 0, "part": "-1/0"}},
    {"v": 1, "id": "a", "op": "row", "args": {"dataset": "d1", "position": 0, "part": "a/b"}},
    {"v": 1, "id": "a", "op": "row", "args": {"dataset": "d1", "position": 10**30}},
    {"v": 1, "id": "a", "op": "select", "args": {"dataset": "d1", "start": 0, "stop": 1, "how": "all"}},
    {"v": 1, "id": "a", "op": "select", "args": {"dataset": "d9", "start": 0, "stop": 1, "how": "add"}},
    {"v": 1, "id": "a", "op": "edit", "args": {"dataset": "d1", "what": "drop"}},
    {"v": 1, "id": "a", "op": "edit", "args": {"dataset": "d1", "what": "drop", "rows": [500]}},
    {"v": 1, "id": "a", "op": "edit", "args": {"dataset": "d1", "what": "drop", "rows": [0] * 1001}},
    {"v": 1, "id": "a", "op": "edit", "args": {"dataset": "d1", "what": "__class__", "rows": [0]}},
    {"v": 1, "id": "a", "op": "edit", "args": {"dataset": "d1", "what": "label", "rows": [0], "value": HUGE}},
    {"v": 1, "id": "a", "op": "turn", "args": {"dataset": "d1", "what": "undo"}},
    {"v": 1, "id": "a", "op": "rewrite", "args": {"dataset": "d1", "position": 0, "text": "{"}},
    {"v": 1, "id": "a", "op": "rewrite", "args": {"dataset": "d1", "position": 0, "text": "[1]"}},
    {
        "v": 1,
        "id": "a",
        "op": "rewrite",
        "args": {"dataset": "d1", "position": 0, "texts": {"/nothing": "x"}},
    },
    {"v": 1, "id": "a", "op": "rewrite", "args": {"dataset": "d1", "position": 0, "texts": {"": "x"}}},
    {"v": 1, "id": "a", "op": "source", "args": {"dataset": "d1", "position": 500}},
    {"v": 1, "id": "a", "op": "copy", "args": {"dataset": "d1", "which": "given", "rows": [10**9]}},
    {"v": 1, "id": "a", "op": "save", "args": {"dataset": "d1", "path": ""}},
    {"v": 1, "id": "a", "op": "save", "args": {"dataset": "d1", "path": "/nowhere/at/all.jsonl"}},
    {"v": 1, "id": "a", "op": "save", "args": {"dataset": "d1", "path": "a\0b.jsonl"}},
    {"v": 1, "id": "a", "op": "pick", "args": {"dataset": "d1", "name": "__import__('os')"}},
    {"v": 1, "id": "a", "op": "job", "args": {"job": "' OR 1=1 --"}},
    {"v": 1, "id": "a", "op": "job", "args": {"job": ""}},
    {"v": 1, "id": "a", "op": "job.cancel", "args": {"job": "../x"}},
    {"v": 1, "id": "a", "op": "job.resume", "args": {"job": HUGE}},
    {"v": 1, "id": "a", "op": "poll", "args": {"topic": "secrets"}},
    {"v": 1, "id": "a", "op": "poll", "args": {"topic": "job:"}},
    {"v": 1, "id": "a", "op": "poll", "args": {"topic": "job:none"}},
    {"v": 1, "id": "a", "op": "result", "args": {"result": "d1"}},
    {"v": 1, "id": "a", "op": "examples", "args": {"result": "r1", "true": 99}},
    {"v": 1, "id": "a", "op": "examples", "args": {"result": "r1", "true": "nothing"}},
    {"v": 1, "id": "a", "op": "examples", "args": {"result": "r1", "true": [1]}},
    {"v": 1, "cancel": "a"},
    {"v": 1, "cancel": None},
]


@pytest.mark.parametrize("message", FORGED, ids=lambda m: repr(m)[:60])
def test_a_forged_or_broken_message_is_an_error_answer(
    message: object, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        reply = answer(message, context)
    assert reply["ok"] is False
    error = reply["error"]
    assert error["code"] != "internal"
    assert error["message"]
    assert len(json.dumps(reply)) < 2000
    assert reply["id"] in ("", "a")
    assert not caplog.records


def test_a_deep_message_is_an_error_answer(context: Context) -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert ask("rows", {"dataset": deep, "start": 0, "stop": 1}, context)["ok"] is False
    while isinstance(deep, list):  # taken apart by hand, or Python's own clean-up recurses
        deep = deep[0]


def test_another_protocol_says_what_to_do() -> None:
    error = answer({"v": 2, "id": "a", "op": "jobs"}, Context())["error"]
    assert error["code"] == "protocol"
    assert "Reload" in error["hint"]


def test_an_unknown_operation_names_the_nearest() -> None:
    error = ask("summry", {})["error"]
    assert error["code"] == "unknown-op"
    assert "summary" in error["hint"]


def test_a_bug_of_ours_is_an_answer_too_and_its_text_goes_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_args: NoArgs, _context: Context) -> None:
        raise RuntimeError("secret row content")

    monkeypatch.setattr(dispatch, "OPS", {**OPS, "jobs": Op(NoArgs, broken)})
    with caplog.at_level(logging.INFO):
        reply = ask("jobs", {})
    assert reply["error"]["code"] == "internal"
    assert "secret" not in json.dumps(reply)
    assert not caplog.records


def test_pages_are_cut_on_our_side(context: Context) -> None:
    rows = ask("rows", {"dataset": "d1", "start": 0, "stop": 400}, context)["result"]
    assert len(rows["rows"]) == 200
    assert rows["total"] == 500
    found = ask("examples", {"result": "r1", "stop": 10**9}, context)["result"]
    assert len(found["rows"]) == 100
    assert found["total"] == 150


def test_a_page_past_the_end_is_empty(context: Context) -> None:
    for start in (9999, 10**30):
        args = {"dataset": "d1", "start": start, "stop": start + 10}
        assert ask("rows", args, context)["result"]["rows"] == []


def honest(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Return arguments that fit, for every operation that needs some."""
    chat = {
        "chat": "t1",
        "prompt": "a",
        "system": "",
        "temperature": 0,
        "max_new_tokens": 8,
        "compare": False,
    }
    version = {"registry": "g1", "model": "dates", "version": 1}
    return {
        "summary": {"dataset": "d1"},
        "problems": {"dataset": "d1"},
        "rows": {"dataset": "d1", "start": 0, "stop": 3},
        "row": {"dataset": "d1", "position": 0},
        "select": {"dataset": "d1", "start": 0, "stop": 3, "how": "add"},
        "edit": {"dataset": "d1", "what": "label", "rows": [0], "value": "x"},
        "turn": {"dataset": "d1", "what": "undo"},
        "rewrite": {"dataset": "d1", "position": 0, "text": '{"prompt": "a", "completion": "b"}'},
        "source": {"dataset": "d1", "position": 0},
        "check": {"dataset": "d1", "position": 0, "texts": {"/prompt": ""}},
        "copy": {"dataset": "d1", "which": "given", "rows": [0]},
        "save": {"dataset": "d1", "which": "all", "path": str(tmp_path / "a.jsonl")},
        "pick": {"dataset": "d1"},
        "code": {"dataset": "d1", "query": {"selected": True}},
        "beside": {"dataset": "d1", "position": 0, "other": 1},
        "changes": {"diff": "f1"},
        "decide": {"diff": "f1", "choice": "accepted"},
        "mark": {"diff": "f1", "which": 0},
        "result": {"result": "r1"},
        "examples": {"result": "r1", "true": "c", "predicted": 1},
        "focus": {"result": "r1", "predicted": 1},
        "open": {"result": "r1", "predicted": 1},
        "linked": {"result": "r1", "picks": [{"result": "r1", "correct": False, "linked": True}]},
        "curves": {"result": "r1", "positive": 2},
        "slices": {"result": "r1"},
        "residuals": {"result": "r2"},
        **{op: {"job": "j"} for op in ("job", "job.cancel", "job.resume")},
        "poll": {"topic": "jobs"},
        **{op: {"chat": "t1"} for op in ("chat", "chat.stop", "chat.clear", "chat.row")},
        "chat.say": chat,
        "chat.next": {"chat": "t1", "known": [0]},
        **{op: {"rating": "a1"} for op in ("rating", "rating.undo", "rating.again")},
        "rating.rate": {"rating": "a1", "item": 0, "verdict": "pass", "note": "n"},
        "registry": {"registry": "g1"},
        "registry.model": {"registry": "g1", "model": "dates"},
        **dict.fromkeys(("registry.about", "registry.card", "registry.diff"), version),
        "registry.log": {"registry": "g1", "model": "dates"},
        "registry.alias": {"registry": "g1", "model": "dates", "alias": "mine", "version": 1},
        "registry.promote": {**version, "alias": "staging", "gates": []},
    }


# Those of the registry are asked among its own tests: it may be absent.
@pytest.mark.parametrize("op", sorted(op for op in OPS if not op.startswith("registry")))
def test_every_answer_is_plain_json(op: str, context: Context, tmp_path: Path) -> None:
    args = honest(tmp_path)
    if op == "turn":
        ask("edit", args["edit"], context)
    reply = ask(op, args.get(op, {}), context)
    json.dumps(reply, allow_nan=False)
    assert reply["ok"] is (op not in ("job", "job.cancel", "job.resume"))


NEVER = {"a": {"b": [None]}}  # fits no argument of any operation
ODD = (
    None,
    True,
    -1,
    10**30,
    1e308,
    float("nan"),
    "",
    "\0",
    "\ud800",
    "../" * 99,
    HUGE,
    [],
    [[]],
    {},
    b"",
    NEVER,
)


@pytest.mark.parametrize("op", sorted(OPS))
def test_no_argument_of_any_operation_can_be_forged(
    op: str, context: Context, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registry = ModelRegistry(tmp_path / "registry")
    (tmp_path / "model.bin").write_bytes(b"x")
    registry.register("dates", tmp_path / "model.bin")
    context = replace(context, resolve_registry=lambda _: registry)
    good = honest(tmp_path).get(op, {})
    fields = {field.name: field for field in msgspec.structs.fields(OPS[op].args)}
    assert good.keys() <= fields.keys()
    with caplog.at_level(logging.INFO):
        for args in ({**good, "more": 1}, *({k: v for k, v in good.items() if k != name} for name in good)):
            lacks = [name for name, field in fields.items() if field.required and name not in args]
            reply = ask(op, args, context)
            assert (not lacks and "more" not in args) or reply["error"]["code"] == "bad-arguments"
        for name in fields:
            assert ask(op, {**good, name: NEVER}, context)["error"]["code"] == "bad-arguments", name
            for value in ODD:
                reply = ask(op, {**good, name: value}, context)
                assert reply["ok"] or reply["error"]["code"] != "internal", (name, str(value)[:20])
                assert reply["ok"] or len(json.dumps(reply)) < 2000
    assert not caplog.records
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".jsonl") in ([], ["a.jsonl"])
    assert ask("jobs", {}, context)["ok"]


def test_a_handle_lives_as_long_as_its_object() -> None:
    ds = Dataset([{"text": "a"}])
    name = handles.handle(ds, "d")
    assert handles.handle(ds, "d") == name
    assert handles.resolve(name, "d") is ds
    del ds
    with pytest.raises(WireError, match="no longer"):
        handles.resolve(name, "d")


class Held:
    """An executor that runs nothing until it is told to."""

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []

    def submit(self, work: Callable[[], None]) -> None:
        self.work.append(work)

    def run(self) -> None:
        while self.work:
            self.work.pop(0)()


def test_a_cancelled_request_is_answered_without_being_worked_on(context: Context) -> None:
    held, replies = Held(), []
    dispatcher = Dispatcher(held, context)
    dispatcher.submit({"v": 1, "id": "a", "op": "jobs", "args": {}}, replies.append)
    dispatcher.submit({"v": 1, "id": "b", "op": "jobs", "args": {}}, replies.append)
    dispatcher.submit({"v": 1, "cancel": "a"}, replies.append)
    dispatcher.submit({"v": 1, "cancel": "unknown"}, replies.append)
    held.run()
    assert [(r["id"], r["ok"]) for r in replies] == [("a", False), ("b", True)]
    assert replies[0]["error"]["code"] == "cancelled"


def test_a_long_operation_looks_at_its_flag(context: Context) -> None:
    flag = threading.Event()
    flag.set()
    with pytest.raises(WireError, match="cancelled"):
        context.with_flag(flag).check()


def test_a_flood_is_refused_and_what_waits_is_answered(context: Context) -> None:
    held, replies = Held(), []
    dispatcher = Dispatcher(held, context)
    for number in range(MAX_WAITING + 5):
        dispatcher.submit({"v": 1, "id": str(number), "op": "jobs", "args": {}}, replies.append)
    assert [r["error"]["code"] for r in replies] == ["busy"] * 5
    held.run()
    assert len(replies) == MAX_WAITING + 5


def test_operations_run_one_after_another(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0

    def count(_args: NoArgs, _context: Context) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        inside -= 1

    monkeypatch.setattr(dispatch, "OPS", {"jobs": Op(NoArgs, count)})
    done = threading.Semaphore(0)
    with ThreadPoolExecutor(1) as executor:
        dispatcher = Dispatcher(executor, context)
        for number in range(20):
            dispatcher.submit({"v": 1, "id": str(number), "op": "jobs", "args": {}}, lambda _: done.release())
        for _ in range(20):
            assert done.acquire(timeout=10)
    assert most == 1


def test_only_an_id_that_is_short_text_is_echoed() -> None:
    assert request_id({"id": "abc"}) == "abc"
    assert request_id({"id": HUGE}) == request_id({"id": 3}) == request_id(None) == ""
    assert PROTOCOL == 1
