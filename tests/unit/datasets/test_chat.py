"""Problems of conversations: roles, order, content, weights, tools."""

from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset

from .build import chat, found, only

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def calls(*given: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(given)}


def result(name: str | None) -> dict[str, Any]:
    return {"role": "tool", "content": "", **({"tool_call_id": name} if name else {})}


def row(*messages: Any) -> Dataset:
    return Dataset([{"messages": list(messages)}], format="messages")


USER, ANSWER = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (("u:q", "a:a"), []),
        (("s:s", "u:q", "a:a", "u:q", "a:a"), []),
        (("a:hello", "u:q", "a:a"), [("role-order", "/messages/0/role")]),
        (("u:q", "u:q", "a:a"), [("role-order", "/messages/1/role")]),
        (("u:q", "a:a", "a:b"), [("role-order", "/messages/2/role")]),
        (("u:q", "s:late", "a:a"), [("role-order", "/messages/1/role")]),
        (("u:q", "a:a", "u:thanks"), [("assistant-not-last", "/messages/2")]),
        (("u:q",), [("assistant-missing", "/messages")]),
        (("human:q", "a:a"), [("unknown-role", "/messages/0/role")]),
        (("u:q", "a: "), [("empty-field", "/messages/1/content")]),
        (("s:", "u:q", "a:a"), [("empty-field", "/messages/0/content")]),
    ],
)
def test_turns_are_checked_one_after_the_other(
    turns: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    assert [(code, pointer) for _, code, pointer in found(Dataset([chat(*turns)]))] == expected


def test_an_empty_answer_is_an_error_and_an_empty_question_is_not() -> None:
    assert only(Dataset([chat("u:q", "a:")])).severity == "error"
    assert only(Dataset([chat("u:", "a:a")])).severity == "warning"


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([USER, {"role": "assistant"}], [("missing-field", "/messages/1/content")]),
        ([USER, {"role": "assistant", "content": None}], [("ill-typed-field", "/messages/1/content")]),
        ([USER, {"role": "assistant", "content": 4}], [("ill-typed-field", "/messages/1/content")]),
        ([USER, {"role": "assistant", "content": []}], [("empty-field", "/messages/1/content")]),
        ([USER, ANSWER, "bye"], [("ill-typed-field", "/messages/2")]),
        ([{"content": "q"}, USER, ANSWER], [("missing-field", "/messages/0/role")]),
        ([{"role": 1, "content": "q"}, USER, ANSWER], [("ill-typed-field", "/messages/0/role")]),
        ([], [("empty-field", "/messages")]),
    ],
)
def test_messages_of_the_wrong_shape_are_named(messages: list[Any], expected: list[tuple[str, str]]) -> None:
    assert [(code, pointer) for _, code, pointer in found(row(*messages))] == expected


def test_a_conversation_hidden_in_a_text_is_named() -> None:
    ds = Dataset([chat("u:a", "a:b"), chat("u:c", "a:d"), {"messages": '[{"role": "user"}]'}])
    assert found(ds) == [(2, "json-in-string", "/messages")]


def test_rows_of_another_layout_are_reported_not_reread() -> None:
    ds = Dataset([chat("u:a", "a:b"), chat("u:c", "a:d"), {"prompt": "x", "completion": "y"}, {"other": 1}])
    assert found(ds) == [(2, "unknown-format", ""), (3, "missing-field", "/messages")]


def test_weights_are_zero_or_one_on_answers_and_leave_something_to_learn() -> None:
    def weighted(role: str, weight: Any) -> dict[str, Any]:
        return {"role": role, "content": "x", "weight": weight}

    assert found(row(USER, weighted("assistant", 0), USER, weighted("assistant", 1))) == []
    assert found(row(USER, weighted("assistant", 0))) == [(0, "nothing-to-learn", "/messages")]
    assert found(row(USER, weighted("assistant", 0.5))) == [(0, "weight-value", "/messages/1/weight")]
    assert found(row(USER, weighted("assistant", True))) == [(0, "weight-value", "/messages/1/weight")]
    assert found(row(weighted("user", 1), ANSWER)) == [(0, "weight-on-wrong-role", "/messages/0/weight")]


@pytest.mark.parametrize(
    "messages",
    [
        [USER, calls(CALL)],
        [USER, calls(CALL), result("c1"), ANSWER],
        [USER, calls(CALL, {**CALL, "id": "c2"}), result("c2"), result("c1"), ANSWER],
        [USER, calls(CALL), result(None), ANSWER, USER, ANSWER],
        [USER, {**calls(CALL), "content": ""}],
    ],
)
def test_correct_tool_conversations_are_not_blamed(messages: list[Any]) -> None:
    assert found(row(*messages)) == []


