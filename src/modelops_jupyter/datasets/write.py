"""Rows to disk: whole or not at all, and untouched bytes untouched."""

from pathlib import Path
from typing import TYPE_CHECKING

from modelops_jupyter._atomic import atomic_write
from modelops_jupyter.datasets.storage import blocks
from modelops_jupyter.errors import SourceNotFoundError, StoreError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.rows import Rows


def write_jsonl(rows: "Rows", path: str | Path, *, verbatim: bool) -> None:
    """Write rows, each followed by a newline; `verbatim` copies the only source byte for byte."""
    target = Path(path)
    if not target.absolute().parent.is_dir():
        raise SourceNotFoundError(
            f"The folder of {target.name} does not exist.",
            where=Where(file=str(target)),
            hint="Create it first.",
        )
    try:
        with atomic_write(target) as stream:
            if verbatim:
                for block in blocks(rows.sources[0].storage):
                    stream.write(block)
            else:
                for chunk in rows.chunks():
                    stream.write(b"".join(raw + b"\n" for raw in chunk))
    except OSError as error:
        if isinstance(error, StoreError | SourceNotFoundError):
            raise
        raise StoreError(
            f"{target.name} was not written: {error.strerror or error}.",
            code="not-written",
            where=Where(file=str(target)),
            hint="What was there before is unchanged.",
        ) from error
