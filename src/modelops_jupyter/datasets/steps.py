"""Steps of a sanitiser: frozen values that say what to remove and what to change."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from modelops_jupyter._format import count
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets import duplicates
from modelops_jupyter.datasets._json import Row, as_array, as_object
from modelops_jupyter.datasets.redact import PATTERNS, map_texts, redactor
from modelops_jupyter.datasets.tokens import UNITS, text_lengths
from modelops_jupyter.datasets.validation.codes import CODES
from modelops_jupyter.errors import ConfigError, RowError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

__all__ = [
    "DropConflicts",
    "DropDuplicates",
    "DropInvalid",
    "LengthFilter",
    "NormalizeText",
    "Outcome",
    "Redact",
    "Step",
    "StripKeys",
    "step_from_json",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step does to a dataset, by position: rows removed with the reason, rows changed."""

    remove: Mapping[int, str] = field(default_factory=dict[int, str])
    change: Mapping[int, Row] = field(default_factory=dict[int, Row])


@dataclass(frozen=True)
class Step:
    """Base of the steps; a subclass has a name, fields that are JSON, and `apply`."""

    name: ClassVar[str]

    def apply(self, ds: "Dataset") -> Outcome:
        """Say what to remove and what to change."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"step": self.name, **asdict(self)}


@dataclass(frozen=True)
class DropInvalid(Step):
    """Remove rows in which `validate` finds an error, or one of the codes `also`."""

    name: ClassVar[str] = "drop_invalid"
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "also", _names(self.also, "also", CODES))

    def apply(self, ds: "Dataset") -> Outcome:
        """Remove rows by their first such problem."""
        remove: dict[int, str] = {}
        for problem in ds.validate().problems:
            if problem.severity == "error" or problem.code in self.also:
                remove.setdefault(problem.row, CODES.get(problem.code, CODES["custom"]).label)
        return Outcome(remove)


@dataclass(frozen=True)
class DropDuplicates(Step):
    """Remove later copies of equal rows."""

    name: ClassVar[str] = "drop_duplicates"

    def apply(self, ds: "Dataset") -> Outcome:
        """Keep the first of equal rows."""
        first = duplicates.first_of(ds)
        return Outcome(dict.fromkeys(np.flatnonzero(first >= 0).tolist(), "Duplicate"))


@dataclass(frozen=True)
class DropConflicts(Step):
    """Remove rows that ask the same and are answered differently.

    Nobody can tell from the data which answer is right, so none is kept unless `keep` is "first".
    """

    name: ClassVar[str] = "drop_conflicts"
    keep: Literal["none", "first"] = "none"

    def __post_init__(self) -> None:
        _names((self.keep,), "keep", ("none", "first"))

    def apply(self, ds: "Dataset") -> Outcome:
        """Remove the rows of each conflict."""
        answers = duplicates.Answers(len(ds))
        for at, row in ds.decoded():
            if row is not None:
                answers.add(at, *duplicates.asked_and_said(row, ds.format))
        kept = 1 if self.keep == "first" else 0
        return Outcome({at: "Conflict" for group in answers.conflicts() for at in group[kept:].tolist()})


@dataclass(frozen=True)
class LengthFilter(Step):
    """Keep rows whose text has between `min` and `max` units, both included; no text is 0.

    Tokens are estimated.
    """

    name: ClassVar[str] = "length_filter"
    min: int = 1
    max: int = 10_000
    unit: str = "chars"

    def __post_init__(self) -> None:
        _names((self.unit,), "unit", UNITS)
        if self.min > self.max:
            raise ConfigError(f"min={self.min} is greater than max={self.max}.", code="length-range")

    def apply(self, ds: "Dataset") -> Outcome:
        """Remove rows outside the range."""
        lengths = text_lengths(ds, self.unit)
        out = np.flatnonzero((lengths < self.min) | (lengths > self.max))
        return Outcome(
            {
                at: f"Longer than {count(self.max)}"
                if lengths[at] > self.max
                else f"Shorter than {count(self.min)}"
                for at in out.tolist()
            }
        )


@dataclass(frozen=True)
class StripKeys(Step):
    """Remove keys from every row; `recursive` looks inside nested objects and lists too."""

    name: ClassVar[str] = "strip_keys"
    keys: tuple[str, ...] = ()
    recursive: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", _names(self.keys, "keys"))

    def apply(self, ds: "Dataset") -> Outcome:
        """Change the rows that have one of the keys."""
        gone = frozenset(self.keys)
        return _changed(ds, lambda row: _without(row, gone, recursive=self.recursive))


@dataclass(frozen=True)
class Redact(Step):
    """Replace personal data by placeholders such as ``[EMAIL_1]``, the same within a row."""

    name: ClassVar[str] = "redact"
    kinds: tuple[str, ...] = ("email",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", _names(self.kinds, "kinds", PATTERNS))

    def apply(self, ds: "Dataset") -> Outcome:
        """Change the rows that hold such data."""
        return _changed(ds, lambda row: map_texts(row, redactor(self.kinds)))


@dataclass(frozen=True)
class NormalizeText(Step):
    r"""Bring text to Unicode NFC and line ends to ``\n``.

    Nothing else: compatibility forms, joiners and the indentation of code carry meaning.
    """

    name: ClassVar[str] = "normalize_text"

    def apply(self, ds: "Dataset") -> Outcome:
        """Change the rows whose text is not in that form."""
        return _changed(ds, lambda row: map_texts(row, _normal))


def _normal(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _changed(ds: "Dataset", change: Callable[[Row], Row]) -> Outcome:
    changes: dict[int, Row] = {}
    for at, row in ds.decoded():
        try:
            if row is not None and (new := change(row)) != row:
                changes[at] = new
        except RecursionError:
            raise RowError(
                f"Row {at} is nested too deeply to be changed.",
                code="too-deep",
                where=Where(file=ds.source, line=ds.line(at), row=at),
                hint="Remove it with ds.drop([...]).",
            ) from None
    return Outcome(change=changes)


def _without(value: Any, keys: frozenset[str], *, recursive: bool) -> Any:
    if (inner := as_object(value)) is not None:
        kept = {key: item for key, item in inner.items() if key not in keys}
        return (
            {key: _without(item, keys, recursive=True) for key, item in kept.items()} if recursive else kept
        )
    if recursive and (items := as_array(value)) is not None:
        return [_without(item, keys, recursive=True) for item in items]
    return value


def _names(given: Any, parameter: str, known: Any = None) -> tuple[str, ...]:
    if isinstance(given, str):
        raise ConfigError(
            f'{parameter}="{given}" is one text, not several names.',
            code="not-a-list",
            hint=f'Write {parameter}=["{given}"].',
        )
    names = tuple(given)
    for name in names:
        if not isinstance(name, str):
            raise ConfigError(f"{parameter} holds {name!r}, which is no name.", code="not-a-name")
        if known is not None and name not in known:
            hint = did_you_mean(name, list(known))
            raise ConfigError(f'{parameter} does not know "{name}".', code="unknown-name", hint=hint)
    return names


_STEPS: dict[str, type[Step]] = {
    kind.name: kind
    for kind in (DropInvalid, DropDuplicates, DropConflicts, LengthFilter, StripKeys, Redact, NormalizeText)
}


def step_from_json(value: Mapping[str, Any]) -> Step:
    """Return the step that `Step.to_json` wrote."""
    name = str(value.get("step"))
    if name not in _STEPS:
        hint = did_you_mean(name, _STEPS)
        raise ConfigError(f'There is no step "{name}".', code="unknown-step", hint=hint)
    options = {key: item for key, item in value.items() if key != "step"}
    try:
        return _STEPS[name](**options)
    except TypeError as error:
        raise ConfigError(f'The step "{name}" cannot be made: {error}.', code="unknown-option") from None
