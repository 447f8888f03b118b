"""What a search looks for. `re` can go back over its steps for hours and cannot be stopped from outside."""

import re
import time

from modelops_jupyter.errors import ConfigError

LONGEST = 20_000  # characters of one text that a regular expression looks into
_SLOW = 1.0  # seconds of work for one row
_ATOMS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)  # escapes and classes repeat nothing
_GROUP = re.compile(r"\(([^()]*)\)([*+]|\{\d*,)?")


def compiled(search: str, *, regex: bool, case: bool) -> re.Pattern[str]:
    """Return the pattern of a search; one that is wrong, or may take for ever, is an error."""
    flags = 0 if case else re.IGNORECASE
    if not regex:
        return re.compile(re.escape(search), flags)
    try:
        pattern = re.compile(search, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ConfigError(
            f'"{search}" is no regular expression: {error}.',
            code="bad-pattern",
            hint="Switch regular expressions off to search for the text itself.",
        ) from None
    if _explodes(search):
        raise _refused(f'"{search}" repeats a group that can match the same text in many ways.')
    return pattern


def _explodes(search: str) -> bool:
    """Tell whether a repeated group holds a repeat or an alternative, as in ``(a+)+``."""
    text = _ATOMS.sub("x", search)
    while group := _GROUP.search(text):
        inner, repeated = group[1].removeprefix("?"), group[2]
        ambiguous = re.search(r"[*+?|{]", inner) is not None
        if ambiguous and repeated:
            return True
        text = text[: group.start()] + ("x+" if ambiguous else "x") + (repeated or "") + text[group.end() :]
    return False


class Patience:
    """Ends a search at the first row that took too long."""

    def __init__(self) -> None:
        self._since = time.thread_time()

    def check(self, row: int) -> None:
        """Say that `row` is done."""
        now = time.thread_time()
        if now - self._since > _SLOW:
            raise _refused(f"The search took {now - self._since:.0f} s for row {row} alone.")
        self._since = now


def _refused(message: str) -> ConfigError:
    hint = "Repeat a plain part, such as (?:ab)+ or [ab]+, or search for the text itself."
    return ConfigError(message, code="slow-pattern", hint=hint)
