"""The twin of the list of jobs; what changes with time is masked as one."""

from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.notebook.twin.grammar import Column, Html, code, data, mark, p, root, strong, table
from modelops_jupyter.notebook.twin.job import told

_SHOWN = 20


def text(listing: Any) -> str:
    """Return one line a job."""
    jobs = listing.jobs()
    lines = ["  ".join(filter(None, map(str, _cells(job)))) for job in jobs[:_SHOWN]]
    return mark("\n".join([fmt.plural(len(jobs), "job"), *lines]))


def html(listing: Any) -> Html:
    """Return the twin."""
    jobs = listing.jobs()
    if not jobs:
        return root(data(p("No jobs yet. ", code("%finetune DATASET --model tiny"), " starts one.")))
    titles = ("job", "status", "provider", "progress", "validation loss", "model", "id")
    columns = [Column(title) for title in titles]
    body = ((*_cells(job), code(job["id"])) for job in jobs[:_SHOWN])
    shown = f"{min(len(jobs), _SHOWN)} of {fmt.plural(len(jobs), 'job')}, newest first."
    return root(data(p(strong("Jobs")), table(columns, body), p(shown)))


def _cells(job: dict[str, Any]) -> tuple[str, ...]:
    loss = told(job["values"].get("validation_loss") or {"text": ""})
    status = job["label"].lower() + (", simulated" if job["simulated"] else "")
    return job["name"], status, job["provider"], _progress(job), loss, job["base_model"]


def _progress(job: dict[str, Any]) -> str:
    """How far, and what comes: why it failed, what it waits for, or how long still."""
    reason = job["reason_text"].partition(". ")[0] if job["status"] == "failed" else ""
    more = reason or job["detail"] or job["progress"]["eta_text"]
    return ", ".join(filter(None, (job["progress"]["percent_text"], more)))
