"""What a monitor shows of a job, as JSON with every text formatted: one source for widget, twin and wire."""

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelops_jupyter._format import count, duration, number, percent, size, visible
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.fine_tuning import curves, liveness, measures, providers
from modelops_jupyter.fine_tuning.happenings import as_shown
from modelops_jupyter.fine_tuning.history import History
from modelops_jupyter.fine_tuning.measures import loss_text
from modelops_jupyter.fine_tuning.progress import Progress, estimate, span
from modelops_jupyter.fine_tuning.records import Event, JobRow, reported
from modelops_jupyter.fine_tuning.status import ACTIVE, JobStatus

if TYPE_CHECKING:
    from modelops_jupyter.fine_tuning.store import JobStore

STAGES = ("prepare", "train", "evaluate", "export")
SILENCE = 60.0  # seconds without a heartbeat after which it is worth a word
SHOWN_EVENTS = 20
SERIES = ("loss", "learning_rate", "tokens_per_second", "grad_norm", "memory")
Series = dict[str, list[tuple[int, float]]]
_LAST_STAGE = {JobStatus.COMPLETED: "done", JobStatus.CANCELLED: "todo", JobStatus.FAILED: "failed"}


@dataclass
class Facts:
    """All that is read from the store for one job; the functions below only shape it."""

    row: JobRow
    folder: Path
    events: list[Event] = field(default_factory=list[Event])
    points: Series = field(default_factory=dict[str, list[tuple[int, float]]])
    now: float = field(default_factory=lambda: time.time())
    in_line: bool = False  # whether others go first

    @property
    def plan(self) -> dict[str, Any]:
        """What was planned when the job was queued, then what the worker said it would do."""
        nothing: dict[str, Any] = {}
        said = next((e.data for e in reversed(self.events) if e.kind == "plan"), nothing)
        return self.row.spec.get("plan", nothing) | said

    @property
    def end(self) -> dict[str, Any]:
        """What was said when the attempt ended."""
        return self.events[-1].data if self.row.status.final and self.events else {}


def facts(store: "JobStore", row: JobRow) -> Facts:
    """Read what is known of a job."""
    folder, events = store.folder(row.id), store.events(row.id, limit=100_000)
    waits = row.status is JobStatus.QUEUED and row.worker is not None
    return Facts(row, folder, events, store.points(row.id), in_line=waits and store.in_line(row))


def full(known: Facts) -> dict[str, Any]:
    """Return the whole snapshot."""
    row = known.row
    shown = [s for e in reversed(known.events) if (s := as_shown(e))]
    return {
        **_short(known),
        "started": row.started,
        "ended": row.ended,
        "stages": _stages(known),
        "series": _series(known.points),
        "plans": measures.plans(row.spec["config"], known.plan, known.points),
        "marks": measures.marks(known.events),
        "values": _values(known),
        "measures": measures.measured(known.points),
        "warnings": warnings(known),
        "checkpoints": _checkpoints(known),
        "samples": measures.samples(known.events, known.points),
        "result": _result(known),
        "events": shown[:SHOWN_EVENTS],
        "event_total": len(shown),
    }


def short(known: Facts) -> dict[str, Any]:
    """Return what a list shows of a job."""
    row = known.row
    return {**_short(known), "started": row.started, "ended": row.ended, "values": _values(known)}


def warnings(known: Facts) -> list[str]:
    """Return what in the curves deserves a look; nothing can be wrong with a formula."""
    return [] if known.row.spec.get("simulated") else History(known.points).warnings()


def progress(known: Facts) -> Progress:
    """Return how far a job is."""
    step = max((curve[-1][0] for curve in known.points.values() if curve), default=0)
    total: int | None = known.plan.get("total_steps")
    if known.row.status is JobStatus.COMPLETED:
        return Progress(step, total or step, 1.0, None)
    fraction = min(1.0, step / total) if total else 0.0
    eta = None
    if known.row.status is JobStatus.RUNNING and total:
        # Not by the pace of an attempt before: this one has its preparation before it.
        begun = [e.data.get("from_step", 0) for e in known.events if e.kind == "queued"]
        eta = estimate(known.points.get("elapsed", []), total - step, (begun or [0])[-1])
    return Progress(step, total, fraction, eta)


