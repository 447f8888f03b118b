"""Whatever bytes a file holds: nothing crashes, nothing is lost, every bad row is located."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.index import build_index
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.errors import RowError

PIECES = st.sampled_from(
    [
        b"\n",
        b"\r\n",
        b"\r",
        b" ",
        b"\t",
        b"\x0b",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\0",
        b'{"text": "a"}',
        b'{"text":"b", "text": "c"}',
        b'{"messages": [{"role": "user", "content": "x@y.org"}]}',
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b'{"a": 123456789012345678901234567890}',
        b"[1, 2]",
        b'{"a"',
        b"]",
    ]
)
CONTENT = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=14).map(b"".join))


def looks_like_utf16(data: bytes) -> bool:
    nuls = [byte == 0 for byte in data[:4]]
    return data.startswith((b"\xff\xfe", b"\xfe\xff")) or nuls in ([True, False] * 2, [False, True] * 2)


def expected_rows(data: bytes) -> list[tuple[int, bytes]]:
    """Return (line, bytes) of each row, the slow and obvious way."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [
        (number, line.removesuffix(b"\r") if number < len(lines) or data.endswith(b"\n") else line)
        for number, line in enumerate(lines, 1)
        if line.strip(b" \t\r\n")
    ]


@settings(deadline=None)  # it waits for the disk
@given(CONTENT)
def test_a_file_is_copied_byte_for_byte_and_cut_into_its_lines(data: bytes) -> None:
    assume(not looks_like_utf16(data))
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        path.write_bytes(data)
        ds = Dataset.from_file(path)
        ds.to_jsonl(out)
        assert out.read_bytes() == data
        assert [(ds.line(i), ds.raw(i)) for i in range(len(ds))] == expected_rows(data)
        assert list(ds.raws()) == [row for _, row in expected_rows(data)]


@settings(deadline=None)
@given(CONTENT)
def test_every_row_is_read_or_has_an_error_with_its_place(data: bytes) -> None:
    ds = Dataset.from_text(data) if not looks_like_utf16(data) and not starts_array(data) else Dataset()
    report = ds.validate()
    for i, raw in enumerate(ds.raws()):
        if try_decode(raw) is None:
            found = report.for_row(i) or report.problems[:1]
            assert any(p.severity == "error" for p in found)
            assert all(1 <= p.byte_column <= len(raw) + 1 for p in report.for_row(i))
            with pytest.raises(RowError) as caught:
                ds[i]
            assert caught.value.where is not None
            assert caught.value.where.line == ds.line(i)
        else:
            assert ds[i] == try_decode(raw)


def starts_array(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


@given(CONTENT, st.integers(1, 7))
def test_the_index_does_not_depend_on_where_blocks_end(data: bytes, size: int) -> None:
    assume(len(data) == 0 or not data.startswith(b"\xef\xbb\xbf") or size >= 3)
    blocks = [data[i : i + size] for i in range(0, len(data), size)]

    def read(start: int, end: int) -> bytes:
        return data[start:end]

    small, whole = build_index(blocks, read), build_index([data] if data else [], read)
    assert np.array_equal(small.starts, whole.starts)
    rows = np.arange(len(whole))
    assert len(small) == len(whole)
    for one, other in zip(small.spans(rows), whole.spans(rows), strict=True):
        assert np.array_equal(one, other)


@settings(deadline=None)
@given(CONTENT, st.sampled_from([".gz", ".zst"]))
def test_a_compressed_file_gives_the_same_bytes_and_takes_them_again(data: bytes, packing: str) -> None:
    assume(not looks_like_utf16(data))
    with tempfile.TemporaryDirectory() as folder:
        path, packed, out = (Path(folder) / f"{name}.jsonl" for name in ("in", "packed", "out"))
        packed = packed.with_suffix(f".jsonl{packing}")
        path.write_bytes(data)
        Dataset.from_file(path).to_jsonl(packed)
        Dataset.from_file(packed).to_jsonl(out)
        assert out.read_bytes() == data


CELLS = st.text(st.sampled_from('ab ",;\n\r\t\0é\u2028\ufeff'), max_size=4)
GRIDS = st.integers(1, 3).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), max_size=4))


@settings(deadline=None)
@given(GRIDS, st.sampled_from([".csv", ".tsv"]))
def test_a_table_of_text_is_read_as_it_was_written(grid: list[list[str]], suffix: str) -> None:
    rows = [{f"column {at}": cell for at, cell in enumerate(cells)} for cells in grid]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"out{suffix}"
        Dataset(rows).to_file(path)
        ds = Dataset.from_file(path)
        assert ds.to_list() == rows
        lines = path.read_bytes().decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for at, cells in enumerate(grid):  # the line of a row holds the start of its first cell
            first = cells[0].replace("\r", "\n").split("\n")[0].replace('"', '""')
            assert lines[ds.line(at) - 1].lstrip('"').startswith(first.lstrip('"'))


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"a", b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"\xc3\xa9"]), max_size=12))
def test_whatever_a_table_holds_each_line_is_a_row_or_a_located_problem(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.csv"
        path.write_bytes(b"text,more\n" + b"".join(pieces))
        ds = Dataset.from_file(path)
        bad = {p.row for p in ds.validate() if p.code in ("table-line", "invalid-utf8")}
        assert bad == {at for at, row in ds.decoded() if row is None}
        content = (
            b"".join(pieces).replace(b"\r", b"").replace(b"\n", b"").replace(b",", b"").replace(b'"', b"")
        )
        assert len(content) <= sum(map(len, ds.raws()))
