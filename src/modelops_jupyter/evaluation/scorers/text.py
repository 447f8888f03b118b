"""Scorers that look for words: equal, contains, matches, has this length."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

from modelops_jupyter._extras import require
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation.scorers.base import Scorer, need


@dataclass(frozen=True)
class Exact(Scorer):
    """1 if the answer equals the reference, blanks around both aside.

    Parameters
    ----------
    casefold
        Whether upper and lower case are the same.

    Examples
    --------
    >>> Exact().score(" yes", "yes"), Exact().score("", "yes")
    (1.0, 0.0)
    """

    casefold: bool = False
    kind: ClassVar[str] = "exact"

    def one(self, output: str, reference: str | None) -> float:
        """1 or 0."""
        return float(folded(output, self.casefold) == folded(need(reference, self), self.casefold))


@dataclass(frozen=True)
class Contains(Scorer):
    """1 if the answer holds a text.

    Parameters
    ----------
    value
        What is looked for, or several texts; the reference if None.
    every
        With several: whether all must be there, or one is enough.
    where
        "anywhere", or at the "start" or "end" of the answer, blanks aside.

    Examples
    --------
    >>> Contains(("cat", "dog"), every=False).score("A dog barks.")
    1.0
    """

    value: str | tuple[str, ...] | None = None
    casefold: bool = False
    every: bool = True
    where: Literal["anywhere", "start", "end"] = "anywhere"
    kind: ClassVar[str] = "contains"

    def one(self, output: str, reference: str | None) -> float:
        """1 or 0."""
        wanted = need(reference, self) if self.value is None else self.value
        text = folded(output, self.casefold)
        found = (self._has(text, folded(w, self.casefold)) for w in _several(wanted))
        return float(all(found) if self.every else any(found))

    def _has(self, text: str, wanted: str) -> bool:
        if self.where == "anywhere":
            return wanted in text
        return text.startswith(wanted) if self.where == "start" else text.endswith(wanted)


@dataclass(frozen=True)
class Regex(Scorer):
    r"""1 if a regular expression matches somewhere in the answer, on an engine that takes linear time.

    Parameters
    ----------
    pattern
        In RE2's syntax, which has no look-around and no back references; the reference if None.
    full
        Whether the whole answer must match.

    Raises
    ------
    ConfigError
        If the pattern is none, or needs what no linear-time engine has.

    Examples
    --------
    >>> Regex(r"\d{4}-\d\d-\d\d").score("On 2021-03-03.")
    1.0
    """

    pattern: str | None = None
    full: bool = False
    casefold: bool = False
    kind: ClassVar[str] = "regex"

    def one(self, output: str, reference: str | None) -> float:
        """1 or 0."""
        pattern = need(reference, self) if self.pattern is None else self.pattern
        found = _compiled(pattern, self.casefold)
        return float((found.fullmatch if self.full else found.search)(output) is not None)


@lru_cache(maxsize=256)
def _compiled(pattern: str, casefold: bool) -> Any:
    re2: Any = require("re2", extra="text", purpose="score with regular expressions")
    options = re2.Options()
    options.case_sensitive, options.log_errors = not casefold, False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ConfigError(
            f"{pattern!r} is no regular expression that runs in linear time: {error}.",
            code="bad-pattern",
            hint="Look-around and back references have to be written without.",
        ) from None


@dataclass(frozen=True)
class Length(Scorer):
    """1 if the answer is neither too short nor too long, both ends included.

    Examples
    --------
    >>> Length(max=3, unit="words").score("four words are many")
    0.0
    """

    min: int = 0
    max: int | None = None
    unit: Literal["chars", "words"] = "chars"
    kind: ClassVar[str] = "length"

    def one(self, output: str, reference: str | None) -> float:
        """1 or 0."""
        del reference
        size = len(output) if self.unit == "chars" else len(output.split())
        return float(self.min <= size and (self.max is None or size <= self.max))


def folded(text: str, casefold: bool) -> str:
    """Return the text without blanks around it, in one Unicode form, and in one case if asked."""
    text = unicodedata.normalize("NFC", text).strip()
    return text.casefold() if casefold else text


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
