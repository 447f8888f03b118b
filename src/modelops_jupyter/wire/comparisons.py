"""A comparison as it travels: the verdict first, then every paired difference."""

from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import Comparison, ComparisonRow, EvaluationResult
from modelops_jupyter.wire.axis import enclosing, finite

_ICONS = {"better": "ok", "worse": "error"}
_UNBOUND = (float("-inf"), float("inf"))


def describe(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison, formatted."""
    ends = [side for row in comparison.rows for side in (row.low, row.high) if finite(side) is not None]
    titles = [fmt.clip(fmt.visible(r.title), 80) for r in (comparison.after, comparison.before)]
    named = titles if titles[0] != titles[1] else ["after", "before"]
    return {
        "title": f"{named[0]} minus {named[1]}",
        "verdict": _verdict(comparison),
        "rows": [_row(row, comparison) for row in comparison.rows],
        "detectable_text": comparison.detectable_text,
        "axis": enclosing([*ends, 0.0], _UNBOUND),
    }


def baselines(result: EvaluationResult) -> dict[str, Any]:
    """Return what a result says of baselines and of what was retained; nothing where it has neither."""
    found, against = dict[str, Any](), result.against_baselines
    if against is not None:
        rows = [
            {
                **_row(r.row, against.comparisons[r.name]),
                "label": fmt.visible(r.name),
                "p_text": fmt.p_value(r.p_adjusted),
                "verdict": r.verdict,
            }
            for r in against.rows
        ]
        ends = [v for r in against.rows for v in (r.row.low, r.row.high) if finite(v) is not None]
        found["baselines"] = {
            "metric": fmt.visible(against.rows[0].row.label),
            "rows": rows,
            "axis": enclosing([*ends, 0.0], _UNBOUND),
        }
    if result.retained:
        found["retained"] = [
            {
                "label": fmt.visible(r.name),
                "before_text": r.before,
                "after_text": r.after,
                "text": fmt.signed(r.difference),
                "interval_text": f"[{fmt.signed(r.low)}, {fmt.signed(r.high)}]",
                "n": r.n,
                "p_text": fmt.p_value(r.p),
                "verdict": r.verdict,
            }
            for r in result.retained
        ]
    return found


def range_text(low: float, high: float) -> str:
    """Return '0.887 to 0.934'."""
    return f"{fmt.number(low)} to {fmt.number(high)}"


def _verdict(comparison: Comparison) -> dict[str, str]:
    word = comparison.verdict[:1].upper() + comparison.verdict[1:] + "."
    if not comparison.rows:
        return {"icon": "unsure", "word": word, "text": comparison.summary}
    row = comparison.rows[0]
    where = f"on the same {fmt.plural(row.n, 'row')}, p {fmt.p_value(row.p)}."
    text = f"{fmt.visible(row.label)} {fmt.signed(row.difference)} {_interval(row)} {where}"
    if row.discordant is not None:
        only_after, only_before = (fmt.count(n) for n in row.discordant)
        text += f" Only after is right {only_after} times, only before {only_before} times."
    return {"icon": _ICONS.get(row.verdict, "unsure"), "word": word, "text": text}


def _row(row: ComparisonRow, comparison: Comparison) -> dict[str, Any]:
    return {
        "label": fmt.clip(fmt.visible(row.label), 80),
        "n": row.n,
        "text": fmt.signed(row.difference),
        "interval_text": _interval(row),
        "value": finite(row.difference),
        "low": finite(row.low),
        "high": finite(row.high),
        "p_text": fmt.p_value(row.p),
        "verdict": row.verdict,
        "after_text": comparison.after[row.name].brief,
        "before_text": comparison.before[row.name].brief,
    }


def _interval(row: ComparisonRow) -> str:
    return f"[{fmt.signed(row.low)}, {fmt.signed(row.high)}]"
