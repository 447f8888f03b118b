"""An IPython shell without a kernel, as the magics see it."""

import contextlib
import io
from collections.abc import Iterator
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


class Shell:
    """Runs cells and says what came of them."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        self.ip: Any = InteractiveShell.instance(config=config)
        self.ip.extension_manager.load_extension("modelops_jupyter")

    def run(self, code: str) -> str:
        """Run a cell; return what it printed, raise what it raised."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            result = self.ip.run_cell(code, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise error
        return out.getvalue()

    def __getitem__(self, name: str) -> Any:
        return self.ip.user_ns[name]

    def complete(self, cell: str, below: str = "") -> list[str]:
        """Return the completions at the end of a cell, or before what stands below."""
        from IPython.core.completer import CompletionContext

        lines = cell.split("\n")
        context = CompletionContext(
            token=lines[-1].split(" ")[-1],
            full_text=cell + below,
            cursor_line=len(lines) - 1,
            cursor_position=len(lines[-1]),
            limit=None,
        )
        found: list[str] = []
        for matcher in self.ip.Completer.custom_matchers:
            found += [c.text for c in matcher(context)["completions"]]
        return found


@contextlib.contextmanager
def fresh() -> Iterator[Shell]:
    """Give a new shell and forget it afterwards."""
    InteractiveShell.clear_instance()
    shell = Shell()
    try:
        yield shell
    finally:
        shell.ip.extension_manager.unload_extension("modelops_jupyter")
        InteractiveShell.clear_instance()
