"""Problems of the line: each on its row, with line, column in characters and bytes."""

from pathlib import Path

import pytest

from modelops_jupyter.datasets import CODES, Dataset

from .build import found, jsonl, only, opened, pairs

GOOD = '{"text": "ok"}'


@pytest.mark.parametrize(
    ("line", "code", "byte_column", "column"),
    [
        (b'{"text": "a"', "not-json", 13, 13),
        ('{"text": "žš" "b"}'.encode(), "not-json", 17, 15),
        (b'{"text": "a",}', "not-json", 14, 14),
        (b"text", "not-json", 1, 1),
        (b'{"text": "a\x01"}', "not-json", 12, 12),
        (b'{"text": "a"}{"text": "b"}', "two-values-on-line", 14, 14),
        (b'{"text": "a"} x', "not-json", 15, 15),
        (b'{"text": NaN}', "nan-or-infinity", 10, 10),
        (b'{"text": "NaN", "n": [-Infinity]}', "nan-or-infinity", 23, 23),
        (b'{"text": 1e999}', "nan-or-infinity", 10, 10),
        ('{"žtext": "'.encode() + b'\xe9"}', "invalid-utf8", 13, 12),
        (b'{"text": "\\ude00\\ud83d"}', "lone-surrogate", 11, 11),
        (b'{"text": "\\ud83d\\ude00 \\ud83d"}', "lone-surrogate", 24, 24),
        (b"[1]", "not-an-object", 1, 1),
        (b'"text"', "not-an-object", 1, 1),
    ],
)
def test_each_fault_of_a_line_has_its_code_and_exact_place(
    tmp_path: Path, line: bytes, code: str, byte_column: int, column: int
) -> None:
    ds = opened(tmp_path, GOOD.encode() + b"\n\n" + line + b"\n" + GOOD.replace("ok", "b").encode() + b"\n")
    problem = only(ds)
    assert (problem.row, problem.line, problem.code, problem.severity) == (1, 3, code, "error")
    assert (problem.byte_column, problem.column) == (byte_column, column)
    assert problem.id == ds.ids[1]
    assert problem.fix == CODES[code].fix
    assert problem.message


def test_one_bad_line_hides_no_other(tmp_path: Path) -> None:
    lines = ["{", GOOD, '{"text": NaN}', "[]", '{"text": ""}', '{"text": "a@b.org"}']
    codes = [code for _, code, _ in found(opened(tmp_path, "\n".join(lines) + "\n"))]
    assert codes == ["not-json", "nan-or-infinity", "not-an-object", "empty-field", "personal-data"]


def test_only_the_last_line_can_be_cut_off(tmp_path: Path) -> None:
    cut = opened(tmp_path, GOOD + '\n{"text": "a')
    assert found(cut) == [(1, "truncated-last-line", "")]
    closed = opened(tmp_path, GOOD + '\n{"text": "a\n')
    assert found(closed) == [(1, "not-json", "")]
    assert found(opened(tmp_path, GOOD)) == []


def test_a_byte_order_mark_is_a_remark_on_the_first_row_of_its_file(tmp_path: Path) -> None:
    ds = opened(tmp_path, b"\xef\xbb\xbf" + jsonl(pairs(2)).encode())
    problem = only(ds)
    assert (problem.code, problem.severity, problem.row, problem.column) == ("bom", "info", 0, 1)
    assert ds[0] == pairs(1)[0]
    assert found(ds[1:]) == []
    assert found(Dataset([{"prompt": "a", "completion": "b"}]) + ds) == [(1, "bom", "")]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a": 1, "a": 2, "text": "x"}',
        b'{"a" : 1, "a":2, "text": "x"}',
        b'{"a": {"b": 1, "b": 1}, "text": "x"}',
        b'{"a\\\\": 1, "a\\\\": 2, "text": "x"}',
        b'{"a": 1, "\\u0061": 2, "text": "x"}',
    ],
)
def test_a_key_that_stands_twice_is_found_however_it_is_written(tmp_path: Path, raw: bytes) -> None:
    assert [code for _, code, _ in found(opened(tmp_path, raw))] == ["duplicate-key"]


@pytest.mark.parametrize(
    "raw", [b'{"text": "\\": \\"a\\": \\\\"}', b'{"text": "a\\u0022: ", "b": [": ", "\\\\"]}']
)
def test_quotation_marks_and_colons_in_text_are_no_keys(tmp_path: Path, raw: bytes) -> None:
    assert found(opened(tmp_path, raw)) == []


def test_a_key_that_stands_twice_deep_inside_is_placed_at_its_later_value(tmp_path: Path) -> None:
    raw = b'{"text": "x", "deep": [{"a~/": 1, "a~/": 22}]}'
    problem = only(opened(tmp_path, raw))
    assert problem.pointer == "/deep/0/a~0~1"
    assert raw[problem.byte_column - 1 :].startswith(b"22")


def test_an_array_saved_as_lines_is_one_problem_that_names_the_way_out(tmp_path: Path) -> None:
    for text in ('[\n  {"text": "a"},\n  {"text": "b"}\n]\n', '[{"text": "a"}, {"text": "b"}]'):
        ds = opened(tmp_path, text)
        problem = only(ds)
        assert (problem.code, problem.severity) == ("json-array-in-jsonl", "error")
        assert 'file_type="json"' in problem.fix
        assert len(opened(tmp_path, text, file_type="json")) == 2


def test_a_list_among_objects_is_not_taken_for_an_array_file(tmp_path: Path) -> None:
    assert found(opened(tmp_path, f"[1]\n{GOOD}\n")) == [(0, "not-an-object", "")]
