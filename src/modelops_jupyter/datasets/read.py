"""From a file or a text to a source; the file type comes from the suffix."""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets.parse import column_at, diagnose
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.datasets.storage import FileStorage, MemoryStorage, Storage, blocks, stored
from modelops_jupyter.errors import DatasetError, Where

_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".txt": "jsonl"}
_LATER = {".csv", ".tsv", ".parquet", ".arrow", ".feather", ".zst"}
_TYPES = ("jsonl", "json")
_INFLATE = 1 << 20


def open_source(path: str | Path, file_type: str | None = None) -> Source:
    """Open a file as rows."""
    file = Path(path)
    kind = _kind(file, file_type)
    storage: Storage = FileStorage(file)
    if file.suffix.lower() == ".gz":
        storage = _unzipped(storage, file)
    return source_of(storage, kind, file.name, sniff=file_type is None)


def text_source(text: str | bytes, file_type: str | None = None, first_line: int = 1) -> Source:
    """Treat a text, such as the body of a notebook cell, as rows."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return source_of(MemoryStorage(data), file_type or "json", None, first_line, sniff=file_type is None)


def source_of(storage: Storage, kind: str, name: str | None, first_line: int = 1, *, sniff: bool) -> Source:
    """Index storage as lines, or take a JSON array apart."""
    head = storage.read(0, min(storage.size, 64))
    _refuse_wide_characters(head, name)
    if kind == "json" and (not sniff or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")):
        return _array(storage.read(0, storage.size), name, first_line)
    return Source(storage, file=name, first_line=first_line)


def _kind(file: Path, file_type: str | None) -> str:
    if file_type is not None:
        if file_type not in _TYPES:
            hint = did_you_mean(file_type, _TYPES)
            raise DatasetError(f'There is no file type "{file_type}".', code="unknown-file-type", hint=hint)
        return file_type
    suffixes = [s.lower() for s in file.suffixes]
    suffix = suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else (suffixes or [""])[-1]
    if suffix in _LATER:
        raise DatasetError(
            f"{suffix} files cannot be read yet.",
            code="unknown-file-type",
            where=Where(file=str(file)),
            hint="Read it with pandas and give the frame to Dataset(...), or save it as JSONL.",
        )
    return _SUFFIXES.get(suffix, "jsonl")


def _refuse_wide_characters(head: bytes, name: str | None) -> None:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{", b"[\0", b"\0["))
    if wide:
        raise DatasetError(
            f"{name or 'The text'} is written in UTF-16, not UTF-8.",
            code="encoding-utf16",
            where=Where(file=name, line=1),
            hint="Save it again as UTF-8: Path(p).write_text(Path(p).read_text('utf-16'), 'utf-8').",
        )


def _unzipped(storage: Storage, file: Path) -> Storage:
    try:
        return stored(inflated(blocks(storage)))
    except (EOFError, zlib.error) as error:
        raise DatasetError(
            f"{file.name} is not a whole gzip file: {error}.", code="bad-gzip", where=Where(file=str(file))
        ) from None


def inflated(packed: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the content of a gzip stream, all its members, a bounded number of bytes at a time."""
    member, whole = zlib.decompressobj(wbits=31), True
    for block in packed:
        rest, full = block, False
        while rest or full:
            if member.eof:
                rest = rest.lstrip(b"\0")  # padding between members is allowed
                member, full = zlib.decompressobj(wbits=31), False
                continue
            data = member.decompress(rest, _INFLATE)
            yield data
            rest, whole = member.unused_data or member.unconsumed_tail, member.eof
            full = len(data) == _INFLATE and not whole  # more may wait inside
    if not whole:
        raise EOFError("it ends too early")


def _array(data: bytes, name: str | None, first_line: int) -> Source:
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        items = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        raise _bad_array(body, name, first_line) from None
    rows: list[bytes] = []
    lines: list[int] = []
    at, line = 0, first_line
    for item in items:
        raw = bytes(item)
        found = body.index(raw, at)
        line += body.count(b"\n", at, found)
        lines.append(line)
        line += raw.count(b"\n")
        at = found + len(raw)
        # One row is one line; removing the layout changes no number and no escape.
        rows.append(bytes(msgspec.json.format(raw, indent=-1)) if b"\n" in raw or b"\r" in raw else raw)
    return Source.of_rows(rows, file=name, lines=np.array(lines, dtype=np.int64))


def _bad_array(body: bytes, name: str | None, first_line: int) -> DatasetError:
    fault = diagnose(body)
    start = body.rfind(b"\n", 0, fault.offset) + 1
    line = body.count(b"\n", 0, fault.offset) + first_line
    message = "The JSON text is not an array of rows." if fault.code == "not-an-object" else fault.message
    return DatasetError(
        message,
        code="not-json",
        where=Where(file=name, line=line, column=column_at(body[start:], fault.offset - start)),
        hint="An array is read as a whole; one row a line (.jsonl) survives a broken row.",
    )