def _short(known: Facts) -> dict[str, Any]:
    row, spec = known.row, known.row.spec
    return {
        "id": row.id,
        "name": visible(row.shown_name),
        "status": str(row.status),
        "label": row.status.label,
        "detail": detail(known),
        "reason": row.reason,
        "reason_text": visible(str(known.end.get("text") or "")) if row.reason else "",
        "provider": visible(row.provider),
        "simulated": bool(spec.get("simulated")),
        "base_model": visible(row.base_model),
        "method": str(spec["config"].get("method", "")),
        "rows": spec["rows"],
        "fingerprint": str(spec["fingerprint"]).removeprefix("sha256:")[:8],
        "seed": spec["seed"],
        "attempt": row.attempt,
        "final": row.status.final,
        "created": row.created,
        "seen": row.heartbeat,
        "now": known.now,
        "utc_offset": time.localtime(known.now).tm_gmtoff,  # of the clock texts; a browser may be elsewhere
        "progress": _progress(known),
        "can": {"stop": row.status in ACTIVE, "resume": _can_resume(known)},
        "seq": row.revision,
    }


def detail(known: Facts) -> str:
    """Return what the status does not say: what a job waits for, or why nothing is heard of it."""
    row = known.row
    if row.hosted:
        return _hosted_detail(known)
    if row.status is JobStatus.QUEUED:
        if known.in_line:
            return "waiting for another job to end"
        return "starting" if row.worker else "waiting for a worker"
    if row.status is not JobStatus.RUNNING:
        return ""
    worker = row.worker
    silent = known.now - row.heartbeat if row.heartbeat else 0.0
    if worker and liveness.verdict(worker, row.id, row.attempt) == "elsewhere":
        return f"on {visible(worker.node)}, last seen {duration(silent)} ago" if silent > SILENCE else ""
    if worker and liveness.is_stopped(worker):
        return "held by a signal; it goes on when the process is continued"
    if row.cancel_requested:
        return "stopping after the current step"
    return f"no progress for {duration(silent)}" if silent > SILENCE else ""


def _hosted_detail(known: Facts) -> str:
    row = known.row
    if row.status.final:
        return ""
    if row.cancel_requested:
        return "the service is being asked to stop"
    if row.remote_id is None:
        return "not at the service yet"
    silent = known.now - (row.heartbeat or known.now)
    seen = f", last heard of {duration(silent)} ago" if silent > SILENCE else ""
    return f"at the service as {visible(row.remote_id)}{seen}"


def _progress(known: Facts) -> dict[str, Any]:
    state = progress(known)
    epochs = float(known.plan.get("epochs") or 0)
    share = state.step / state.total_steps if state.total_steps and state.step else state.fraction
    eta = state.eta
    return {
        "step": state.step,
        "total_steps": state.total_steps,
        "epoch": f"{epochs * min(1.0, share):.1f}" if epochs else "",
        "epochs": f"{epochs:g}" if epochs else "",
        "fraction": state.fraction,
        "eta": {"low": eta.low, "mid": eta.mid, "high": eta.high} if eta else None,
        "eta_text": _eta_text(known, state),
        "percent_text": state.percent,
    }


def _eta_text(known: Facts, state: Progress) -> str:
    if known.row.status.final:
        return ""
    if state.total_steps and state.step >= state.total_steps:
        return "finishing"
    return state.left


def _stages(known: Facts) -> list[dict[str, Any]]:
    said = (e for e in known.events if e.kind == "stage" and e.attempt == known.row.attempt)
    begun = {e.data["name"]: e for e in said if e.data["state"] == "active"}
    order = [name for name in STAGES if name in begun]
    stages: list[dict[str, Any]] = []
    for name in STAGES:
        state, seconds = "todo", None
        if name in begun:
            later = order.index(name) + 1
            last = later == len(order)
            until = known.row.ended or known.now if last else begun[order[later]].at
            seconds = max(0.0, until - begun[name].at)
            state = _LAST_STAGE.get(known.row.status, "active") if last else "done"
        stages.append({"name": name, "state": state, "text": span(seconds), "seconds": seconds})
    return stages


def _series(points: Series) -> dict[str, Any]:
    return {name: curves.thin(points.get(name, [])) for name in SERIES} | {
        "loss_band": [list(row) for row in curves.band(points.get("loss", []))],
        "validation_loss": measures.banded(points, "validation_loss"),
    }


