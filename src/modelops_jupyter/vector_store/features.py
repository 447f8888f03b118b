"""What a feature is: its type, its default, its group, and how it is completed for every reader alike."""

import keyword
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter import _format as fmt
from modelops_jupyter._display import Rich
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, DatasetError, Where
from modelops_jupyter.vector_store.checks import is_text

TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_INT = 2**63
_EXACT = 2**53  # up to here every whole number is a float

Column = NDArray[np.object_]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class FeatureDefinition:
    """One feature.

    Parameters
    ----------
    name
        A Python identifier.
    type
        `int`, `float`, `str` or `bool`. A truth value is no `int`, NaN and infinity are no `float`;
        a whole number that a float holds exactly is taken for one.
    default
        What stands in for a missing value; None for nothing.
    transform, inputs
        A function of the values of other features of the group, named before this one. It is called
        whenever the feature is read, by training and serving alike, and only if no input is missing.

    Examples
    --------
    >>> FeatureDefinition("rate", float, inputs=("clicks", "views"), transform=lambda c, v: c / v).derived
    True
    """

    name: str
    type: type
    default: Any = None
    transform: Callable[..., Any] | None = field(default=None, compare=False)
    inputs: Sequence[str] = ()
    description: str = ""

    def __post_init__(self) -> None:
        name = cast("Any", self.name)
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise ConfigError(f"{name!r} is no identifier and names no feature.", code="feature-name")
        if self.type not in TYPES.values():
            text = f"The feature {name} cannot be of type {self.type!r}, but int, float, str or bool."
            raise ConfigError(text, code="feature-type")
        if (self.transform is None) != (not self.inputs) or isinstance(self.inputs, str):
            text = f"The feature {name} needs both transform and inputs."
            raise ConfigError(text, code="feature-transform")
        if self.default is not None:
            value, reason = checked(self.default, self.type)
            if reason:
                raise ConfigError(f"The default of {name} {reason}.", code="feature-default")
            object.__setattr__(self, "default", value)
        object.__setattr__(self, "inputs", tuple(self.inputs))

    @property
    def derived(self) -> bool:
        """Whether it is computed from others instead of ingested."""
        return self.transform is not None


@dataclass(frozen=True)
class FeatureGroup(Rich):
    """Features that come in one row, about one kind of entity.

    Parameters
    ----------
    name, features
        The name in the store, and the definitions.
    entity, event_time
        The names of the key (a text or whole number) and of the time from which the row is true.
    created_time
        The name of the time at which the row became known. With None that is the time of its
        ingestion. Name `event_time` again only if each row is known at once.
    ttl
        How old a row may be at the moment of asking; None for any age.
    """

    kind: ClassVar[str] = "feature_group"
    name: str
    features: Sequence[FeatureDefinition]
    entity: str = "entity"
    event_time: str = "event_time"
    created_time: str | None = None
    ttl: timedelta | None = None

    def __post_init__(self) -> None:
        given: Any = self.features
        features: tuple[Any, ...] = (given,) if isinstance(given, FeatureDefinition) else tuple(given)
        if not all(isinstance(one, FeatureDefinition) for one in features):
            text = "The features of a group are a list of FeatureDefinition."
            raise ConfigError(text, code="feature-group")
        object.__setattr__(self, "features", features)
        taken = [self.entity, self.event_time]
        for one in self.features:
            if one.name in [*taken, self.created_time]:
                raise ConfigError(f"The group {self.name} has two columns {one.name!r}.", code="feature-name")
            for name in one.inputs:
                if name not in taken[2:]:
                    text = f"The feature {one.name} takes {name!r}, which is not named before it."
                    raise ConfigError(text, code="feature-transform", hint=did_you_mean(name, taken[2:]))
            taken.append(one.name)
        if not self.name or not any(not one.derived for one in self.features):
            text = "A group has a name and at least one feature that is ingested."
            raise ConfigError(text, code="feature-group")
        if self.entity in (self.event_time, self.created_time):
            text = f"The group {self.name} has its entity and a time in one column."
            raise ConfigError(text, code="feature-name")
        ttl: Any = self.ttl
        if ttl is not None and not (isinstance(ttl, timedelta) and ttl > timedelta(0)):
            text = f"ttl = {ttl!r} is no timedelta that leaves a row alive."
            raise ConfigError(text, code="feature-group")

    @property
    def stored(self) -> tuple[FeatureDefinition, ...]:
        """The features that are ingested."""
        return tuple(one for one in self.features if not one.derived)

    def chosen(self, names: Sequence[str] | None) -> list[str]:
        """Return the names of the features that are asked for.

        Raises
        ------
        ConfigError
            If the group has no such feature.
        """
        known = [one.name for one in self.features]
        names = [names] if isinstance(names, str) else names
        for name in names or ():
            if name not in known:
                text = f"The group {self.name} has no feature {name!r}."
                raise ConfigError(text, code="unknown-feature", hint=did_you_mean(name, known))
        return known if names is None else list(names)

    def __repr__(self) -> str:
        names = ", ".join(f"{one.name}: {one.type.__name__}" for one in self.features)
        ttl = f", ttl {fmt.duration(self.ttl.total_seconds())}" if self.ttl else ""
        return f"FeatureGroup({self.name}, by {self.entity}{ttl}: {names})"


