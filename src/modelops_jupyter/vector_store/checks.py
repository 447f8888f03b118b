"""What a vector store takes: ids, vectors and fields, each refused with its row."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, DatasetError, Where
from modelops_jupyter.vector_store.exact import Floats

_SCALARS = (str, int, float, bool, type(None))


def one_of(what: str, value: object, known: Sequence[str]) -> None:
    """Refuse a value that is none of the known ones."""
    if value not in known:
        raise ConfigError(f"There is no {what} {value!r}.", code=what, hint=did_you_mean(str(value), known))


def checked_ids(ids: Any, *, twice: bool = False) -> list[str]:
    """Return ids as non-empty texts, different ones unless one may stand `twice`."""
    if ids is None:
        raise DatasetError("Ids are a list of texts, not None.", code="id")
    names: list[Any] = [ids] if isinstance(ids, str) else list(ids)
    seen: set[str] = set()
    for at, name in enumerate(names):
        fit = isinstance(name, str) and name and is_text(name)
        if not fit or (name in seen and not twice):
            what = "stands twice in the batch" if fit else "is not a non-empty text"
            raise DatasetError(f"The id {name!r} {what}.", code="id", where=Where(row=at, field="id"))
        seen.add(name)
    return names


def is_text(value: Any) -> bool:
    """Whether a text can be written down: a lone half of a surrogate pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def checked_vectors(vectors: Any) -> Floats:
    """Return vectors as a matrix of finite numbers in 32 bit."""
    try:
        given = np.asarray(vectors)
        if given.dtype.kind not in "iuf" or given.ndim != 2 or not given.shape[1]:
            raise ValueError(f"shape {given.shape}, type {given.dtype}")
        with np.errstate(over="ignore"):
            matrix = np.ascontiguousarray(given, np.float32)
    except (ValueError, TypeError) as error:
        raise DatasetError(f"Vectors are numbers of shape (n, d), not {error}.", code="vectors") from None
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if bad.size:
        text = "A vector holds a number that is NaN, infinite or too large for 32 bit."
        raise DatasetError(text, code="not-finite", where=Where(row=int(bad[0])))
    return matrix


def check_width(known: int, width: int, namespace: str) -> None:
    """Refuse vectors of another width than those that are there."""
    if known != width:
        text = f"The vectors have {width} numbers, those of the namespace {namespace!r} have {known}."
        raise DatasetError(text, code="dimension")


def fields_text(row: int, fields: Any) -> str:
    """Return the fields of a vector as JSON."""
    if not isinstance(fields, Mapping):
        raise DatasetError("Fields are one mapping for each vector.", code="fields", where=Where(row=row))
    for name, value in cast("Mapping[Any, Any]", fields).items():
        finite = not isinstance(value, float) or math.isfinite(value)
        if not isinstance(name, str) or type(value) not in _SCALARS or not finite:
            text = f"A field holds a text, a finite number, true, false or None, not {value!r}."
            raise DatasetError(text, code="fields", where=Where(row=row, field=str(name)))
    text = json.dumps(fields, ensure_ascii=False)
    if not is_text(text):
        raise DatasetError("A field holds half a character.", code="fields", where=Where(row=row))
    return text
