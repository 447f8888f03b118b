"""Steps that change what stands in the rows: keys, personal data, the form of the text."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.mojibake import repaired
from modelops_jupyter.datasets.redact import KINDS, Redactor, map_texts, user_kind
from modelops_jupyter.datasets.steps.base import Decision, Step, changed, names

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

FORMS = ("NFC", "NFD", "NFKC", "NFKD")


@dataclass(frozen=True)
class StripKeys(Step):
    """Remove keys from every row; `recursive` looks inside nested objects and lists too."""

    name: ClassVar[str] = "strip_keys"
    keys: tuple[str, ...] = ()
    recursive: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", names(self.keys, "keys"))

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Change the rows that have one of the keys."""
        gone = frozenset(self.keys)
        return changed(ds, lambda row, why: _without(row, gone, why, recursive=self.recursive))


def _without(value: Any, gone: frozenset[str], why: dict[str, None], *, recursive: bool) -> Any:
    if (inner := as_object(value)) is not None:
        why.update(dict.fromkeys(key for key in inner if key in gone))
        return {
            key: _without(item, gone, why, recursive=True) if recursive else item
            for key, item in inner.items()
            if key not in gone
        }
    if recursive and (items := as_array(value)) is not None:
        return [_without(item, gone, why, recursive=True) for item in items]
    return value


@dataclass(frozen=True)
class Redact(Step):
    r"""Replace personal data by placeholders such as ``[EMAIL_1]``, the same within a row.

    Only text values are looked at; rows that cannot be read stay as they are (`DropInvalid`
    removes them). Versions, builds, dates and time stamps stay; so do digits in a row
    that nothing marks as a telephone number, such as a ``+`` or brackets.

    Parameters
    ----------
    kinds
        Of "secret" (API keys, bearer tokens, private keys), "credentials" (user and password in
        an address), "email", "iban" and "card" (with their check digits), "ip", "phone".
    patterns
        Own ones, ``{"case": r"CASE-\d+"}`` gives ``[CASE_1]``. They run on google-re2, whose
        time grows with the text only: no lookaround, no back references.

    Raises
    ------
    MissingExtraError
        If there are `patterns` and google-re2 is not installed.
    """

    name: ClassVar[str] = "redact"
    kinds: tuple[str, ...] = tuple(KINDS)
    patterns: Mapping[str, str] | tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", names(self.kinds, "kinds", KINDS))
        pairs = self.patterns.items() if isinstance(self.patterns, Mapping) else self.patterns
        object.__setattr__(self, "patterns", tuple((name, pattern) for name, pattern in pairs))
        for name, pattern in dict(self.patterns).items():
            user_kind(name, pattern)

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Change the rows that hold such data."""
        own = {name: user_kind(name, pattern) for name, pattern in dict(self.patterns).items()}
        kinds = {**{name: KINDS[name] for name in KINDS if name in self.kinds}, **own}

        redactor = Redactor(kinds)

        def change(row: Row, why: dict[str, None]) -> Row:
            new = redactor.row(row)
            why.update(dict.fromkeys(redactor.found))
            return new

        return changed(ds, change)

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {**super().to_json(), "patterns": dict(self.patterns)}


@dataclass(frozen=True)
class NormalizeText(Step):
    r"""Bring text to one Unicode form and line ends to ``\n``.

    Nothing else: joiners, flags, wide letters and the indentation of code carry meaning
    (NFKC and NFKD do replace compatibility forms: ask for them only if you mean it).

    Parameters
    ----------
    form
        "NFC", "NFD", "NFKC" or "NFKD".
    mojibake
        Also repair UTF-8 that was read as Latin-1 or Windows-1252 (``cafÃ©``), where the text
        shows the typical sequences and the repaired text is valid and shorter.
    """

    name: ClassVar[str] = "normalize_text"
    form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC"
    mojibake: bool = False

    def __post_init__(self) -> None:
        names((self.form,), "form", FORMS)

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Change the rows whose text is not in that form."""
        return changed(ds, lambda row, why: map_texts(row, lambda text: self._normal(text, why)))

    def _normal(self, text: str, why: dict[str, None]) -> str:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
            why["Line ends"] = None
        if text.isascii():
            return text
        if self.mojibake and (better := repaired(text)) != text:
            text = better
            why["Mojibake"] = None
        if not unicodedata.is_normalized(self.form, text):
            text = unicodedata.normalize(self.form, text)
            why[self.form] = None
        return text