@pytest.mark.parametrize(
    ("messages", "code", "pointer"),
    [
        ([USER, calls(CALL), USER, ANSWER], "tool-result-missing", "/messages/1/tool_calls/0/id"),
        (
            [USER, calls(CALL, {**CALL, "id": "c2"}), result("c1"), ANSWER],
            "tool-result-missing",
            "/messages/1/tool_calls/1/id",
        ),
        (
            [USER, calls(CALL), result("zz"), result("c1"), ANSWER],
            "tool-result-without-call",
            "/messages/2/tool_call_id",
        ),
        ([USER, result(None), ANSWER], "tool-result-without-call", "/messages/1"),
        ([USER, calls({"id": "x"})], "missing-field", "/messages/1/tool_calls/0/function"),
        (
            [USER, calls({**CALL, "function": {"name": "f"}})],
            "missing-field",
            "/messages/1/tool_calls/0/function/arguments",
        ),
        (
            [USER, calls({**CALL, "function": {"name": "f", "arguments": "{"}})],
            "tool-arguments-invalid",
            "/messages/1/tool_calls/0/function/arguments",
        ),
        (
            [USER, calls({**CALL, "function": {"name": "f", "arguments": "[]"}})],
            "tool-arguments-invalid",
            "/messages/1/tool_calls/0/function/arguments",
        ),
        (
            [USER, calls({**CALL, "function": {"name": "f", "arguments": {}}})],
            "tool-arguments-object",
            "/messages/1/tool_calls/0/function/arguments",
        ),
    ],
)
def test_faults_of_tool_calls_stand_at_their_place(messages: list[Any], code: str, pointer: str) -> None:
    assert found(row(*messages)) == [(0, code, pointer)]


@pytest.mark.parametrize(
    ("turn", "problems"),
    [
        ({"content": [{"type": "text", "text": "a"}]}, []),
        ({"content": ["a"]}, [("ill-typed-field", "/0")]),
        ({"content": [{"type": "text", "text": " "}]}, [("empty-field", "")]),
        ({"content": [{"type": "image_url", "image_url": {"url": "u"}}]}, []),
        ({"content": [{"type": "text"}, {"text": "a"}]}, [("ill-typed-field", "/0/text")]),
    ],
)
def test_parts_of_a_content_are_checked_one_by_one(
    turn: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    got = sorted(
        (code, at.removeprefix("/messages/1/content")) for _, code, at in found(row(USER, ANSWER | turn))
    )
    assert got == problems


def test_the_tools_a_row_offers_are_a_list_of_named_objects() -> None:
    def offered(tools: Any) -> list[tuple[int, str, str]]:
        return found(Dataset([{"messages": [USER, ANSWER], "tools": tools}]))

    assert offered([{"type": "function", "function": {"name": "f"}}]) == []
    assert offered('[{"name": "f"}]') == []
    assert offered(None) == []
    assert offered({"name": "f"}) == [(0, "ill-typed-field", "/tools")]
    assert offered("none") == [(0, "ill-typed-field", "/tools")]
    assert offered([3, {}]) == [(0, "ill-typed-field", "/tools/0"), (0, "missing-field", "/tools/1")]
    assert found(row(USER, ANSWER | {"tool_calls": {}})) == [(0, "ill-typed-field", "/messages/1/tool_calls")]
    assert found(row(USER | {"name": 3}, ANSWER)) == [(0, "ill-typed-field", "/messages/0/name")]


def test_a_target_makes_object_arguments_an_error() -> None:
    ds = row(USER, calls({**CALL, "function": {"name": "f", "arguments": {}}}))
    errors = {p.code for p in ds.validate(target="openai") if p.severity == "error"}
    assert (ds.validate().ok, "tool-arguments-object" in errors) == (True, True)


def test_a_target_demands_ten_rows() -> None:
    few, enough = (
        Dataset([{"messages": [USER, ANSWER | {"content": str(i)}]} for i in range(n)]) for n in (9, 10)
    )
    assert few.validate().ok
    (problem,) = [p for p in few.validate(target="openai") if p.severity == "error"]
    assert (problem.code, problem.row, problem.message) == (
        "too-few-rows", 0, "The dataset has 9 rows; OpenAI trains on 10 or more.",
    )  # fmt: skip
    assert enough.validate(target="openai").ok
    assert Dataset().validate(target="openai").problems == ()


def test_sharegpt_conversations_are_checked_like_chats() -> None:
    def said(*turns: str) -> Dataset:
        entries = [{"from": t.split(":")[0], "value": t.split(":")[1]} for t in turns]
        return Dataset([{"conversations": entries}])

    assert found(said("system:s", "human:q", "gpt:a")) == []
    assert found(said("gpt:a", "human:q", "gpt:b")) == [(0, "role-order", "/conversations/0/from")]
    assert found(said("human:q", "gpt:a", "human:b")) == [(0, "assistant-not-last", "/conversations/2")]
    assert found(said("human:q", "robot:a", "gpt:b")) == [(0, "unknown-role", "/conversations/1/from")]
    assert found(said("human:q", "gpt:")) == [(0, "empty-field", "/conversations/1/value")]
