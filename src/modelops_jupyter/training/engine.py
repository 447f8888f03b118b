"""The engine's libraries, imported where used; importing this module imports none of them."""

import os
from typing import Any

from modelops_jupyter._extras import require


def torch_and_transformers(purpose: str) -> tuple[Any, Any]:
    """Import torch and transformers for `purpose`.

    Raises
    ------
    MissingExtraError
        If the extra `train` is not installed.
    """
    # Read once, when torch starts its threads. Without it they spin for one another, and on two cores one
    # busy neighbour (a training worker, a browser) makes every step several times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return require("torch", extra="train", purpose=purpose), require(
        "transformers", extra="train", purpose=purpose
    )
