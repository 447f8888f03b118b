"""Personal data in text, replaced by placeholders that stay the same within a row."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from modelops_jupyter._extras import require
from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.personal import EMAIL, KINDS, Kind
from modelops_jupyter.errors import ConfigError

__all__ = ["EMAIL", "KINDS", "Redactor", "map_texts", "user_kind"]


class Redactor:
    """Replaces what `kinds` find in the texts of one row; equal values get equal placeholders.

    Attributes
    ----------
    found
        The values of each kind that occurred, in the order of their numbers.

    Examples
    --------
    >>> replace = Redactor({"email": KINDS["email"]})
    >>> replace("ann@example.org, bob@example.org, ann@example.org")
    '[EMAIL_1], [EMAIL_2], [EMAIL_1]'
    """

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._groups: dict[tuple[str, ...], list[tuple[int, str, Kind]]] = {}
        for rank, (name, kind) in enumerate(kinds.items()):
            self._groups.setdefault(kind.needs, []).append((rank, name, kind))
        self.found: dict[str, dict[str, int]] = {}

    def row(self, row: Row) -> Row:
        """Return a row with placeholders in all its texts, counted from 1."""
        self.found = {}
        return map_texts(row, self)

    def __call__(self, text: str) -> str:
        """Return `text` with placeholders."""
        found: list[tuple[int, int, int, str]] = []
        for needs, members in self._groups.items():
            if not needs or any(map(text.__contains__, needs)):
                for rank, name, kind in members:
                    found += [(start, rank, end, name) for start, end in kind.find(text)]
        return self._replaced(text, sorted(found)) if found else text

    def _replaced(self, text: str, found: list[tuple[int, int, int, str]]) -> str:
        """Put placeholders in, left to right; what overlaps becomes one, under the first name."""
        out: list[str] = []
        done = at = 0
        while at < len(found):
            start, _, end, name = found[at]
            at += 1
            while at < len(found) and found[at][0] < end:
                end = max(end, found[at][2])
                at += 1
            numbers = self.found.setdefault(name, {})
            number = numbers.setdefault(self._kinds[name].same(text[start:end]), len(numbers) + 1)
            out += (text[done:start], f"[{name.upper()}_{number}]")
            done = end
        return "".join((*out, text[done:]))


def user_kind(name: str, pattern: str) -> Kind:
    """Return the kind of a user's own pattern, on an engine whose time grows with the text only."""
    if not name.isidentifier() or name in KINDS:
        why = "is a kind of its own" if name in KINDS else "is no plain word"
        raise ConfigError(f"The pattern name {name!r} {why}.", code="pattern-name", hint="Choose another.")
    re2: Any = require("re2", extra="text", purpose="search with your own patterns")
    options = re2.Options()
    options.log_errors = False
    try:
        find: Callable[[str], Any] = re2.compile(pattern, options).finditer
    except (re2.error, TypeError) as error:
        said = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise ConfigError(
            f"The pattern {pattern!r} of {name!r} cannot be used: {said}.",
            code="bad-pattern",
            hint="google-re2 has no lookaround and no back references.",
        ) from None

    def spans(text: str) -> Iterator[tuple[int, int]]:
        return (match.span() for match in find(text) if match.end() > match.start())

    return Kind(spans)


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
