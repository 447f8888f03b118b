"""`%load_ext modelops_jupyter`: adds magics and completion, and takes exactly these away again."""

from typing import Any
from weakref import WeakKeyDictionary

# Of each shell: what was put in and what stood there before, by kind and name; and the completer.
_Magics = dict[tuple[str, str], tuple[Any, Any]]
_loaded: "WeakKeyDictionary[Any, tuple[_Magics, Any]]" = WeakKeyDictionary()


def load_ipython_extension(ipython: Any) -> None:
    """Add the magics and their completion; doing it twice changes nothing."""
    if ipython in _loaded:
        return
    from IPython.core.magic import needs_local_scope, no_var_expand

    from modelops_jupyter.notebook.magics.commands import COMMANDS
    from modelops_jupyter.notebook.magics.completer import matcher

    magics: _Magics = {}
    for command in COMMANDS:
        kind, name = "cell" if command.cell else "line", command.name
        function = needs_local_scope(no_var_expand(_function(ipython, command)))
        magics[kind, name] = function, ipython.magics_manager.magics[kind].get(name)
        ipython.register_magic_function(function, kind, name)
    completer = matcher(ipython, COMMANDS)
    ipython.Completer.custom_matchers.append(completer)
    _loaded[ipython] = magics, completer


def unload_ipython_extension(ipython: Any) -> None:
    """Take away what was added; a magic of the same name that was there before comes back."""
    if ipython not in _loaded:
        return
    magics, completer = _loaded.pop(ipython)
    for (kind, name), (function, before) in magics.items():
        table = ipython.magics_manager.magics[kind]
        if table.get(name) is not function:
            continue  # somebody has registered another one since
        if before is None:
            del table[name]
        else:
            table[name] = before
    matchers = ipython.Completer.custom_matchers
    if completer in matchers:
        matchers.remove(completer)


def _function(ipython: Any, command: Any) -> Any:
    def magic(line: str, cell: str = "", *, local_ns: Any = None) -> None:
        command(ipython, line, cell, local_ns or {})

    magic.__name__ = magic.__qualname__ = command.name
    magic.__doc__ = command.spec.help()
    return magic
