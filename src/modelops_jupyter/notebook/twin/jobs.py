"""The twin of the list of jobs; what changes with time is masked as one."""

from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, data, mark, p, root, strong, table

_SHOWN = 20


def text(listing: Any) -> str:
    """Return one line a job."""
    jobs = listing.jobs()
    lines = [
        f"{job['name']}: {job['label'].lower()}, {job['progress']['percent_text']}" for job in jobs[:_SHOWN]
    ]
    return mark("\n".join([fmt.plural(len(jobs), "job"), *lines]))


def html(listing: Any) -> Html:
    """Return the twin."""
    jobs = listing.jobs()
    if not jobs:
        return root(data(p("No jobs yet. ", code("%finetune DATASET --model tiny"), " starts one.")))
    columns = (
        Column("job"),
        Column("status"),
        Column("progress", number=True),
        Column("model"),
        Column("id"),
    )
    body = (
        (
            job["name"],
            job["label"].lower() + (", simulated" if job["simulated"] else ""),
            job["progress"]["percent_text"],
            job["base_model"],
            code(job["id"]),
        )
        for job in jobs[:_SHOWN]
    )
    shown = f"{min(len(jobs), _SHOWN)} of {fmt.plural(len(jobs), 'job')}, newest first."
    return root(data(p(strong("Jobs")), table(columns, body), p(shown)))
