"""The rows behind a number: of a cell, a bin, a slice, or all that are wrong."""

from collections import Counter
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter.evaluation import EvaluationResult, Examples
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.wire import slices
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.residuals import errors_of
from modelops_jupyter.wire.shown import Handle, Position, Shown, Words, at_threshold

MAX_EXAMPLES = 100
_MOST_SORTED = 20_000  # rows up to which the most certain mistakes are looked for

ClassKey = Annotated[int, msgspec.Meta(ge=0)] | Words | None


class BinKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows with a number from `low` to below `high`: a score (of one class, or of the answer), an error."""

    of: Literal["score", "error"]
    low: float
    high: float
    column: Position | None = None


class SliceKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One slice of a column, as the view was told of it."""

    by: Words
    name: Words


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which rows of a result; a class is named by its index or its text."""

    result: Handle
    true: ClassKey = None
    predicted: ClassKey = None
    correct: bool | None = None
    threshold: float | None = None
    bin: BinKey | None = None
    slice: SliceKey | None = None
    linked: bool = False


class ExamplesArgs(Filter, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A page of them."""

    start: Position = 0
    stop: Position = MAX_EXAMPLES


class FocusArgs(Filter, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rows that Python is to know as the selection; with `name` also by that name; `clear` drops it."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_]\w{0,40}$")] | None = None
    clear: bool = False


class LinkedArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows another view has selected, in which cells they are, and how many each of `picks` leaves."""

    result: Handle
    threshold: float | None = None
    picks: Annotated[tuple[Filter, ...], msgspec.Meta(max_length=500)] = ()


def class_name(label: object) -> str:
    """Return a class as it is shown."""
    return fmt.clip(fmt.named(label), 80)


def chosen(shown: Shown, args: Filter) -> tuple[EvaluationResult, Examples, str]:
    """Return the result that was asked (its threshold may be moved), the rows, and what they are called."""
    result = at_threshold(shown.result, args.threshold)
    labels = _label(result, args.true), _label(result, args.predicted)
    found = result.examples(true=labels[0], predicted=labels[1], correct=args.correct)
    title = _named(labels, args.correct)
    if args.linked:
        found, title = _only(found, np.flatnonzero(shown.linked.mask)), "Linked rows"
    if args.bin is not None:
        values = _binned(result, args.bin)
        found = _only(found, np.flatnonzero((values >= args.bin.low) & (values < args.bin.high)))
        title = f"{args.bin.of.capitalize()} {fmt.number(args.bin.low)} to {fmt.number(args.bin.high)}"
    if args.slice is not None:
        found = _only(found, slices.positions(shown, args.slice.by, args.slice.name))
        title = args.slice.name
    return result, found, title


def _only(found: Examples, positions: Array) -> Examples:
    return replace(found, positions=np.intersect1d(found.positions, positions, assume_unique=True))


def _binned(result: EvaluationResult, key: BinKey) -> Array:
    if key.of == "error":
        return errors_of(result)
    scores = result.need_rows("look at examples").scores
    if scores is None or (key.column is not None and key.column >= scores[:1].size):
        raise WireError("This result has no such scores.", code="bad-arguments")
    if key.column is not None:
        return scores.reshape(len(scores), -1)[:, key.column]
    return scores if scores.ndim == 1 else scores.max(axis=1)


def examples(shown: Shown, args: ExamplesArgs, context: Context) -> dict[str, Any]:
    """Return a page of the rows, the share they are of all, and its interval."""
    result, found, title = chosen(shown, args)
    order = _order(result, found)
    rows: list[dict[str, Any]] = []
    for place in order[args.start : min(args.stop, args.start + MAX_EXAMPLES)]:
        context.check()
        rows.append(_example(result, found, place))
    return {"total": len(found), "title": title, "share_text": _share(result, found, args), "rows": rows}


def _label(result: EvaluationResult, key: int | str | None) -> Any:
    if key is None:
        return None
    classes = result.confusion.classes if result.confusion else []
    if isinstance(key, int) and key < len(classes):
        return classes[key]
    for label in classes:
        if isinstance(key, str) and class_name(label) == key:
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


def _named(labels: tuple[Any, Any], correct: bool | None) -> str:
    true, predicted = (None if label is None else class_name(label) for label in labels)
    if true is not None and predicted is not None:
        return f"{true} predicted as {predicted}"
    if true is not None or predicted is not None:
        return f"True {true}" if true is not None else f"Predicted {predicted}"
    return {None: "All rows", True: "Right rows", False: "Wrong rows"}[correct]


def _share(result: EvaluationResult, found: Examples, args: Filter) -> str:
    """Say how many these are: of the rows of their true class, else of all."""
    true = _label(result, args.true)
    whole = result.sample_count if true is None else len(result.examples(true=true))
    many = fmt.plural(len(found), "row")
    if not whole:
        return many
    found_share = wilson(len(found), whole, result.level)
    part = fmt.percent(len(found) / whole, 1)
    interval = f"[{100 * found_share.low:.1f}, {100 * found_share.high:.1f}]"
    if true is not None:
        return f"{many}, {part} of {class_name(true)} {interval}"
    return f"{fmt.count(len(found))} of {fmt.plural(whole, 'row')}, {part} {interval}"


def _examples(args: ExamplesArgs, context: Context) -> dict[str, Any]:
    return examples(context.resolve_result(args.result), args, context)


def _focus(args: FocusArgs, context: Context) -> dict[str, Any]:
    shown = context.resolve_result(args.result)
    found = None if args.clear else chosen(shown, args)[1]
    if not args.linked:  # what all views have selected is the selection already
        shown.changed("selection", found)
    named = args.name and shown.bind and found is not None
    name = shown.bind(args.name, found.dataset or found) if named else None  # pyright: ignore
    version = shown.linked.version
    return {"rows": 0 if found is None else len(found), "name": name, "version": version}


def _open(args: Filter, context: Context) -> dict[str, Any]:
    shown = context.resolve_result(args.result)
    rows = chosen(shown, args)[1].dataset
    if rows is None or shown.open is None:
        hint = "evaluate_model(model, dataset) knows them."
        raise WireError("The dataset of these rows is not known here.", code="no-dataset", hint=hint)
    return shown.open(rows)


def _linked(args: LinkedArgs, context: Context) -> dict[str, Any]:
    shown = context.resolve_result(args.result)
    result = at_threshold(shown.result, args.threshold)
    cells: Counter[tuple[int, int]] = Counter()
    if result.confusion is not None and result.rows is not None:
        classes, at = result.confusion.classes, np.flatnonzero(shown.linked.mask)
        pairs = zip(result.rows.y_true[at].tolist(), result.rows.y_pred[at].tolist(), strict=True)
        cells.update((classes.index(true), classes.index(said)) for true, said in pairs)
    picks = [len(chosen(shown, each)[1]) for each in args.picks]
    return {**shown.linked.state(), "cells": [[*cell, n] for cell, n in cells.items()], "picks": picks}


OPS = {
    "examples": Op(ExamplesArgs, _examples),
    "focus": Op(FocusArgs, _focus),
    "open": Op(Filter, _open),
    "linked": Op(LinkedArgs, _linked),
}
