"""From one layout to another and back, and what stays behind with its reason."""

import json
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset, DatasetFormat
from modelops_jupyter.errors import ConfigError

from .build import chat, found

CALL = {"id": "call_1", "type": "function", "function": {"name": "tide", "arguments": '{"port": "Brest"}'}}
# The same conversation in layouts that can hold it, each as that layout writes it.
SAME: list[dict[str, dict[str, Any]]] = [
    {
        "messages": chat("u:2 + 2?", "a:4"),
        "sharegpt": {"conversations": [{"from": "human", "value": "2 + 2?"}, {"from": "gpt", "value": "4"}]},
        "alpaca": {"instruction": "2 + 2?", "input": "", "output": "4"},
        "prompt_completion": {"prompt": "2 + 2?", "completion": "4"},
    },
    {
        "messages": chat("s:Add.", "u:1 + 1", "a:2", "u:2 + 2", "a:4"),
        "sharegpt": {
            "conversations": [
                {"from": speaker, "value": value}
                for speaker, value in zip(
                    ("system", "human", "gpt", "human", "gpt"),
                    ("Add.", "1 + 1", "2", "2 + 2", "4"),
                    strict=True,
                )
            ]
        },
        "alpaca": {
            "instruction": "2 + 2",
            "input": "",
            "output": "4",
            "system": "Add.",
            "history": [["1 + 1", "2"]],
        },
    },
    {
        "messages": {
            "messages": [
                *chat("s:Add.", "u:1 + 1")["messages"],
                {"role": "assistant", "content": "3", "weight": 0},
                *chat("u:Sure?", "a:2")["messages"],
            ]
        },
        "prompt_completion": {
            "prompt": chat("s:Add.", "u:1 + 1", "a:3", "u:Sure?")["messages"],
            "completion": chat("a:2")["messages"],
        },
    },
    {
        "messages": {
            "messages": [
                {"role": "user", "content": "High water?"},
                {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "tool", "tool_call_id": "call_1", "content": "05:12"},
                {"role": "assistant", "content": "At 05:12."},
            ],
            "tools": [{"type": "function", "function": {"name": "tide"}}],
        },
        "sharegpt": {
            "conversations": [
                {"from": "human", "value": "High water?"},
                {"from": "function_call", "value": '{"name": "tide", "arguments": {"port": "Brest"}}'},
                {"from": "observation", "value": "05:12"},
                {"from": "gpt", "value": "At 05:12."},
            ],
            "tools": [{"type": "function", "function": {"name": "tide"}}],
        },
    },
    {
        "text": {"text": "Once upon a time."},
        "prompt_completion": {"prompt": "", "completion": "Once upon a time."},
        "messages": chat("u:", "a:Once upon a time."),
    },
    {
        "preference": {"prompt": "q", "chosen": "good", "rejected": "bad", "tools": []},
        "openai_preference": {
            "input": {"messages": chat("u:q")["messages"], "tools": []},
            "preferred_output": chat("a:good")["messages"],
            "non_preferred_output": chat("a:bad")["messages"],
        },
    },
    {
        "preference": {
            "prompt": chat("s:s", "u:q")["messages"],
            "chosen": chat("a:good")["messages"],
            "rejected": chat("a:bad", "u:no", "a:worse")["messages"],
        },
        "openai_preference": {
            "input": {"messages": chat("s:s", "u:q")["messages"]},
            "preferred_output": chat("a:good")["messages"],
            "non_preferred_output": chat("a:bad", "u:no", "a:worse")["messages"],
        },
    },
]
WAYS = [(i, one, other) for i, same in enumerate(SAME) for one in same for other in same]


@pytest.mark.parametrize(("case", "one", "other"), WAYS, ids=[f"{i}-{a}-{b}" for i, a, b in WAYS])
def test_the_same_conversation_is_written_in_every_layout_that_can_hold_it(
    case: int, one: str, other: str
) -> None:
    extra = {"source": "exam", "score": 2**70}
    ds = Dataset([SAME[case][one] | extra])
    conversion = ds.convert(other)
    assert conversion.failed == ()
    assert conversion.dataset.to_list() == [SAME[case][other] | extra]
    assert conversion.dataset.format == other.removeprefix("openai_")
    assert list(conversion.dataset.ids) == list(ds.ids)
    if one == other:
        assert conversion.dataset.raw(0) == ds.raw(0)


