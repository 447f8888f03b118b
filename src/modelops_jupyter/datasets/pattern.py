"""What a search looks for. `re` can go back over its steps for hours and cannot be stopped from outside."""

import re
import time

from modelops_jupyter.errors import ConfigError

LONGEST = 20_000  # characters of one text that a regular expression looks into
_SLOW = 5.0  # seconds for one row
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


def check_pace(since: float, row: int) -> None:
    """End a search whose work on one row, begun at `since`, took too long."""
    if (took := time.perf_counter() - since) > _SLOW:
        raise _refused(f"The search took {took:.0f} s for row {row} alone.")


def _refused(message: str) -> ConfigError:
    hint = "Repeat a plain part, such as (?:ab)+ or [ab]+, or search for the text itself."
    return ConfigError(message, code="slow-pattern", hint=hint)
