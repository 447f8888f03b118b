"""Operations on results: the numbers with their intervals, and the rows behind them."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import (
    ClassReport,
    Comparison,
    ConfusionMatrix,
    EvaluationResult,
    Examples,
    MetricValue,
)
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.wire import comparisons
from modelops_jupyter.wire.axis import finite, shared_axes
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError

MAX_EXAMPLES = 100
_MOST_SORTED = 20_000  # rows up to which the most certain mistakes are looked for
_MOST_CLASSES = 50
_KINDS = {"labels": "classification", "numbers": "regression", "texts": "generation"}

Handle = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Position = Annotated[int, msgspec.Meta(ge=0)]
ClassKey = Annotated[int, msgspec.Meta(ge=0)] | Annotated[str, msgspec.Meta(max_length=1000)] | None


class ResultArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which result."""

    result: Handle
    comparison: Handle | None = None


class ExamplesArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows of a result; a class is named by its index or its text."""

    result: Handle
    start: Position = 0
    stop: Position = MAX_EXAMPLES
    true: ClassKey = None
    predicted: ClassKey = None
    correct: bool | None = None


@dataclass(frozen=True, eq=False)
class Shown:
    """What one metrics view shows: a result, and what it is compared with."""

    result: EvaluationResult
    comparison: Comparison | None = None


def describe(shown: Shown) -> dict[str, Any]:
    """Return everything a view or a twin shows of a result, formatted."""
    result, comparison = shown.result, shown.comparison
    before = comparison.before if comparison else None
    wrong = _wrong(result)
    return {
        "title": fmt.clip(fmt.visible(result.title), 200),
        "task": _KINDS[result.task_type.takes],
        "n": result.sample_count,
        "skipped": result.skipped,
        "level_text": f"{100 * result.level:g} %",
        "footer": _footer(result, comparison),
        "metrics": _metrics(result, before),
        **_classes(result),
        "wrong": wrong,
        "comparison": comparisons.describe(comparison) if comparison else None,
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
            "interval_text": comparisons.range_text(value.low, value.high) if value.has_interval else "",
            "low": finite(value.low),
            "high": finite(value.high),
            "value": finite(value),
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
    return " · ".join([*methods, *paired, *notes])


def _method(words: str) -> str:
    """Write the names of people and of DeLong's method as they are written."""
    return fmt.visible(words).replace("wilson", "Wilson").replace("delong", "DeLong")


def _classes(result: EvaluationResult) -> dict[str, Any]:
    matrix = result.confusion
    if matrix is None or len(matrix.classes) > _MOST_CLASSES:
        return {"confusion": None, "per_class": [], "most_confused": []}
    return describe_matrix(matrix) | {"per_class": [_class_report(report) for report in result.per_class()]}


def describe_matrix(matrix: ConfusionMatrix) -> dict[str, Any]:
    """Return a matrix with its totals and its largest mistakes."""
    counts, classes = np.asarray(matrix.matrix), matrix.classes
    return {
        "confusion": {
            "classes": [_class(c) for c in classes],
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
        "label": _class(report.label),
        "support": report.support,
        **{
            name: {
                "value": finite(value),
                "low": finite(value.low),
                "high": finite(value.high),
                "text": value.brief,
            }
            for name, value in values.items()
        },
    }


def _class(label: object) -> str:
    return fmt.clip(fmt.visible(str(label)), 80)


def _wrong(result: EvaluationResult) -> dict[str, Any] | None:
    if result.rows is None or result.task_type.takes == "numbers":
        return None
    total = len(result.examples(correct=False))
    verb = "is" if total == 1 else "are"
    return {
        "total": total,
        "text": f"{fmt.count(total)} of {fmt.plural(result.sample_count, 'row')} {verb} wrong",
    }


def examples(result: EvaluationResult, args: ExamplesArgs, context: Context) -> dict[str, Any]:
    """Return a page of the rows behind a cell, or of the wrong ones."""
    true, predicted = _label(result, args.true), _label(result, args.predicted)
    found = result.examples(true=true, predicted=predicted, correct=args.correct)
    order = _order(result, found)
    stop = min(args.stop, args.start + MAX_EXAMPLES)
    rows: list[dict[str, Any]] = []
    for place in order[args.start : stop]:
        context.check()
        rows.append(_example(result, found, place))
    title, share = _title(result, found, args, (true, predicted))
    return {"total": len(found), "title": title, "share_text": share, "rows": rows}


def _label(result: EvaluationResult, key: int | str | None) -> Any:
    if key is None:
        return None
    classes = result.confusion.classes if result.confusion else []
    if isinstance(key, int) and key < len(classes):
        return classes[key]
    for label in classes:
        if isinstance(key, str) and _class(label) == key:
            return label
    raise WireError("There is no such class in this result.", code="bad-arguments")


def _order(result: EvaluationResult, found: Examples) -> list[int]:
    """Most certain first where the model gave scores, else as they stand."""
    scored = result.rows is not None and result.rows.scores is not None and result.rows.scores.ndim == 1
    if not scored or len(found) > _MOST_SORTED:
        return list(range(len(found)))
    scores = [found[i].score or 0.0 for i in range(len(found))]
    return sorted(range(len(found)), key=lambda i: -abs(scores[i] - 0.5))


def _example(result: EvaluationResult, found: Examples, place: int) -> dict[str, Any]:
    example = found[place]
    scored = result.rows is not None and result.rows.scores is not None
    return {
        "position": example.position,
        "id": fmt.clip(fmt.visible(example.id), 100) if example.id is not None else str(example.position),
        "prompt": fmt.cell("" if example.prompt is None else str(example.prompt)),
        "reference": fmt.cell(example.reference),
        "prediction": fmt.cell(example.prediction),
        "score_text": fmt.number(example.score) if scored and example.score is not None else None,
    }


def _title(
    result: EvaluationResult, found: Examples, args: ExamplesArgs, labels: tuple[Any, Any]
) -> tuple[str, str]:
    true, predicted = (None if label is None else _class(label) for label in labels)
    whole, of = result.sample_count, fmt.plural(result.sample_count, "row")
    if true is not None and predicted is not None:
        title = f"{true} predicted as {predicted}"
    elif true is not None or predicted is not None:
        title = f"True {true}" if true is not None else f"Predicted {predicted}"
    else:
        title = {None: "All rows", True: "Right rows", False: "Wrong rows"}[args.correct]
    if true is not None:
        whole, of = len(result.examples(true=labels[0])), true
    if not whole:
        return title, fmt.plural(len(found), "row")
    share_of = wilson(len(found), whole, result.level)
    low, high = 100 * share_of.low, 100 * share_of.high
    share = f"{fmt.percent(len(found) / whole, 1)}"
    interval = f"[{low:.1f}, {high:.1f}]"
    if true is not None:
        return title, f"{fmt.plural(len(found), 'row')}, {share} of {of} {interval}"
    return title, f"{fmt.count(len(found))} of {of}, {share} {interval}"


def _result(args: ResultArgs, context: Context) -> dict[str, Any]:
    return describe(context.resolve_result(args.result))


def _examples(args: ExamplesArgs, context: Context) -> dict[str, Any]:
    return examples(context.resolve_result(args.result).result, args, context)


OPS = {"result": Op(ResultArgs, _result), "examples": Op(ExamplesArgs, _examples)}
