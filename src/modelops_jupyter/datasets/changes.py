"""Where two versions of a row differ, for people to see."""

from typing import Any

from modelops_jupyter._format import clip
from modelops_jupyter.datasets._json import Row, as_array, as_object, escape_pointer
from modelops_jupyter.datasets.formats.values import pretty
from modelops_jupyter.datasets.select import MISSING, field

_LEAD = 30  # characters shown before the first difference
_LONG = 200


def pointers(before: Any, after: Any, at: str = "") -> list[str]:
    """Return JSON pointers to the innermost places where two values differ."""
    if type(before) is type(after) and before == after:
        return []
    one, two = as_object(before), as_object(after)
    if one is not None and two is not None:
        keys = [*one, *(key for key in two if key not in one)]
        found = [
            pointers(one.get(k, MISSING), two.get(k, MISSING), f"{at}/{escape_pointer(k)}") for k in keys
        ]
        return [pointer for each in found for pointer in each] or [at]
    first, second = as_array(before), as_array(after)
    if first is not None and second is not None and len(first) == len(second):
        each = (pointers(a, b, f"{at}/{i}") for i, (a, b) in enumerate(zip(first, second, strict=True)))
        return [pointer for some in each for pointer in some] or [at]
    return [at]


def difference(before: Row, after: Row) -> tuple[str, str]:
    """Return the first value in which two rows differ, as it was and as it is, cut to the place."""
    pointer = next(iter(pointers(before, after)), "")
    old, new = (row if not pointer else field(row, pointer) for row in (before, after))
    if old is MISSING or new is MISSING:
        key = pointer.rpartition("/")[2]
        old, new = (f"without {key}" if v is MISSING else f"{key}: {_text(v)}" for v in (old, new))
    return _window(_text(old), _text(new))


def _text(value: Any) -> str:
    return " ".join((value if isinstance(value, str) else pretty(value)).split())


def _window(old: str, new: str) -> tuple[str, str]:
    same = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    start = max(0, same - _LEAD) if same > 2 * _LEAD else 0
    lead = "…" if start else ""
    return clip(lead + old[start:], _LONG), clip(lead + new[start:], _LONG)