def checked(value: Any, kind: type) -> tuple[Any, str]:
    """Return a value as `kind`, and what is wrong with it ("" if nothing)."""
    value = cast("Any", value.item() if isinstance(value, np.generic) else value)  # pyright: ignore[reportUnknownMemberType]
    if kind is float and type(value) is int and abs(value) <= _EXACT:
        value = float(value)
    if type(value) is not kind:
        return None, f"is {fmt.cell(value, 40)['text']}, a {type(value).__name__} and no {kind.__name__}"
    if kind is float and not math.isfinite(value):
        return None, f"is {value}, which is not a value"
    if kind is int and not -_INT <= value < _INT:
        return None, "does not fit into 64 bit"
    if kind is str and not is_text(value):
        return None, "holds half a character"
    return value, ""


def completed(
    group: FeatureGroup, columns: dict[str, Column], names: Sequence[str]
) -> tuple[dict[str, Column], dict[str, Mask], dict[str, Mask]]:
    """Fill in what `names` need, defaults and derived: the one way of every reader, online and offline.

    Returns
    -------
    Values, and for each feature the rows that have none and those that rest on a default.

    Raises
    ------
    DatasetError
        If a transformation fails, or returns a value of another type.
    """
    missing: dict[str, Mask] = {}
    defaulted: dict[str, Mask] = {}
    count, needed = len(next(iter(columns.values()))), set(names)
    for one in reversed(group.features):
        needed.update(one.inputs if one.name in needed else ())
    for one in group.features:
        if one.name not in needed:
            continue
        rests = np.zeros(count, bool)
        if one.derived:
            gone = np.logical_or.reduce([missing[name] for name in one.inputs])
            rests = np.logical_or.reduce([defaulted[name] for name in one.inputs])
            columns[one.name] = _derived(one, [columns[name] for name in one.inputs], ~gone)
        values = columns[one.name]
        none = cast("Mask", np.equal(values, None))
        fills = none & (one.default is not None)
        if fills.any():
            columns[one.name] = values = np.where(fills, np.array(one.default, object), values)
        missing[one.name], defaulted[one.name] = none & ~fills, (rests & ~none) | fills
    return columns, missing, defaulted


def _derived(one: FeatureDefinition, inputs: list[Column], there: Mask) -> Column:
    out = np.full(len(there), None, object)
    assert one.transform is not None
    for at in np.flatnonzero(there).tolist():
        values = [column[at] for column in inputs]
        try:
            found = one.transform(*values)
        except Exception as error:
            text = f"The transformation of {one.name} failed on {tuple(values)!r}: {error!r}."
            raise DatasetError(text, code="transform", where=Where(row=at, field=one.name)) from error
        if found is None:
            continue
        out[at], reason = checked(found, one.type)
        if reason:
            text = f"The transformation of {one.name} returned what {reason}."
            raise DatasetError(text, code="transform", where=Where(row=at, field=one.name))
    return out
