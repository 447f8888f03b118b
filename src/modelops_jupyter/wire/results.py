"""A result as it travels: the numbers with their intervals, and what can be asked for besides."""

from typing import Any

import msgspec
import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import (
    ClassReport,
    Comparison,
    ConfusionMatrix,
    EvaluationResult,
    MetricValue,
)
from modelops_jupyter.wire import comparisons, curves, examples, residuals, slices
from modelops_jupyter.wire.axis import finite, shared_axes, sides
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.examples import class_name
from modelops_jupyter.wire.shown import Handle, Shown, at_threshold, measured, scored

_MOST_CLASSES = 50
_KINDS = {
    "labels": "classification", "label sets": "classification", "numbers": "regression",
    "texts": "generation",
}  # fmt: skip


class ResultArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which result; with a threshold, what it would be if that one parted the classes."""

    result: Handle
    comparison: Handle | None = None
    threshold: float | None = None


def describe(shown: Shown) -> dict[str, Any]:
    """Return everything a view or a twin shows of a result, formatted."""
    result, comparison = shown.result, shown.comparison
    before = comparison.before if comparison else None
    return {
        "title": fmt.clip(fmt.visible(result.title), 200),
        "task": _KINDS[result.task_type.takes],
        "n": result.sample_count,
        "skipped": result.skipped,
        "level_text": f"{100 * result.level:g} %",
        "footer": _footer(result, comparison),
        "metrics": _metrics(result, before),
        **_classes(result, before),
        "wrong": _wrong(result),
        "gate": comparisons.gate(shown.gate),
        "parts": _parts(result),
        "comparison": comparisons.describe(comparison, shown.gate) if comparison else None,
        **comparisons.baselines(result),
    }


def _metrics(result: EvaluationResult, before: EvaluationResult | None) -> list[dict[str, Any]]:
    values = result.metrics
    baselines = {name: before.metrics[name] for name in values if before and name in before.metrics}
    axes = shared_axes(values, baselines)
    return [
        {
            "name": name,
            "label": fmt.clip(fmt.visible(value.label), 80),
            "text": fmt.number(value) if finite(value) is not None else "–",
            "interval_text": f"{fmt.number(value.low)} to {fmt.number(value.high)}"
            if value.has_interval
            else "",
            **sides(value, value.low, value.high),
            "n": value.n,
            "method": _method(value.method),
            "undefined": fmt.visible(value.undefined) if value.undefined else None,
            "error": fmt.clip(fmt.visible(value.error), fmt.LIMIT) if value.error else None,
            "lower_is_better": value.greater_is_better is False,
            "axis": axes[name],
            "baseline": _baseline(baselines.get(name)),
        }
        for name, value in values.items()
    ]


def _baseline(value: MetricValue | None) -> dict[str, Any] | None:
    number = None if value is None else finite(value)
    return None if value is None or number is None else {"value": number, "text": value.brief}


def _footer(result: EvaluationResult, comparison: Comparison | None) -> str:
    values = result.metrics.values()
    methods = dict.fromkeys(_method(value.method) for value in values if value.method not in ("", "none"))
    paired = [f"paired by {comparison.paired_by}"] if comparison else []
    notes = [fmt.visible(value.note).rstrip(".") for value in values if value.note]
    classes = len(result.confusion.classes) if result.confusion else 0
    left = [f"{classes} classes, too many to show here: see result.confusion"] * (classes > _MOST_CLASSES)
    return " · ".join([*methods, *paired, *notes, *left])


def _method(words: str) -> str:
    """Write the names of people and of DeLong's method as they are written."""
    return fmt.visible(words).replace("wilson", "Wilson").replace("delong", "DeLong")


def _parts(result: EvaluationResult) -> dict[str, bool]:
    """Name what can be asked for besides, and whether it is quick enough to be asked for at once."""
    rows = result.sample_count
    found = {
        "residuals": (result.rows is not None and result.task_type.takes == "numbers", True),
        "curves": (scored(result), rows <= curves.QUICK),
        "slices": (slices.possible(result), rows <= slices.QUICK),
    }
    return {name: quick for name, (there, quick) in found.items() if there}


def _classes(result: EvaluationResult, before: EvaluationResult | None) -> dict[str, Any]:
    matrix = result.confusion
    if matrix is None or len(matrix.classes) > _MOST_CLASSES:
        return {"confusion": None, "per_class": [], "most_confused": []}
    found = describe_matrix(matrix)
    old = before.confusion if before else None
    if old is not None and old.classes == matrix.classes:
        found["confusion"]["change"] = (np.asarray(matrix.matrix) - np.asarray(old.matrix)).tolist()
    return found | {"per_class": [_class_report(report) for report in result.per_class()]}


def describe_matrix(matrix: ConfusionMatrix) -> dict[str, Any]:
    """Return a matrix with its totals and its largest mistakes."""
    counts, classes = np.asarray(matrix.matrix), matrix.classes
    return {
        "confusion": {
            "classes": [class_name(c) for c in classes],
            "matrix": counts.tolist(),
            "row_totals": counts.sum(axis=1).tolist(),
            "column_totals": counts.sum(axis=0).tolist(),
        },
        "most_confused": [
            {"true": classes.index(c.true), "predicted": classes.index(c.predicted), "count": c.count}
            for c in matrix.most_confused(3)
        ],
    }


def _class_report(report: ClassReport) -> dict[str, Any]:
    values = {"precision": report.precision, "recall": report.recall, "f1": report.f1}
    return {
        "label": class_name(report.label),
        "support": report.support,
        **{name: {**sides(v, v.low, v.high), "text": v.brief} for name, v in values.items()},
    }


def _wrong(result: EvaluationResult) -> dict[str, Any] | None:
    if result.rows is None or result.task_type.takes == "numbers":
        return None
    total = len(result.examples(correct=False))
    verb = "is" if 1 in (total, result.sample_count) else "are"
    text = f"{fmt.count(total)} of {fmt.plural(result.sample_count, 'row')} {verb} wrong"
    return {"total": total, "text": text}


def _result(args: ResultArgs, context: Context) -> dict[str, Any]:
    shown = context.resolve_result(args.result)
    if args.threshold is None:
        return describe(shown)
    moved = measured(at_threshold(shown.result, args.threshold))
    shown.changed("threshold", args.threshold)
    return describe(Shown(moved))


OPS = {"result": Op(ResultArgs, _result), **examples.OPS, **curves.OPS, **residuals.OPS, **slices.OPS}
