"""CSV, TSV, JSON arrays and compression: in and out again, and what a bad file is told."""

import csv
import gzip
import json
from pathlib import Path

import pytest
import zstandard

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import ConfigError, DatasetError, MissingExtraError, RowError

from .build import chat, found, jsonl, opened, pairs, saved

ROOT = Path(__file__).parents[3]
SPECTRUM = ROOT / "js" / "node_modules" / "csv-spectrum"  # `make setup` brings it


def spectrum() -> list[Path]:
    return sorted((SPECTRUM / "csvs").glob("*.csv"))


def test_the_spectrum_of_csv_files_is_there() -> None:
    assert len(spectrum()) == 12, "run make setup"


@pytest.mark.parametrize("path", spectrum(), ids=lambda path: path.stem)
def test_csv_spectrum(path: Path) -> None:
    expected = json.loads((SPECTRUM / "json" / f"{path.stem}.json").read_text("utf-8"))
    if path.stem == "location_coordinates":  # its two files name two telephone numbers
        expected["Contact Phone Number"] = "2095257564"
    assert Dataset.from_file(path).to_list() == (expected if isinstance(expected, list) else [expected])


def test_cells_stay_as_typed(tmp_path: Path) -> None:
    cells = ["null", "NA", "None", "007", "1e5", "nan", "TRUE", " padded ", "2021-03-04", ""]
    ds = opened(tmp_path, "text\n" + "".join(f'"{cell}"\n' for cell in cells), "a.csv")
    assert [row["text"] for row in ds] == cells
    bare = opened(tmp_path, "n,text\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)), "b.csv")
    assert [row["text"] for row in bare] == cells


def test_a_blank_cell_is_an_empty_text_and_a_short_line_leaves_keys_out(tmp_path: Path) -> None:
    ds = opened(tmp_path, 'a,b,c\n1,,3\n1,""\n1\n', "a.csv")
    assert ds.to_list() == [{"a": "1", "b": "", "c": "3"}, {"a": "1", "b": ""}, {"a": "1"}]


def test_blank_cells_of_a_table_of_instructions(tmp_path: Path) -> None:
    text = "instruction,input,output\nSay hello.,,Helo.\nTranslate.,good night,nos da\nCount.,,\n,ten,deg\n"
    ds = opened(tmp_path, text, "a.csv")
    assert (len(ds), ds.format) == (4, "alpaca")
    assert found(ds) == [(2, "empty-field", "/output"), (3, "empty-field", "/instruction")]


def test_rows_know_the_line_they_begin_on(tmp_path: Path) -> None:
    ds = opened(tmp_path, 'text\r\n"one\r\ntwo"\r\n\r\nlast\r\n', "a.csv")
    assert [(ds.line(i), ds[i]["text"]) for i in range(len(ds))] == [(2, "one\r\ntwo"), (5, "last")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"a,b,c", "table-line"),
        (b'"a"b,c', "table-line"),
        (b"a,\xff", "invalid-utf8"),
    ],
)
def test_a_bad_line_of_a_table_hides_no_other(tmp_path: Path, line: bytes, code: str) -> None:
    ds = opened(tmp_path, b"text,n\none,1\n" + line + b"\nlast,2\n", "a.csv")
    (problem,) = (p for p in ds.validate() if p.severity == "error")
    assert (problem.row, problem.line, problem.code) == (1, 3, code)
    assert [row["text"] for row in ds.valid] == ["one", "last"]
    with pytest.raises(RowError, match="line 3") as caught:
        ds[1]
    assert caught.value.code == code


def test_a_quote_that_stays_open_is_found_where_it_opens(tmp_path: Path) -> None:
    ds = opened(tmp_path, 'text\none\n"two\nthree\n', "a.csv")
    assert ds[0] == {"text": "one"}
    assert [(p.line, p.code) for p in ds.validate()] == [(3, "table-line")]
    with pytest.raises(DatasetError, match="header"):
        opened(tmp_path, '"text\none\n', "b.csv")


