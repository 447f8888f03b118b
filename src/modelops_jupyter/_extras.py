"""Optional libraries: imported where used, with an error that names the extra."""

import importlib
from types import ModuleType

from modelops_jupyter.errors import MissingExtraError


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import `module`, or say which extra brings it.

    Raises
    ------
    MissingExtraError
        If the module (or something it needs) is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"To {purpose}, the library '{module.partition('.')[0]}' is needed, and it cannot be imported "
            f"({error}).",
            hint=f'Install it with: pip install "modelops_jupyter[{extra}]"',
        ) from error