def _values(known: Facts) -> dict[str, dict[str, str]]:
    points, config = known.points, known.row.spec["config"] | known.plan
    values: dict[str, dict[str, str]] = {}
    if loss := points.get("loss"):
        values["loss"] = _mean_loss(loss)
    if validation := points.get("validation_loss"):
        low, high = (points.get(f"validation_loss_{side}") for side in ("low", "high"))
        text = f"[{loss_text(low[-1][1])}, {loss_text(high[-1][1])}]" if low and high else ""
        values["validation_loss"] = {"text": loss_text(validation[-1][1]), "interval": text}
    if rate := points.get("learning_rate"):
        values["learning_rate"] = {"text": _scientific(rate[-1][1]), "context": _schedule(config, rate)}
    if pace := points.get("tokens_per_second"):
        recent = [value for _, value in pace[-50:]]
        context = f"{min(recent):,.0f}–{max(recent):,.0f} lately"
        values["tokens_per_second"] = {"text": f"{pace[-1][1]:,.0f}", "context": context}
    if norm := points.get("grad_norm"):
        values["grad_norm"] = {"text": number(norm[-1][1], 2), "context": _clipping(known.plan, norm)}
    if memory := points.get("memory"):
        context = f"peak {size(int(max(value for _, value in memory)))}"
        if limit := known.plan.get("memory_limit"):
            context += f", limit {size(limit)}"
        values["memory"] = {"text": size(int(memory[-1][1])), "context": context}
    if known.row.spec.get("simulated"):
        values = {name: value | {"context": "simulated"} for name, value in values.items()}
    return values


def _mean_loss(loss: list[tuple[int, float]]) -> dict[str, str]:
    if not math.isfinite(loss[-1][1]):  # a mean of what came before would hide it
        return {"text": number(loss[-1][1]), "context": ""}
    _, mean, low, high = curves.band(loss, most=1)[-1]
    return {"text": loss_text(mean), "context": f"batches {loss_text(low)}–{loss_text(high)}"}


def _schedule(config: dict[str, Any], rate: list[tuple[int, float]]) -> str:
    peak = config.get("learning_rate") or max(value for _, value in rate)
    warmup = config.get("warmup_steps")
    words = [config.get("lr_scheduler_type") or "", f"peak {_scientific(float(peak))}"]
    return ", ".join(word for word in (*words, f"warm-up {warmup}" if warmup else "") if word)


def _clipping(plan: dict[str, Any], norm: list[tuple[int, float]]) -> str:
    limit = plan.get("max_grad_norm")
    if not limit:
        return ""
    clipped = sum(value > limit for _, value in norm) / len(norm)
    return f"{percent(clipped)} of steps clipped at {limit:g}"


def _scientific(value: float) -> str:
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if value else "0"


def _checkpoints(known: Facts) -> list[dict[str, Any]]:
    saved = {e.data["step"]: e.data for e in known.events if e.kind == "checkpoint"}
    by, best, tied = measures.best(known.row.spec["config"], known.points, saved)
    lowest = by == "validation_loss"
    values = dict(known.points.get(by, []))
    found: list[dict[str, Any]] = []
    for step, data in sorted(saved.items()):
        value, folder = values.get(step), data.get("folder")
        kept = (known.folder / folder / "manifest.json").exists() if folder else step == max(saved)
        text = (
            "" if value is None else loss_text(value) if lowest else f"{measures.label(by)} {number(value)}"
        )
        if step == best:
            text += f", tied with {', '.join(map(count, tied[-3:]))}" if tied else ""
            word = "lowest" if lowest else "best"
        else:
            word = "kept" if kept else "removed"
        found.append({"step": step, "kept": kept, "best": step == best, "word": word, "text": text})
    return found


def _result(known: Facts) -> dict[str, str] | None:
    """Return the numbers of the model that a completed job made, and the call that brings it."""
    row, config = known.row, known.row.spec["config"]
    if row.status is not JobStatus.COMPLETED or row.spec.get("simulated"):
        return None
    saved = {e.data["step"] for e in known.events if e.kind == "checkpoint"}
    step = measures.best(config, known.points, saved)[1] if config.get("load_best_model_at_end") else None
    scored = [name for name in known.points if f"{name}_low" in known.points]
    told = [(n, measures.at(known.points, n, step or known.points[n][-1][0])) for n in scored]
    words = [f"{measures.label(n)} {t['text']} {t['interval']}".rstrip() for n, t in told if t["text"]]
    text = ", ".join(words)
    return {"text": text[:1].upper() + text[1:], "call": f'FineTuningJob.attach("{row.id}").model'}


def _can_resume(known: Facts) -> bool:
    if known.row.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
        return False
    if known.row.hosted:
        return True
    saved = reported(known.events)
    try:
        return providers.get(known.row.provider).resume_step(known.folder, saved, thorough=False) > 0
    except ConfigError:  # the provider's package is gone; the job can still be looked at
        return False
