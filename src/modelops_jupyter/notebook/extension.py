"""`%load_ext modelops_jupyter`: adds magics and completion, and takes exactly these away again."""

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

_loaded: "WeakKeyDictionary[Any, _Added]" = WeakKeyDictionary()
_MISSING = object()


@dataclass
class _Added:
    """What was put into a shell, and what stood there before."""

    before: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])
    mine: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])
    matcher: Any = None


def load_ipython_extension(ipython: Any) -> None:
    """Add the magics and their completion; doing it twice changes nothing."""
    if ipython in _loaded:
        return
    from IPython.core.magic import needs_local_scope, no_var_expand

    from modelops_jupyter.notebook.magics.commands import COMMANDS
    from modelops_jupyter.notebook.magics.completer import matcher

    added = _Added()
    table = ipython.magics_manager.magics
    for command in COMMANDS:
        place = ("cell" if command.cell else "line", command.name)
        function = needs_local_scope(no_var_expand(_function(ipython, command)))
        added.before[place] = table[place[0]].get(place[1], _MISSING)
        added.mine[place] = function
        ipython.register_magic_function(function, place[0], place[1])
    added.matcher = matcher(ipython, COMMANDS)
    ipython.Completer.custom_matchers.append(added.matcher)
    _loaded[ipython] = added


def unload_ipython_extension(ipython: Any) -> None:
    """Take away what was added; a magic of the same name that was there before comes back."""
    added = _loaded.pop(ipython, None)
    if added is None:
        return
    table = ipython.magics_manager.magics
    for (kind, name), function in added.mine.items():
        if table[kind].get(name) is not function:
            continue  # somebody has registered another one since
        before = added.before[kind, name]
        if before is _MISSING:
            del table[kind][name]
        else:
            table[kind][name] = before
    matchers = ipython.Completer.custom_matchers
    if added.matcher in matchers:
        matchers.remove(added.matcher)


def _function(ipython: Any, command: Any) -> Any:
    def magic(line: str, cell: str = "", *, local_ns: Any = None) -> None:
        command(ipython, line, cell, local_ns or {})

    magic.__name__ = magic.__qualname__ = command.name
    magic.__doc__ = command.spec.help()
    return magic
