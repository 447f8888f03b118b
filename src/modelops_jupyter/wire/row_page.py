"""A page of rows, each reduced to one line."""

from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Dataset, tokens
from modelops_jupyter.datasets.formats import turns
from modelops_jupyter.datasets.query import Query, match_span, positions, preview
from modelops_jupyter.datasets.validation import CODES
from modelops_jupyter.errors import RowError
from modelops_jupyter.wire.context import Context

MAX_ROLES = 5
SEVERITIES = ("error", "warning", "info")
_LETTERS = {"system": "S", "developer": "D", "user": "U", "assistant": "A", "tool": "T", "text": "¶"}


def page(ds: Dataset, query: Query, start: int, stop: int, context: Context) -> dict[str, Any]:
    """Return `{"total", "rows"}` for the rows `start` to `stop` of a view."""
    found = positions(ds, query, context.check)
    lengths = tokens.estimate(ds)
    rows: list[dict[str, Any]] = []
    for position in found[start:stop].tolist():
        context.check()
        rows.append(line(ds, position, query, int(lengths[position])))
    return {"total": len(found), "rows": rows}


def line(ds: Dataset, position: int, query: Query, length: int) -> dict[str, Any]:
    """Return one row as a list shows it; a row that cannot be read shows its raw text."""
    problems = ds.validate().for_row(position)
    try:
        shown = turns(ds[position], ds.format)
        broken = False
    except RowError:
        shown, broken = [], True
    text, match = _preview(ds, position, query)
    return {
        "position": position,
        "id": fmt.visible(ds.ids[position]),
        "line": ds.line(position),
        "roles": [
            {
                "role": fmt.clip(fmt.visible(turn.role), 40),
                "letter": letter(turn.role),
                "problem": any(_within(p.pointer, turn.pointer) for p in problems),
            }
            for turn in shown[:MAX_ROLES]
        ],
        "more_roles": max(0, len(shown) - MAX_ROLES),
        "turns": len(shown),
        "tokens": {"text": f"≈ {fmt.count(length)}", "value": length},
        "preview": text,
        "match": match,
        "broken": broken,
        "problems": [
            {"code": p.code, "label": label(p.code), "severity": str(p.severity)}
            for p in sorted(problems, key=lambda p: SEVERITIES.index(str(p.severity)))
        ],
    }


def _preview(ds: Dataset, position: int, query: Query) -> tuple[dict[str, Any], list[int] | None]:
    text = preview(ds, position, query)
    cell = fmt.cell(text)
    span = match_span(ds, position, query)
    if span is None:
        return cell, None
    # Making control characters visible moves what follows them.
    start, end = (len(fmt.visible(text[:place])) for place in span)
    shown = len(cell["text"])
    return cell, [min(start, shown), min(end, shown)]


def _within(pointer: str | None, turn: str) -> bool:
    return bool(pointer) and (pointer == turn or str(pointer).startswith(turn + "/"))


def letter(role: str) -> str:
    """Return the one letter of a role; unknown roles show their own first letter."""
    return _LETTERS.get(role) or fmt.visible(role[:1]).upper()[:1] or "?"


def label(code: str) -> str:
    """Return the short words for a problem's code."""
    info = CODES.get(code)
    return info.label if info else code
