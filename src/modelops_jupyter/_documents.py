"""JSON documents on disk: each says its kind and the schema it was written with."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from modelops_jupyter._atomic import atomic_write
from modelops_jupyter._where import Where
from modelops_jupyter.errors import SourceNotFoundError, StoreError

Body = dict[str, Any]
Upgrade = Callable[[Body], Body]

SCHEMA = 1


def dump(path: str | Path, kind: str, body: Mapping[str, Any], *, schema: int = SCHEMA) -> None:
    """Write `body` as a document of `kind`, atomically."""
    document = {"kind": kind, "schema": schema, **body}
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    with atomic_write(path) as stream:
        stream.write(text.encode() + b"\n")


def load(
    path: str | Path, kind: str, *, schema: int = SCHEMA, upgrades: Mapping[int, Upgrade] | None = None
) -> Body:
    """Read a document of `kind`, upgrading an older schema step by step.

    Parameters
    ----------
    upgrades
        `{1: f}` turns a body of schema 1 into one of schema 2.

    Raises
    ------
    SourceNotFoundError
        If there is no such file.
    StoreError
        If it is not JSON, of another kind, or written by a newer version.
    """
    where = Where(file=str(path))
    try:
        parsed: object = json.loads(Path(path).read_bytes())
    except FileNotFoundError as error:
        raise SourceNotFoundError("There is no such document.", where=where) from error
    except ValueError as error:
        raise StoreError(f"The document is not JSON: {error}.", where=where) from error
    document = cast("Body", parsed) if isinstance(parsed, dict) else {}
    found = document.get("kind")
    if found != kind:
        raise StoreError(f"This is not a {kind} document (it says {found!r}).", where=where)
    version = document.pop("schema", None)
    del document["kind"]
    if not isinstance(version, int) or version > schema:
        raise StoreError(
            f"The document has schema {version}, this version reads up to {schema}.",
            where=where,
            hint="Update modelops_jupyter.",
        )
    for step in range(version, schema):
        document = (upgrades or {})[step](document)
    return document
