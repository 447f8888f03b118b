"""Opening files: what is a row, which types are known, what is refused and how."""

import gzip
import json
import os
from pathlib import Path

import pytest

from modelops_jupyter.datasets import Dataset, DatasetSanitizer
from modelops_jupyter.datasets.steps import Redact
from modelops_jupyter.errors import DatasetError, RowError, SourceNotFoundError

from .build import jsonl, opened, pairs, saved


def test_blank_lines_are_no_rows_but_count_as_lines(tmp_path: Path) -> None:
    ds = opened(tmp_path, '\n{"text": "a"}\n\n  \t\r\n{"text": "b"}\n')
    assert [(ds.line(i), ds[i]["text"]) for i in range(len(ds))] == [(2, "a"), (5, "b")]


def test_windows_line_ends_are_not_part_of_the_row(tmp_path: Path) -> None:
    unix, windows = opened(tmp_path, '{"text": "a"}\n'), opened(tmp_path, '{"text": "a"}\r\n', "w.jsonl")
    assert windows.raw(0) == unix.raw(0)
    assert list(windows.ids) == list(unix.ids)


def test_a_last_row_without_newline_is_a_whole_row(tmp_path: Path) -> None:
    ds = opened(tmp_path, '{"text": "a"}\n{"text": "b"}')
    assert ds.validate().problems == ()
    ds.concat(ds).to_jsonl(tmp_path / "out.jsonl")
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [*ds, *ds]


def test_only_a_newline_ends_a_row(tmp_path: Path) -> None:
    text = json.dumps({"text": "a\u2028b\u0085c\x0bd"}, ensure_ascii=False).replace("\\u000b", "\\u000b")
    assert len(opened(tmp_path, text + "\n")) == 1


def test_an_empty_file_is_an_empty_dataset(tmp_path: Path) -> None:
    for content in (b"", b"\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"):
        ds = opened(tmp_path, content)
        assert len(ds) == 0
        assert ds.validate().ok
        ds.to_jsonl(tmp_path / "out.jsonl")
        assert (tmp_path / "out.jsonl").read_bytes() == content


def test_gzip_is_read_to_the_end_of_its_last_member(tmp_path: Path) -> None:
    packed = gzip.compress(jsonl(pairs(2)).encode()) + gzip.compress(jsonl(pairs(5)[2:]).encode())
    assert opened(tmp_path, packed, "a.jsonl.gz").to_list() == pairs(5)


def test_a_cut_gzip_file_is_one_clear_error(tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(os.urandom(5000))[:-400], "a.jsonl.gz")
    with pytest.raises(DatasetError, match="not a whole gzip file"):
        Dataset.from_file(path)


def test_a_json_array_keeps_lines_numbers_and_escapes(tmp_path: Path) -> None:
    text = '[\n  {"text": "\\u00e9",\n   "n": 1.50},\n  {"text": "b", "n": 12345678901234567890123}\n]\n'
    ds = opened(tmp_path, text, "a.json")
    assert [ds.line(0), ds.line(1)] == [2, 4]
    assert ds.raw(0) == b'{"text":"\\u00e9","n":1.50}'
    assert ds[1]["n"] == 12345678901234567890123


def test_a_broken_json_array_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        opened(tmp_path, '[\n {"a": 1},\n {"a": }\n]', "a.json")
    assert caught.value.where is not None
    assert (caught.value.where.line, caught.value.where.column) == (3, 8)


def test_json_lines_in_a_json_file_are_still_rows(tmp_path: Path) -> None:
    assert len(opened(tmp_path, jsonl(pairs(3)), "a.json")) == 3


def test_a_path_given_to_the_constructor_names_from_file() -> None:
    for given in ("data.jsonl", Path("data.jsonl")):
        with pytest.raises(DatasetError, match=r"Dataset\.from_file"):
            Dataset(given)


def test_a_missing_file_or_folder_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"no file data\.jsonl"):
        Dataset.from_file(tmp_path / "data.jsonl")
    with pytest.raises(SourceNotFoundError, match="does not exist"):
        Dataset.from_file(tmp_path / "nowhere" / "data.jsonl")


