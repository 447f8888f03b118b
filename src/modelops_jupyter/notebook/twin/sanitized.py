"""The twin of a cleaning: what each step removed and changed, and why, with a few rows."""

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets.sanitizer import Sanitized, StepCount
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, details, p, root, strong, table

_WORDS = 100  # characters of an example


def text(cleaned: Sanitized) -> str:
    """Return one line a step."""
    return "\n".join([_head(cleaned), *(f"  {_name(entry)}: {_did(entry)}" for entry in cleaned.counts)])


def html(cleaned: Sanitized) -> Html:
    """Return the twin."""
    columns = (
        Column("step"),
        Column("removed", number=True),
        Column("changed", number=True),
        Column("rows left", number=True),
        Column("why"),
    )
    steps = (
        (_name(e), fmt.count(e.removed), fmt.count(e.changed), fmt.count(e.rows), _reasons(e))
        for e in cleaned.counts
    )
    parts = [p(strong("Sanitised"), f": {_head(cleaned)}"), table(columns, steps)]
    if cleaned.examples:
        parts.append(_examples(cleaned))
    if len(cleaned.removed):
        parts.append(
            p(
                code(".removed"),
                f" holds the {fmt.plural(len(cleaned.removed), 'row')} that went, as they were.",
            )
        )
    return root(*parts)


def _head(cleaned: Sanitized) -> str:
    return f"{fmt.plural(cleaned.rows_before, 'row')} in, {fmt.count(len(cleaned.dataset))} left"


def _name(entry: StepCount) -> str:
    return entry.step.name.replace("_", " ")


def _reasons(entry: StepCount) -> str:
    return ", ".join(f"{fmt.visible(reason)} {fmt.count(n)}" for reason, n in entry.reasons.items())


def _did(entry: StepCount) -> str:
    why = f" ({_reasons(entry)})" if entry.reasons else ""
    changed = f", changed {fmt.count(entry.changed)}" if entry.changed else ""
    return f"removed {fmt.count(entry.removed)}{changed}{why}, {fmt.count(entry.rows)} left"


def _examples(cleaned: Sanitized) -> Html:
    columns = (Column("line", number=True), Column("step"), Column("why"), Column("before"), Column("after"))
    rows = (
        (
            fmt.count(e.line),
            e.step.replace("_", " "),
            e.reason,
            fmt.clip(e.before, _WORDS),
            "removed" if e.after is None else fmt.clip(e.after, _WORDS),
        )
        for e in cleaned.examples
    )
    return details(f"Examples: {fmt.plural(len(cleaned.examples), 'row')}", table(columns, rows))
