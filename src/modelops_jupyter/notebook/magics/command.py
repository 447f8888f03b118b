"""A magic: its declaration, and what it does with a line that was taken apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from modelops_jupyter.notebook.magics.names import Kind, check_name, look_up
from modelops_jupyter.notebook.magics.parser import Parsed, Word, parse
from modelops_jupyter.notebook.magics.spec import Spec


@dataclass(frozen=True)
class Call:
    """One use of a magic."""

    shell: Any  # IPython's InteractiveShell, which has no types
    parsed: Parsed
    names: Mapping[str, Any]  # the user's variables; inside a function its own come first
    body: str = ""
    first_line: int = 2  # line of the cell on which the body starts

    def word(self, index: int) -> Word:
        """Return one word of the line."""
        return self.parsed.words[index]

    def named(self, option: str, kind: Kind) -> Any:
        """Return the object that the value of an option names, None when it was not given."""
        word = self.parsed.word(option)
        return None if word is None else look_up(word, self.names, kind)

    def bind(self, value: Any) -> None:
        """Bind the value to the name given with `--as`, if one was given."""
        name = self.parsed.text("as")
        if name is not None:
            self.shell.push({name: value})


@dataclass(frozen=True)
class Command:
    """A declaration with its action."""

    spec: Spec
    run: Callable[[Call], None]

    @property
    def cell(self) -> bool:
        """Whether it takes a body."""
        return self.spec.name.startswith("%%")

    @property
    def name(self) -> str:
        """The name without its signs."""
        return self.spec.name.lstrip("%")

    def __call__(self, shell: Any, line: str, body: str, local: Mapping[str, Any]) -> None:
        """Parse the line and act; `-h` prints the help instead."""
        parsed = parse(line, self.spec)
        if parsed.help:
            print(self.spec.help())  # noqa: T201 -- what -h is for
            return
        name = parsed.text("as")
        if name is not None:
            check_name(name, "--as")  # before any work is done
        self.run(Call(shell, parsed, {**shell.user_ns, **local}, body, first_line_of(shell, body)))


def first_line_of(shell: Any, body: str) -> int:
    """Return the line of the running cell on which a magic's body starts, as the editor counts.

    The body starts after the line of the magic, which blank lines may precede: they are gone
    from what a magic receives, but not from what the user sees.
    """
    history = getattr(shell, "history_manager", None)
    raw: str = history.input_hist_raw[-1] if history is not None and history.input_hist_raw else ""
    head, found, _ = raw.rpartition(body.rstrip("\n")) if body.strip() else ("", "", "")
    return head.count("\n") + 1 if found and head.lstrip().startswith("%%") else 2
