"""The twin of a doctor's report; versions and paths differ from machine to machine."""

from modelops_jupyter.cli.doctor import Report
from modelops_jupyter.notebook.twin.grammar import Column, Html, data, mark, p, root, strong, table


def text(report: Report) -> str:
    """Return one line a check."""
    return mark(str(report))


def html(report: Report) -> Html:
    """Return the twin."""
    head = "everything that is installed works" if report.ok else "something needs attention"
    columns = (Column("check"), Column("state"), Column("found"), Column("what to do"))
    body = table(columns, ((c.name, c.state, c.found, c.hint) for c in report.checks))
    return root(data(p(strong("Doctor"), f": {head}"), body))
