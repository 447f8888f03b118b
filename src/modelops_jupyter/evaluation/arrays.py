"""Arrays as fields of frozen values: to JSON and back without losing their type."""

from collections.abc import Sequence
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def objects(values: Sequence[Any]) -> Array:
    """Return Python objects as they are: numpy would cut text at NUL and round big integers."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def empty() -> Array:
    """Return no rows."""
    return np.zeros(0, np.int64)


class Jsonable:
    """Mix-in for dataclasses of numbers, tuples and arrays."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form."""
        fields: list[str] = list(self.__dataclass_fields__)  # type: ignore[attr-defined]
        return {name: _packed(getattr(self, name)) for name in fields}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        return cls(**{name: _unpacked(value) for name, value in data.items()})


def _packed(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(cast("tuple[Any, ...]", value))
    if not isinstance(value, np.ndarray):
        return value
    array = cast("Array", value)
    values = array.tolist()
    if array.dtype.kind == "f" and array.size and not np.isfinite(array).all():  # JSON has no infinity
        values = np.where(np.isfinite(array), array.astype(object), array.astype(str)).tolist()
    return {"dtype": str(array.dtype), "values": values}


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(cast("list[Any]", value))
    if not isinstance(value, dict):
        return value
    dtype, values = (cast("dict[str, Any]", value)[key] for key in ("dtype", "values"))
    if dtype == "object":  # JSON knows lists where rows hold tuples
        return objects([tuple(cast("list[Any]", v)) if isinstance(v, list) else v for v in values])
    return np.array(values).astype(str(dtype))
