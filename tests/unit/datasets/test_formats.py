"""Layouts: recognised on a sample, shown as turns, asked and answered."""

from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset, DatasetFormat, prompt_messages, reference, turns
from modelops_jupyter.errors import ConfigError, DatasetError

from .build import chat, pairs

ROWS: dict[str, dict[str, Any]] = {
    "messages": chat("s:Be brief.", "u:2 + 2?", "a:4"),
    "prompt_completion": {"prompt": "2 + 2?", "completion": "4"},
    "kto": {"prompt": "2 + 2?", "completion": "4", "label": True},
    "preference": {"prompt": "2 + 2?", "chosen": "4", "rejected": "5"},
    "stepwise": {"prompt": "2 + 2?", "completions": ["4"], "labels": [True]},
    "alpaca": {"instruction": "Add.", "input": "2 + 2", "output": "4"},
    "sharegpt": {"conversations": [{"from": "human", "value": "2 + 2?"}, {"from": "gpt", "value": "4"}]},
    "text": {"text": "Two and two is four."},
}


@pytest.mark.parametrize("name", ROWS)
def test_every_layout_is_recognised_by_its_own_rows(name: str) -> None:
    assert Dataset([ROWS[name]] * 3).format.value == name


@pytest.mark.parametrize("name", [name for name in ROWS if name != "text"])
def test_every_layout_asks_and_answers(name: str) -> None:
    format = DatasetFormat(name)
    assert reference(ROWS[name], format) == "4"
    asked = prompt_messages(ROWS[name], format)
    assert asked[-1]["role"] == "user"
    assert "2 + 2" in asked[-1]["content"]
    learned = [turn.text for turn in turns(ROWS[name], format) if turn.in_loss]
    assert learned == ["4"]


def test_text_is_all_answer() -> None:
    row = ROWS["text"]
    assert (reference(row, DatasetFormat.TEXT), prompt_messages(row, DatasetFormat.TEXT)) == (row["text"], [])
    assert [(t.role, t.in_loss) for t in turns(row, DatasetFormat.TEXT)] == [("text", True)]


def test_one_odd_row_does_not_change_the_format() -> None:
    assert Dataset([*pairs(4), ROWS["text"]]).format is DatasetFormat.PROMPT_COMPLETION


def test_rows_of_many_layouts_are_mixed_and_foreign_rows_unknown() -> None:
    assert Dataset(list(ROWS.values())).format is DatasetFormat.MIXED
    assert Dataset([{"a": 1}, {"b": 2}, ROWS["text"]]).format is DatasetFormat.UNKNOWN


def test_a_given_format_wins_over_the_detected_one_and_a_wrong_name_is_an_error() -> None:
    assert Dataset(pairs(2), format="text").format is DatasetFormat.TEXT
    with pytest.raises(ConfigError, match="Did you mean 'messages'"):
        Dataset(pairs(2), format="message")


def test_the_reference_is_the_last_answer_and_the_prompt_all_before_it() -> None:
    row = chat("u:a", "a:b", "u:c", "a:d")
    assert reference(row, DatasetFormat.MESSAGES) == "d"
    assert prompt_messages(row, DatasetFormat.MESSAGES) == row["messages"][:3]


def test_a_row_without_answer_has_no_reference() -> None:
    with pytest.raises(DatasetError, match="no assistant turn"):
        reference(chat("u:a"), DatasetFormat.MESSAGES)


def test_prompt_and_completion_may_be_messages() -> None:
    row = {"prompt": chat("u:a")["messages"], "completion": chat("a:b")["messages"]}
    assert reference(row, DatasetFormat.PROMPT_COMPLETION) == "b"
    assert [t.role for t in turns(row, DatasetFormat.PROMPT_COMPLETION)] == ["user", "assistant"]


