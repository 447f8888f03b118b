"""What a step is: it looks at the rows one by one and says which go, which change, and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.lineage import described
from modelops_jupyter.errors import ConfigError, RowError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets.dataset import Dataset


class Decision(NamedTuple):
    """What becomes of one row: `new` takes its place, or it goes when `new` is None; and why."""

    row: int
    why: tuple[str, ...]
    new: Row | None = None


@dataclass(frozen=True)
class Step:
    """Base of the steps; a subclass has a name, fields that are JSON, and `apply`."""

    name: ClassVar[str]

    def apply(self, ds: "Dataset") -> Iterator[Decision]:
        """Yield a decision for each row that goes or changes, in any order, none twice."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values; a tokenizer stands as its name."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        if given.get("tokenizer", "") is None:
            del given["tokenizer"]
        return {"step": self.name, **{key: described(value) for key, value in given.items()}}


Change = Callable[[Row, dict[str, None]], Row]


def changed(ds: "Dataset", change: Change) -> Iterator[Decision]:
    """Apply `change(row, why)` to each row that can be read; a row with nothing in `why` stays."""
    for at, row in ds.decoded():
        why: dict[str, None] = {}
        try:
            new = None if row is None else change(row, why)
        except RecursionError:
            raise RowError(
                f"Row {at} is nested too deeply to be changed.",
                code="too-deep",
                where=Where(file=ds.source, line=ds.line(at), row=at),
                hint="Remove it with ds.drop([...]).",
            ) from None
        if why:
            yield Decision(at, tuple(why), new)


def names(given: Any, parameter: str, known: Any = None) -> tuple[str, ...]:
    """Return several names as a tuple; one text, or a name that is not among `known`, is an error."""
    if isinstance(given, str):
        raise ConfigError(
            f'{parameter}="{given}" is one text, not several names.',
            code="not-a-list",
            hint=f'Write {parameter}=["{given}"].',
        )
    found = tuple(given)
    for name in found:
        if not isinstance(name, str):
            raise ConfigError(f"{parameter} holds {name!r}, which is no name.", code="not-a-name")
        if known is not None and name not in known:
            hint = did_you_mean(name, list(known))
            raise ConfigError(f'{parameter} does not know "{name}".', code="unknown-name", hint=hint)
    return found