def test_a_mistyped_name_finds_the_file_beside_it(tmp_path: Path) -> None:
    for name in ("train.jsonl", "test.jsonl", "README.md"):
        (tmp_path / name).write_text("{}")
    for given, hint in (
        ("trian.jsonl", "Did you mean 'train.jsonl'?"),
        ("Train.JSONL", "Did you mean 'train.jsonl'?"),
        ("something-else", "Check the path."),
    ):
        with pytest.raises(SourceNotFoundError) as caught:
            Dataset.from_file(tmp_path / given)
        assert caught.value.hint == hint


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    for path in (tmp_path, tmp_path / "pipe.jsonl"):
        with pytest.raises(DatasetError) as caught:
            Dataset.from_file(path)
        assert caught.value.code == "not-a-file"


def test_utf16_is_named_and_the_file_left_alone(tmp_path: Path) -> None:
    for codec in ("utf-16", "utf-16-le", "utf-16-be"):
        content = '{"text": "Žluťoučký"}\n'.encode(codec)
        with pytest.raises(DatasetError, match="UTF-16") as caught:
            opened(tmp_path, content)
        assert caught.value.code == "encoding-utf16"
        assert (tmp_path / "data.jsonl").read_bytes() == content


def test_a_file_changed_in_place_is_an_error_not_other_rows(tmp_path: Path) -> None:
    path = saved(tmp_path, jsonl(pairs(50)))
    ds = Dataset.from_file(path)
    with path.open("r+b") as file:
        file.truncate(200)
    with pytest.raises(DatasetError, match="changed while it was open"):
        ds[40]
    with pytest.raises(DatasetError, match="changed while it was open"):
        ds.to_list()


def test_a_file_replaced_by_another_still_serves_its_old_rows(tmp_path: Path) -> None:
    path = saved(tmp_path, jsonl(pairs(3)))
    ds = Dataset.from_file(path)
    saved(tmp_path, b"other", "other").replace(path)
    assert ds.to_list() == pairs(3)


def test_strict_opening_names_the_first_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="1 error") as caught:
        opened(tmp_path, '{"text": "a"}\n{"text"\n', strict=True)
    assert caught.value.where is not None
    assert caught.value.where.line == 2


def test_a_row_error_shows_the_place_and_two_ways_on(tmp_path: Path) -> None:
    ds = opened(tmp_path, '{"text": "a"}\n\n{"text": "b" "c": 1}\n')
    with pytest.raises(RowError) as caught:
        ds[1]
    said = str(caught.value)
    assert "data.jsonl, line 3, column 14, row 1" in said
    assert "ds.valid" in said
    assert "ds.drop_invalid()" in said
    assert said.splitlines()[-1].index("^") == said.splitlines()[-2].index('"c"')


def test_iteration_stops_at_a_bad_row_and_valid_goes_round_it(tmp_path: Path) -> None:
    ds = opened(tmp_path, '{"text": "a"}\n{"text"\n{"text": "c"}\n')
    with pytest.raises(RowError):
        list(ds)
    assert [row["text"] for row in ds.valid] == ["a", "c"]
    assert ds.valid.ids[1] == ds.ids[2]


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b"\0" * 4096, b'{"a":' * 50_000, b'{"n": ' + b"9" * 10_000 + b"}"]
)
def test_monstrous_lines_are_one_error_each(tmp_path: Path, line: bytes) -> None:
    ds = opened(tmp_path, b'{"text": "a"}\n' + line + b'\n{"text": "b"}\n')
    assert len(ds) == 3
    assert [p.row for p in ds.validate() if p.severity == "error"] in ([1], [])
    assert [row for row in ds.valid if "text" in row] == [{"text": "a"}, {"text": "b"}]


@pytest.mark.parametrize("depth", [100, 500, 700, 950, 980, 990])
def test_a_deep_row_is_read_or_refused_but_never_a_crash(depth: int) -> None:
    ds = Dataset.from_text(f'{{"text": {"[" * depth}"x\\\\"{"]" * depth}}}\n')
    report = ds.validate()
    assert [p.code for p in report] in (["ill-typed-field"], ["not-json"])
    assert ds.head(1).stats().rows == 1
    for change in (lambda: DatasetSanitizer([Redact()]).run(ds), lambda: Dataset(list(ds.valid))):
        try:
            change()
        except DatasetError as error:
            assert "nested too deeply" in str(error)  # noqa: PT017  # either outcome is right


def test_a_very_long_row_is_read_whole(tmp_path: Path) -> None:
    long = "x" * 30_000_000
    ds = opened(tmp_path, jsonl([{"text": "a"}, {"text": long}, {"text": "b"}]))
    assert ds[1]["text"] == long
    assert [len(row["text"]) for row in ds] == [1, 30_000_000, 1]
