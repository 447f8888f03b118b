"""Where a regression errs: each row's error against its prediction, and how errors are distributed."""

from typing import Any

import msgspec
import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import EvaluationResult
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import mean_t
from modelops_jupyter.evaluation.states.moments import residuals as differences
from modelops_jupyter.wire.axis import rounded
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.shown import Handle

MOST_POINTS = 5_000  # above, a picture of dots hides how many there are
BINS, _GROUPS, _GRID = 12, 10, (40, 24)


class ResidualArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose residuals."""

    result: Handle


def errors_of(result: EvaluationResult) -> Array:
    """Return prediction minus truth of every row."""
    if result.task_type.takes != "numbers":
        raise WireError("Only measured numbers have an error.", code="bad-arguments")
    rows = result.need_rows("look at errors")
    return 0.0 - differences(rows.y_true, rows.y_pred)  # not minus, which makes zeros negative


def bins_of(values: Array, low: float, high: float, most: int) -> list[dict[str, Any]]:
    """Count values in bins of one width; the last one takes the highest value too."""
    edges = np.linspace(low, high if high > low else low + 1, most + 1)
    counts = np.histogram(values, edges)[0]
    edges[-1] = np.nextafter(edges[-1], np.inf)
    return [
        {
            "low": float(edges[i]),
            "high": float(edges[i + 1]),
            "n": int(n),
            "text": f"{fmt.number(edges[i])} to {fmt.number(edges[i + 1])}: {fmt.plural(int(n), 'row')}",
        }
        for i, n in enumerate(counts)
    ]


def describe(result: EvaluationResult) -> dict[str, Any]:
    """Return dots or a density, the mean error along the prediction, and the distribution."""
    off = errors_of(result)
    predicted = result.need_rows("draw").y_pred.astype(np.float64)
    (left, right), (low, high) = ((float(v.min()), float(v.max())) for v in (predicted, off))
    mean, inner = _mean(off, result.level), np.quantile(off, [0.05, 0.95])
    return {
        "ends": [fmt.number(low), fmt.number(high)],
        "finding": f"Mean error {fmt.signed(mean[0])} {fmt.signed_interval(*mean[1:])}; "
        f"nine rows in ten between {fmt.signed(inner[0])} and {fmt.signed(inner[1])}",
        "x": [left, right],
        "y": [min(low, 0.0), max(high, 0.0)],
        "points": [rounded(predicted), rounded(off)] if len(off) <= MOST_POINTS else None,
        "cells": _cells(predicted, off) if len(off) > MOST_POINTS else None,
        "groups": _groups(predicted, off, result.level),
        "bins": bins_of(off, low, high, BINS),
    }


def _mean(values: Array, level: float) -> tuple[float, float, float]:
    """Mean and interval; one value has no spread to tell it by."""
    if len(values) < 2:
        return float(values.mean()), float("nan"), float("nan")
    found = mean_t(float(values.mean()), float(values.std(ddof=1)), len(values), level)
    return float(values.mean()), found.low, found.high


def _groups(predicted: Array, off: Array, level: float) -> dict[str, list[float]]:
    """Mean error of groups of like many rows, with its limits, at their mean prediction."""
    parts = np.array_split(np.argsort(predicted, kind="stable"), max(1, min(_GROUPS, len(off) // 5)))
    found = [(float(predicted[i].mean()), *_mean(off[i], level)) for i in parts if len(i) > 1]
    return {name: [row[i] for row in found] for i, name in enumerate(("x", "y", "low", "high"))}


def _cells(x: Array, y: Array) -> list[list[float]]:
    """Count rows in cells: left, bottom, width, height, and the share of the fullest one."""
    counts, xs, ys = np.histogram2d(x, y, bins=_GRID)
    top, left, low = float(counts.max()), rounded(xs), rounded(ys)
    return [
        [left[i], low[j], left[i + 1], low[j + 1], round(float(counts[i, j]) / top, 3)]
        for i, j in np.argwhere(counts)
    ]


def _residuals(args: ResidualArgs, context: Context) -> dict[str, Any]:
    return describe(context.resolve_result(args.result).result)


OPS = {"residuals": Op(ResidualArgs, _residuals)}
