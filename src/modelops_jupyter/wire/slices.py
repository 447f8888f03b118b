"""Parts of the rows with their own number, worst first, and what a search for bad ones found."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import EvaluationResult
from modelops_jupyter.evaluation.columns import MOST
from modelops_jupyter.evaluation.intervals import mean_t, wilson
from modelops_jupyter.evaluation.slices import row_errors
from modelops_jupyter.wire.axis import enclosing, sides
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.shown import Handle, Shown, Words

QUICK = 20_000  # rows up to which the search is made unasked
_LOOKED, _LEAST = 200, 40  # rows that tell which fields there are; rows that can be parted
_LONGEST = 1000  # characters of a key that can be asked for
SEARCH = ""  # in place of a column


class SliceArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose slices, by which column; "" searches all columns for what is worst."""

    result: Handle
    by: Words = SEARCH


def possible(result: EvaluationResult) -> bool:
    """Whether the rows are enough to part, and a metric says how wrong each is."""
    return result.rows is not None and result.sample_count >= _LEAST and bool(result.metrics)


def columns(result: EvaluationResult) -> list[tuple[str, str]]:
    """Return the fields that can part the rows, as the first rows tell: key, and how it is shown."""
    if result.dataset is None:
        return []
    seen = [result.dataset[i] for i in range(min(_LOOKED, len(result.dataset)))]
    values = {key: [row.get(key) for row in seen] for key in dict.fromkeys(k for row in seen for k in row)}
    plain = {k: v for k, v in values.items() if all(x is None or isinstance(x, str | int | float) for x in v)}
    return [
        (key, fmt.clip(fmt.visible(key), 80))
        for key, found in plain.items()
        if 0 < len(key) <= _LONGEST
        and (1 < len(set(found)) <= MOST or all(isinstance(x, int | float) for x in found))
    ][:20]


def describe(shown: Shown, by: str) -> dict[str, Any]:
    """Return the slices of a column or of the search, on one axis with all rows."""
    found = _searched(shown) if by == SEARCH else _parted(shown, by)
    ends = [v for row in [*found["rows"], found["overall"]] for v in (row["low"], row["high"], row["value"])]
    bounds = found.pop("bounds")
    axis = enclosing([v for v in ends if v is not None], bounds)
    return {**found, "by": by, "columns": columns(shown.result), "axis": axis}


def _parted(shown: Shown, by: str) -> dict[str, Any]:
    found = shown.result.by(by)
    shown.found[by] = {s.name: s.positions for s in found.slices}
    whole = shown.result[found.metric]
    return {
        "measure": fmt.visible(whole.label),
        "finding": fmt.visible(found.summary),
        "overall": _side(float(whole), whole.low, whole.high, fmt.number(whole), whole.interval_text),
        "rows": [
            {
                "label": s.name,
                "n": s.n,
                "verdict": s.finding,
                "p_text": fmt.p_value(s.p),
                **_side(float(v), v.low, v.high, fmt.number(v), v.interval_text),
            }
            for s in found.slices
            for v in (s.metrics[found.metric],)
        ],
        "bounds": whole.bounds,
    }


def _searched(shown: Shown) -> dict[str, Any]:
    result = shown.result
    found = result.worst_slices()
    shown.found[SEARCH] = {s.rule: s.positions for s in found}
    errors = row_errors(result, next(iter(result.metrics)))
    errors = errors[~np.isnan(errors)]
    errors = errors - min(0.0, float(errors.min()))  # as the search does: a score turned round
    mean = float(errors.mean())
    limits = (
        wilson(float(errors.sum()), len(errors), result.level)
        if found.rates
        else mean_t(mean, float(errors.std(ddof=1)), len(errors), result.level)
    )

    def side(value: float, low: float, high: float) -> dict[str, Any]:
        if not found.rates:
            return _side(value, low, high, found.text(value), fmt.interval(low, high))
        limits = 100 * low, 100 * high
        return _side(100 * value, *limits, found.text(value), f"[{limits[0]:.1f}, {limits[1]:.1f}]")

    return {
        "measure": "Wrong, %" if found.rates else "Mean error",
        "finding": fmt.visible(found.summary),
        "overall": side(mean, limits.low, limits.high),
        "rows": [
            {"label": s.rule, "n": s.n, "verdict": "worse", "p_text": fmt.p_value(s.p)}
            | side(s.value, s.low, s.high)
            for s in found
        ],
        "bounds": (0.0, 100.0) if found.rates else (float("-inf"), float("inf")),
    }


def _side(value: float, low: float, high: float, text: str, interval: str) -> dict[str, Any]:
    return {**sides(value, low, high), "text": text, "interval_text": interval}


def positions(shown: Shown, by: str, name: str) -> NDArray[np.integer]:
    """Return the rows of one slice.

    Raises
    ------
    WireError
        If there is no such slice.
    """
    if by not in shown.found:
        describe(shown, by)
    if name not in shown.found[by]:
        raise WireError("There is no such slice in this result.", code="bad-arguments")
    return shown.found[by][name]


def _slices(args: SliceArgs, context: Context) -> dict[str, Any]:
    return describe(context.resolve_result(args.result), args.by)


OPS = {"slices": Op(SliceArgs, _slices)}
