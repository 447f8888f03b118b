"""Keys: the same one twice in an object, and those that nearly no other row has."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from modelops_jupyter._format import count
from modelops_jupyter.datasets._json import Row, as_array, escape_pointer
from modelops_jupyter.datasets.plain import hides_colons
from modelops_jupyter.datasets.validation.problem import Finding

_encode = msgspec.json.Encoder().encode
_FEW_ROWS = 100  # below this nothing is rare


def check_duplicate_keys(raw: bytes) -> Iterator[Finding]:
    """Find keys that an object holds twice; slow, so `has_copies` is asked first."""
    try:
        found = list(_twice(json.loads(raw, object_pairs_hook=_Noted.of), ""))
    except RecursionError:  # readable for msgspec, too deep for Python: nobody trains on it
        return
    for at, key in found:
        yield Finding("duplicate-key", at, f'The key "{key}" stands twice in one object.')


class _Noted(dict[str, Any]):
    """An object that remembers which of its keys stood twice."""

    twice: tuple[str, ...] = ()

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> "_Noted":
        made = cls(pairs)
        if len(made) < len(pairs):
            made.twice = tuple(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return made


def _twice(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, _Noted):
        for key in value.twice:
            yield f"{at}/{escape_pointer(key)}", key
        for key, item in value.items():
            yield from _twice(item, f"{at}/{escape_pointer(key)}")
    for i, item in enumerate(as_array(value) or ()):
        yield from _twice(item, f"{at}/{i}")


def has_copies(row: Row, raw: bytes) -> bool:
    """Tell whether a key may stand twice: never wrong when it says no.

    A decoded object has lost the copy, so written again it has fewer colons.
    """
    return raw.count(b":") != _encode(row).count(b":") or hides_colons(raw)


class KeyCensus:
    """Which rows have which top-level keys, as long as a key is rare."""

    def __init__(self, rows: int, known: Collection[str]) -> None:
        self._limit = rows // 100
        self._known = known
        self._rows: dict[str, list[int] | None] = {}
        self._settled: set[tuple[str, ...]] = set()  # the keys of rows in which none can be rare
        self._total = rows

    def add(self, row: Iterable[str], position: int) -> None:
        """Note the keys of a row."""
        keys = tuple(row)
        if keys in self._settled:
            return
        if all(key in self._known or self._rows.get(key, ()) is None for key in keys):
            self._settled.add(keys)
        for key in keys:
            if key in self._known:
                continue
            seen = self._rows.setdefault(key, [])
            if seen is not None:
                seen.append(position)
                if len(seen) > self._limit:
                    self._rows[key] = None  # not rare

    def findings(self) -> Iterator[tuple[int, Finding]]:
        """Yield each row with a rare key."""
        if self._total < _FEW_ROWS:
            return
        for key, rows in self._rows.items():
            for position in rows or ():
                message = f'Only {len(rows or ())} of {count(self._total)} rows have the key "{key}".'
                yield position, Finding("stray-key", f"/{escape_pointer(key)}", message)
