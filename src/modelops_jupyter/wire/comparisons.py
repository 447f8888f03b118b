"""A comparison as it travels: the verdict first, then every paired difference."""

from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import Comparison, ComparisonRow, EvaluationResult, GateResult
from modelops_jupyter.wire.axis import enclosing, finite, sides

_ICONS = {"better": "ok", "worse": "error", "pass": "ok", "fail": "error"}
_UNBOUND = (float("-inf"), float("inf"))


def gate(found: GateResult | None) -> dict[str, str] | None:
    """Return what a gate found, with the number that decided."""
    if found is None:
        return None
    word = f"Gate: {found.outcome}."
    return {"icon": _ICONS.get(found.outcome, "unsure"), "word": word, "text": fmt.visible(found.reason)}


def describe(comparison: Comparison, judged: GateResult | None = None) -> dict[str, Any]:
    """Return a comparison, formatted; with the limit of the gate that judged it."""
    rows = [_row(row, comparison) | _limits(row, judged) for row in comparison.rows]
    axes = [_axis([row]) for row in rows]
    apart = comparison.after.task_type.takes == "numbers"  # an error and its square share no axis
    titles = [fmt.clip(fmt.visible(r.title), 80) for r in (comparison.after, comparison.before)]
    named = titles if titles[0] != titles[1] else ["after", "before"]
    return {
        "title": f"{named[0]} minus {named[1]}",
        "verdict": _verdict(comparison),
        "rows": [row | {"axis": axis} for row, axis in zip(rows, axes, strict=True)] if apart else rows,
        "detectable_text": comparison.detectable_text,
        "legend": _legend(comparison, judged),
        "axis": None if apart else _axis(rows),
    }


def _axis(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the axis around zero of lines with their limits."""
    ends = [row.get(side) for row in rows for side in ("low", "high", "gate")]
    return enclosing([0.0, *(end for end in ends if end is not None)], _UNBOUND)


def _drops(comparison: Comparison, judged: GateResult | None) -> list[float]:
    return [limit for r in comparison.rows if (limit := _limits(r, judged)["gate"]) is not None]


def _legend(comparison: Comparison, judged: GateResult | None) -> list[str]:
    """Say what the grey field and the dashed line of a row mean, in numbers."""
    first = comparison.rows[:1]
    small = [
        f"grey: too small for these rows to show, ±{fmt.number(r.detectable)} for {fmt.visible(r.label)}"
        for r in first
        if finite(r.detectable) is not None
    ]
    drops = _drops(comparison, judged)
    return [*small, *(f"dashed: gate, {fmt.signed(limit)}" for limit in drops)]


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
        found["baselines"] = {
            "metric": fmt.visible(against.rows[0].row.label),
            "rows": rows,
            "axis": _axis(rows),
        }
    if result.retained:
        found["retained"] = [
            {
                "label": fmt.visible(r.name),
                "before_text": r.before,
                "after_text": r.after,
                "text": fmt.signed(r.difference),
                "interval_text": fmt.signed_interval(r.low, r.high),
                **sides(r.difference, r.low, r.high),
                "axis": enclosing([v for v in (r.low, r.high, 0.0) if finite(v) is not None], _UNBOUND),
                "n": r.n,
                "p_text": fmt.p_value(r.p),
                "verdict": r.verdict,
            }
            for r in result.retained
        ]
    return found


def _verdict(comparison: Comparison) -> dict[str, str]:
    word = comparison.verdict[:1].upper() + comparison.verdict[1:] + "."
    if not comparison.rows:
        return {"icon": "unsure", "word": word, "text": comparison.summary}
    row = comparison.rows[0]
    where = f"on the same {fmt.plural(row.n, 'row')}, p {fmt.p_value(row.p)}."
    text = f"{fmt.visible(row.label)} {fmt.signed(row.difference)} {row.interval_text} {where}"
    if row.discordant is not None:
        only_after, only_before = (fmt.plural(n, "time") for n in row.discordant)
        text += f" Only after is right {only_after}, only before {only_before}."
    return {"icon": _ICONS.get(row.verdict, "unsure"), "word": word, "text": text}


def _row(row: ComparisonRow, comparison: Comparison) -> dict[str, Any]:
    return {
        "label": fmt.clip(fmt.visible(row.label), 80),
        "n": row.n,
        "text": fmt.signed(row.difference),
        "interval_text": row.interval_text,
        **sides(row.difference, row.low, row.high),
        "p_text": fmt.p_value(row.p),
        "verdict": row.verdict,
        "after_text": comparison.after[row.name].brief,
        "before_text": comparison.before[row.name].brief,
    }


def _limits(row: ComparisonRow, judged: GateResult | None) -> dict[str, float | None]:
    """Return the smallest difference that the rows can show, and what the gate allows."""
    # a gate that did not pass is false
    allowed = judged.gate.max_drop if judged is not None and judged.gate.metric == row.name else None
    drop = None if allowed is None else allowed if row.greater_is_better is False else -allowed
    return {"detectable": finite(row.detectable), "gate": drop}