MESSAGES = chat("u:q", "a:a")["messages"]
LOST: list[tuple[dict[str, Any], str, str]] = [
    (chat("s:s", "u:q", "a:a"), "text", "one speaker"),
    (chat("u:q", "a:a"), "text", "no prompt"),
    (chat("u:q", "a:a", "u:r", "a:b"), "prompt_completion", "several answers"),
    (chat("u:q", "a:a", "u:thanks"), "prompt_completion", "last turn is no answer"),
    (chat("u:q", "a:a", "u:thanks"), "alpaca", "questions and answers in turn"),
    (chat("s:only"), "alpaca", "questions and answers in turn"),
    ({"messages": [{"role": "developer", "content": "d"}, *MESSAGES]}, "sharegpt", "no developer"),
    ({"messages": [MESSAGES[0], MESSAGES[1] | {"weight": 0}]}, "sharegpt", "the weight"),
    ({"messages": [MESSAGES[0], MESSAGES[1] | {"weight": 1}]}, "alpaca", "the weight"),
    ({"messages": [MESSAGES[0] | {"name": "Ann"}, MESSAGES[1]]}, "sharegpt", '"name"'),
    ({"messages": [MESSAGES[0], MESSAGES[1] | {"tool_calls": [CALL, CALL]}]}, "sharegpt", "one tool call"),
    ({"messages": [MESSAGES[0], MESSAGES[1] | {"tool_calls": [CALL]}]}, "sharegpt", "without text beside"),
    (
        {
            "messages": [
                MESSAGES[0],
                {"role": "assistant", "content": None, "tool_calls": [CALL | {"id": "x"}]},
            ]
        },
        "sharegpt",
        "not come back the same",
    ),
    (
        {"messages": [MESSAGES[0], {"role": "assistant", "content": None, "tool_calls": [CALL]}]},
        "alpaca",
        "the tool calls",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}]}, MESSAGES[1]]},
        "sharegpt",
        "no text",
    ),
    (chat("u:q", "a:a", tools=[{"name": "f"}]), "alpaca", "tools"),
    (chat("u:q", "a:a", prompt="taken"), "prompt_completion", '"prompt"'),
    (chat("u:q", "a:a", system="s"), "sharegpt", "not come back the same"),
    ({"messages": []}, "alpaca", "no conversation"),
    ({"conversations": [{"from": "robot", "value": "x"}]}, "messages", '"robot"'),
    ({"conversations": [{"from": "function_call", "value": "tide()"}]}, "messages", "function call"),
    ({"instruction": "q", "output": None}, "messages", '"output"'),
    ({"instruction": "q", "output": "a", "history": [["x"]]}, "messages", "history"),
    ({"chosen": "a", "rejected": "b"}, "openai_preference", "no prompt"),
]


@pytest.mark.parametrize(("row", "target", "reason"), LOST)
def test_what_a_layout_cannot_hold_fails_with_the_reason(
    row: dict[str, Any], target: str, reason: str
) -> None:
    ds = Dataset([row])
    conversion = ds.convert(target)
    assert len(conversion.dataset) == 0
    assert [(one.row, one.id) for one in conversion.failed] == [(0, ds.ids[0])]
    assert reason in conversion.failed[0].reason
    assert reason in str(conversion)


def test_rows_that_fail_leave_the_others_with_their_ids() -> None:
    rows = [chat("u:q", "a:a"), chat("u:q", "a:a", "u:r", "a:b"), chat("u:r", "a:b"), {"text": "odd"}]
    ds = Dataset.from_text("".join(f"{json.dumps(row)}\n" for row in rows) + "{broken\n")
    conversion = ds.convert("prompt_completion")
    assert list(conversion.dataset.ids) == [ds.ids[0], ds.ids[2]]
    assert [one.row for one in conversion.failed] == [1, 3, 4]
    assert ["layout text" in str(one) or "cannot be read" in str(one) for one in conversion.failed[1:]] == [
        True,
        True,
    ]
    assert repr(conversion) == "Conversion(2 rows, 3 failed)"
    assert conversion.dataset.line(1) == 3


def test_both_parts_of_an_alpaca_task_are_asked_and_a_blank_one_is_not() -> None:
    rows = [
        {"instruction": "Say hello.", "input": "in Welsh", "output": "Helo."},
        {"instruction": "Say hello.", "input": None, "output": "Hello."},
    ]
    asked = [row["messages"][0]["content"] for row in Dataset(rows).convert("messages").dataset]
    assert asked == ["Say hello.\n\nin Welsh", "Say hello."]


def test_dialogues_out_of_order_lose_no_turn() -> None:
    rows = [
        {"conversations": [{"from": who, "value": who} for who in order]}
        for order in (("human", "human", "gpt"), ("gpt", "human", "gpt"), ("human", "gpt", "human"))
    ]
    got = Dataset(rows).convert("messages").dataset
    assert [[m["role"] for m in row["messages"]] for row in got] == [
        ["user", "user", "assistant"],
        ["assistant", "user", "assistant"],
        ["user", "assistant", "user"],
    ]


def test_an_implicit_prompt_is_what_both_answers_begin_with() -> None:
    row = {"chosen": chat("u:q", "a:x")["messages"], "rejected": chat("u:q", "a:y")["messages"]}
    made = Dataset([row]).convert("openai_preference").dataset
    assert made[0]["input"] == {"messages": chat("u:q")["messages"]}
    assert found(made) == []


def test_rows_of_mixed_layouts_are_brought_into_one() -> None:
    rows = [*SAME[0].values(), {"chosen": "a", "rejected": "b"}, {"other": 1}]
    ds = Dataset(rows)
    assert ds.format is DatasetFormat.MIXED
    conversion = ds.convert("messages")
    assert conversion.dataset.to_list() == [SAME[0]["messages"]] * 4
    assert [one.row for one in conversion.failed] == [4, 5]


@pytest.mark.parametrize(
    ("row", "target", "words"),
    [
        (SAME[5]["preference"], "kto", "one to one"),
        (SAME[5]["preference"], "messages", "openai_preference"),
        (SAME[0]["messages"], "stepwise", "can become"),
        (SAME[0]["messages"], "mixed", "not defined"),
        ({"other": 1}, "messages", "not defined"),
        (SAME[0]["messages"], "sharegtp", "sharegpt"),
    ],
)
def test_a_conversion_that_is_not_defined_is_an_error(row: dict[str, Any], target: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Dataset([row]).convert(target)
