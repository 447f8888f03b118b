"""Whatever a user calls labels, numbers or scores, turned once into arrays we can trust.

Accepted: lists, generators, numpy (also strings, objects, StringDType), anything with
`to_numpy`, `to_pylist` or `detach` (pandas, polars, Arrow, torch) without importing it.
Refused, with the row and the way on: what no honest number can be computed from.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, cast

import numpy as np

from modelops_jupyter._where import Where
from modelops_jupyter.errors import EmptyInputError, EvaluationError, LengthMismatchError
from modelops_jupyter.evaluation.arrays import Array, objects
from modelops_jupyter.evaluation.coding import Coded, Column, code_text
from modelops_jupyter.evaluation.tasks import Kind, Label

IGNORED = -100  # the usual "no loss here" marker of token labels
_INT64 = 2**63
_NESTED = (list, tuple, set, frozenset, dict, np.ndarray)
_ONE_EACH = "a sequence with one value per row is needed"


def read(kind: Kind, values: Any, name: str, labels: Sequence[Label] | None = None) -> Array:
    """Read `values` as labels, numbers, texts or sets of labels; `name` is what errors call them."""
    if kind == "label sets":
        return as_label_sets(values, name, labels)
    return {"labels": as_labels, "numbers": as_numbers, "texts": as_texts}[kind](values, name)


def as_labels(values: Any, name: str = "y_true") -> Array:
    """Read class labels: integers, booleans or text, as int64, bool or object array."""
    data = _listed(values, name)
    if isinstance(data, np.ndarray):
        return _number_labels(data, name)
    kinds: set[type] = set(map(type, data))
    if kinds == {str}:
        return objects(data)
    if kinds in ({int}, {bool}):
        return _numbers(data)
    _refuse_missing(data, name)
    data = [_decoded(v, name) for v in data]
    _refuse_other(data, name, (str, int, float, np.number, np.bool_), "labels are text or numbers")
    words = [isinstance(v, str) for v in data]
    if all(words):
        return objects(data)
    if any(words):
        row = words.index(not words[0])
        _refuse(
            f"{name} mixes text and numbers: row 0 is {data[0]!r}, row {row} is {data[row]!r}.",
            "Make all labels text, or all numbers.",
        )
    return _number_labels(_numbers(data), name)


def as_coded_labels(values: Any, name: str = "y_true") -> Column:
    """Read class labels as `as_labels` does, but text and categories as codes, which is faster."""
    if isinstance(values, Coded):
        return values
    held = getattr(values, "cat", values)  # a pandas Series of categories
    if hasattr(held, "codes") and hasattr(held, "categories"):
        codes = np.asarray(held.codes)
        _refuse_rows(codes < 0, name, "missing", "Drop the row, or label it.")
        return Coded(codes, tuple(as_labels(held.categories, name).tolist()))
    if isinstance(values, np.ndarray) and cast("Array", values).dtype == object and values.ndim == 1:
        return code_text(cast("Array", values)) or as_labels(values, name)
    if isinstance(values, list) and values and type(cast("list[Any]", values)[0]) is str:
        return code_text(cast("list[Any]", values)) or as_labels(values, name)
    return as_labels(values, name)


def as_numbers(values: Any, name: str = "y_true") -> Array:
    """Read finite numbers: integers stay exact (int64 or Python's), the rest is float64."""
    plain = isinstance(values, list) and set(map(type, cast("list[Any]", values))) in ({int}, {float})
    data = _numbers(cast("list[Any]", values)) if plain else _listed(values, name)
    if not isinstance(data, np.ndarray):
        _refuse_missing(data, name)
        data = _numbers([_plain(v, name, i) for i, v in enumerate(data)])
    if data.dtype == np.float64 and not math.isfinite(data.sum()):  # one cheap pass settles most columns
        _refuse_rows(np.isnan(data), name, "missing (NaN)", "Drop the row or fill the value.")
        _refuse_rows(np.isinf(data), name, "infinite", "Drop the row or clip the value.")
    return data.astype(np.int64) if data.dtype == np.bool_ else data


def as_texts(values: Any, name: str = "predictions") -> Array:
    """Read texts as an object array of str."""
    data = _listed(values, name)
    listed: list[Any] = data.tolist() if isinstance(data, np.ndarray) else data
    if set(map(type, listed)) == {str}:
        return objects(listed)
    _refuse_missing(listed, name)
    _refuse_other(listed, name, (str,), "texts are str")
    return objects(listed)


def as_scores(values: Any, name: str = "scores") -> Array:
    """Read scores as float64: one column, or one per class; infinite is allowed, NaN is not."""
    data = _unwrapped(values, name)
    matrix = np.ndim(data[0]) == 1 and len(data[0]) > 1 if len(data) else False
    single = isinstance(data, np.ndarray) and cast("Array", data).dtype == np.float32
    scores = np.asarray(data if matrix else _listed(data, name), dtype=np.float32 if single else np.float64)
    missing: Array = np.isnan(scores)
    _refuse_rows(
        missing if missing.ndim == 1 else np.asarray(missing.any(axis=1)),
        name,
        "missing (NaN)",
        "Score every row, or drop the row everywhere.",
    )
    return scores


def as_groups(values: Any, name: str = "cluster") -> Array:
    """Read the group of each row: any labels, none missing."""
    return as_labels(values, name)


def as_label_sets(values: Any, name: str = "y_true", labels: Sequence[Label] | None = None) -> Array:
    """Read rows with several labels: a set of labels each, or a 0/1 matrix with a column per label.

    Every row becomes a sorted tuple; columns are called by `labels`, else by their number.
    """
    matrix = indicator(values)
    if matrix is not None:
        names = range(matrix.shape[1]) if labels is None else labels
        if len(names) != matrix.shape[1]:
            _refuse(
                f"{name} has {matrix.shape[1]} columns for {len(names)} labels.", "Name every column once."
            )
        return objects([tuple(sorted(names[i] for i in np.flatnonzero(row).tolist())) for row in matrix])
    rows: list[tuple[Label, ...]] = []
    for i, row in enumerate(_unwrapped(values, name)):
        if not isinstance(row, list | tuple | set | frozenset):
            message = f"{name} holds a {type(row).__name__} where a set of labels is needed: {row!r}."
            _refuse(message, "Pass a set of labels per row, or a 0/1 matrix.", Where(row=i, field=name))
        found: list[Any] = as_labels(list(cast("Iterable[Any]", row)), name).tolist() if row else []
        rows.append(tuple(sorted(set(found))))
    return objects(rows)


def indicator(values: Any) -> Array | None:
    """Return a 0/1 matrix with a column per label, or None for anything else."""
    if not isinstance(values, np.ndarray):
        sized = isinstance(values, list) and all(isinstance(row, list) for row in cast("list[Any]", values))
        if not sized or len(set(map(len, cast("list[list[Any]]", values)))) != 1:
            return None
    matrix: Array = np.asarray(cast("Any", values))
    if matrix.ndim != 2 or matrix.dtype.kind not in "biuf":
        return None
    return matrix if ((matrix == 0) | (matrix == 1)).all() else None


def as_weights(values: Any, name: str = "weights") -> Array:
    """Read row weights: finite, not negative, not all zero."""
    weights = as_numbers(values, name).astype(np.float64)
    _refuse_rows(weights < 0, name, "negative", "Weights count rows; use 0 to leave one out.")
    if not weights.any():
        _refuse("All weights are zero.", "At least one row must count.")
    return weights


def refuse_marker(labels: Column, name: str) -> None:
    """Labels of -100 mark tokens without loss; counted as a class they make a number wrong."""
    labels = labels.labels if isinstance(labels, Coded) else labels
    if labels.dtype != np.int64 or labels.min(initial=0) > IGNORED:
        return
    rows: list[int] = np.flatnonzero(labels == IGNORED).tolist()
    if rows:
        shown = ", ".join(map(str, rows[:5])) + (", …" if len(rows) > 5 else "")
        _refuse(
            f"{name} has the label -100 in {len(rows)} rows ({shown}): it marks tokens without loss.",
            "Pass ignore_label=-100 to leave these rows out.",
            Where(row=rows[0], field=name),
        )


def check_lengths(
    parts: Mapping[str, Sequence[Any] | Column | None], ids: Sequence[str] | None = None
) -> None:
    """Check that all are as long as the first; name the longer one and the first row without a partner."""
    sizes = {name: len(part) for name, part in parts.items() if part is not None}
    first, n = next(iter(sizes.items()))
    for name, size in sizes.items():
        if size != n:
            short, longer = min(n, size), name if size > n else first
            at = f" (id {ids[short]!r})" if ids is not None and len(ids) > short else ""
            raise LengthMismatchError(
                f"{first} has {n} rows and {name} has {size}: {longer} goes on at row {short}{at}.",
                hint="Each row needs its partner.",
            )
    if n == 0:
        raise EmptyInputError(f"{first} is empty: there is nothing to evaluate.", hint="Pass a row or more.")


def check_same_kind(y_true: Column, y_pred: Column) -> None:
    """Text labels never equal number labels; say so instead of scoring 0."""
    one, other = (
        c.classes[int(c.codes[0])] if isinstance(c, Coded) else cast("list[Label]", c[:1].tolist())[0]
        for c in (y_true, y_pred)
    )
    if isinstance(one, str) != isinstance(other, str):
        kinds = ("text", "numbers") if isinstance(one, str) else ("numbers", "text")
        _refuse(
            f"y_true holds {kinds[0]} (row 0: {one!r}) and y_pred {kinds[1]} (row 0: {other!r}).",
            "Convert one side, for example with [str(v) for v in y_true].",
        )


def _unwrapped(values: Any, name: str) -> Any:
    """Leave torch, pandas, polars and Arrow behind; lists and numpy arrays remain."""
    if isinstance(values, np.ma.MaskedArray):
        return cast("Array", values).tolist()  # masked becomes None
    if isinstance(values, list | np.ndarray):
        return cast("Any", values)
    if hasattr(values, "detach"):  # torch, also with requires_grad, on a device, or in bfloat16
        values = values.detach().cpu()
        return (values.float() if "bfloat16" in str(values.dtype) else values).numpy()
    if hasattr(values, "to_numpy"):
        plain = isinstance(dtype := getattr(values, "dtype", None), np.dtype) and dtype.kind in "biuf"
        ways = (getattr(values, way, None) for way in ("to_pylist", "to_list", "tolist"))  # these keep None
        listed = next((way for way in ways if way is not None), None)
        return values.to_numpy() if plain or listed is None else listed()
    if hasattr(values, "tolist"):
        return values.tolist()
    if not isinstance(values, Iterable) or isinstance(values, str | bytes | Mapping | set | frozenset):
        _refuse(f"{name} is a {type(cast('Any', values)).__name__}; {_ONE_EACH}.", "Pass a list or an array.")
    return list(cast("Iterable[Any]", values))


def _listed(values: Any, name: str) -> Array | list[Any]:
    """Return a number array of one dimension, or a list of Python objects."""
    data = _unwrapped(values, name)
    if isinstance(data, np.ndarray):
        array = cast("Array", data)
        if array.ndim != 1 and not (array.ndim == 2 and array.shape[1] == 1):
            _refuse(
                f"{name} has {array.ndim} dimensions (shape {array.shape}); {_ONE_EACH}.",
                "Probabilities go to scores=; for several labels per row use create_evaluator('multilabel').",
            )
        array = array.ravel()
        if array.dtype.kind in "biuf":
            return _narrowed(array)
        data = array.tolist()
    listed = cast("list[Any]", data)
    kinds: set[type] = set(map(type, listed))
    if kinds and kinds <= set(_NESTED) and all(len(v) == 1 for v in listed):
        return [next(iter(v)) for v in listed]  # a column vector
    nested = next((kind.__name__ for kind in kinds if issubclass(kind, _NESTED)), None)
    if nested is not None:
        _refuse(
            f"{name} holds a {nested} in a row; {_ONE_EACH}.",
            "For several labels per row use create_evaluator('multilabel').",
        )
    return listed


def _narrowed(array: Array) -> Array:
    """Return bool, int64, float64, or Python integers where int64 is too small."""
    if array.dtype == np.uint64 and array.max(initial=0) >= _INT64:
        return array.astype(object)
    if array.dtype.kind == "b":
        return array
    return array.astype(np.float64 if array.dtype.kind == "f" else np.int64, copy=False)


def _numbers(data: list[Any]) -> Array:
    """Return Python numbers as the narrowest exact array."""
    kinds: set[type] = set(map(type, data))
    if kinds == {float}:
        return np.array(data, dtype=np.float64)
    if kinds == {int}:
        try:
            return np.array(data, dtype=np.int64)
        except OverflowError:
            return objects(data)
    if all(isinstance(v, bool | np.bool_) for v in data):
        return np.array(data, dtype=np.bool_)
    if all(isinstance(v, int | np.integer | np.bool_) for v in data):
        whole = [int(v) for v in data]
        fits = all(-_INT64 <= v < _INT64 for v in whole)
        return np.array(whole, dtype=np.int64) if fits else objects(whole)
    if any(isinstance(v, int) and abs(v) > 2**53 for v in data):
        return objects([int(v) if float(v).is_integer() else float(v) for v in data])
    return np.array([float(v) for v in data], dtype=np.float64)


def _number_labels(data: Array, name: str) -> Array:
    if data.dtype != np.float64:
        return data
    _refuse_rows(np.isnan(data), name, "missing (NaN)", "Drop the row, or label it.")
    broken = np.flatnonzero((data != np.floor(data)) | np.isinf(data))
    if len(broken):
        kind, hint = "measured numbers", "For numbers use create_evaluator('regression')."
        if ((data >= 0) & (data <= 1)).all():
            kind, hint = "probabilities", "Pass them as scores=, and labels (such as p >= 0.5) as y_pred."
        message = f"{name} holds {data[broken[0]]:g}, which is no class label: these look like {kind}."
        _refuse(message, hint, Where(row=int(broken[0]), field=name))
    return data.astype(np.int64) if np.abs(data).max(initial=0) < _INT64 else objects([*map(int, data)])


def _decoded(value: Any, name: str) -> Any:
    if isinstance(value, bytes):
        if not value.isascii():
            _refuse(f"{name} holds bytes that are not ASCII.", "Decode them to str.")
        return value.decode("ascii")
    return value


def _plain(value: Any, name: str, row: int) -> int | float:
    """Return int or float; Decimal, Fraction and numpy scalars are converted."""
    if isinstance(value, int | float):
        return value
    if isinstance(value, np.integer | np.bool_):
        return int(cast("Any", value))
    try:
        if isinstance(value, str | bytes):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        kind = "text" if isinstance(value, str | bytes) else f"a {type(value).__name__}"
        hint, where = "Convert it first, for example with float().", Where(row=row, field=name)
        _refuse(f"{name} holds {kind} where numbers are needed: {value!r}.", hint, where)


def _is_missing(value: Any) -> bool:
    """Tell None, NaN, pandas' NA and NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and math.isnan(cast("float", value))


def _refuse_missing(data: list[Any], name: str) -> None:
    missing = np.fromiter(map(_is_missing, data), np.bool_, len(data))
    hint = "Drop the row, or fill the value; a missing answer that should count as wrong is ''."
    _refuse_rows(missing, name, "missing", hint)


def _refuse_other(data: list[Any], name: str, kinds: tuple[type, ...], rule: str) -> None:
    for row, value in enumerate(data):
        if not isinstance(value, kinds):
            hint, where = "Convert it first, for example with str().", Where(row=row, field=name)
            _refuse(f"{name} holds a {type(value).__name__}; {rule}.", hint, where)


def _refuse_rows(bad: Array, name: str, word: str, hint: str) -> None:
    if bad.any():
        _refuse(
            f"{name} has a value that is {word}.", hint, Where(row=int(np.flatnonzero(bad)[0]), field=name)
        )


def _refuse(message: str, hint: str, where: Where | None = None) -> NoReturn:
    raise EvaluationError(message, hint=hint, where=where)