def test_columns_take_a_type_when_it_is_given(tmp_path: Path) -> None:
    text = 'n,share,ok,tags,text\n007,1e-3,TRUE,"[""a"", null]",1\n,,,,2\n'
    types = {"n": int, "share": float, "ok": bool, "tags": list}
    ds = opened(tmp_path, text, "a.csv", types=types)
    assert repr(ds[0]) == repr({"n": 7, "share": 0.001, "ok": True, "tags": ["a", None], "text": "1"})
    assert ds[1] == {"text": "2"}
    with pytest.raises(DatasetError, match='"x" is no int') as caught:
        opened(tmp_path, "n\n1\nx\n", "b.csv", types={"n": int})
    assert caught.value.where is not None
    assert (caught.value.where.line, caught.value.where.field) == (3, "n")


@pytest.mark.parametrize(
    ("name", "types", "said"),
    [
        ("a.csv", {"txt": int}, "Did you mean"),
        ("a.csv", {"text": bytes}, "Known"),
        ("a.json", {"a": int}, "CSV"),
    ],
)
def test_types_that_mean_nothing_are_refused(
    tmp_path: Path, name: str, types: dict[str, type], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        opened(tmp_path, "text\n1\n", name, types=types)


def test_a_column_named_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match='names "a" twice'):
        opened(tmp_path, "a,b,a\n1,2,3\n", "a.csv")


def test_a_long_cell_is_read_and_the_limit_of_the_process_left_alone(tmp_path: Path) -> None:
    before = csv.field_size_limit(1000)
    try:
        assert opened(tmp_path, f"text\n{'x' * 300_000}\n", "a.csv")[0] == {"text": "x" * 300_000}
        assert csv.field_size_limit() == 1000
    finally:
        csv.field_size_limit(before)


def test_a_mark_belongs_to_no_column_and_tabs_part_cells(tmp_path: Path) -> None:
    assert opened(tmp_path, "\ufefftext,n\na,b\n", "a.csv").to_list() == [{"text": "a", "n": "b"}]
    assert opened(tmp_path, 'text\tn\n"a\tb"\tc,d\n', "a.tsv").to_list() == [{"text": "a\tb", "n": "c,d"}]
    with pytest.raises(DatasetError, match="UTF-16"):
        opened(tmp_path, "text\na\n".encode("utf-16"), "b.csv")
    for empty in ("", "\n", "text,n\n"):
        assert len(opened(tmp_path, empty, "c.csv")) == 0


HARD = [
    {"prompt": 'a "quoted", text', "completion": "two\r\nlines"},
    {"prompt": "", "completion": "\r"},
    {"prompt": "žluťoučký 🐎", "completion": " x "},
    {"prompt": "only"},
]


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow"])
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str, packing: str) -> None:
    path = tmp_path / f"out{suffix}{packing}"
    Dataset(HARD).to_file(path)
    assert Dataset.from_file(path).to_list() == HARD
    first = path.read_bytes()
    Dataset(HARD).to_file(path)
    assert path.read_bytes() == first, "equal rows give equal files"


