"""Labels as small whole numbers, coded in one pass: what count tables are made from."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeGuard, cast

import numpy as np

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.tasks import Label

_SLOTS = 65_536  # a table of so many slots is always cheaper than sorting
_BLOCK = 32_768  # rows at once, so that what is worked on stays in the processor's cache


class Coded(NamedTuple):
    """A column of labels as positions in `classes`, which are distinct and in any order."""

    codes: Array
    classes: tuple[Label, ...]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def labels(self) -> Array:
        """The labels themselves."""
        return np.array([*self.classes, None], dtype=object)[:-1][self.codes]


Column = Array | Coded


class Cells(NamedTuple):
    """The pairs of true and predicted class that occur, ascending, and their rows or weight."""

    classes: tuple[Label, ...]
    true: Array
    predicted: Array
    rows: Array


def code_text(values: Sequence[Any] | Array) -> Coded | None:
    """Code a column of str; None if it holds anything else."""
    try:
        found = _coded(values)
    except TypeError:  # a list or a set in a row
        return None
    return found if set(map(type, found.classes)) == {str} else None


def coded(column: Column) -> Coded:
    """Code a column of any labels."""
    if isinstance(column, Coded):
        return column
    if column.dtype == object:
        return _coded(column)
    found, codes = np.unique(column, return_inverse=True)
    return Coded(codes, tuple(found.tolist()))


def _coded(values: Sequence[Any] | Array) -> Coded:
    """Give each new value the next number, with one look into a dictionary a row."""
    table: defaultdict[Any, int] = defaultdict()
    table.default_factory = table.__len__
    codes = np.fromiter(map(table.__getitem__, values), np.int64, len(values))
    return Coded(codes, tuple(table))


def distinct(column: Array) -> set[Label]:
    """Return the labels that occur."""
    if column.dtype == object or len(column) < 512:
        return set(cast("list[Label]", column.tolist()))
    found: set[Label] = set()
    for start in range(0, len(column), _BLOCK):
        part = column[start : start + _BLOCK]
        low, high = part.min(), part.max()
        if column.dtype != np.int64 or high - low >= _SLOTS:
            return set(cast("list[Label]", np.unique(column).tolist()))
        found.update(cast("list[Label]", (np.flatnonzero(np.bincount(part - low)) + low).tolist()))
    return found


def _is_numbers(column: Column) -> TypeGuard[Array]:
    return isinstance(column, np.ndarray) and column.dtype != object


def tabulate(true: Column, predicted: Column, weights: Array | None = None) -> Cells:
    """Count the pairs of labels of two columns of the same length."""
    if _is_numbers(true) and _is_numbers(predicted):
        return _tabulate_numbers(true, predicted, weights)
    first, second = coded(true), coded(predicted)
    width = len(second.classes)
    pairs, count = _pairs(first.codes, second.codes, width, len(first.classes) * width, weights)
    return arranged(Coded(pairs // width, first.classes), Coded(pairs % width, second.classes), count)


def arranged(true: Coded, predicted: Coded, count: Array, declared: tuple[Label, ...] | None = None) -> Cells:
    """Renumber cells by the classes that occur: declared ones first, the others sorted."""
    sides: list[list[Label]] = [[s.classes[i] for i in s.codes.tolist()] for s in (true, predicted)]
    rows, columns = sides
    classes = ordered({*rows, *columns}, declared)
    place, width = {label: i for i, label in enumerate(classes)}, max(1, len(classes))
    codes = np.array([place[t] * width + place[p] for t, p in zip(rows, columns, strict=True)], np.int64)
    pairs, total = sums(codes, count, width * width)
    return Cells(classes, pairs // width, pairs % width, total.astype(count.dtype))


def ordered(found: set[Label], declared: tuple[Label, ...] | None) -> tuple[Label, ...]:
    """Return declared labels as they are, then the others sorted; text and numbers do not mix."""
    first = declared or ()
    rest: set[Any] = found - set(first)
    if len({isinstance(label, str) for label in (*first, *rest)}) > 1:
        hint = "Make all labels text, or all numbers; labels= too."
        raise EvaluationError("Labels mix text and numbers.", hint=hint)
    return (*first, *sorted(rest))


def agreed(one: tuple[Label, ...] | None, other: tuple[Label, ...] | None) -> tuple[Label, ...] | None:
    """Return the labels that two counts were given; they must not differ."""
    if one and other and one != other:
        raise EvaluationError("Two counts with different labels= cannot be merged.")
    return one or other


def sums(codes: Array, weights: Array | None, size: int) -> tuple[Array, Array]:
    """Return the codes below `size` that occur, ascending, and their rows or summed weights."""
    if size > max(_SLOTS, 4 * len(codes)):  # too sparse for a slot per code
        cells, where = np.unique(codes, return_inverse=True)
        return cells, np.bincount(where, weights)
    rows = np.bincount(codes)
    cells = np.flatnonzero(rows)
    return cells, rows[cells] if weights is None else np.bincount(codes, weights)[cells]


def _tabulate_numbers(true: Array, predicted: Array, weights: Array | None) -> Cells:
    boolean = true.dtype == predicted.dtype == np.bool_
    if weights is None and len(true) > _BLOCK and (quick := _in_blocks(true, predicted)) is not None:
        low, (width, pairs, count) = 0, quick
    else:
        low, high = int(min(true.min(), predicted.min())), int(max(true.max(), predicted.max()))
        width = high - low + 1
        if width > max(_SLOTS, len(true)):
            return tabulate(coded(true), coded(predicted), weights)
        true, predicted = np.subtract(true, low, dtype=np.int64), np.subtract(predicted, low, dtype=np.int64)
        pairs, count = _pairs(true, predicted, width, width * width, weights)
    rows, columns = pairs // width, pairs % width
    found = np.flatnonzero(np.bincount(np.concatenate([rows, columns])))
    place = np.zeros(width, np.int64)
    place[found] = np.arange(len(found))
    classes: list[int] = (found + low).tolist()
    names = map(bool, classes) if boolean else classes
    return Cells(tuple(names), place[rows], place[columns], count)


def _in_blocks(true: Array, predicted: Array) -> tuple[int, Array, Array] | None:
    """Count labels from 0 up, block by block in the processor's cache; None for labels unlike this.

    All bits of the first block bound the labels; a later block with more of them makes it None too.
    """
    bits = _bits(true[:_BLOCK], predicted[:_BLOCK])
    if not 0 <= bits < 256:
        return None
    width = bits + 1
    count = _two_classes if bits <= 1 else _table
    total = np.zeros(width * width, np.int64)
    for start in range(0, len(true), _BLOCK):
        t, p = true[start : start + _BLOCK], predicted[start : start + _BLOCK]
        if _bits(t, p) | bits != bits:
            return None
        total += count(t, p, width, width * width)
    cells = np.flatnonzero(total)
    return width, cells, total[cells]


def _bits(true: Array, predicted: Array) -> int:
    """Return all bits that are set in any row: half as long as looking for the least and the greatest."""
    return int(np.bitwise_or.reduce(true)) | int(np.bitwise_or.reduce(predicted))


def _table(true: Array, predicted: Array, width: int, size: int) -> Array:
    """Count the codes `true * width + predicted` of a block."""
    codes = np.multiply(true, width, dtype=np.int64)  # dtype: int8 would wrap
    codes += predicted
    return np.bincount(codes, minlength=size)


def _two_classes(true: Array, predicted: Array, width: int, size: int) -> Array:
    """Count the four cells of labels 0 and 1: no table is needed, three counts tell them."""
    del width
    t, p = true != 0, predicted != 0
    positive, found, both = map(np.count_nonzero, (t, p, t & p))
    return np.array([len(true) - positive - found + both, found - both, positive - both, both])[:size]


def _pairs(
    true: Array, predicted: Array, width: int, size: int, weights: Array | None
) -> tuple[Array, Array]:
    """Return the codes `true * width + predicted` that occur, and their rows or weights."""
    n = len(true)
    if weights is not None or size > _SLOTS or n <= _BLOCK:
        return sums(np.multiply(true, width, dtype=np.int64) + predicted, weights, size)
    total = np.zeros(size, np.int64)
    for start in range(0, n, _BLOCK):
        part = slice(start, start + _BLOCK)
        total += _table(true[part], predicted[part], width, size)
    cells = np.flatnonzero(total)
    return cells, total[cells]