def test_a_preference_without_prompt_begins_with_what_both_share() -> None:
    row = {"chosen": chat("u:q", "a:good")["messages"], "rejected": chat("u:q", "a:bad")["messages"]}
    assert prompt_messages(row, DatasetFormat.PREFERENCE) == chat("u:q")["messages"]
    assert reference(row, DatasetFormat.PREFERENCE) == "good"


def test_openais_preference_is_a_preference_with_other_names() -> None:
    row = {
        "input": {"messages": chat("s:Be brief.", "u:q")["messages"]},
        "preferred_output": chat("a:good")["messages"],
        "non_preferred_output": chat("a:bad")["messages"],
    }
    assert Dataset([row] * 3).format is DatasetFormat.PREFERENCE
    shown = [(t.role, t.text, t.pointer, t.in_loss, t.name) for t in turns(row, DatasetFormat.PREFERENCE)]
    assert shown == [
        ("system", "Be brief.", "/input/messages/0", False, None),
        ("user", "q", "/input/messages/1", False, None),
        ("assistant", "good", "/preferred_output/0", True, "chosen"),
        ("assistant", "bad", "/non_preferred_output/0", False, "rejected"),
    ]
    assert prompt_messages(row, DatasetFormat.PREFERENCE) == row["input"]["messages"]
    assert reference(row, DatasetFormat.PREFERENCE) == "good"


def test_every_step_of_a_solution_is_a_turn() -> None:
    row = {"prompt": "2 * 3 + 1?", "completions": ["2 * 3 = 6", "6 + 1 = 8"], "labels": [True, False]}
    shown = [(t.role, t.text, t.pointer) for t in turns(row, DatasetFormat.STEPWISE)]
    assert shown[1:] == [
        ("assistant", "2 * 3 = 6", "/completions/0"),
        ("assistant", "6 + 1 = 8", "/completions/1"),
    ]


def test_turns_show_calls_results_code_and_pictures_with_their_place() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "tide", "arguments": '{"port":"Brest"}'}}
    row = {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "See"},
                    {"type": "image_url", "image_url": {"url": "u"}},
                ],
            },
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "05:12"},
            {"role": "assistant", "content": "So:\n```python\nx = 1\n```\ndone", "weight": 0},
        ]
    }
    shown = [(p.kind, p.text, p.pointer) for t in turns(row, DatasetFormat.MESSAGES) for p in t.parts]
    assert shown == [
        ("text", "See", "/messages/0/content/0/text"),
        ("image", "u", "/messages/0/content/1"),
        ("tool_call", '{\n  "port": "Brest"\n}', "/messages/1/tool_calls/0"),
        ("tool_result", "05:12", "/messages/2/content"),
        ("text", "So:\n", "/messages/3/content"),
        ("code", "x = 1", "/messages/3/content"),
        ("text", "done", "/messages/3/content"),
    ]
    assert [t.in_loss for t in turns(row, DatasetFormat.MESSAGES)] == [False, True, False, False]


@pytest.mark.parametrize("format", list(DatasetFormat))
@pytest.mark.parametrize(
    "row",
    [
        {},
        {"messages": 5},
        {
            "messages": [
                None,
                3,
                {},
                {"role": 7, "content": {"a": 1}},
                {"role": "tool", "content": [5, {"text": 1}]},
            ]
        },
        {
            "messages": [
                {"role": "assistant", "tool_calls": [3, {"function": None}, {"function": {"arguments": 1}}]}
            ]
        },
        {"conversations": [1, {"from": 2, "value": 3}, {"from": "function_call", "value": "{"}]},
        {"prompt": 3, "completion": None, "label": True},
        {"chosen": [], "rejected": {}},
        {"instruction": None, "output": 4, "history": [["a"], 3, [1, 2, 3]]},
        {"text": ["a"]},
    ],
)
def test_a_broken_row_shows_what_can_be_shown(row: dict[str, Any], format: DatasetFormat) -> None:
    assert turns(row, format)
    Dataset([row], format=format).validate()
