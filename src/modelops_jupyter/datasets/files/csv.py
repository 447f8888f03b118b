"""CSV and TSV: cells are text as typed, quoted as RFC 4180 says; a bad line hides no other.

An empty cell is an empty text; only a line that ends early leaves keys out. A line that does
not fit (more cells than the header has, an open quote) becomes an array of its cells: it counts
as a row, and `validate` reports it on its line as `table-line`.
"""

import csv
import io
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import msgspec

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets.encode import encode_row
from modelops_jupyter.datasets.files.base import Opening, StorageFile, converted, refuse_rows_without_keys
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.datasets.storage import Storage
from modelops_jupyter.errors import ConfigError, DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.collection import Collection

_LONGEST = 2**31 - 1  # characters of a cell
_MISFIT = "The line has more cells than the header, or a quote that stays open."
_limit_lock = threading.Lock()


def read(storage: Storage, opening: Opening, *, delimiter: str) -> Source:
    """Take the lines of a table as rows."""
    # Bytes that are not UTF-8 travel as surrogates and become themselves again in the row.
    text = io.TextIOWrapper(
        io.BufferedReader(StorageFile(storage), 1 << 20), "utf-8-sig", "surrogateescape", newline=""
    )
    with _limit_lock:  # the limit is one for the whole process, and 128 KiB are a short text
        before = csv.field_size_limit(_LONGEST)
        try:
            return converted(_rows(text, opening, delimiter), opening.name, _MISFIT)
        finally:
            csv.field_size_limit(before)


def _rows(text: Iterator[str], opening: Opening, delimiter: str) -> Iterator[tuple[int, bytes]]:
    seen: list[str] = []
    reader = csv.reader(_remembered(text, seen), delimiter=delimiter, strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + opening.first_line
        seen.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # a quote that stays open, or text after a closing one
            if not header:
                raise _bad_header(f"The header cannot be read: {error}.", opening, line) from None
            yield line, _encoded(["".join(seen).rstrip("\r\n")])
            continue
        if not header:
            header = _checked_header(cells, opening, line)
        elif len(cells) > len(header):
            yield line, _encoded(cells)
        elif cells:
            yield line, _encoded(_row(header, cells, opening, line))


def _remembered(text: Iterator[str], seen: list[str]) -> Iterator[str]:
    for line in text:
        seen.append(line)
        yield line


def _checked_header(header: list[str], opening: Opening, line: int) -> list[str]:
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise _bad_header(f'The header names "{min(twice)}" twice.', opening, line)
    for name, kind in opening.types.items():
        if header and name not in header:
            raise ConfigError(f'types= names "{name}", which is no column.', hint=did_you_mean(name, header))
        if kind not in _READERS:
            known = ", ".join(kind.__name__ for kind in _READERS)
            raise ConfigError(f'types= gives "{name}" the type {kind!r}.', hint=f"Known: {known}.")
    return header


def _bad_header(message: str, opening: Opening, line: int) -> DatasetError:
    where = Where(file=opening.name, line=line)
    return DatasetError(message, code="bad-header", where=where, hint="Each column needs a name of its own.")


def _row(header: list[str], cells: list[str], opening: Opening, line: int) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(header, cells, strict=False))  # a short line leaves keys out
    for name, kind in opening.types.items():
        cell = row.get(name)
        if cell == "" and kind is not str:
            del row[name]  # a blank is no number
        elif cell is not None:
            try:
                row[name] = _READERS[kind](cell)
            except ValueError:
                raise DatasetError(
                    f'"{cell[:60]}" is no {kind.__name__}.',
                    code="ill-typed-field",
                    where=Where(file=opening.name, line=line, field=name),
                    hint="Correct the cell, or read the column as text.",
                ) from None
    return row


def _holder(kind: type) -> Callable[[str], Any]:
    return msgspec.json.Decoder(kind).decode


_READERS: dict[type, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: _holder(float),
    bool: lambda cell: _holder(bool)(cell.lower()),
    list: _holder(list),
    dict: _holder(dict),
}


def _encoded(row: dict[str, Any] | list[str]) -> bytes:
    try:
        return msgspec.json.encode(row)
    except UnicodeEncodeError:
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogateescape")


def write(ds: "Collection", stream: BinaryIO, *, delimiter: str) -> None:
    """Write rows as lines of a table; what is not text is written as JSON, null and missing as a blank."""
    columns = list(dict.fromkeys(key for row in ds for key in row))
    refuse_rows_without_keys(columns, len(ds))
    text = io.TextIOWrapper(cast("Any", stream), "utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=delimiter)
    if columns:
        writer.writerow(columns)
    writer.writerows(_cells(row, columns) for row in ds)
    text.detach()  # the stream is closed by whoever opened it


def _cells(row: dict[str, Any], columns: Sequence[str]) -> list[str]:
    last = max((at for at, name in enumerate(columns) if name in row), default=0)
    return [_cell(row.get(name)) for name in columns[: last + 1]]


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else encode_row(value).decode()
