"""The twin of what is a table and a sentence: slices, comparisons, gates, suites, calibrated judges."""

import math
from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.notebook.twin import svg
from modelops_jupyter.notebook.twin.grammar import (
    Column,
    Html,
    data,
    image,
    join,
    mark,
    p,
    root,
    strong,
    table,
)
from modelops_jupyter.wire.axis import enclosing

_MOST = 50  # rows of the table
_BARS = 20

Bars = list[tuple[str, svg.Point]]


def text(obj: Any) -> str:
    """Return the plain form."""
    return fmt.visible(f"{obj.title}\n{mark(obj.body) if obj.asked else obj.body}")


def html(obj: Any) -> Html:
    """Return the twin."""
    found = obj.table()
    parts = [p(obj.summary)] if obj.summary else []
    if found is not None and found.rows:
        columns = [Column(title, number=i not in found.left) for i, title in enumerate(found.head)]
        parts += [table(columns, found.rows[:_MOST]), _picture(obj)]
        if len(found.rows) > _MOST:
            parts.append(p(f"{_MOST} of {fmt.count(len(found.rows))} rows; print it for all."))
    body = join([*parts, *map(p, obj.notices)])
    return root(p(strong(obj.title)), data(body) if obj.asked else body)


def _bars(obj: Any) -> tuple[Bars, float | None]:
    """Return label and interval of each row, and the value all are measured against."""
    match obj.kind:
        case "slices":
            values = [(s.name, s.metrics[obj.metric]) for s in obj.slices]
            bars = [(name, svg.Point(0, float(v), v.low, v.high)) for name, v in values]
            return bars, obj.result[obj.metric]
        case "worst_slices":
            return [(s.rule, svg.Point(0, s.value, s.low, s.high)) for s in obj.slices], None
        case "comparison_suite":
            rows = [(obj.label(r), r.row) for r in obj.rows]
            return [(name, svg.Point(0, r.difference, r.low, r.high)) for name, r in rows], 0.0
        case "variants":
            rows = [(row.name, row.change) for row in obj if row.change is not None]
            return [(name, svg.Point(0, r.difference, r.low, r.high)) for name, r in rows], 0.0
        case _:
            return [], None


def _picture(obj: Any) -> Html:
    bars, zero = _bars(obj)
    bars = [(fmt.clip(name, 28), q) for name, q in bars[:_BARS]]
    ends = [v for _, q in bars for v in (q.y, q.low, q.high) if v is not None and math.isfinite(v)]
    if not ends:
        return Html("")
    axis = enclosing([*ends, *([] if zero is None else [zero])], (-math.inf, math.inf))
    return p(image(f"Bars from limit to limit. {obj.summary}", svg.interval_bars(bars, axis=axis, zero=zero)))
