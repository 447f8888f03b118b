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
from modelops_jupyter.datasets.query import Query, positions, problem_counts
from modelops_jupyter.datasets.stats import histogram
from modelops_jupyter.wire import row_detail, row_page
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.row_page import SEVERITIES, label

MAX_ROWS = 200

Handle = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
Position = Annotated[int, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(max_length=1000)]


class Sort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of an order."""

    field: Annotated[str, msgspec.Meta(max_length=100)]
    descending: bool = False


class QueryArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows, in which order."""

    search: Text = ""
    regex: bool = False
    case: bool = False
    problem: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    sort: Annotated[list[Sort], msgspec.Meta(max_length=8)] = []

    def query(self) -> Query:
        """Return the query that datasets understand."""
        return Query.from_wire(msgspec.to_builtins(self))


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


def summary(ds: Dataset, query: Query, context: Context) -> dict[str, Any]:
    """What stands above the rows: counts, problems, lengths."""
    found = positions(ds, query, context.check)
    context.check()
    report = ds.validate()
    context.check()
    return {
        "name": fmt.clip(fmt.visible(ds.name or "dataset"), 200),
        "rows": len(ds),
        "total": len(found),
        "format": str(ds.format),
        "bytes_text": fmt.size(ds.nbytes),
        "fingerprint": short_fingerprint(ds),
        "source": fmt.visible(ds.source) if ds.source else None,
        "editable": False,
        "problem_rows": len({p.row for p in report.problems}),
        "chips": _chips(ds, query),
        "histogram": _histogram(ds, found),
        "partial": None,
    }


def short_fingerprint(ds: Dataset) -> str:
    """Return the first eight digits, in two groups."""
    digits = ds.fingerprint.removeprefix("sha256:")[:8]
    return f"{digits[:4]} {digits[4:]}"


def _chips(ds: Dataset, query: Query) -> list[dict[str, Any]]:
    """Problems by code, each counted among the rows that pass every other filter."""
    counts = problem_counts(ds, query)
    chips: list[dict[str, Any]] = []
    for code, problems in ds.validate().by_code().items():
        severity = min((str(p.severity) for p in problems), key=SEVERITIES.index)
        chips.append({"code": code, "label": label(code), "severity": severity, "count": counts[code]})
    return sorted(chips, key=lambda c: (SEVERITIES.index(c["severity"]), -c["count"], c["code"]))


def _histogram(ds: Dataset, found: npt.NDArray[np.int32]) -> dict[str, Any] | None:
    lengths = histogram(tokens.estimate(ds)[found])
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
    return summary(context.resolve_dataset(args.dataset), args.query.query(), context)


def _rows(args: RowsArgs, context: Context) -> dict[str, Any]:
    stop = min(args.stop, args.start + MAX_ROWS)
    return row_page.page(context.resolve_dataset(args.dataset), args.query.query(), args.start, stop, context)


def _row(args: RowArgs, context: Context) -> dict[str, Any]:
    ds = context.resolve_dataset(args.dataset)
    if args.position >= len(ds):
        raise WireError(f"There is no row {args.position}; the dataset has {len(ds)}.", code="bad-arguments")
    if args.part is not None:
        return row_detail.rest(ds, args.position, args.part, args.start)
    return row_detail.detail(ds, args.position)


OPS = {"summary": Op(SummaryArgs, _summary), "rows": Op(RowsArgs, _rows), "row": Op(RowArgs, _row)}
