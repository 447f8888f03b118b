"""The report: by row, by code, as JSON, and its safe fixes."""

import json

from modelops_jupyter.datasets import CODES, Dataset

from .build import chat, pairs


def messy() -> Dataset:
    return Dataset.from_text(
        '{"text": "a"}\n{"text": ""}\n{"text": "a"}\nnot json\n{"text": "b@c.org"}\n', name="messy"
    )


def test_a_report_is_true_when_no_problem_is_an_error() -> None:
    assert Dataset(pairs(2)).validate()
    assert Dataset([*pairs(1), *pairs(1)]).validate(), "a duplicate is a warning"
    assert not messy().validate()


def test_problems_come_by_row_and_by_code_errors_first() -> None:
    report = messy().validate()
    assert [p.row for p in report] == [1, 2, 3, 4]
    assert [p.code for p in report.for_row(3)] == ["not-json"]
    assert report.for_row(0) == ()
    assert list(report.by_code()) == ["empty-field", "not-json", "exact-duplicate", "personal-data"]
    assert report.rows == (1, 2, 3, 4)
    assert report.counts == {"error": 2, "warning": 2, "info": 0}
    assert repr(report) == "ValidationReport(5 rows: 2 errors, 2 warnings)"


def test_the_report_of_a_dataset_is_made_once() -> None:
    ds = messy()
    assert ds.validate() is ds.validate()


def test_a_report_travels_as_json() -> None:
    report = messy().validate()
    body = json.loads(report.to_json())
    assert body["kind"] == "validation-report"
    assert len(body["problems"]) == 4
    assert body["problems"][0] == report.problems[0].to_json()


def test_a_report_on_half_a_surrogate_pair_is_json_too() -> None:
    row = '{"messages": [{"role": "\\ud800", "content": "a"}]}\n'
    report = Dataset.from_text(row, format="messages").validate()
    assert any("\ud800" in problem.message for problem in report)
    assert json.loads(report.to_json())["problems"] == [p.to_json() for p in report]


def test_every_code_that_is_safe_to_fix_is_fixed_and_no_other() -> None:
    call = '{"id": "c", "function": {"name": "f", "arguments": {"n": 1.50, "s": "\\u00e9\\"", "t": [1E2]}}}'
    calls = f"[{call}, {call.replace('1.50', '7')}]"
    answer = f'{{"role": "assistant", "content": null, "tool_calls": {calls}}}'
    text = f'{{"messages": [{{"role": "user", "content": "q"}}, {answer}]}}\n'
    ds = Dataset.from_text("\ufeff" + text + text + '{"messages": []}\n')
    fixed = ds.validate().fix()
    safe = {code for code, info in CODES.items() if info.safe}
    assert {p.code for p in ds.validate()} == safe | {"empty-field"}
    assert [p.code for p in fixed.validate()] == ["empty-field"]
    assert list(fixed.ids) == [ds.ids[0], ds.ids[2]]
    arguments = fixed[0]["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert arguments == '{"n": 1.50, "s": "\\u00e9\\"", "t": [1E2]}', "digits and escapes stay as written"


def test_fixing_what_is_clean_changes_no_row() -> None:
    ds = Dataset([chat("u:a", "a:b")])
    assert ds.validate().fix() == ds


def test_drop_invalid_removes_rows_with_errors_and_keeps_warnings() -> None:
    ds = messy().drop_invalid()
    assert ds.to_list() == [{"text": "a"}, {"text": "a"}, {"text": "b@c.org"}]
