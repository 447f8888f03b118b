"""Personal data in text: found by shape, replaced by a placeholder that stays the same within a row."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from modelops_jupyter.datasets._json import Row, as_array, as_object

# Bounded, so that hostile text costs no more than its length.
EMAIL = re.compile(r"\b[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")

PATTERNS: dict[str, re.Pattern[str]] = {"email": EMAIL}


def redactor(kinds: Iterable[str]) -> Callable[[str], str]:
    """Return a function that replaces what `kinds` name; equal values get equal placeholders.

    Examples
    --------
    >>> replace = redactor(["email"])
    >>> replace("ann@example.org, bob@example.org, ann@example.org")
    '[EMAIL_1], [EMAIL_2], [EMAIL_1]'
    """
    seen: dict[tuple[str, str], str] = {}

    def placeholder(kind: str, value: str) -> str:
        count = sum(1 for known, _ in seen if known == kind)
        return seen.setdefault((kind, value), f"[{kind.upper()}_{count + 1}]")

    def replace(text: str) -> str:
        for kind in kinds:
            text = PATTERNS[kind].sub(lambda match, kind=kind: placeholder(kind, match[0]), text)
        return text

    return replace


def map_texts(row: Row, change: Callable[[str], str]) -> Row:
    """Return a row with `change` applied to every text value, keys left alone."""
    return {key: _mapped(value, change) for key, value in row.items()}


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if (items := as_array(value)) is not None:
        return [_mapped(item, change) for item in items]
    if (inner := as_object(value)) is not None:
        return map_texts(inner, change)
    return value
