"""The twin of a dataset: its head, its first rows with their problems, its lengths, one row opened."""

from typing import Any

import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.query import Query
from modelops_jupyter.notebook.twin import problems
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, details, p, pre, root, strong, table
from modelops_jupyter.wire import checking, row_detail, row_page, rows
from modelops_jupyter.wire.context import Context

_ROWS = 6
_ALL = 10  # a dataset this small is shown whole
_UNCHECKED = "Too many rows to look for problems before the first are shown"
_BARS = "▁▂▃▄▅▆▇█"
_FORMATS = {
    "messages": "chat messages",
    "prompt_completion": "prompt and completion",
    "preference": "preference pairs",
    "text": "plain text",
    "mixed": "mixed layouts",
    "unknown": "unknown layout",
}


def text(ds: Dataset) -> str:
    """Return a few plain lines: what it is, what is wrong, how it begins."""
    head = _head(ds)
    lines = [f"{head['name']}: {_about(head)}"]
    report = checking.told(ds)
    lines += problems.text_lines(report) if report is not None else [_UNCHECKED + "."]
    for row in _first(ds):
        told = row["problems"] if report is not None else ()
        marks = "; ".join(f"{p['severity']}: {p['label'].lower()}" for p in told)
        lines.append(
            f"{row['position']:>4}  {_roles(row):<10}  {_words(row)}" + (f"  [{marks}]" if marks else "")
        )
    if len(ds) > len(_first(ds)):
        lines.append(f"      … {fmt.plural(len(ds) - len(_first(ds)), 'more row')}")
    return "\n".join(lines)


def html(ds: Dataset) -> Html:
    """Return the twin."""
    head, first = _head(ds), _first(ds)
    name = strong(head["name"])
    if not len(ds):
        return root(p(name, ": no rows. ", code("Dataset.from_file(path)"), " opens a file."))
    report = checking.told(ds)
    mark = (", fingerprint ", code(head["fingerprint"])) if report is not None and head["fingerprint"] else ()
    parts = [p(name, f": {_about(head)}", *mark)]
    parts += [_table(ds, first), _shown(ds, len(first)), _lengths(head)]
    if report is None:
        parts.append(p(f"{_UNCHECKED}: ", code(".validate()"), " finds them."))
    elif report.problems:
        parts.append(problems.section(report))
    parts += [_opened(ds, row) for row in first if not row["broken"]][:1]
    return root(*parts)


def _head(ds: Dataset) -> dict[str, Any]:
    return rows.summary(ds, rows.QueryArgs(), Context())


def _first(ds: Dataset) -> list[dict[str, Any]]:
    stop = len(ds) if len(ds) <= _ALL else _ROWS
    return row_page.page(ds, Query(), np.arange(min(stop, len(ds))), Context().check)


def _about(head: dict[str, Any]) -> str:
    layout = _FORMATS.get(head["format"], head["format"].replace("_", " "))
    source = f", from {head['source']}" if head["source"] else ""
    return f"{fmt.plural(head['rows'], 'row')}, {layout}, {head['bytes_text']}{source}"


def _roles(row: dict[str, Any]) -> str:
    letters = " ".join(role["letter"] for role in row["roles"])
    return f"{letters} +{row['more_roles']}" if row["more_roles"] else letters


def _words(row: dict[str, Any]) -> str:
    return fmt.clip(row["preview"]["text"].replace("\n", " "), 80)


def _table(ds: Dataset, first: list[dict[str, Any]]) -> Html:
    report = checking.told(ds)
    columns = (
        Column("#", number=True),
        Column("roles"),
        Column("turns", number=True),
        Column("tokens", number=True),
        Column("first words"),
        Column("problems"),
    )
    return table(
        columns,
        (
            (
                row["position"],
                _roles(row),
                row["turns"] if not row["broken"] else "",
                row["tokens"]["text"],
                code(_words(row)) if row["broken"] else _words(row),
                problems.of_row(report.for_row(row["position"]) if report is not None else ()),
            )
            for row in first
        ),
    )


def _shown(ds: Dataset, shown: int) -> Html:
    letters = "Roles: S system, U user, A assistant, T tool."
    if shown == len(ds):
        return p(f"All {fmt.plural(shown, 'row')}. {letters}")
    return p(f"The first {shown} of {fmt.count(len(ds))} rows. ", code("ds[:100]"), f" shows more. {letters}")


def _lengths(head: dict[str, Any]) -> Html:
    lengths = head["histogram"]
    if lengths is None:
        return Html("")
    top = max(lengths["counts"]) or 1
    bars = "".join(_BARS[(len(_BARS) - 1) * n // top] for n in lengths["counts"])
    low, high = (fmt.count(round(lengths["edges"][end])) for end in (0, -1))
    return p(
        f"Tokens per row, {low} to {high} on a log axis: ",
        code(bars),
        f" median {lengths['median_text']}, 95 % under {lengths['p95_text']}",
    )


def _opened(ds: Dataset, row: dict[str, Any]) -> Html:
    position = row["position"]
    found = row_detail.shown_turns(ds, position, ())
    parts: list[Html] = []
    for number, turn in enumerate(found[:4], start=1):
        named = f" {turn['name']}" if turn["name"] else ""
        learned = ", in the loss" if turn["in_loss"] else ""
        parts.append(p(strong(turn["role"]), f"{named}, turn {number}, {turn['tokens_text']}{learned}"))
        parts += [pre(fmt.clip(part["text"], fmt.LIMIT)) for part in turn["parts"]]
    if len(found) > 4:
        parts.append(p(f"{len(found) - 4} more turns: ", code(f"ds[{position}]"), " has them."))
    return details(f"Row {position}, {fmt.plural(len(found), 'turn')}", *parts)
