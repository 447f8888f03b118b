"""A page of rows, each reduced to one line."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Dataset, duplicates, tokens
from modelops_jupyter.datasets.formats import DatasetFormat, turns
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.query import LABEL, Query, previewed
from modelops_jupyter.datasets.validation import CODES
from modelops_jupyter.wire import checking
from modelops_jupyter.wire.desk import Desk

MAX_ROLES = 5
SEVERITIES = ("error", "warning", "info")
_LETTERS = {"system": "S", "developer": "D", "user": "U", "assistant": "A", "tool": "T", "text": "¶"}


def page(
    ds: Dataset, query: Query, at: NDArray[np.integer], check: Callable[[], None], desk: Desk | None = None
) -> list[dict[str, Any]]:
    """Return the rows at some positions."""
    lengths = tokens.estimate(ds)
    grouped = query.groups and query.problem in duplicates.KINDS
    group = duplicates.groups(ds, str(query.problem)) if grouped else None
    rows: list[dict[str, Any]] = []
    # Read all at once: each reading by itself lets another thread take over.
    for position, raw in zip(at.tolist(), ds.stored.read(at.astype(np.int64)), strict=True):
        check()
        row = line(ds, position, raw, query, int(lengths[position]))
        row["group"] = None if group is None else int(group[position])
        rows.append(row if desk is None else {**row, **_at_work(desk, position, raw)})
    return rows


def _at_work(desk: Desk, position: int, raw: bytes) -> dict[str, Any]:
    value = (try_decode(raw) or {}).get(LABEL)
    return {
        "selected": bool(desk.selected[position]),
        "dropped": bool(desk.session.dropped[position]),
        "edited": position in desk.session.edited,
        "label": None if value is None else fmt.cell(value, 60)["text"],
    }


def line(ds: Dataset, position: int, raw: bytes, query: Query, length: int) -> dict[str, Any]:
    """Return one row as a list shows it; a row that cannot be read shows its raw text."""
    report = checking.found(ds)
    problems = report.for_row(position) if report is not None else ()
    row = try_decode(raw)
    shown = [] if row is None else turns(row, ds.format)
    text, match = _preview(raw, ds.format, query)
    return {
        "position": position,
        "line": ds.line(position),
        "roles": [
            {
                "role": fmt.clip(fmt.visible(turn.role), 40),
                "letter": letter(turn.role),
                "problem": any(within(p.pointer, turn.pointer) for p in problems),
            }
            for turn in shown[:MAX_ROLES]
        ],
        "more_roles": max(0, len(shown) - MAX_ROLES),
        "turns": len(shown),
        "tokens": {"text": f"≈ {fmt.count(length)}", "value": length},
        "preview": text,
        "match": match,
        "broken": row is None,
        "problems": [
            {"code": p.code, "label": label(p.code), "severity": str(p.severity)}
            for p in sorted(problems, key=lambda p: SEVERITIES.index(str(p.severity)))
        ],
    }


def _preview(raw: bytes, layout: DatasetFormat, query: Query) -> tuple[dict[str, Any], list[int] | None]:
    text, span = previewed(raw, layout, query)
    cell = fmt.cell(text)
    if span is None:
        return cell, None
    # Making control characters visible moves what follows them.
    start, end = (len(fmt.visible(text[:place])) for place in span)
    shown = len(cell["text"])
    return cell, [min(start, shown), min(end, shown)]


def within(pointer: str | None, turn: str) -> bool:
    """Tell whether a problem's pointer leads into a turn or a part."""
    return bool(pointer) and (pointer == turn or str(pointer).startswith(turn + "/"))


def letter(role: str) -> str:
    """Return the one letter of a role; unknown roles show their own first letter."""
    return _LETTERS.get(role) or fmt.visible(role[:1]).upper()[:1] or "?"


def label(code: str) -> str:
    """Return the short words for a problem's code."""
    info = CODES.get(code)
    return info.label if info else code
