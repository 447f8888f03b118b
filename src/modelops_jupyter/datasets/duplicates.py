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


def exchange(row: Row, format: DatasetFormat) -> tuple[str, str]:
    """Return what a row asks and what it answers, as texts to compare; empty where there is none."""
    known = row_format(row, format)
    if known is None:
        return "", ""
    try:
        messages = known.prompt(row)
        said = "" if known.name is DatasetFormat.PREFERENCE else known.reference(row).strip()
    except DatasetError:
        return "", ""
    return "\0".join([f"{m.get('role')}\0{_said(m)}" for m in messages]), said


def _said(message: Row) -> str:
    content = message.get("content")
    text = content if isinstance(content, str) else content_text(content)
    calls = message.get("tool_calls")
    return text + pretty(calls) if calls else text


def digest(text: str) -> int:
    """Return 64 bits that stand for a text."""
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
