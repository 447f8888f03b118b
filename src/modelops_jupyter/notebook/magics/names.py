"""What a word of a magic means: a variable of a fitting type, or else a reference.

Both fitting is an error that names both readings; a quoted word is always a reference.
"""

import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from modelops_jupyter._suggest import nearest
from modelops_jupyter.errors import SourceNotFoundError
from modelops_jupyter.notebook.magics.parser import Word
from modelops_jupyter.notebook.magics.spec import UsageError

Names = Mapping[str, Any]
_SHELL = frozenset({"In", "Out", "exit", "quit", "open", "get_ipython"})  # IPython's, not the user's


@dataclass(frozen=True)
class Kind:
    """One kind of thing that a word may name."""

    word: str  # "a dataset"
    accepts: Callable[[Any], bool]  # a variable of this kind
    # Whether the text is a reference of this kind; None where only variables count.
    refers: Callable[[str], bool] | None = None
    reference: str = ""  # how such a reference is called: "a file"
    # Reads a reference; raises its own clear error when there is nothing behind it.
    read: Callable[[str], Any] | None = None
    free: bool = False  # any word may be a reference, such as the id of a model on a hub

    def fits(self, value: Any) -> bool:
        """Tell whether a variable is of this kind; one that raises when it is looked at is not."""
        try:
            return self.accepts(value)
        except Exception:
            return False


def look_up(word: Word, names: Names, kind: Kind) -> Any:
    """Return the object that a word names.

    Raises
    ------
    UsageError
        If it names both a variable and a reference, or a variable of another type.
    SourceNotFoundError
        If it names nothing; the nearest name is in the hint.
    """
    found, value = (False, None) if word.quoted and kind.read else variable(word.text, names)
    fits = found and kind.fits(value)
    refers = kind.refers is not None and kind.refers(word.text)
    if fits and refers:
        raise UsageError(
            f"{word.text!r} is both a variable and {kind.reference}.",
            hint=f'Write "{word.text}" in quotes for {kind.reference}, or rename the variable.',
        )
    if fits:
        return value
    if kind.read is not None and (refers or (not found and _may_refer(word, names, kind))):
        return kind.read(word.text)
    if found:
        raise UsageError(
            f"{word.text!r} is {_a(type(value).__name__)}, where {kind.word} is needed.",
            hint=_others(names, kind),
        )
    reference = f" and no such {kind.reference.split()[-1]}" if kind.read else ""
    raise SourceNotFoundError(
        f"There is no variable {word.text!r}{reference}.", hint=_near(word.text, names, kind)
    )


def variable(text: str, names: Names) -> tuple[bool, Any]:
    """Return `(True, value)` for the name of a variable, or for public attributes of one."""
    first, *rest = text.split(".")
    if first not in names:
        return False, None
    value = names[first]
    for attribute in rest:
        if not attribute.isidentifier() or attribute.startswith("_"):
            return False, None
        try:
            value = getattr(value, attribute)
        except AttributeError:
            return False, None
    return True, value


def check_name(text: str, option: str) -> str:
    """Return a name that a magic may bind.

    Raises
    ------
    UsageError
        If it is not a Python name.
    """
    if not text.isidentifier() or keyword.iskeyword(text):
        raise UsageError(
            f"{option} {text!r} is not a Python name.", hint="Use letters, digits and _, such as 'my_data'."
        )
    return text


def of_kind(names: Names, kind: Kind) -> list[str]:
    """List the user's variables of one kind, for completion and hints."""
    shown = [name for name in names if not name.startswith("_") and name not in _SHELL]
    return [name for name in shown if kind.fits(names[name])]


def _may_refer(word: Word, names: Names, kind: Kind) -> bool:
    if word.quoted or kind.free:
        return True
    return not word.text.isidentifier() and word.text.partition(".")[0] not in names


def _a(name: str) -> str:
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def _others(names: Names, kind: Kind) -> str:
    fitting = of_kind(names, kind)[:5]
    return f"Variables that fit: {', '.join(fitting)}." if fitting else f"No variable here is {kind.word}."


def _near(text: str, names: Names, kind: Kind) -> str:
    near = nearest(text, of_kind(names, kind))
    return f"Did you mean '{near}'?" if near else _others(names, kind)
