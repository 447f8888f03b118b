"""Where jobs run."""

from importlib import import_module
from importlib.metadata import entry_points

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.fine_tuning.providers.base import Provider, Work, WorkerProvider

__all__ = ["Provider", "Work", "WorkerProvider", "get", "names"]

GROUP = "modelops_jupyter.providers"
_BUILT_IN = {
    "local": "modelops_jupyter.fine_tuning.providers.local:Local",
    "openai-compatible": "modelops_jupyter.fine_tuning.providers.openai_compatible:OpenAICompatible",
    "openai": "modelops_jupyter.fine_tuning.providers.openai_compatible:OpenAICompatible",
    "simulated": "modelops_jupyter.fine_tuning.providers.simulated:Simulated",
}
_LATER = ("ray",)


def names() -> list[str]:
    """Return the names that `get` knows."""
    return [*_BUILT_IN, *(point.name for point in entry_points(group=GROUP))]


def get(name: str) -> Provider:
    """Return the provider of this name; names of our own win over those of plug-ins."""
    if name in _BUILT_IN:
        module, _, attribute = _BUILT_IN[name].partition(":")
        kind: type[Provider] = getattr(import_module(module), attribute)
        return kind()
    for point in entry_points(group=GROUP, name=name):
        plugged: type[Provider] = point.load()
        return plugged()
    if name in _LATER:
        raise ConfigError(
            f"The provider '{name}' is not part of this version yet.",
            code="provider-not-yet",
            hint="Use provider='local' to train on this machine.",
        )
    raise ConfigError(
        f"There is no provider '{name}'.", code="provider-unknown", hint=did_you_mean(name, names())
    )
