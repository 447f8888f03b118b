r"""What a search looks for. `re` can go back over its steps for hours and cannot be stopped from outside.

A pattern that cannot do that runs on `re`, whose ``\w`` and ``\b`` know all scripts. Any other runs
on google-re2 where that is installed, in time that grows with the text alone; else it is refused.
"""

import re
import time
from importlib import import_module
from typing import Any, cast

from modelops_jupyter.errors import ConfigError

LONGEST = 20_000  # characters of one text that a regular expression looks into
_SLOW = 5.0  # seconds for one row
_ATOMS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)  # escapes and classes repeat nothing
_GROUP = re.compile(r"\(([^()]*)\)([*+]|\{\d*,)?")
_REPEAT = re.compile(r"[*+]|\{\d*,\d*\}")
# With every further repeat the steps grow by another power of the length: about ten million at most.
_REACH = {0: LONGEST, 1: LONGEST, 2: 4_000, 3: 300}


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
    if not _may_explode(search):
        return pattern
    linear = _linear(search, case=case)
    if linear is None:
        raise _refused(f'"{search}" repeats what can match the same text in many ways.')
    return linear


def reach_of(search: str) -> int:
    """Return how many characters of one text a regular expression looks into."""
    return LONGEST if _may_explode(search) else _REACH[_repeats(search)]


def _linear(search: str, *, case: bool) -> re.Pattern[str] | None:
    try:
        re2: Any = import_module("re2")
    except ImportError:
        return None
    options = re2.Options()
    options.case_sensitive, options.log_errors = case, False
    try:
        return cast("re.Pattern[str]", re2.compile(search, options))
    except re2.error:  # look-around and back references are unknown to it
        return None


def _repeats(search: str) -> int:
    return len(_REPEAT.findall(_ATOMS.sub("x", search)))


def _may_explode(search: str) -> bool:
    """Tell whether a repeated group holds a repeat or a choice, as in ``(a+)+``, or repeats are many."""
    if _repeats(search) not in _REACH:
        return True
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
    hint = (
        "Repeat a plain part, such as (?:ab)+ or [ab]+, or search for the text itself; "
        'pip install "modelops_jupyter[text]" brings an engine that takes most patterns.'
    )
    return ConfigError(message, code="slow-pattern", hint=hint)
