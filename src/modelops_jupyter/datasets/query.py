"""What a view shows: the positions that a search, a problem filter and a sort leave."""

import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets import duplicates, scan, select, tokens
from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.formats import DatasetFormat, turns
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.pattern import LONGEST, check_pace, compiled, reach_of
from modelops_jupyter.datasets.source import portions
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

SORT_FIELDS = ("row", "tokens", "turns", "problems", "label")
LABEL = "review"  # the key under which labels stand
PREVIEW = 160  # characters of the first words
_KEPT = 16  # index vectors kept for each dataset
_CHECK = 256  # rows between two looks at whether anybody waits
_SAMPLE = 100  # rows that tell whether a field is common
_LEAD = 24  # characters shown before a match


@dataclass(frozen=True, slots=True)
class Query:
    """A search, a filter and an order; an empty one is all rows as they are.

    Parameters
    ----------
    search
        What the text of a row must contain.
    regex, case
        Read `search` as a regular expression, which looks at the beginning of long texts only
        (`datasets.pattern`); tell capitals apart.
    problem
        Only rows with this problem code.
    groups
        Of a problem that rows have with each other (``exact-duplicate``, ``conflicting-duplicate``)
        also the rows that they share it with, next to each other.
    least, most
        Only rows of at least and at most so many tokens, by estimate.
    where
        Triples of a field (a top-level key or a JSON pointer), a comparison and a value, as in
        `Dataset.filter`.
    sort
        Pairs of what to order by (``row tokens turns problems label``, or a field of the rows after
        a slash, as in ``/score``) and whether it descends. Rows without it stand last either way.
    """

    search: str = ""
    regex: bool = False
    case: bool = False
    problem: str | None = None
    groups: bool = False
    least: int | None = None
    most: int | None = None
    where: tuple[tuple[str, str, Any], ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()

    def pattern(self) -> re.Pattern[str] | None:
        """Return what is searched for, None if nothing is."""
        return compiled(self.search, regex=self.regex, case=self.case) if self.search else None


def sort_field(name: str) -> str:
    """Return a field that rows can be sorted by; any other is an error."""
    if name not in SORT_FIELDS and not name.startswith("/"):
        hint = did_you_mean(name, SORT_FIELDS)
        raise ConfigError(f'Rows cannot be sorted by "{name}".', code="unknown-field", hint=hint)
    return name


def positions(ds: "Dataset", query: Query, check: Callable[[], None] | None = None) -> NDArray[np.int32]:
    """Return the positions that `query` leaves, in its order; the last few answers are kept.

    `check` is called now and then; what it raises ends a search that nobody waits for.
    """
    cache: OrderedDict[Query, NDArray[np.int32]] = ds.memo.setdefault("queries", OrderedDict())
    if query in cache:
        cache.move_to_end(query)
        return cache[query]
    if query.sort:
        unsorted = positions(ds, replace(query, sort=()), check)
        found = unsorted[_order(ds, unsorted, query.sort)]
    else:
        found = np.flatnonzero(_mask(ds, query, check)).astype(np.int32)
        if query.groups and query.problem in duplicates.KINDS:
            found = _grouped(ds, query.problem, found)
    cache[query] = found
    while len(cache) > _KEPT:
        cache.popitem(last=False)
    return found


def problem_counts(ds: "Dataset", among: NDArray[np.integer]) -> dict[str, int]:
    """Return how many of the rows at some positions have each code."""
    inside = np.zeros(len(ds), dtype=np.bool_)
    inside[among] = True
    return {
        code: sum(bool(inside[row]) for row in {p.row for p in found})
        for code, found in ds.validate().by_code().items()
    }


def _mask(ds: "Dataset", query: Query, check: Callable[[], None] | None) -> NDArray[np.bool_]:
    mask = np.ones(len(ds), dtype=np.bool_)
    if query.problem is not None:
        mask[:] = False
        mask[[p.row for p in ds.validate().by_code().get(query.problem, ())]] = True
    if query.least is not None or query.most is not None:
        lengths = tokens.estimate(ds)
        most = sys.maxsize if query.most is None else query.most
        mask &= (lengths >= (query.least or 0)) & (lengths <= most)
    if query.where:
        mask &= _fits(ds, query.where, mask, check)
    if pattern := query.pattern():
        reach = reach_of(query.search) if query.regex else sys.maxsize
        if not query.regex:
            mask &= scan.may_hold(ds, query.search, case=query.case, check=check)
        among = np.flatnonzero(mask)
        for start, stop in portions(ds.row_lengths()[among]):
            for at, raw in zip(among[start:stop].tolist(), ds.stored.read(among[start:stop]), strict=True):
                if at % _CHECK == 0 and check:
                    check()
                since = time.perf_counter()
                mask[at] = any(pattern.search(text, 0, reach) for text in row_texts(raw))
                check_pace(since, at)
    return mask


def _fits(
    ds: "Dataset",
    where: tuple[tuple[str, str, Any], ...],
    mask: NDArray[np.bool_],
    check: Callable[[], None] | None,
) -> NDArray[np.bool_]:
    """Tell which of the rows in `mask` fit; rows that cannot hold a wanted text are not decoded."""
    test = select.predicate(where)
    for _, op, value in where:
        if op in ("==", "contains", "startswith") and isinstance(value, str):
            mask = mask & scan.may_hold(ds, value, case=True, check=check)
    out = np.zeros(len(ds), dtype=np.bool_)
    among = np.flatnonzero(mask)
    for start, stop in portions(ds.row_lengths()[among]):
        if check:
            check()
        rows = map(try_decode, ds.stored.read(among[start:stop]))
        out[among[start:stop]] = [row is not None and test(row) for row in rows]
    return out


def _grouped(ds: "Dataset", kind: str, found: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return all members of the groups of the rows `found`, group by group."""
    group = duplicates.groups(ds, kind)
    members = np.flatnonzero(np.isin(group, np.unique(group[found])) & (group >= 0))
    return members[np.argsort(group[members], kind="stable")].astype(np.int32)


def row_texts(raw: bytes) -> Iterator[str]:
    """Yield every text value of a row; of a row that cannot be read, the row."""
    row = try_decode(raw)
    if row is None:
        yield raw.decode("utf-8", "replace")
    else:
        yield from _texts(row)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif inner := as_object(value):
        for item in inner.values():
            yield from _texts(item)
    elif items := as_array(value):
        for item in items:
            yield from _texts(item)


def _order(ds: "Dataset", among: NDArray[np.int32], sort: tuple[tuple[str, bool], ...]) -> NDArray[np.int64]:
    order = np.arange(len(among), dtype=np.int64)
    for field, descending in reversed(sort):  # stable sorts, the least important first
        keys = sort_values(ds, field)[among[order]].astype(np.int64)
        most = keys.max(initial=0)
        if descending:
            keys = np.where(keys < 0, keys, most - keys)
        keys[keys < 0] = most + 1  # rows without the field stand last either way
        # numpy sorts 16 bits by radix, six times as fast
        order = order[np.argsort(keys.astype(np.uint16) if most + 1 < 1 << 16 else keys, kind="stable")]
    return order


def sort_values(ds: "Dataset", field: str) -> NDArray[np.integer]:
    """Return the value of a sort field for every row."""
    if field == "tokens":
        return tokens.estimate(ds)
    if field == "turns":
        return turn_counts(ds)
    if field == "label":
        return ranks(ds, f"/{LABEL}")
    if field == "problems":
        found = [p.row for p in ds.validate().problems]
        return np.bincount(np.array(found, dtype=np.int64), minlength=len(ds))
    if field.startswith("/"):
        return ranks(ds, field)
    sort_field(field)
    return np.arange(len(ds), dtype=np.int32)


def ranks(ds: "Dataset", pointer: str) -> NDArray[np.int64]:
    """Return for each row the place of a field's value among all in order; -1 without one.

    Numbers come before texts; anything else counts as its text. The answer is kept.
    """
    kept: dict[str, NDArray[np.int64]] = ds.memo.setdefault("ranks", {})
    if pointer not in kept:
        key, values = pointer.split("/")[1].replace("~1", "/").replace("~0", "~"), _reader(pointer)
        at = np.arange(len(ds))
        if not any(key.encode() in raw for raw in ds.stored.read(at[:_SAMPLE])):  # a rare one is looked for
            at = np.flatnonzero(scan.may_hold(ds, key, case=True))
        found: list[Any] = []
        for start, stop in portions(ds.row_lengths()[at]):
            found += values(ds.stored.read(at[start:stop]))
        plain = (str, int, float, type(None))
        keys = [each if isinstance(each, plain) else str(each) for each in found]
        order = sorted({*keys} - {None}, key=select.rank)
        places = {None: -1, **{key: place for place, key in enumerate(order)}}
        kept[pointer] = np.full(len(ds), -1, dtype=np.int64)
        kept[pointer][at] = [places[key] for key in keys]
    return kept[pointer]


def _reader(pointer: str) -> Callable[[list[bytes]], list[Any]]:
    """Return what reads one field of rows, None where it is not."""
    if re.search(r'[/~"\\\x00-\x1f]', pointer[1:]):  # no name of a struct's field holds these

        def nested(raw: bytes) -> Any:
            value = select.field(try_decode(raw) or {}, pointer)
            return None if value is select.MISSING else value

        return lambda rows: list(map(nested, rows))
    # A struct of one field builds no other.
    only: Any = msgspec.defstruct("Only", [("value", Any, None)], rename={"value": pointer[1:]}, gc=False)
    decode = msgspec.json.Decoder(only).decode

    def read(rows: list[bytes]) -> list[Any]:
        try:
            return [decode(raw).value for raw in rows]
        except (ValueError, RecursionError):  # one of them cannot be read
            return [value for raw in rows for value in read([raw])] if len(rows) > 1 else [None]

    return read


def turn_counts(ds: "Dataset") -> NDArray[np.int32]:
    """Return how many turns each row has; 0 for one that cannot be read."""
    if "turns" not in ds.memo:
        counts = (0 if row is None else _turn_count(row, ds.format) for _, row in ds.decoded())
        ds.memo["turns"] = np.fromiter(counts, dtype=np.int32, count=len(ds))
    return ds.memo["turns"]


def _turn_count(row: Row, format: DatasetFormat) -> int:
    messages = as_array(row.get("messages")) if format is DatasetFormat.MESSAGES else None
    return len(turns(row, format)) if messages is None else len(messages)


def preview(ds: "Dataset", position: int) -> str:
    """Return the first words of a row on one line."""
    return previewed(ds.raw(position), ds.format, Query())[0]


def previewed(raw: bytes, layout: DatasetFormat, query: Query) -> tuple[str, tuple[int, int] | None]:
    """Return the first words of a row, beginning near the first match, and where in them it stands."""
    words = _squeezed(_first_words(raw, layout))
    pattern = query.pattern()
    if pattern is None:
        return words[:PREVIEW], None
    match = pattern.search(words)
    if match is None:  # it may stand elsewhere in the row
        others = ((text, pattern.search(text)) for text in map(_squeezed, row_texts(raw)))
        words, match = next(((text, found) for text, found in others if found), (words, None))
    start = max(0, match.start() - _LEAD) if match and match.end() > PREVIEW else 0
    text = ("…" if start else "") + words[start : start + PREVIEW]
    match = pattern.search(text)
    return text, match.span() if match and match.end() > match.start() else None


def _first_words(raw: bytes, layout: DatasetFormat) -> str:
    row = try_decode(raw)
    if row is None:
        return raw[: 4 * PREVIEW].decode("utf-8", "replace")
    found = turns(row, layout)
    asked = [turn for turn in found if turn.role in ("user", "text") and turn.text.strip()]
    spoken = asked or [turn for turn in found if turn.text.strip()]
    if spoken:
        return spoken[0].text
    return found[0].parts[0].text if found[0].parts else ""


def _squeezed(text: str) -> str:
    return " ".join(text[:LONGEST].split())
