"""The live view of a model registry."""

from typing import TYPE_CHECKING, Any

from modelops_jupyter._home import home, home_id
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.notebook.widgets.base import LiveView
from modelops_jupyter.wire import handles
from modelops_jupyter.wire.registry import HOME, home_registry

if TYPE_CHECKING:
    from modelops_jupyter.registry import ModelRegistry


class RegistryBrowser(LiveView):
    """Models and their versions: numbers, aliases, where each comes from, its card, promotion.

    Parameters
    ----------
    registry
        What to show; by default the registry of this home.
    layout
        As for every Jupyter widget.

    Raises
    ------
    ConfigError
        If this installation has no registry, or what was given is none.
    """

    def __init__(self, registry: "ModelRegistry | None" = None, **options: Any) -> None:
        self._registry = registry = home_registry() if registry is None else registry
        if getattr(registry, "kind", "") != "registry":
            raise ConfigError(f"{registry!r} is no registry.", hint="RegistryBrowser(ModelRegistry(folder)).")
        shared = registry.path == home() / "registry"
        name = HOME if shared else handles.handle(registry, "g")
        spec = {"registry": name, **({"home_id": home_id()} if shared else {})}
        models = registry.list_models()
        first = [("registry.model", {"registry": name, "model": m.name}) for m in models[:1]]
        super().__init__("registry", spec, ("registry", {"registry": name}), *first, **options)

    @property
    def _subject(self) -> "ModelRegistry":
        return self._registry

    @property
    def registry(self) -> "ModelRegistry":
        """What is shown."""
        return self._registry
