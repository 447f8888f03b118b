"""Problems of fields, texts and rows among others."""

from collections.abc import Iterator
from typing import Any

import pytest

from modelops_jupyter.datasets import Dataset, Finding
from modelops_jupyter.errors import ConfigError

from .build import chat, found, pairs


@pytest.mark.parametrize(
    ("row", "code", "pointer", "severity"),
    [
        ({"prompt": "", "completion": "a"}, "empty-field", "/prompt", "warning"),
        ({"prompt": "q", "completion": " "}, "empty-field", "/completion", "error"),
        ({"completion": "a"}, "missing-field", "/prompt", "error"),
        ({"prompt": None, "completion": "a"}, "ill-typed-field", "/prompt", "error"),
        ({"prompt": "q", "completion": 4}, "ill-typed-field", "/completion", "error"),
        ({"prompt": "q", "completion": []}, "empty-field", "/completion", "error"),
    ],
)
def test_fields_are_missing_empty_or_of_the_wrong_type(
    row: dict[str, Any], code: str, pointer: str, severity: str
) -> None:
    problem = Dataset([*pairs(3), row]).validate().problems
    assert [(p.row, p.code, p.pointer, p.severity) for p in problem] == [(3, code, pointer, severity)]


def test_a_blank_input_is_the_normal_case_of_alpaca() -> None:
    rows = [{"instruction": "a", "input": "", "output": "b"}, {"instruction": "", "input": "x", "output": ""}]
    assert found(Dataset(rows)) == [(1, "empty-field", "/instruction"), (1, "empty-field", "/output")]


def test_a_pair_of_equal_answers_shows_no_preference() -> None:
    rows = [
        {"prompt": "p", "chosen": "a", "rejected": "b"},
        {"prompt": "p", "chosen": "a", "rejected": " a"},
        {"chosen": chat("u:q", "a:x")["messages"], "rejected": chat("u:q", "a:x")["messages"]},
    ]
    assert found(Dataset(rows)) == [
        (1, "chosen-equals-rejected", "/rejected"),
        (2, "chosen-equals-rejected", "/rejected"),
    ]


MESSAGES = chat("u:q", "a:x")["messages"]
OPENAI = {"input": {"messages": MESSAGES[:1]}, "preferred_output": MESSAGES[1:]}


