"""Names under which the objects of a kernel are known on the wire: "d1", "r2".

The table is weak: a handle lives as long as its object. A handle that is gone is an error
answer with the way out, so a forged or stale message reaches nothing.
"""

import itertools
import threading
import weakref
from typing import Any

from modelops_jupyter.wire.protocol import WireError, clip

_counter = itertools.count(1)
_lock = threading.Lock()
_objects: "weakref.WeakValueDictionary[str, Any]" = weakref.WeakValueDictionary()
_WORDS = {
    "a": "rating",
    "c": "comparison",
    "d": "dataset",
    "f": "difference",
    "g": "registry",
    "r": "result",
    "t": "chat",
}


def handle(value: object, letter: str) -> str:
    """Return the handle of an object, the same one for as long as it lives."""
    with _lock:
        for name, known in _objects.items():
            if known is value and name.startswith(letter):
                return name
        name = f"{letter}{next(_counter)}"
        _objects[name] = value
        return name


def resolve(name: str, letter: str) -> Any:
    """Return the object behind a handle.

    Raises
    ------
    WireError
        If there is none: it was deleted, or the handle was made up.
    """
    found = _objects.get(name) if name.startswith(letter) else None
    if found is None:
        word = _WORDS.get(letter, "object")
        raise WireError(
            f"The {word} {clip(name)} is no longer in this kernel.", code="gone", hint="Run its cell again."
        )
    return found
