"""`modelops registry ACTION [REFERENCE …]`: the model registry for scripts and CI."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.registry import ModelRegistry, ModelVersion

Outcome = tuple[int, str, Any]  # exit code, text, JSON
Action = Callable[["ModelRegistry", "ModelVersion", argparse.Namespace], Outcome]


def arguments(command: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument("action", nargs="?", default="list", choices=("list", "verify", "clean", *_ACTIONS))
    command.add_argument("reference", nargs="?", help="dates, dates/3 or dates@production")
    command.add_argument("target", nargs="?", help="a folder, an alias, or the address of an MLflow server")
    command.add_argument("--metric", help="for promote: which number decides")
    command.add_argument("--min-value", type=float, help="for promote: what it must reach")
    command.add_argument("--max-drop", type=float, help="for promote: how much worse than now it may be")
    command.add_argument("--force", action="store_true", help="for delete: also what an alias names")


def run(options: argparse.Namespace) -> Outcome:
    """Do one action."""
    from modelops_jupyter.fine_tuning import references

    registry = references.registry()
    if options.action in _ACTIONS:
        if options.reference is None or (options.action in _TARGETS and options.target is None):
            more = _TARGETS.get(options.action, "")
            raise ConfigError(f"registry {options.action} needs a model such as dates/3{more}.")
        return _ACTIONS[options.action](registry, registry.resolve(options.reference), options)
    if options.action == "verify":
        damaged = registry.verify()
        return int(bool(damaged)), "\n".join(damaged) or "everything is as registered", {"damaged": damaged}
    if options.action == "clean":
        gone = registry.collect_garbage()
        return 0, f"removed {gone.contents} files, {gone.bytes} bytes, {gone.drafts} drafts", gone._asdict()
    models = registry.list_models()
    lines = [f"{m.name:<28} {len(m.versions):>4}  {_pairs(m.aliases)}".rstrip() for m in models]
    told = [{"name": m.name, "versions": list(m.versions), "aliases": dict(m.aliases)} for m in models]
    return 0, "\n".join(lines) or "no models", {"models": told}


def _pairs(values: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _show(_registry: "ModelRegistry", version: "ModelVersion", _options: argparse.Namespace) -> Outcome:
    numbers = [f"  {name}: {value}" for name, value in version.numbers()]
    lines = [f"{version}  {', '.join(version.aliases)}".rstrip(), f"  {version.digest}", *numbers]
    return 0, "\n".join(lines), _told(version)


def _told(version: "ModelVersion") -> dict[str, Any]:
    told = {"name": version.name, "version": version.version, "digest": version.digest}
    return told | {"aliases": list(version.aliases), "tags": dict(version.tags), "facts": dict(version.facts)}


def _promote(registry: "ModelRegistry", version: "ModelVersion", options: argparse.Namespace) -> Outcome:
    from modelops_jupyter.evaluation import Gate

    limits = {"max_drop": options.max_drop, "min_value": options.min_value}
    if options.metric is None and any(value is not None for value in limits.values()):
        raise ConfigError("A limit needs the metric it is for.", hint="Add --metric NAME.")
    gate = None if options.metric is None else Gate(options.metric, **limits)
    moved = registry.promote(version.name, options.target, version.version, gate)
    return 0, f"{moved} is {options.target}", _told(moved)


def _alias(registry: "ModelRegistry", version: "ModelVersion", options: argparse.Namespace) -> Outcome:
    registry.set_alias(version.name, options.target, version.version)
    return 0, f"{version} is {options.target}", {"alias": options.target, "version": version.version}


def _delete(registry: "ModelRegistry", version: "ModelVersion", options: argparse.Namespace) -> Outcome:
    registry.delete(version.name, version.version, force=options.force)
    return 0, f"{version}: deleted", {"name": version.name, "version": version.version, "status": "deleted"}


def _written(method: str) -> Action:
    def act(registry: "ModelRegistry", version: "ModelVersion", options: argparse.Namespace) -> Outcome:
        made = getattr(registry, method)(version.name, version.version, options.target)
        return 0, str(made), {"to": str(made)}

    return act


_ACTIONS: dict[str, Action] = {
    "show": _show,
    "card": lambda _, version, __: (0, str(version.card), {"card": str(version.card)}),
    "lineage": lambda _, version, __: (0, str(version.lineage), version.lineage.to_dict()),
    "download": _written("download"),
    "export": _written("export"),
    "push": _written("push"),
    "promote": _promote,
    "alias": _alias,
    "delete": _delete,
}
_TARGETS = {
    **dict.fromkeys(("download", "export"), " and a new folder"),
    **dict.fromkeys(("promote", "alias"), " and an alias"),
    "push": " and the address of a server",
}
