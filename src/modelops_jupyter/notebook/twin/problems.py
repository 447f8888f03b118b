"""Problems in a twin: on their row, and counted by code."""

from collections.abc import Sequence

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets.validation import Problem, ValidationReport
from modelops_jupyter.notebook.twin.grammar import Column, Html, details, table, text
from modelops_jupyter.wire.row_page import SEVERITIES, label

_MOST = 12


def of_row(problems: Sequence[Problem]) -> Html:
    """Return what is wrong with one row, worst first: where, and what to do."""
    ordered = sorted(problems, key=lambda p: SEVERITIES.index(p.severity))
    shown = "; ".join(
        f"{p.severity}: {label(p.code).lower()}, line {p.line}, column {p.column}" for p in ordered[:2]
    )
    fix = f". {ordered[0].fix}" if ordered and ordered[0].fix else ""
    more = f" (and {len(ordered) - 2} more)" if len(ordered) > 2 else ""
    return text(shown + more + fix)


def headline(report: ValidationReport) -> str:
    """Return "7 errors, 1,180 warnings in 1,187 rows"."""
    counts = [
        fmt.plural(n, severity)
        for severity in ("error", "warning")
        if (n := sum(p.severity == severity for p in report.problems))
    ]
    notes = sum(p.severity == "info" for p in report.problems)
    if notes:
        counts.append(fmt.plural(notes, "note"))
    rows = fmt.plural(len({p.row for p in report.problems}), "row")
    return f"{', '.join(counts)} in {rows}" if counts else "none"


def text_lines(report: ValidationReport) -> list[str]:
    """Return the problems by code as plain lines."""
    if not report.problems:
        return ["no problems"]
    lines = [f"problems: {headline(report)}"]
    for _, found in list(report.by_code().items())[:_MOST]:
        first = found[0]
        where = f"line {first.line}, column {first.column}"
        lines.append(f"  {first.severity:<8} {first.code:<24} {fmt.count(_rows(found)):>6}  {where}")
    return lines


def by_code(report: ValidationReport) -> Html:
    """Return the table of codes, worst first."""
    columns = (
        Column("problem"),
        Column("severity"),
        Column("rows", number=True),
        Column("first at"),
        Column("what to do"),
    )
    return table(
        columns,
        (
            (
                label(code),
                found[0].severity,
                fmt.count(_rows(found)),
                f"line {found[0].line}, column {found[0].column}"
                + (f", {found[0].pointer}" if found[0].pointer else ""),
                found[0].fix or "",
            )
            for code, found in list(report.by_code().items())[:_MOST]
        ),
    )


def section(report: ValidationReport) -> Html:
    """Return the folded part of a dataset's twin."""
    return details(f"Problems: {headline(report)}", by_code(report))


def _rows(problems: Sequence[Problem]) -> int:
    return len({p.row for p in problems})