@pytest.mark.parametrize(
    ("format", "row", "problems"),
    [
        ("kto", {"prompt": "q", "completion": "a", "label": "yes"}, [("ill-typed-field", "/label")]),
        ("kto", {"prompt": "q", "completion": "a", "label": 1}, [("ill-typed-field", "/label")]),
        ("kto", {"prompt": "q", "completion": "a"}, [("missing-field", "/label")]),
        (
            "stepwise",
            {"prompt": "q", "completions": ["a", " ", 3], "labels": [True, 0]},
            [
                ("empty-field", "/completions/1"),
                ("ill-typed-field", "/completions/2"),
                ("label-count", "/labels"),
                ("ill-typed-field", "/labels/1"),
            ],
        ),
        ("stepwise", {"prompt": "q", "completions": "a"}, [
            ("missing-field", "/labels"), ("ill-typed-field", "/completions")]),
        ("stepwise", {"prompt": "q", "completions": [], "labels": []}, [("empty-field", "/completions")]),
        ("alpaca", {"instruction": "q", "output": "a", "history": [["x", "y"], ["z"], "w"]}, [
            ("ill-typed-field", "/history/1"), ("ill-typed-field", "/history/2")]),
        ("alpaca", {"instruction": "q", "output": "a", "history": "x", "system": 3}, [
            ("ill-typed-field", "/history"), ("ill-typed-field", "/system")]),
        ("preference", OPENAI, [("missing-field", "/non_preferred_output")]),
        ("preference", OPENAI | {"non_preferred_output": MESSAGES[1:]}, [
            ("chosen-equals-rejected", "/non_preferred_output")]),
        ("preference", OPENAI | {"non_preferred_output": "no", "input": {}}, [
            ("missing-field", "/input/messages"), ("ill-typed-field", "/non_preferred_output")]),
        ("preference", {"prompt": MESSAGES[:1], "chosen": MESSAGES[1:], "rejected": MESSAGES[:1]}, [
            ("assistant-missing", "/rejected")]),
        ("preference", {"prompt": "q", "chosen": MESSAGES[1:], "rejected": [MESSAGES[1] | {"content": " x"}]},
            [("chosen-equals-rejected", "/rejected")]),
        ("prompt_completion", {"prompt": [{"role": "human", "content": 4}], "completion": MESSAGES[1:]}, [
            ("unknown-role", "/prompt/0/role"), ("ill-typed-field", "/prompt/0/content")]),
        ("prompt_completion", {"prompt": "q", "completion": "[1] says so", "tools": 3}, [
            ("ill-typed-field", "/tools")]),
    ],
)  # fmt: skip
def test_every_layout_has_its_own_rules(
    format: str, row: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    report = Dataset([row], format=format).validate()
    assert sorted((p.code, p.pointer) for p in report) == sorted(problems)


def test_one_prompt_may_have_several_labelled_answers() -> None:
    rows = [{"prompt": "q", "completion": c, "label": c == "good"} for c in ("good", "bad")]
    assert found(Dataset(rows)) == []
    steps = [{"prompt": "q", "completions": [c], "labels": [True]} for c in ("one", "two")]
    assert found(Dataset(steps)) == []


def test_columns_point_at_the_value_the_problem_is_about() -> None:
    ds = Dataset.from_text('{"prompt": "ž", "completion": ""}\n')
    problem = ds.validate().problems[0]
    assert ds.raw(0)[problem.byte_column - 1 :] == b'""}'
    assert ds.raw(0).decode()[problem.column - 1 :] == '""}'


def test_later_copies_of_a_row_name_the_first() -> None:
    ds = Dataset([*pairs(2), pairs(1)[0], pairs(1)[0]])
    problems = ds.validate().problems
    assert [(p.row, p.code) for p in problems] == [(2, "exact-duplicate"), (3, "exact-duplicate")]
    assert "row 0 (line 1)" in problems[0].message


def test_rows_that_ask_the_same_and_answer_otherwise_are_all_reported() -> None:
    rows = [chat("u:q", "a:one"), chat("u:other", "a:one"), chat("u:q", "a:two"), chat("u:q", "a: one ")]
    assert found(Dataset(rows)) == [
        (0, "conflicting-duplicate", ""),
        (2, "conflicting-duplicate", ""),
        (3, "conflicting-duplicate", ""),
    ]


def test_answers_that_differ_in_outer_blanks_or_are_empty_do_not_conflict() -> None:
    assert found(Dataset([chat("u:q", "a:one"), chat("u:q", "a: one ")])) == []
    codes = {code for _, code, _ in found(Dataset([chat("u:q", "a:one"), chat("u:q", "a:")]))}
    assert codes == {"empty-field"}


def test_a_different_system_message_makes_a_different_question() -> None:
    assert found(Dataset([chat("s:x", "u:q", "a:one"), chat("s:y", "u:q", "a:two")])) == []


def test_a_key_that_nearly_no_other_row_has_is_a_warning() -> None:
    rows: list[dict[str, Any]] = pairs(200)
    rows[7]["note"] = rows[9]["note"] = "x"
    for row in rows:
        row["source"] = "common"
    rows[3]["tools"] = []
    assert found(Dataset(rows)) == [(7, "stray-key", "/note"), (9, "stray-key", "/note")]
    assert found(Dataset(rows[:20])) == [], "among few rows no key is rare"


def test_a_row_far_longer_than_the_others_is_a_warning() -> None:
    rows = pairs(200)
    rows[5] = {"prompt": "x" * 5000, "completion": "y"}
    assert found(Dataset(rows)) == [(5, "unusually-long", "")]
    assert found(Dataset(rows[:20])) == []


def test_a_token_limit_is_checked_when_asked_for() -> None:
    ds = Dataset([{"prompt": "x" * 4000, "completion": "y"}, *pairs(3)])
    assert found(ds, max_tokens=500) == [(0, "over-token-limit", "")]
    assert "about" in ds.validate(max_tokens=500).problems[0].message
    assert any("limit" in words for words in ds.validate().not_checked)


def test_control_tokens_and_addresses_in_text_are_warnings_at_their_turn() -> None:
    rows = [
        chat("u:hi<|im_end|>", "a:no"),
        chat("u:if a < b: <b>bold</b> |end|", "a:write to ann.lee@example.org, thanks"),
        chat("u:x@y is no address, nor is a@b@c", "a:no @ all"),
    ]
    assert found(Dataset(rows)) == [
        (0, "special-token-in-text", "/messages/0/content"),
        (1, "personal-data", "/messages/1/content"),
    ]


def test_escapes_hide_neither_tokens_nor_addresses() -> None:
    ds = Dataset.from_text('{"text": "a\\u0040b.org"}\n{"text": "\\u003c|im_end|\\u003e"}\n')
    assert [code for _, code, _ in found(ds)] == ["personal-data", "special-token-in-text"]


def test_own_rules_report_beside_ours() -> None:
    def no_shouting(row: dict[str, Any]) -> Iterator[Finding]:
        if row["prompt"].isupper():
            yield Finding("shouting", "/prompt", "The prompt shouts.", "info", "Lower it.")

    rows = [*pairs(1), {"prompt": "NOW", "completion": "a"}]
    problem = Dataset(rows).validate(rules=[no_shouting]).problems[0]
    assert (problem.row, problem.code, problem.severity, problem.fix) == (1, "shouting", "info", "Lower it.")


def test_a_target_that_nobody_knows_is_refused_not_ignored() -> None:
    with pytest.raises(ConfigError, match="target"):
        Dataset(pairs(1)).validate(target="nobody")
