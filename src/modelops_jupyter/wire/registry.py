"""Operations on the model registry: models, versions, where one comes from, aliases, the log.

The registry itself is reached inside each call: this installation may have none.
"""

import functools
import math
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from modelops_jupyter import _format
from modelops_jupyter._home import home
from modelops_jupyter.errors import RegistryError
from modelops_jupyter.evaluation import Gate, GateResult
from modelops_jupyter.fine_tuning import references
from modelops_jupyter.wire.context import Context, Op

if TYPE_CHECKING:
    from modelops_jupyter.registry import AuditEvent, Model, ModelRegistry, ModelVersion

HOME = "home"  # the name of the registry that kernel and server share
MOST_MODELS, MOST, MOST_LINES, MOST_CARD = 500, 50, 200, 20_000
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Number = Annotated[int, msgspec.Meta(ge=1)]


class RegistryArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which registry: "home", or a handle."""

    registry: Word


class ModelArgs(RegistryArgs, frozen=True):
    """Which model."""

    model: Word


class VersionArgs(ModelArgs, frozen=True):
    """Which version."""

    version: Number


class DiffArgs(VersionArgs, frozen=True):
    """And another one, by default the one before."""

    against: Number | None = None


class AliasArgs(ModelArgs, frozen=True):
    """An alias, and the version that it is to name; none takes it away."""

    alias: Word
    version: Number | None


class GateArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of one gate."""

    metric: Annotated[str, msgspec.Meta(max_length=1000)]
    min_value: float | None = None
    max_drop: float | None = None


class PromoteArgs(VersionArgs, frozen=True):
    """The alias that a version is to have, and what its evaluation must reach."""

    alias: Word
    gates: Annotated[list[GateArgs], msgspec.Meta(max_length=8)]


def home_registry() -> "ModelRegistry":
    """Return the registry of the present home, opened once."""
    return _at_home(str(home()))


@functools.lru_cache(4)
def _at_home(_home: str) -> "ModelRegistry":
    return references.registry()


def _opened(args: RegistryArgs, context: Context) -> "ModelRegistry":
    return home_registry() if args.registry == HOME else context.resolve_registry(args.registry)


def _models(args: RegistryArgs, context: Context) -> dict[str, Any]:
    registry = _opened(args, context)
    found = registry.list_models()
    return {
        "models": [_model(model) for model in found[:MOST_MODELS]],
        "total": len(found),
        "path": _format.visible(str(registry.path)),
        "now": time.strftime("%H:%M"),
    }


def _model(model: "Model") -> dict[str, Any]:
    count = _format.plural(len(model.versions), "version")
    return {"name": model.name, "versions_text": count, "aliases": dict(model.aliases)}


def _versions(args: ModelArgs, context: Context) -> dict[str, Any]:
    from modelops_jupyter.registry.names import GATED

    registry = _opened(args, context)
    numbers, total = _numbers(registry, args.model)
    shared = args.registry == HOME
    versions = [_version(registry.get(args.model, number), shared) for number in numbers]
    return {"versions": versions, "total": total, "gated": GATED}


def _numbers(registry: "ModelRegistry", name: str) -> tuple[list[int], int]:
    """Return the newest versions with those that have an alias, and how many there are."""
    found = next((model for model in registry.list_models() if model.name == name), None)
    if found is None:
        return [registry.get(name).version], 1  # which says what there is instead
    named = found.aliases.values()
    return [n for i, n in enumerate(found.versions) if i < MOST or n in named], len(found.versions)


def _version(version: "ModelVersion", shared: bool) -> dict[str, Any]:
    return {
        "version": version.version,
        "reference": _reference(version, shared),
        "aliases": version.aliases,
        "tags": [_short(f"{key}={value}") for key, value in list(version.tags.items())[:MOST]],
        "description": _format.visible(_format.clip(version.description, 2000)),
        "created": _moment(version.at, version.user),
        "size": _format.size(version.size),
        "metrics": [_metric(name, value) for name, value in list(version.metrics.items())[:MOST]],
    }


def _reference(version: "ModelVersion", shared: bool) -> str:
    """Name a version as `load_model` takes it, by its alias if it has one; another registry as Python."""
    from modelops_jupyter.registry.names import GATED

    named = sorted(version.aliases, key=lambda alias: (alias != GATED[1], alias != GATED[0]))
    text = f"registry:{version.name}@{named[0]}" if named else version.reference
    return text if shared else f"ModelRegistry({str(version.registry.path)!r}).resolve({text!r})"


