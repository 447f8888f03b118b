"""The twin of a validation report."""

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets.validation import ValidationReport
from modelops_jupyter.notebook.twin import problems
from modelops_jupyter.notebook.twin.grammar import Column, Html, details, p, root, strong, table

_SHOWN = 20


def text(report: ValidationReport) -> str:
    """Return the problems by code as plain lines."""
    return "\n".join(problems.text_lines(report))


def html(report: ValidationReport) -> Html:
    """Return the twin: the verdict, the codes, and the first problems one by one."""
    verdict = "no error" if report.ok else "not ready"
    head = p(strong(f"Validation: {verdict}"), f". Problems: {problems.headline(report)}.")
    if not report.problems:
        return root(head)
    columns = (Column("row", number=True), Column("line", number=True), Column("column", number=True))
    listed = table(
        (*columns, Column("problem"), Column("what to do")),
        (
            (
                fmt.count(q.row),
                fmt.count(q.line),
                fmt.count(q.column),
                f"{q.severity}: {q.message}",
                q.fix or "",
            )
            for q in report.problems[:_SHOWN]
        ),
    )
    shown = min(len(report.problems), _SHOWN)
    title = f"Problems 1 to {shown} of {fmt.count(len(report.problems))}"
    return root(head, problems.by_code(report), details(title, listed))
