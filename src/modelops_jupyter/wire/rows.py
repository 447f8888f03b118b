"""Operations on a dataset: its summary, a page of rows, one row opened.

Stateless: a row is (dataset, position), a view is a query. All text is formatted here, once,
for widget and twin alike.
"""

from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Dataset, tokens
from modelops_jupyter.datasets._json import decoded
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.query import Query, positions, problem_counts, sort_field
from modelops_jupyter.datasets.stats import histogram
from modelops_jupyter.wire import checking, row_detail, row_page
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.desk import Desk
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.row_page import SEVERITIES, label

MAX_ROWS = 200
_SAMPLE, _FIELDS = 100, 40  # rows looked at for the names of fields, and names

Handle = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
Position = Annotated[int, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(max_length=1000)]


class Sort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of an order."""

    field: Annotated[str, msgspec.Meta(max_length=201)]  # a hundred characters, each escaped
    descending: bool = False


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One comparison of a field with a value."""

    field: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    op: Annotated[str, msgspec.Meta(max_length=20)]
    value: Text | int | float | bool | None = None
    exact: bool = False  # the value is the text of a number that a page would round


class QueryArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows, in which order."""

    search: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
    regex: bool = False
    case: bool = False
    problem: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    groups: bool = False
    selected: bool = False
    least: Position | None = None
    most: Position | None = None
    where: Annotated[list[Where], msgspec.Meta(max_length=8)] = []
    sort: Annotated[list[Sort], msgspec.Meta(max_length=8)] = []

    def query(self) -> Query:
        """Return the query that datasets understand."""
        where = tuple((w.field, w.op, decoded(w.value) if w.exact else w.value) for w in self.where)
        sort = tuple((sort_field(one.field), one.descending) for one in self.sort)
        switches = (self.regex, self.case, self.problem, self.groups)
        return Query(self.search, *switches, self.least, self.most, where, sort)

    def others(self) -> "QueryArgs":
        """Return the filters but for the problem: what chips are counted in."""
        return msgspec.structs.replace(self, problem=None, groups=False, sort=[])

    def but_lengths(self) -> "QueryArgs":
        """Return the filters but for the lengths: what the histogram shows."""
        return msgspec.structs.replace(self, least=None, most=None, sort=[])


class SummaryArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dataset seen through a query."""

    dataset: Handle
    query: QueryArgs = QueryArgs()


class RowsArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of a view; longer pages are cut to `MAX_ROWS`."""

    dataset: Handle
    start: Position
    stop: Position
    query: QueryArgs = QueryArgs()


class RowArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row, or the rest of one of its texts."""

    dataset: Handle
    position: Position
    part: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    start: Position = 0


def summary(ds: Dataset, query: QueryArgs, context: Context, desk: Desk | None = None) -> dict[str, Any]:
    """What stands above the rows: counts, problems, lengths."""
    found, others, bars = (
        at[desk.picked[at]] if desk and each.selected else at
        for each in (query, query.others(), query.but_lengths())
        for at in [positions(ds, each.query(), context.check)]
    )
    context.check()
    known = checking.found(ds) is not None
    return {
        "name": fmt.clip(fmt.visible(ds.name or "dataset"), 200),
        "rows": len(ds),
        "total": len(found),
        "format": str(ds.format),
        "bytes_text": fmt.size(ds.nbytes),
        "fingerprint": _untouched(ds, desk) if known else None,
        "source": fmt.visible(ds.source) if ds.source else None,
        "fields": fields(ds),
        "edits": desk.state(found) if desk else None,
        "checked": known,
        "problem_rows": problem_rows(ds, desk) if known else 0,
        "chips": chips(ds, others, desk) if known else [],
        "histogram": _histogram(ds, bars),
        "partial": None,
    }


def short_fingerprint(ds: Dataset) -> str:
    """Return the first eight digits, in two groups."""
    digits = ds.fingerprint.removeprefix("sha256:")[:8]
    return f"{digits[:4]} {digits[4:]}"


def _untouched(ds: Dataset, desk: Desk | None) -> str | None:
    return short_fingerprint(ds) if desk is None or not desk.session.history else None