def test_a_table_of_text_writes_other_values_as_json_and_null_as_a_blank(tmp_path: Path) -> None:
    Dataset([{"a": 1, "b": [True, "x"], "c": None, "d": "é"}]).to_file(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text("utf-8") == 'a,b,c,d\n1,"[true,""x""]",,é\n'


def test_an_array_saved_as_jsonl_opens_with_its_type(tmp_path: Path) -> None:
    text = json.dumps(
        [chat("u:Which river?", "a:The Danube."), chat("u:And here?", "a:The Douro.")], indent=2
    )
    assert [p.code for p in opened(tmp_path, text).validate()] == ["json-array-in-jsonl"]
    ds = opened(tmp_path, text, file_type="json")
    assert (len(ds), ds.format, ds.line(1), ds.validate().problems) == (2, "messages", 14, ())


def test_a_json_array_keeps_the_bytes_of_its_rows(tmp_path: Path) -> None:
    text = '[\n{"n": 1.50, "s": "\\u00e9"},\n{"n": 12345678901234567890123}\n]\n'
    ds = opened(tmp_path, text, "in.json")
    ds.to_file(tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == text
    Dataset().to_file(tmp_path / "none.json")
    assert (len(Dataset.from_file(tmp_path / "none.json")), (tmp_path / "none.json").read_text()) == (
        0,
        "[\n]\n",
    )


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_a_row_that_cannot_be_read_stops_all_but_jsonl(tmp_path: Path, suffix: str) -> None:
    ds = opened(tmp_path, '{"text": "a"}\n{"text"\n')
    with pytest.raises(RowError, match="line 2"):
        ds.to_file(tmp_path / f"out{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == ["data.jsonl"]


def test_the_type_comes_from_the_suffix_or_is_said(tmp_path: Path) -> None:
    ds = Dataset(pairs(3))
    ds.to_file(tmp_path / "table.data", file_type="csv")
    assert Dataset.from_file(tmp_path / "table.data", file_type="csv").to_list() == pairs(3)
    with pytest.raises(DatasetError, match=r"\.xlsx") as caught:
        ds.to_file(tmp_path / "out.xlsx")
    assert ".parquet" in str(caught.value.hint)
    with pytest.raises(DatasetError, match='no file type "parqet"') as caught:
        Dataset.from_file(tmp_path / "table.data", file_type="parqet")
    assert "parquet" in str(caught.value.hint)


def test_compression_is_read_to_the_end_of_its_last_part(tmp_path: Path) -> None:
    halves = [jsonl(pairs(2)).encode(), jsonl(pairs(5)[2:]).encode()]
    for name, pack in (("a.jsonl.gz", gzip.compress), ("a.jsonl.zst", zstandard.compress)):
        assert opened(tmp_path, b"".join(map(pack, halves)), name).to_list() == pairs(5)


def test_to_jsonl_compresses_when_the_name_says_so(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"a" : 1E5}\r\n\r\n{"b"\n'
    ds = opened(tmp_path, content)
    ds.to_jsonl(tmp_path / "out.jsonl.gz")
    ds.to_jsonl(tmp_path / "out.jsonl.zst")
    assert gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == content
    again = Dataset.from_file(tmp_path / "out.jsonl.zst")
    again.to_jsonl(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.jsonl.zst", zstandard.compress(b"x" * 5000 + bytes(range(256)) * 9)[:-20], "zstandard"),
        ("a.jsonl.zst", b"no such thing", "zstandard"),
        ("a.csv.gz", b"no such thing", "gzip"),
        ("a.parquet", b"PAR1 no such thing PAR1", "Parquet"),
        ("a.parquet", b"", "Parquet"),
        ("a.arrow", b"ARROW1 no such thing", "Arrow"),
        ("a.arrow", b"no such thing", "Arrow"),
    ],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    with pytest.raises(DatasetError, match=word) as caught:
        opened(tmp_path, content, name)
    assert caught.value.where is not None
    assert caught.value.where.file == name


def test_a_cut_table_is_an_error_wherever_it_is_cut(tmp_path: Path) -> None:
    for suffix in (".parquet", ".arrow"):
        Dataset(pairs(50)).to_file(tmp_path / f"whole{suffix}")
        whole = (tmp_path / f"whole{suffix}").read_bytes()
        for end in range(0, len(whole), 97):
            with pytest.raises(DatasetError, match="cannot be read as"):
                Dataset.from_file(saved(tmp_path, whole[:end], f"cut{suffix}"))


@pytest.mark.parametrize(("library", "name"), [("zstandard", "a.jsonl.zst"), ("pyarrow", "a.parquet")])
def test_a_library_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, name: str
) -> None:
    for module in (library, f"{library}.parquet"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    for attempt in (lambda: opened(tmp_path, b"x", name), lambda: Dataset().to_file(tmp_path / name)):
        with pytest.raises(MissingExtraError) as caught:
            attempt()
        assert "modelops_jupyter[files]" in str(caught.value)
