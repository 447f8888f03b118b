"""File types: which suffix means which, how a file becomes rows, and rows a file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets.files import arrow, csv, json_array
from modelops_jupyter.datasets.files.base import Opening
from modelops_jupyter.datasets.files.packing import PACKINGS
from modelops_jupyter.datasets.source import Source
from modelops_jupyter.datasets.storage import Storage
from modelops_jupyter.errors import DatasetError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.collection import Collection


@dataclass(frozen=True, slots=True)
class FileType:
    """How one type of file is read and written; `text` when it is written in characters."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Storage, Opening], Source]
    write: Callable[["Collection", BinaryIO], None]
    text: bool = True


def _read_jsonl(storage: Storage, opening: Opening) -> Source:
    return Source(storage, file=opening.name, first_line=opening.first_line)


def _write_jsonl(ds: "Collection", stream: BinaryIO) -> None:
    if ds.untouched:
        for block in ds.stored.sources[0].storage.scan():
            stream.write(block)
        return
    for chunk in ds.stored.chunks():
        stream.write(b"".join(raw + b"\n" for raw in chunk))


JSONL = FileType("jsonl", (".jsonl", ".ndjson", ".txt"), _read_jsonl, _write_jsonl)
JSON = FileType("json", (".json",), json_array.read, json_array.write)
FILE_TYPES = (
    JSONL,
    JSON,
    FileType("csv", (".csv",), partial(csv.read, delimiter=","), partial(csv.write, delimiter=",")),
    FileType("tsv", (".tsv",), partial(csv.read, delimiter="\t"), partial(csv.write, delimiter="\t")),
    FileType("parquet", (".parquet",), arrow.read_parquet, arrow.write_parquet, text=False),
    FileType("arrow", (".arrow", ".feather", ".ipc"), arrow.read_ipc, arrow.write_ipc, text=False),
)
_NAMES = [kind.name for kind in FILE_TYPES]


def packing_of(path: Path) -> str | None:
    """Return the suffix of the compression that a path names, if it names one."""
    return path.suffix.lower() if path.suffix.lower() in PACKINGS else None


def type_of(path: Path, name: str | None = None) -> FileType | None:
    """Return the file type of that name, or else the one that the suffix of a path means."""
    if name is not None:
        for kind in FILE_TYPES:
            if kind.name == name:
                return kind
        raise DatasetError(
            f'There is no file type "{name}".', code="unknown-file-type", hint=did_you_mean(name, _NAMES)
        )
    inner = path.with_suffix("") if packing_of(path) else path
    return next((kind for kind in FILE_TYPES if inner.suffix.lower() in kind.suffixes), None)
