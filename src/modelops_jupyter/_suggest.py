"""The nearest name, for errors that ask "did you mean ...?"."""

from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from itertools import islice
from pathlib import Path


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """Return the choice that looks most like `name`, or None when none is near."""
    folded = {choice.casefold(): choice for choice in choices}
    found = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return "Did you mean 'x'?", or the list of choices when none is near."""
    names = list(choices)
    near = nearest(name, names)
    if near is not None:
        return f"Did you mean '{near}'?"
    return f"Known: {', '.join(names)}." if names else ""


def near_file(path: Path) -> str:
    """Return "Did you mean 'x'?" by the names beside a file that is missing, else what to do."""
    with suppress(OSError):  # no such folder, or one that may not be read
        names = (other.name for other in islice(path.parent.iterdir(), 5000))
        if near := nearest(path.name, names):
            return f"Did you mean '{near}'?"
    return "Check the path."
