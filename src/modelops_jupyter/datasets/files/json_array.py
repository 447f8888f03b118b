"""A JSON array: read and written as a whole, each item a row."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from modelops_jupyter.datasets.files.base import Opening, converted
from modelops_jupyter.datasets.parse import column_at, diagnose, try_decode
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.datasets.storage import Storage
from modelops_jupyter.errors import DatasetError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.collection import Collection


def read(storage: Storage, opening: Opening) -> Source:
    """Take an array apart; numbers and escapes stay as they are written."""
    body = storage.read(0, storage.size).removeprefix(b"\xef\xbb\xbf")
    try:
        items = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        raise _bad_array(body, opening) from None
    return converted(_rows(body, items, opening.first_line), opening.name)


def _rows(body: bytes, items: list[msgspec.Raw], line: int) -> Iterator[tuple[int, bytes]]:
    at = 0
    for item in items:
        raw = bytes(item)
        found = body.index(raw, at)
        line += body.count(b"\n", at, found)
        # One row is one line; removing the layout changes no number and no escape.
        yield line, bytes(msgspec.json.format(raw, indent=-1)) if b"\n" in raw or b"\r" in raw else raw
        line += raw.count(b"\n")
        at = found + len(raw)


def _bad_array(body: bytes, opening: Opening) -> DatasetError:
    fault = diagnose(body)
    start = body.rfind(b"\n", 0, fault.offset) + 1
    line = body.count(b"\n", 0, fault.offset) + opening.first_line
    message = "The JSON text is not an array of rows." if fault.code == "not-an-object" else fault.message
    return DatasetError(
        message,
        code="not-json",
        where=Where(file=opening.name, line=line, column=column_at(body[start:], fault.offset - start)),
        hint="An array is read as a whole; one row a line (.jsonl) survives a broken row.",
    )


def write(ds: "Collection", stream: BinaryIO) -> None:
    """Write the bytes of the rows as one array, a row a line."""
    before = b"[\n"
    for at, raw in enumerate(ds.raws()):
        if try_decode(raw) is None:
            ds[at]  # a bad row would make the whole file unreadable: its error says where it is
        stream.write(before + raw)
        before = b",\n"
    stream.write((b"\n" if before == b",\n" else before) + b"]\n")
