"""Rows to disk: whole or not at all, and untouched bytes untouched."""

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from modelops_jupyter._atomic import atomic_write
from modelops_jupyter.datasets.files import FILE_TYPES, packing_of, type_of
from modelops_jupyter.datasets.files.packing import packed
from modelops_jupyter.errors import DatasetError, SourceNotFoundError, StoreError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.collection import Collection


def write_file(ds: "Collection", path: str | Path, file_type: str | None = None) -> None:
    """Write rows as the type that the suffix of `path` or `file_type` names."""
    target = Path(path)
    kind = type_of(target, file_type)
    if kind is None:
        known = ", ".join(suffix for kind in FILE_TYPES for suffix in kind.suffixes)
        raise DatasetError(
            f'The suffix "{target.suffix}" names no file type.',
            code="unknown-file-type",
            where=Where(file=str(target)),
            hint=f"Known: {known}, of text also with .gz or .zst; or give file_type=.",
        )
    with _whole(target) as stream, packed(stream, packing_of(target)) as content:
        kind.write(ds, content)


@contextlib.contextmanager
def _whole(target: Path) -> Generator[BinaryIO]:
    if not target.absolute().parent.is_dir():
        raise SourceNotFoundError(
            f"The folder of {target.name} does not exist.",
            where=Where(file=str(target)),
            hint="Create it first.",
        )
    try:
        with atomic_write(target) as stream:
            yield stream
    except OSError as error:
        raise StoreError(
            f"{target.name} was not written: {error.strerror or error}.",
            code="not-written",
            where=Where(file=str(target)),
            hint="What stands there is whole: the file from before, or all of the new one.",
        ) from error
