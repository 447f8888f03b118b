"""What loaders change, one small file each: here every byte comes out as it went in."""

import gzip
from pathlib import Path

import pytest

from modelops_jupyter.datasets import Dataset

from .build import saved
from .passing import pass_through

KINDS = {
    "how a number is written": b'{"n": 1E5, "m": -0, "k": 1.50, "l": 0.1000000000000000055511151231257827}\n',
    "numbers of any size": b'{"n": 123456789012345678901234567890, "m": 18446744073709551616}\n',
    "escapes": b'{"s": "\\u00e9 \\/ \\u0041 \\u2028"}\n{"s": "\xc3\xa9 / A \xe2\x80\xa8"}\n',
    "keys that are there twice": b'{"a": 1, "a": 2}\n',
    "the order of keys": b'{"b": 1, "a": 2}\n{"a": 1, "b": 2}\n',
    "blanks between the parts": b'{"a" : [ 1 ,2 ] }  \n\t{"a":[1,2]}\n',
    "a mark at the start": b'\xef\xbb\xbf{"text": "a"}\n',
    "line ends of Windows": b'{"text": "a"}\r\n{"text": "b"}\r\n',
    "both line ends": b'{"text": "a"}\r\n{"text": "b"}\n',
    "blank lines": b'\n{"text": "a"}\n\n  \n{"text": "b"}\n\n',
    "no last newline": b'{"text": "a"}\n{"text": "b"}',
    "line separators inside text": '{"text": "a\u2028b\u0085c"}\n'.encode(),
    "half a surrogate pair": b'{"text": "\\ud83d"}\n{"text": "\\ud83d\\ude00"}\n',
    "NaN and infinity": b'{"n": NaN, "m": -Infinity}\n{"n": 1e999}\n',
    "bytes that are not UTF-8": b'{"text": "caf\xe9"}\n{"text": "\xed\xa0\x80"}\n',
    "a line that is cut": b'{"text": "a"}\n{"text": "b',
    "text that looks like a number": b'{"id": "007", "zip": "01067", "n": "1e5"}\n',
    "text that looks like a date": b'{"day": "2021-03-04", "at": "2021-03-04T05:06:07Z"}\n',
    "nulls, empty and missing": b'{"a": null, "b": {}, "c": []}\n{"b": {"x": null}}\n{}\n',
    "types that change": b'{"a": 1}\n{"a": "1"}\n{"a": [1]}\n{"a": {"b": 1}}\n{"a": true}\n',
    "rows that are no objects": b'1\n"a"\n[1]\nnull\n{"a": 1}\n',
    "control characters": b'{"text": "a\\u0000b"}\n{"text": "a\x00b\x0bc"}\n',
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_byte_comes_out_as_it_went_in(tmp_path: Path, kind: str) -> None:
    ds = pass_through(saved(tmp_path, KINDS[kind]))
    assert b"".join(ds.raws()) == b"".join(
        line.removesuffix(b"\r")
        for line in KINDS[kind].removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if line.strip()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_rows_keep_their_bytes_through_compression_and_among_changed_rows(tmp_path: Path, kind: str) -> None:
    ds = Dataset.from_file(saved(tmp_path, gzip.compress(KINDS[kind]), "in.jsonl.gz"))
    ds.to_jsonl(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == KINDS[kind]
    first = Dataset([{"text": "other"}])
    (first + ds).patch({0: {"text": "new"}}).to_jsonl(tmp_path / "more.jsonl")
    assert list(Dataset.from_file(tmp_path / "more.jsonl").raws()) == [b'{"text":"new"}', *ds.raws()]
