"""Events as sentences."""

from typing import Any

from modelops_jupyter._format import clock, count, number, plural, visible
from modelops_jupyter.fine_tuning.records import Event

_ICONS = {
    "queued": "info",
    "running": "play",
    "plan": "info",
    "checkpoint": "ok",
    "warning": "warn",
    "note": "info",
    "stopping": "info",
    "completed": "ok",
    "failed": "error",
    "cancelled": "info",
    "evaluated": "ok",
    "exported": "ok",
}


def as_shown(event: Event) -> dict[str, Any] | None:
    """Return an event as a line of the monitor, or None for one that is only for machines."""
    text = sentence(event)
    if not text:
        return None
    return {
        "seq": event.seq,
        "at": event.at,
        "at_text": clock(event.at),
        "icon": _ICONS.get(event.kind, "info"),
        "text": visible(text),
    }


def sentence(event: Event) -> str:
    """Say what happened, in one sentence."""
    data = event.data
    match event.kind:
        case "queued":
            return _queued(event)
        case "running":
            return "Worker started" if event.attempt == 1 else f"Worker started, attempt {event.attempt}"
        case "plan":
            return _plan(data)
        case "checkpoint":
            loss = data.get("validation_loss")
            scored = f", validation {number(loss)}" if loss is not None else ""
            return f"Checkpoint {count(data['step'])}{scored}"
        case "stopping":
            return "Asked to stop after the current step"
        case "stage" | "sample":  # these have a place of their own
            return ""
        case "completed":
            return "Completed"
        case _:
            return str(data.get("text") or event.kind)


def _queued(event: Event) -> str:
    if event.attempt == 1:
        return "Queued"
    step = event.data.get("from_step")
    return f"Resumed from checkpoint {count(step)}" if step else "Started again from the beginning"


def _plan(data: dict[str, Any]) -> str:
    words = {"rows": "row", "total_steps": "step"}
    known = ", ".join(plural(data[key], word) for key, word in words.items() if data.get(key))
    return f"Training on {known}" if known else "Training"
