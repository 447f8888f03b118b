"""What a list shows, as Python that gives the same rows."""

from typing import Any

import msgspec
import numpy as np

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.query import Query
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.rows import Handle, QueryArgs

MAX_POSITIONS = 10_000


class CodeArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list."""

    dataset: Handle
    query: QueryArgs = QueryArgs()


def of_query(name: str, query: Query) -> str:
    """Return the query as calls on the dataset of that name: `search` and `filter` where these say it all."""
    given = {key: value for key in Query.__slots__ if (value := getattr(query, key)) != getattr(Query(), key)}
    if set(given) <= {"search", "regex", "case", "where"}:
        switches = "".join(f", {key}=True" for key in ("regex", "case") if key in given)
        search = f".search({query.search!r}{switches})" if query.search else ""
        return f"shown = {name}{search}" + (f".filter({list(query.where)!r})" if query.where else "")
    said = ", ".join(f"{key}={value!r}" for key, value in given.items())
    head = "from modelops_jupyter.datasets.query import Query, positions\n\n"
    return f"{head}shown = {name}.take(positions({name}, Query({said})))"


def _code(args: CodeArgs, context: Context) -> dict[str, Any]:
    ds, desk = context.resolve_dataset(args.dataset), context.find_desk(args.dataset)
    name = desk.named() if desk else None
    head = "" if name else _opened(ds)
    if not args.query.selected:
        return {"text": head + of_query(name or "ds", args.query.query())}
    found = context.listed(args.dataset, args.query)
    if desk is not None:  # in Python the dropped rows are gone
        dropped = desk.session.dropped
        found = (np.cumsum(~dropped) - 1)[found[~dropped[found]]]
    if len(found) > MAX_POSITIONS:
        raise WireError("These rows are too many to write down.", code="too-long", hint="Use To Python.")
    return {"text": f"{head}shown = {name or 'ds'}.take({found.tolist()!r})"}


def _opened(ds: Dataset) -> str:
    if not ds.source:
        return ""
    return f"from modelops_jupyter import Dataset\n\nds = Dataset.from_file({ds.source!r})\n"


OPS = {"code": Op(CodeArgs, _code)}
