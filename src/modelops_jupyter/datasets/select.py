"""Which positions of a dataset an operation keeps, and in which order."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.rows import Positions
from modelops_jupyter.errors import ConfigError, DatasetError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

Conditions: TypeAlias = Mapping[str, Any] | Sequence[tuple[str, str, Any]]
MISSING = object()

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, choices: value in choices,
    "not in": lambda value, choices: value not in choices,
    "contains": lambda value, part: part in value,
    "startswith": lambda value, part: value.startswith(part),
}


def field(row: Row, name: str) -> Any:
    """Return a top-level field, or what a JSON pointer (``/a/0/b``) names; `MISSING` if there is none."""
    if not name.startswith("/"):
        return row.get(name, MISSING)
    value: Any = row
    for step in name[1:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        inner, items = as_object(value), as_array(value)
        if inner is not None and key in inner:
            value = inner[key]
        elif items is not None and key.isdecimal() and int(key) < len(items):
            value = items[int(key)]
        else:
            return MISSING
    return value


def predicate(where: Conditions) -> Callable[[Row], bool]:
    """Return the test that `where` describes; a value that cannot be compared does not match."""
    listed: Any = [(k, "==", v) for k, v in where.items()] if isinstance(where, Mapping) else where
    fit = type(listed) in (list, tuple) and all(type(c) in (list, tuple) and len(c) == 3 for c in listed)
    if not fit or not all(isinstance(word, str) for c in listed for word in c[:2]):
        hint = 'Write {"lang": "en"} or [("n", ">", 3), ("lang", "==", "en")].'
        raise ConfigError(f"{where!r} is no condition.", code="condition", hint=hint)
    tests = [(name, _operator(op), value) for name, op, value in listed]

    def matches(row: Row) -> bool:
        return all(_holds(test, field(row, name), value) for name, test, value in tests)

    return matches


def _operator(name: str) -> Callable[[Any, Any], bool]:
    if name not in _OPERATORS:
        hint = did_you_mean(name, _OPERATORS)
        raise ConfigError(f'There is no comparison "{name}".', code="unknown-comparison", hint=hint)
    return _OPERATORS[name]


def _holds(test: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    if value is MISSING:
        return test is operator.ne
    if isinstance(value, bool) != isinstance(wanted, bool) and test in (operator.eq, operator.ne):
        return test is operator.ne  # true is not 1
    try:
        return bool(test(value, wanted))
    except (TypeError, AttributeError):
        return False


def matching(ds: "Dataset", condition: Callable[[Row], Any] | Conditions) -> Positions:
    """Return the positions that a function or a `where` keeps."""
    if callable(condition):
        keep = [i for i, row in enumerate(ds) if condition(row)]
    else:
        test = predicate(condition)
        keep = [i for i, row in ds.decoded() if row is not None and test(row)]
    return np.array(keep, dtype=np.int64)


def sorted_by(ds: "Dataset", key: Callable[[Row], Any] | str, *, reverse: bool) -> Positions:
    """Return the stable order by a key; rows without it stand last either way."""
    found: list[tuple[Any, int]] = []
    absent: list[int] = []
    for i, row in ds.decoded():
        value = MISSING if row is None else field(row, key) if isinstance(key, str) else key(row)
        if value is MISSING or value is None:
            absent.append(i)
        else:
            found.append((value if callable(key) else rank(value), i))
    try:
        found.sort(key=lambda pair: pair[0], reverse=reverse)
    except TypeError as error:
        raise DatasetError(f"The keys cannot be put in order: {error}.", code="sort-key") from None
    return np.array([i for _, i in found] + absent, dtype=np.int64)


def rank(value: Any) -> tuple[int, Any]:
    """Make values of different types comparable: numbers, then texts, then the rest by its text."""
    if isinstance(value, int | float):
        return (0, value)
    return (1, value) if isinstance(value, str) else (2, str(value))


def scrambled(count: int, seed: int) -> Positions:
    """Return a random order that is the same in every process and every version of numpy."""
    with np.errstate(over="ignore"):
        x = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x += np.uint64(seed % 2**64) * np.uint64(0xD1342543DE82EF95)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
        x ^= x >> np.uint64(31)
    return np.argsort(x, kind="stable")


def resolve(ds: "Dataset", rows: Iterable[int | str]) -> list[int]:
    """Return positions for positions or ids."""
    by_id: dict[str, int] | None = None
    out: list[int] = []
    for row in rows:
        if isinstance(row, str):
            by_id = {name: i for i, name in enumerate(ds.ids)} if by_id is None else by_id
            if row not in by_id:
                raise DatasetError(f'There is no row with the id "{row}".', code="unknown-row")
            out.append(by_id[row])
        else:
            at = operator.index(row)
            if not -len(ds) <= at < len(ds):
                raise DatasetError(f"There is no row {at} among {len(ds)}.", code="unknown-row")
            out.append(at % len(ds))
    return out


def checked(positions: Iterable[int] | NDArray[np.integer], count: int) -> Positions:
    """Return positions as an array, negative ones counted from the end."""
    found = np.asarray(positions if isinstance(positions, np.ndarray) else list(positions), dtype=np.int64)
    if len(found) and (int(found.min()) < -count or int(found.max()) >= count):
        raise DatasetError(f"A position is outside the {count} rows.", code="unknown-row")
    return np.where(found < 0, found + count, found)
