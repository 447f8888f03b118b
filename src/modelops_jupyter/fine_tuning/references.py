"""References to models that the model registry resolves: `registry:dates@production`, `models:/dates/3`."""

from typing import TYPE_CHECKING, Any

from modelops_jupyter.errors import ConfigError
from modelops_jupyter.training import models

if TYPE_CHECKING:
    from modelops_jupyter.registry import ModelRegistry

SCHEMES = ("registry:", "models:/")


def describe(reference: Any) -> tuple[models.Description, str]:
    """Return a reference as JSON that another process can load, and a short name for people."""
    version = reference
    if isinstance(reference, str) and reference.startswith(SCHEMES):
        version = registry().resolve(reference)
    resolved: str | None = getattr(version, "reference", None)  # what an alias names may move
    if resolved is None:
        return models.describe(reference)
    description, name = models.describe(version.path)
    return description | {"reference": resolved}, name


def registry() -> "ModelRegistry":
    """Open the registry of this home.

    Raises
    ------
    ConfigError
        If this installation has none.
    """
    try:
        from modelops_jupyter.registry import ModelRegistry
    except ImportError as error:
        raise ConfigError(
            "This installation has no model registry.", code="no-registry", hint="Install the whole package."
        ) from error
    return ModelRegistry()
