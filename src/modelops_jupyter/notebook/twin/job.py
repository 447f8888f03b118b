"""The twin of a job, drawn from its snapshot: what was last known, never more.

Everything that depends on progress stands in one ``<data>`` and one ‹…›, so that the first
output and the refreshed one are equal for whoever compares notebooks.
"""

import time
from collections.abc import Iterable
from typing import Any

from modelops_jupyter import _format as fmt
from modelops_jupyter.notebook.twin import svg
from modelops_jupyter.notebook.twin.grammar import (
    Column,
    Html,
    code,
    data,
    details,
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
_MEASURES = 3  # metrics beside the validation loss
_EVENTS = 6
_TEXT_EVENTS = 3
_FIGURES = {
    "loss": "train loss",
    "validation_loss": "validation loss",
    "learning_rate": "learning rate",
    "tokens_per_second": "tokens/s",
    "grad_norm": "gradient norm",
    "memory": "memory",
}
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
    lines = [f"Job {snapshot['name']}: {_state(snapshot)}{seen}"]
    if figures := _figures(snapshot):
        lines.append(", ".join(f"{name} {value}" for name, value in figures))
    lines += [f"{name}: {value}" for name, value in _facts(snapshot) if name != "last seen"]
    lines += [f"{e['at_text']} {e['text']}" for e in snapshot.get("events", [])[:_TEXT_EVENTS]]
    for name, *answers in _answers(snapshot)[1]:
        lines.append(f"{fmt.clip(name, 60)!r}: {' | '.join(repr(fmt.clip(a, 60)) for a in answers)}")
    return "\n".join((mark("\n".join(lines)), f"{_model(snapshot)}; {_data(snapshot)}"))


def html_of(snapshot: Snapshot) -> Html:
    """Return the twin of a snapshot."""
    title = p(strong(f"Job {snapshot['name']}"), f": {_state(snapshot)}")
    return root(
        data(
            title,
            dl((*_facts(snapshot), *_figures(snapshot))),
            *_pictures(snapshot),
            _measurements(snapshot),
            _samples(snapshot),
            _events(snapshot),
        ),
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
    elif result := snapshot.get("result"):
        facts.append(("result", f"{result['text']}. {result['call']}".removeprefix(". ")))
    if snapshot.get("started") and snapshot.get("ended"):
        took = "took" if snapshot["attempt"] == 1 else "took, with pauses"
        facts.append((took, fmt.duration(snapshot["ended"] - snapshot["started"])))
    facts += [("warning", text) for text in snapshot.get("warnings", [])]
    facts += [("resumed at step", fmt.count(m["step"])) for m in snapshot.get("marks", [])]
    best = [c for c in snapshot.get("checkpoints", []) if c["best"]]
    facts += [("checkpoint", f"{c['word']} {fmt.count(c['step'])}: {c['text']}") for c in best]
    return facts


def _figures(snapshot: Snapshot) -> list[tuple[str, str]]:
    values: dict[str, dict[str, str]] = snapshot.get("values") or {}
    shown = [(_FIGURES[key], values[key]) for key in _FIGURES if key in values]
    shown += [(m["label"], m) for m in snapshot.get("measures", [])]
    return [(name, told(value)) for name, value in shown]


def told(value: dict[str, str]) -> str:
    """Say a value with its interval, else with what stands behind it."""
    context = value.get("context", "")
    if context != "simulated":
        context = value.get("interval") or (f"({context})" if context else "")
    return f"{value['text']} {context}".rstrip()


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


def _pictures(snapshot: Snapshot) -> list[Html]:
    series = _series(snapshot)
    train = [svg.Point(step, mean) for step, mean, *_ in series.get("loss_band", ()) if mean is not None]
    lines = [("train loss", train), ("validation loss", _points(series.get("validation_loss", ())))]
    charts = [lines, *([(m["label"], _points(m["rows"]))] for m in _banded(snapshot))]
    return [
        _picture(snapshot, [line for line in chart if line[1]])
        for chart in charts
        if any(c[1] for c in chart)
    ]


def _points(rows: Iterable[list[Any]]) -> list[svg.Point]:
    return [svg.Point(step, value, low, high) for step, value, low, high in rows if value is not None]


def _picture(snapshot: Snapshot, lines: list[tuple[str, list[svg.Point]]]) -> Html:
    name, line = lines[-1]
    simulated = "simulated " if snapshot["simulated"] else ""
    end = f"{name.removesuffix(' loss')} {fmt.number(line[-1].y)}"
    first, last = (f"{fmt.number(q.y)} at step {fmt.count(int(q.x))}" for q in (line[0], line[-1]))
    said = f"{simulated}{name} against step, from {first} to {last}"
    stop = snapshot["progress"]["total_steps"] or line[-1].x
    drawn = svg.line_chart(lines, x_title="step", x_end=stop, caption=f"{simulated}{end}")
    return p(image(said[:1].upper() + said[1:], drawn))


def _banded(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [m for m in snapshot.get("measures", []) if m["interval"]][:_MEASURES]


def _series(snapshot: Snapshot) -> dict[str, list[list[Any]]]:
    return snapshot.get("series") or {}


def _measurements(snapshot: Snapshot) -> Html:
    """Train loss beside all that has an interval, at the newest steps where something was measured."""
    band = _series(snapshot).get("loss_band", [])
    losses = {step: mean for step, mean, *_ in band}
    word = ", simulated" if snapshot["simulated"] else ""
    columns = [Column("step", number=True), Column(f"train loss{word}", number=True)]
    held = [("validation loss", _series(snapshot).get("validation_loss", []))]
    curves = [(n, {step: v for step, *v in rows}) for n, rows in held + _rows_of(snapshot) if rows]
    if not curves:
        steps = [step for step, *_ in band][:: max(1, len(band) // _ROWS)][-_ROWS:]
        rows = [(fmt.count(step), _number(losses[step])) for step in steps]
        return table(columns, rows) if rows else Html("")
    for name, _ in curves:
        columns += [Column(f"{name}{word}", number=True), Column("95 % interval", number=True)]
    checkpoints: list[dict[str, Any]] = snapshot.get("checkpoints") or []
    kept = {c["step"]: c["word"] for c in checkpoints if c["kept"] or c["best"]}
    every = sorted({step for _, curve in curves for step in curve})
    body = [
        (
            fmt.count(step),
            _number(_before(losses, step)),
            *(cell for _, curve in curves for cell in _cells(curve.get(step))),
            kept.get(step, ""),
        )
        for step in every[-_ROWS:]
    ]
    more = f"{len(body)} of {fmt.plural(len(every), 'evaluation')}. "
    told = p(more, code("job.history"), " has all.")
    return join((table([*columns, Column("checkpoint")], body), told))


def _rows_of(snapshot: Snapshot) -> list[tuple[str, list[list[Any]]]]:
    return [(m["label"], m["rows"]) for m in _banded(snapshot)]


def _cells(values: list[Any] | None) -> tuple[str, str]:
    value, low, high = values or (None, None, None)
    return _number(value), _range(low, high)


def _answers(snapshot: Snapshot) -> tuple[list[str], list[list[str]]]:
    """Return the names of the first and the newest sample, and prompt and answers of each row."""
    samples: list[dict[str, Any]] = snapshot.get("samples") or []
    pair = [*samples[:1], *samples[1:][-1:]]
    rows = list(zip(*(sample["rows"] for sample in pair), strict=False))
    return [s["name"] for s in pair], [[row[0]["prompt"], *(_answer(one) for one in row)] for row in rows]


def _answer(row: dict[str, Any]) -> str:
    return (row["answer"] or "(no answer)") + (" (as in the data)" if row["same"] else "")


def _samples(snapshot: Snapshot) -> Html:
    names, rows = _answers(snapshot)
    if not rows:
        return Html("")
    return details("Samples", table([Column("prompt"), *map(Column, names)], rows))


def _events(snapshot: Snapshot) -> Html:
    events: list[dict[str, Any]] = snapshot.get("events") or []
    if not events:
        return Html("")
    shown = events[:_EVENTS]
    rows = [(event["at_text"], event["text"]) for event in shown]
    more = f"{len(shown)} of {fmt.plural(snapshot['event_total'], 'event')}. "
    told = p(more, code("job.events()"), " has all.")
    return details("Events, newest first", table([Column("at"), Column("event")], rows), told)


def _before(losses: dict[int, Any], step: int) -> Any:
    near = [s for s in losses if s <= step]
    return losses[max(near)] if near else None


def _number(value: float | None) -> str:
    return "" if value is None else fmt.number(value)


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{fmt.number(low)} to {fmt.number(high)}"
