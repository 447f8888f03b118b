"""Train, validation and test, without a row or a prompt on two sides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import xxhash
from numpy.typing import NDArray

from modelops_jupyter._display import Rich
from modelops_jupyter._format import plural
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.duplicates import asked_and_said
from modelops_jupyter.datasets.lineage import LineageStep
from modelops_jupyter.datasets.near import Units, linked
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.plain import plain
from modelops_jupyter.datasets.select import MISSING, field
from modelops_jupyter.errors import ConfigError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset

_TRAIN, _VALIDATION, _TEST = 0, 1, 2
_NAMES = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Split(Rich):
    """The sides of a split; unpacks to (train, test) or (train, validation, test)."""

    kind: ClassVar[str] = "split"

    train: "Dataset"
    test: "Dataset"
    validation: "Dataset | None" = None
    notices: tuple[str, ...] = ()

    def __iter__(self) -> Iterator["Dataset"]:
        sides = (self.train, self.validation, self.test)
        return (side for side in sides if side is not None)

    def __repr__(self) -> str:
        sizes = ", ".join(
            f"{name} {len(side):,}"
            for name, side in (("train", self.train), ("validation", self.validation), ("test", self.test))
            if side is not None
        )
        return "\n".join((f"Split({sizes})", *self.notices))


def split(
    ds: "Dataset",
    test: float,
    validation: float | None,
    *,
    seed: int,
    group: str | None,
    stratify: str | None,
    near: bool,
) -> Split:
    """Divide a dataset; see `Dataset.split`."""
    shares = _shares(test, validation)
    keys, labels = _keys(ds, group, stratify, near=near)
    units = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    member = np.array([units[key] for key in keys], dtype=np.int64)
    places = np.array([_place(key, seed) for key in units], dtype=np.float64)
    notices: list[str] = []
    if stratify is None:
        sides = _by_threshold(places, shares, notices)
    else:
        sides = _by_class(places, _unit_labels(labels, member, len(units)), shares, notices)
    side = sides[member] if len(units) else np.zeros(0, dtype=np.int64)
    arguments = {"test": test, "validation": validation, "seed": seed, "group": group, "stratify": stratify}
    made: dict[int, Dataset] = {}
    for number in (_TRAIN, _TEST, *([_VALIDATION] if validation else [])):
        part = ds.take(np.flatnonzero(side == number))
        given = {"side": _NAMES[number], **{k: v for k, v in arguments.items() if v is not None}}
        made[number] = part.with_lineage((*ds.lineage, LineageStep("split", len(part), given)))
    return Split(made[_TRAIN], made[_TEST], made.get(_VALIDATION), tuple(notices))


def _shares(test: float, validation: float | None) -> tuple[float, float]:
    given = (test, validation or 0.0)
    for name, share in zip(("test", "validation"), given, strict=True):
        if isinstance(share, bool) or not 0 <= share < 1:
            raise ConfigError(
                f"{name}={share} is not a share of the rows.",
                code="split-share",
                hint="Give a number between 0 and 1, such as 0.1.",
            )
    if sum(given) >= 1:
        raise ConfigError("test and validation leave no rows for training.", code="split-share")
    return given


def _keys(
    ds: "Dataset", group: str | None, stratify: str | None, *, near: bool
) -> tuple[list[bytes], list[str]]:
    """Return for each row the key of the unit it must stay with, and its class.

    The key that came first names the unit, so that later rows move none.
    """
    numbers: dict[bytes, int] = {}
    member: list[int] = []
    grouped: list[list[int]] = []
    labels: list[str] = []
    for raw in ds.raws():
        chat = plain(raw, ds.format)
        row = None if chat and group is None and stratify is None else try_decode(raw)
        both = (
            chat.asked_and_said() if chat else asked_and_said(row, ds.format) if row is not None else ((), "")
        )
        asked = "\0".join(both[0]).encode("utf-8", "surrogatepass")
        shared = None if row is None or group is None else _value_key(row, group)
        keys = [key for key in (shared, xxhash.xxh3_128_digest(asked or raw)) if key]  # the group names it
        mine = [numbers.setdefault(key, len(numbers)) for key in keys]
        member.append(mine[0])
        if shared:
            grouped.append(mine)
        label = MISSING if row is None or stratify is None else field(row, stratify)
        labels.append("(missing)" if label is MISSING else str(label))
    units = Units(len(numbers))
    for one, two in grouped:
        units.join(one, two)
    for one, two in linked(ds) if near else ():
        units.join(member[one], member[two])
    names = list(numbers)
    return [names[units.first(number)] for number in member], labels


def _value_key(row: Row, group: str) -> bytes | None:
    value = field(row, group)
    if value is MISSING or value is None:
        return None
    return b"group" + xxhash.xxh3_128_digest(repr(value).encode("utf-8", "surrogatepass"))


def _place(key: bytes, seed: int) -> float:
    return xxhash.xxh3_64_intdigest(key, seed=seed % 2**64) / 2**64


def _by_threshold(
    places: NDArray[np.float64], shares: tuple[float, float], notices: list[str]
) -> NDArray[np.int64]:
    test, validation = shares
    sides = np.where(places < test, _TEST, np.where(places < test + validation, _VALIDATION, _TRAIN))
    for share, side, name in ((test, _TEST, "test"), (validation, _VALIDATION, "validation")):
        if share > 0 and not (sides == side).any():
            spare = np.flatnonzero(sides == _TRAIN)
            if len(spare) > 1:
                sides[spare[np.argmin(places[spare])]] = side
            notices.append(
                f"{plural(len(places), 'unit')} are few for {name}={share}: {name} holds one at most."
            )
    return sides


def _unit_labels(labels: list[str], member: NDArray[np.int64], count: int) -> list[str]:
    # The first row of a unit decides.
    first = dict(zip(reversed(member.tolist()), reversed(labels), strict=True))
    return [first[unit] for unit in range(count)]


def _by_class(
    places: NDArray[np.float64], labels: list[str], shares: tuple[float, float], notices: list[str]
) -> NDArray[np.int64]:
    sides = np.full(len(places), _TRAIN, dtype=np.int64)
    known = np.array(labels, dtype=object)
    for label in sorted(set(labels)):
        mine = np.flatnonzero(known == label)
        mine = mine[np.argsort(places[mine], kind="stable")]
        if len(mine) == 1:
            notices.append(f'Class "{label}" has 1 row or unit only; it is in train.')
            continue
        test, validation = (round(share * len(mine)) for share in shares)
        test = min(max(test, 1 if shares[0] else 0), len(mine) - 1)
        validation = min(validation, len(mine) - 1 - test)
        sides[mine[:test]] = _TEST
        sides[mine[test : test + validation]] = _VALIDATION
    return sides
