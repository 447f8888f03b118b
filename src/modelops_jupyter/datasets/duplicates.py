"""Rows that say the same, and rows that ask the same but answer otherwise."""

from typing import TYPE_CHECKING

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.formats import DatasetFormat, row_format
from modelops_jupyter.datasets.formats.values import content_text, pretty
from modelops_jupyter.errors import DatasetError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset


def first_of(ds: "Dataset", how: str = "exact") -> NDArray[np.int64]:
    """Return for each row the position of the first row with equal bytes, -1 for a first one."""
    if how != "exact":
        raise DatasetError(f'Duplicates are found "exact" only, not "{how}", yet.', code="not-there-yet")
    seen: dict[bytes, int] = {}
    out = np.full(len(ds), -1, dtype=np.int64)
    for at, raw in enumerate(ds.raws()):
        first = seen.setdefault(xxhash.xxh3_128_digest(raw), at)
        if first != at:
            out[at] = first
    return out


def prompt_key(row: Row, format: DatasetFormat) -> bytes | None:
    """Return a digest of what a row asks, None if it asks nothing."""
    known = row_format(row, format)
    if known is None:
        return None
    try:
        messages = known.prompt(row)
    except DatasetError:
        return None
    said = [f"{m.get('role')}\0{_said(m)}" for m in messages]
    return xxhash.xxh3_128_digest("\0".join(said).encode("utf-8", "surrogatepass")) if any(said) else None


def _said(message: Row) -> str:
    content = message.get("content")
    calls = message.get("tool_calls")
    return content_text(content) + (pretty(calls) if calls else "")


def answer(row: Row, format: DatasetFormat) -> str | None:
    """Return what a row answers, without outer blanks; None if there is no text to compare."""
    known = row_format(row, format)
    if known is None or known.name is DatasetFormat.PREFERENCE:
        return None
    try:
        return known.reference(row).strip() or None
    except DatasetError:
        return None
