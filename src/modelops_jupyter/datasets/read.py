"""From a file or a text to a source; the file type comes from the suffix."""

from collections.abc import Mapping
from pathlib import Path

from modelops_jupyter.datasets.files import JSON, JSONL, FileType, packing_of, type_of
from modelops_jupyter.datasets.files.base import Opening
from modelops_jupyter.datasets.files.packing import unpacked
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.datasets.storage import FileStorage, MemoryStorage, Storage
from modelops_jupyter.errors import ConfigError, DatasetError, Where


def open_source(
    path: str | Path, file_type: str | None = None, types: Mapping[str, type] | None = None
) -> Source:
    """Open a file as rows."""
    file = Path(path)
    kind = type_of(file, file_type) or JSONL
    if types and kind.name not in ("csv", "tsv"):
        raise ConfigError(f"types= is for CSV and TSV; the values of {file.name} have their types.")
    storage: Storage = FileStorage(file)
    if packing := packing_of(file):
        storage = unpacked(storage, packing, file.name)
    return _source_of(storage, kind, Opening(file.name, types=types or {}), sniff=file_type is None)


def text_source(text: str | bytes, first_line: int = 1) -> Source:
    """Treat a text, such as the body of a notebook cell, as rows."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _source_of(MemoryStorage(data), JSON, Opening(None, first_line), sniff=True)


def _source_of(storage: Storage, kind: FileType, opening: Opening, *, sniff: bool) -> Source:
    head = storage.read(0, min(storage.size, 64))
    if kind.text:
        _refuse_wide_characters(head, opening.name)
    if kind is JSON and sniff and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        kind = JSONL  # lines in a .json file are common
    return kind.read(storage, opening)


def _refuse_wide_characters(head: bytes, name: str | None) -> None:
    even, odd = head[0:4:2], head[1:4:2]
    # ASCII in UTF-16: every other byte is NUL. Two such pairs at least, for `[`, NUL, `]` is something else.
    paired = len(odd) > 1 and any(even) != any(odd) and all(even) != all(odd)
    if paired or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DatasetError(
            f"{name or 'The text'} is written in UTF-16, not UTF-8.",
            code="encoding-utf16",
            where=Where(file=name, line=1),
            hint="Save it again as UTF-8: Path(p).write_text(Path(p).read_text('utf-16'), 'utf-8').",
        )
