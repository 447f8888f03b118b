"""Whatever a user calls labels, numbers or scores, turned once into arrays we can trust.

Accepted: lists, generators, numpy (also strings, objects, StringDType), anything with
`to_numpy`, `to_pylist` or `detach` (pandas, polars, Arrow, torch) without importing it.
Refused, with the row and the way on: what no honest number can be computed from.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._where import Where
from modelops_jupyter.errors import EmptyInputError, EvaluationError, LengthMismatchError
from modelops_jupyter.evaluation.tasks import Kind

Array = NDArray[Any]

IGNORED = -100  # the usual "no loss here" marker of token labels
_INT64 = 2**63


def read(kind: Kind, values: Any, name: str) -> Array:
    """Read `values` as labels, numbers or texts; `name` is what errors call them."""
    return _READERS[kind](values, name)


def as_labels(values: Any, name: str = "y_true") -> Array:
    """Read class labels: integers, booleans or text, as int64, bool or object array."""
    data = _listed(values, name)
    if isinstance(data, np.ndarray):
        return _number_labels(data, name)
    _refuse_missing(data, name)
    if all(isinstance(v, str) for v in data):
        return _objects(data)
    data = [_decoded(v, name) for v in data]
    words = sum(isinstance(v, str) for v in data)
    if words == len(data):
        return _objects(data)
    _refuse_other(data, name, (str, int, float, np.number, np.bool_), "labels are text or numbers")
    if words:
        row = next(i for i, v in enumerate(data) if isinstance(v, str) != isinstance(data[0], str))
        raise EvaluationError(
            f"{name} mixes text and numbers: row 0 is {data[0]!r}, row {row} is {data[row]!r}.",
            hint="Make all labels text, or all numbers.",
        )
    return _number_labels(_numbers(data), name)


def as_numbers(values: Any, name: str = "y_true") -> Array:
    """Read finite numbers: integers stay exact (int64 or Python's), the rest is float64."""
    data = _listed(values, name)
    if not isinstance(data, np.ndarray):
        _refuse_missing(data, name)
        text = next((i for i, v in enumerate(data) if isinstance(v, str | bytes)), None)
        if text is not None:
            raise EvaluationError(
                f"{name} holds text where numbers are needed: {data[text]!r}.",
                where=Where(row=text, field=name),
                hint="Convert it first, for example with float().",
            )
        data = _numbers([_plain(v, name, i) for i, v in enumerate(data)])
    if data.dtype == np.float64:
        _refuse_rows(data, name, np.isnan, "missing (NaN)", "Drop the row or fill the value.")
        _refuse_rows(data, name, np.isinf, "infinite", "Drop the row or clip the value.")
    return data.astype(np.int64) if data.dtype == np.bool_ else data


def as_texts(values: Any, name: str = "predictions") -> Array:
    """Read texts as an object array of str."""
    data = _listed(values, name)
    listed: list[Any] = data.tolist() if isinstance(data, np.ndarray) else data
    _refuse_missing(listed, name)
    _refuse_other(listed, name, (str,), "texts are str")
    return _objects(listed)


def as_scores(values: Any, name: str = "scores") -> Array:
    """Read scores as float64: one column, or one per class; infinite is allowed, NaN is not."""
    data = _unwrapped(values, name)
    scores = np.asarray(data, dtype=np.float64) if _is_matrix(data) else None
    if scores is None:
        listed = _listed(data, name)
        scores = np.asarray(listed, dtype=np.float64)
    missing = np.isnan(scores if scores.ndim == 1 else scores.sum(axis=1))
    _refuse_rows(missing, name, lambda m: m, "missing (NaN)", "Score every row, or drop the row everywhere.")
    return scores


def as_weights(values: Any, name: str = "weights") -> Array:
    """Read row weights: finite, not negative, not all zero."""
    weights = as_numbers(values, name).astype(np.float64)
    _refuse_rows(weights, name, lambda w: w < 0, "negative", "Weights count rows; use 0 to leave one out.")
    if not weights.any():
        raise EvaluationError("All weights are zero.", hint="At least one row must count.")
    return weights


def refuse_marker(labels: Array, name: str) -> None:
    """Labels of -100 mark tokens without loss; counted as a class they make a number wrong."""
    if labels.dtype != np.int64:
        return
    rows = np.flatnonzero(labels == IGNORED)
    if len(rows):
        shown = ", ".join(map(str, rows[:5].tolist())) + (", …" if len(rows) > 5 else "")
        raise EvaluationError(
            f"{name} has the label -100 in {len(rows)} rows ({shown}): it marks tokens without loss, not a class.",
            where=Where(row=int(rows[0]), field=name),
            hint="Pass ignore_label=-100 to leave these rows out.",
        )


def check_lengths(parts: Mapping[str, Sequence[Any] | Array | None], ids: Sequence[str] | None = None) -> int:
    """Return the common length; an error names the longer one and the first row without a partner."""
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
        raise EmptyInputError(
            f"{first} is empty: there is nothing to evaluate.", hint="Pass at least one row."
        )
    return n


def check_same_kind(y_true: Array, y_pred: Array) -> None:
    """Text labels never equal number labels; say so instead of scoring 0."""
    kinds = ["text" if isinstance(a[0], str) else "numbers" for a in (y_true, y_pred)]
    if kinds[0] != kinds[1]:
        raise EvaluationError(
            f"y_true holds {kinds[0]} (row 0: {_one(y_true)!r}) and y_pred {kinds[1]} (row 0: {_one(y_pred)!r}).",
            hint="Convert one side, for example with [str(v) for v in y_true].",
        )


def _one(labels: Array) -> Any:
    return labels[:1].tolist()[0]


def _unwrapped(values: Any, name: str) -> Any:
    """Leave torch, pandas, polars and Arrow behind; lists and numpy arrays remain."""
    if isinstance(values, str | bytes | Mapping | set | frozenset):
        raise EvaluationError(
            f"{name} is a {type(values).__name__}; a sequence with one value per row is needed.",
            hint="Pass a list or an array.",
        )
    if hasattr(values, "detach"):  # torch, also with requires_grad, on a device, or in bfloat16
        values = values.detach().cpu()
        return (values.float() if "bfloat16" in str(values.dtype) else values).numpy()
    if isinstance(values, np.ma.MaskedArray):
        return cast("Array", values).tolist()  # masked becomes None
    if isinstance(values, np.ndarray):
        return cast("Array", values)
    for convert in ("to_pylist", "to_list", "tolist"):
        if callable(method := getattr(values, convert, None)) and not hasattr(values, "columns"):
            return _fast_numpy(values) if hasattr(values, "to_numpy") else method()
    if hasattr(values, "to_numpy"):
        return values.to_numpy()
    if isinstance(values, Iterable):
        return cast("list[Any]", values if isinstance(values, list) else list(cast("Iterable[Any]", values)))
    raise EvaluationError(
        f"{name} is a {type(values).__name__}; a sequence with one value per row is needed.",
        hint="Pass a list or an array.",
    )


def _fast_numpy(values: Any) -> Any:
    """Return the column's own numbers if it has plain ones, else Python objects with None kept."""
    if getattr(getattr(values, "dtype", None), "kind", "") in ("i", "u", "f", "b") and isinstance(
        values.dtype, np.dtype
    ):
        return values.to_numpy()
    return getattr(values, "to_pylist", getattr(values, "to_list", getattr(values, "tolist", None)))()


def _listed(values: Any, name: str) -> Array | list[Any]:
    """Return a number array of one dimension, or a list of Python objects."""
    data = _unwrapped(values, name)
    if isinstance(data, np.ndarray):
        array = cast("Array", data)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array.ravel()
        if array.ndim != 1:
            raise EvaluationError(
                f"{name} has {array.ndim} dimensions (shape {array.shape}); one value per row is needed.",
                hint="For probabilities per class pass scores=; several labels per row are not supported yet.",
            )
        data = _narrowed(array) if array.dtype.kind in "biuf" else array.tolist()
    elif data and all(isinstance(v, list | tuple) and len(cast("list[Any]", v)) == 1 for v in data):
        data = [v[0] for v in data]  # a column vector
    if not isinstance(data, np.ndarray) and (kind := next((v for v in data if isinstance(v, _NESTED)), None)):
        raise EvaluationError(
            f"{name} holds a {type(kind).__name__} in a row; one value per row is needed.",
            hint="Several labels per row are not supported yet.",
        )
    return data


_NESTED = (list, tuple, set, frozenset, dict, np.ndarray)


def _is_matrix(data: Any) -> bool:
    if isinstance(data, np.ndarray):
        return cast("Array", data).ndim == 2 and cast("Array", data).shape[1] > 1
    return bool(data) and isinstance(data[0], list | tuple | np.ndarray) and len(data[0]) > 1


def _narrowed(array: Array) -> Array:
    """Return bool, int64, float64, or Python integers where int64 is too small."""
    if array.dtype.kind == "b":
        return array
    if array.dtype.kind == "f":
        return array.astype(np.float64)
    if array.dtype == np.uint64 and len(array) and array.max() >= _INT64:
        return array.astype(object)
    return array.astype(np.int64)


def _numbers(data: list[Any]) -> Array:
    """Return Python numbers as the narrowest exact array."""
    if all(isinstance(v, bool | np.bool_) for v in data):
        return np.array(data, dtype=np.bool_)
    if all(isinstance(v, int | np.integer | np.bool_) for v in data):
        whole = [int(v) for v in data]
        fits = all(-_INT64 <= v < _INT64 for v in whole)
        return np.array(whole, dtype=np.int64) if fits else _objects(whole)
    if any(isinstance(v, int) and abs(v) > 2**53 for v in data):
        return _objects([int(v) if float(v).is_integer() else float(v) for v in data])
    return np.array([float(v) for v in data], dtype=np.float64)


def _number_labels(data: Array, name: str) -> Array:
    if data.dtype != np.float64:
        return data
    _refuse_rows(data, name, np.isnan, "missing (NaN)", "Drop the row, or label it.")
    broken = data != np.floor(data)
    if not (broken | np.isinf(data)).any():
        small = np.abs(data).max(initial=0) < _INT64
        return data.astype(np.int64) if small else _objects([int(v) for v in data])
    row = int(np.flatnonzero(broken | np.isinf(data))[0])
    likely = bool(((data >= 0) & (data <= 1)).all())
    raise EvaluationError(
        f"{name} holds {data[row]:g}, which is no class label"
        + (": these look like probabilities." if likely else ": these look like measured numbers."),
        where=Where(row=row, field=name),
        hint="Pass them as scores=, and labels (for example p >= 0.5) as y_pred."
        if likely
        else "For numbers use the regression metrics: create_evaluator('regression').",
    )


def _decoded(value: Any, name: str) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode("ascii")
    except UnicodeDecodeError as error:
        raise EvaluationError(
            f"{name} holds bytes that are not ASCII.", hint="Decode them to str."
        ) from error


def _plain(value: Any, name: str, row: int) -> Any:
    """Return int or float; Decimal, Fraction and numpy scalars are converted."""
    if isinstance(value, int | float | np.number | np.bool_):
        return value.item() if isinstance(value, np.generic) else value
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise EvaluationError(
            f"{name} holds a {type(value).__name__} where numbers are needed.",
            where=Where(row=row, field=name),
        ) from error


def is_missing(value: Any) -> bool:
    """Tell None, NaN, pandas' NA and NaT, and numpy's NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and math.isnan(value)


def _refuse_missing(data: list[Any], name: str) -> None:
    rows = list(islice((i for i, v in enumerate(data) if is_missing(v)), 1))
    if rows:
        raise EvaluationError(
            f"{name} has a value that is missing.",
            where=Where(row=rows[0], field=name),
            hint="Drop the row, or fill the value; a missing answer that should count as wrong is ''.",
        )


def _refuse_other(data: list[Any], name: str, kinds: tuple[type, ...], rule: str) -> None:
    for row, value in enumerate(data):
        if not isinstance(value, kinds):
            raise EvaluationError(
                f"{name} holds a {type(value).__name__}; {rule}.",
                where=Where(row=row, field=name),
                hint="Convert it first, for example with str().",
            )


def _refuse_rows(data: Array, name: str, test: Callable[[Array], Array], word: str, hint: str) -> None:
    rows = np.flatnonzero(test(data))
    if len(rows):
        raise EvaluationError(
            f"{name} has a value that is {word}.", where=Where(row=int(rows[0]), field=name), hint=hint
        )


def _objects(data: Sequence[Any]) -> Array:
    array = np.empty(len(data), dtype=object)
    array[:] = data
    return array


_READERS: dict[Kind, Callable[[Any, str], Array]] = {
    "labels": as_labels,
    "numbers": as_numbers,
    "texts": as_texts,
}
