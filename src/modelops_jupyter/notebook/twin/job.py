"""The twin of a job, drawn from its snapshot: what was last known, never more.

Everything that depends on progress stands in one ``<data>`` and one ‹…›, so that the first
output and the refreshed one are equal for whoever compares notebooks.
"""

import time
from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.notebook.twin import svg
from modelops_jupyter.notebook.twin.grammar import (
    Column,
    Html,
    code,
    data,
    dl,
    image,
    join,
    mark,
    p,
    root,
    strong,
    table,
)

_ROWS = 4  # measurements in the table
Snapshot = dict[str, Any]


def text(job: Any) -> str:
    """Return the plain form."""
    return text_of(job.snapshot())


def html(job: Any) -> Html:
    """Return the twin."""
    return html_of(job.snapshot())


def text_of(snapshot: Snapshot) -> str:
    """Return the plain form of a snapshot."""
    seen = "" if _settled(snapshot) else f"; last seen {_moment(snapshot)}"
    return "\n".join(
        (
            mark(f"Job {snapshot['name']}: {_state(snapshot)}{seen}"),
            f"{_model(snapshot)}; {_data(snapshot)}",
        )
    )


def html_of(snapshot: Snapshot) -> Html:
    """Return the twin of a snapshot."""
    title = p(strong(f"Job {snapshot['name']}"), f": {_state(snapshot)}")
    return root(
        data(title, dl(_facts(snapshot)), _picture(snapshot), _measurements(snapshot)),
        dl([("model", _model(snapshot)), ("data", _data(snapshot))]),
    )


def _settled(snapshot: Snapshot) -> bool:
    return snapshot["final"] or snapshot["status"] == "pending"


def _state(snapshot: Snapshot) -> str:
    progress = snapshot["progress"]
    words = [snapshot["label"].lower()]
    if snapshot["simulated"]:
        words[0] += " (simulated)"
    if not _settled(snapshot):
        words[0] += " when this was saved"
        if snapshot["detail"]:
            words.append(snapshot["detail"])
    if progress["total_steps"] and snapshot["status"] != "completed":
        words.append(progress["percent_text"])
    if progress["step"]:
        total = f" of {fmt.count(progress['total_steps'])}" if progress["total_steps"] else ""
        words.append(f"step {fmt.count(progress['step'])}{total}")
    return ", ".join(words)


def _facts(snapshot: Snapshot) -> list[tuple[object, object]]:
    facts: list[tuple[object, object]] = []
    if snapshot["reason_text"] and snapshot["status"] != "completed":
        facts.append(("reason", snapshot["reason_text"]))
    if not _settled(snapshot):
        call = code(f'FineTuningJob.attach("{snapshot["id"]}")')
        facts.append(
            ("last seen", join((f"{_moment(snapshot)}. ", call, " asks the store for today's status.")))
        )
        if snapshot["progress"]["eta_text"]:
            facts.append(("left then", snapshot["progress"]["eta_text"]))
    elif snapshot.get("started") and snapshot.get("ended"):
        facts.append(("took", fmt.duration(snapshot["ended"] - snapshot["started"])))
    return facts


def _moment(snapshot: Snapshot) -> str:
    at = snapshot["seen"] or snapshot["now"]
    return time.strftime("%Y-%m-%d ", time.localtime(at)) + fmt.clock(at)


def _model(snapshot: Snapshot) -> str:
    words = [snapshot["base_model"], snapshot["method"], f"seed {snapshot['seed']}"]
    simulated = ", simulated: no model is trained" if snapshot["simulated"] else ""
    return ", ".join(word for word in words if word) + f", provider {snapshot['provider']}{simulated}"


def _data(snapshot: Snapshot) -> str:
    mark_of_data = f", fingerprint {snapshot['fingerprint']}" if snapshot["fingerprint"] else ""
    return fmt.plural(snapshot["rows"], "row") + mark_of_data


def _picture(snapshot: Snapshot) -> Html:
    series = _series(snapshot)
    train = [svg.Point(step, mean) for step, mean, *_ in series.get("loss_band", ()) if mean is not None]
    validation = [
        svg.Point(step, value, low, high)
        for step, value, low, high in series.get("validation_loss", ())
        if value is not None
    ]
    lines = [(name, line) for name, line in (("train", train), ("validation", validation)) if line]
    if not lines:
        return Html("")
    name, line = lines[-1]
    simulated = "simulated " if snapshot["simulated"] else ""
    end = f"{name} {fmt.number(line[-1].y)}"
    first, last = (f"{fmt.number(q.y)} at step {fmt.count(int(q.x))}" for q in (line[0], line[-1]))
    said = f"{simulated}{name} loss against step, from {first} to {last}"
    stop = snapshot["progress"]["total_steps"] or line[-1].x
    drawn = svg.line_chart(lines, x_title="step", x_end=stop, caption=f"{simulated}{end}")
    return p(image(said[:1].upper() + said[1:], drawn))


def _series(snapshot: Snapshot) -> dict[str, list[list[Any]]]:
    return snapshot.get("series") or {}


def _measurements(snapshot: Snapshot) -> Html:
    validation, band = _series(snapshot).get("validation_loss", []), _series(snapshot).get("loss_band", [])
    losses = {step: mean for step, mean, *_ in band}
    checkpoints: list[dict[str, Any]] = snapshot.get("checkpoints") or []
    kept = {c["step"]: _checkpoint(c) for c in checkpoints}
    simulated = ", simulated" if snapshot["simulated"] else ""
    columns = [Column("step", number=True), Column(f"train loss{simulated}", number=True)]
    if not validation:
        steps = [step for step, *_ in band][:: max(1, len(band) // _ROWS)][-_ROWS:]
        rows = [(fmt.count(step), _number(losses[step])) for step in steps]
        return table(columns, rows) if rows else Html("")
    columns += [
        Column(f"validation loss{simulated}", number=True),
        Column("95 % interval", number=True),
        Column("checkpoint"),
    ]
    shown = validation[-_ROWS:]
    body = [
        (
            fmt.count(step),
            _number(_before(losses, step)),
            _number(value),
            _range(low, high),
            kept.get(step, ""),
        )
        for step, value, low, high in shown
    ]
    more = f"{len(shown)} of {fmt.plural(len(validation), 'evaluation')}. "
    return join((table(columns, body), p(more, code("job.history"), " has all.")))


def _before(losses: dict[int, Any], step: int) -> Any:
    near = [s for s in losses if s <= step]
    return losses[max(near)] if near else None


def _checkpoint(checkpoint: dict[str, Any]) -> str:
    words = [word for word, holds in (("kept", checkpoint["kept"]), ("lowest", checkpoint["best"])) if holds]
    return ", ".join(words)


def _number(value: float | None) -> str:
    return "" if value is None else fmt.number(value)


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{fmt.number(low)} to {fmt.number(high)}"