def fields(ds: Dataset) -> list[str]:
    """Return the names of top-level fields in the first rows, but for those that cannot be shown whole."""
    rows = (try_decode(raw) or {} for raw in ds.stored.read(np.arange(min(len(ds), _SAMPLE))))
    names = dict.fromkeys(key for row in rows for key in row)
    return [name for name in names if fmt.clip(fmt.visible(name), 100) == name][:_FIELDS]


def problem_rows(ds: Dataset, desk: Desk | None) -> int:
    """Return how many rows have a problem; dropped ones do not count."""
    rows = ds.validate().rows
    return len(rows) if desk is None else int(np.count_nonzero(~desk.session.dropped[list(rows)]))


def chips(ds: Dataset, among: npt.NDArray[np.integer], desk: Desk | None) -> list[dict[str, Any]]:
    """Problems by code, each counted among the rows that pass every other filter and are not dropped."""
    counts = problem_counts(ds, among if desk is None else among[~desk.session.dropped[among]])
    chips: list[dict[str, Any]] = []
    for code, problems in ds.validate().by_code().items():
        severity = min((str(p.severity) for p in problems), key=SEVERITIES.index)
        chips.append({"code": code, "label": label(code), "severity": severity, "count": counts[code]})
    return sorted(chips, key=lambda c: (SEVERITIES.index(c["severity"]), -c["count"], c["code"]))


def _histogram(ds: Dataset, found: npt.NDArray[np.int32]) -> dict[str, Any] | None:
    kept: tuple[Any, Any] = ds.memo.get("histogram", (None, None))
    if kept[0] is not found:  # twin, text and view of an output ask for the same
        kept = ds.memo["histogram"] = (found, histogram(tokens.estimate(ds)[found]))
    lengths = kept[1]
    if lengths is None:
        return None
    return {
        "unit": "tokens",
        "estimate": True,
        "edges": lengths.edges,
        "counts": lengths.counts,
        "median_text": f"≈ {fmt.count(round(lengths.median))}",
        "p95_text": f"≈ {fmt.count(round(lengths.p95))}",
    }


def _summary(args: SummaryArgs, context: Context) -> dict[str, Any]:
    desk = context.find_desk(args.dataset)
    if desk is not None:
        desk.ask(args.query.query())
    return summary(context.resolve_dataset(args.dataset), args.query, context, desk)


def _problems(args: SummaryArgs, context: Context) -> dict[str, Any]:
    """What `summary` leaves out of a large dataset until it was checked; the first time this begins it."""
    ds, desk = context.resolve_dataset(args.dataset), context.find_desk(args.dataset)
    checking.begin(ds)
    if checking.found(ds) is None:
        return {"checked": False}
    found, inside = (context.listed(args.dataset, each) for each in (args.query, args.query.others()))
    return {
        "checked": True,
        "fingerprint": _untouched(ds, desk),
        "edits": desk.state(found) if desk else None,
        "problem_rows": problem_rows(ds, desk),
        "chips": chips(ds, inside, desk),
    }


def _rows(args: RowsArgs, context: Context) -> dict[str, Any]:
    stop = min(args.stop, args.start + MAX_ROWS)
    ds, desk = context.resolve_dataset(args.dataset), context.find_desk(args.dataset)
    found = context.listed(args.dataset, args.query)
    rows = row_page.page(ds, args.query.query(), found[args.start : stop], context.check, desk)
    return {"total": len(found), "rows": rows}


def _row(args: RowArgs, context: Context) -> dict[str, Any]:
    ds = context.resolve_dataset(args.dataset)
    position = checked(ds, args.position)
    if args.part is not None:
        return row_detail.rest(ds, position, args.part, args.start)
    return row_detail.detail(ds, position)


def checked(ds: Dataset, position: int) -> int:
    """Return a position that is one of the dataset's."""
    if position >= len(ds):
        raise WireError(f"There is no row {position}; the dataset has {len(ds)}.", code="bad-arguments")
    return position


OPS = {
    "summary": Op(SummaryArgs, _summary),
    "problems": Op(SummaryArgs, _problems),
    "rows": Op(RowsArgs, _rows),
    "row": Op(RowArgs, _row),
}
