"""The vector and feature store: named here, not built yet in this version."""

from typing import NoReturn

from modelops_jupyter._version import __version__
from modelops_jupyter.errors import ModelOpsError

_PLANNED = frozenset(["VectorStore", "FeatureStore", "FeatureDefinition", "FeatureGroup", "FeatureVector"])


def __getattr__(name: str) -> NoReturn:
    if name in _PLANNED:
        raise ModelOpsError(
            f"{__name__}.{name} is not part of version {__version__} yet: nothing was stored or changed.",
            code="not-yet",
            hint="The changelog says which version brings it.",
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