def _metric(name: str, value: Any) -> dict[str, Any]:
    figures = {"value": float(value), "low": value.low, "high": value.high}
    return {
        "name": name,
        "label": _short(value.label or name),
        "text": _format.number(value),
        "interval": value.interval_text,
        "lower": value.greater_is_better is False,
        **{key: figure if math.isfinite(figure) else None for key, figure in figures.items()},
    }


def _lineage(args: VersionArgs, context: Context) -> dict[str, Any]:
    graph = _opened(args, context).lineage(args.model, args.version)
    at = {node.id: place for place, node in enumerate(graph.nodes)}
    return {
        "nodes": [{"kind": node.kind, "label": node.label} for node in graph.nodes],
        "edges": [(at[e.source], at[e.target], e.kind) for e in graph.edges],
        "notices": graph.notices,
    }


def _card(args: VersionArgs, context: Context) -> dict[str, Any]:
    text = str(_opened(args, context).card(args.model, args.version))
    return {"text": _format.clip(_format.visible(text), MOST_CARD)}


def _diff(args: DiffArgs, context: Context) -> dict[str, Any]:
    registry = _opened(args, context)
    others = [n for n in _numbers(registry, args.model)[0] if n != args.version]
    if not others:
        return {"summary": "There is no other version to compare with.", "rows": [], "total": 0, "others": []}
    older = next((n for n in others if n < args.version), others[-1])
    against = args.against if args.against in others else older
    found = registry.diff(args.model, against, args.version)
    table = found.table()
    rows = [[_short(str(cell)) for cell in row] for row in table.rows]
    told = {"summary": found.summary, "rows": rows[:MOST_LINES], "total": len(rows)}
    return {**told, "others": others, "against": against}


def _log(args: VersionArgs, context: Context) -> dict[str, Any]:
    events = _opened(args, context).audit(args.model)
    return {"events": [_event(event) for event in events[: -MOST - 1 : -1]], "total": len(events)}


def _event(event: "AuditEvent") -> dict[str, Any]:
    data = event.data
    before = f", before version {data['from']}" if data.get("from") else ""
    about = f"{data['alias']}{before}" if "alias" in data else ""
    if "key" in data:
        about = data["key"] if data["value"] is None else f"{data['key']}={data['value']}"
    return {
        "at": _moment(event.at, event.user),
        "version": event.version,
        "kind": event.kind.replace("-", " "),
        "about": _short(about),
        "gates": _gates(data.get("gates", ())),
    }


def _gates(found: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Tell gates as the log keeps them."""
    results = [GateResult(g["outcome"], g["reason"], Gate(**g["gate"])) for g in found]
    return [{"outcome": g.outcome, "title": g.title, "reason": _format.visible(g.reason)} for g in results]


def _alias(args: AliasArgs, context: Context) -> dict[str, Any]:
    _opened(args, context).set_alias(args.model, args.alias, args.version)
    return {}


def _promote(args: PromoteArgs, context: Context) -> dict[str, Any]:
    registry = _opened(args, context)
    gates = [Gate(g.metric, g.max_drop, g.min_value) for g in args.gates]
    kind = "promoted"
    try:
        registry.promote(args.model, args.alias, args.version, gates)
    except RegistryError as error:
        if not error.code.startswith("gate-"):
            raise
        kind = "promotion-refused"
    events = reversed(registry.audit(args.model))  # the log has the reasons one by one
    event = next(e for e in events if (e.kind, e.version) == (kind, args.version))
    return {"granted": kind == "promoted", "gates": _gates(event.data["gates"])}


def _moment(at: float, user: str) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) + (f" by {_short(user)}" if user else "")


def _short(text: str) -> str:
    return _format.visible(_format.clip(text, 200))


OPS = {
    "registry": Op(RegistryArgs, _models),
    "registry.model": Op(ModelArgs, _versions),
    "registry.about": Op(VersionArgs, _lineage),
    "registry.card": Op(VersionArgs, _card),
    "registry.diff": Op(DiffArgs, _diff),
    "registry.log": Op(VersionArgs, _log),
    "registry.alias": Op(AliasArgs, _alias),
    "registry.promote": Op(PromoteArgs, _promote),
}
