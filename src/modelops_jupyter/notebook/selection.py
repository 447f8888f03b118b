"""`Selection`: rows, by id, that the views of a notebook share."""

import itertools
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import traitlets

from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.identity import RowIds
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.wire.protocol import WireError, clip

_LONGEST = 100
_numbers = itertools.count(1)
_lock = threading.Lock()
_known: "weakref.WeakValueDictionary[str, Selection]" = weakref.WeakValueDictionary()
_named: "dict[str, Selection]" = {}  # a name means the same rows however long nobody shows them


class Linkable(Protocol):
    """What a view that shares a selection can do."""

    def take_linked(self, rows: Sequence[str], /) -> None:
        """Select these rows; another view, or Python, did."""
        ...

    def linked_rows(self) -> Dataset | None:
        """Return the selected rows that the view has."""
        ...


class Rows(traitlets.Any):
    """A trait whose values are not compared: whether two datasets are equal takes reading both."""

    def set(self, obj: traitlets.HasTraits, value: Any) -> None:
        """Set the value and tell who observes."""
        name, values = str(self.name), obj._trait_values  # pyright: ignore[reportPrivateUsage] -- as traitlets' own `set` does
        before, values[name] = values.get(name), value
        obj._notify_trait(name, before, value)  # pyright: ignore[reportPrivateUsage]


class Selection(traitlets.HasTraits):
    """Rows that several views of a notebook, and Python, select together.

    Parameters
    ----------
    name
        The same name is the same selection, in the whole kernel. Views take it as ``link=``.

    Attributes
    ----------
    rows
        The ids of the rows, a read-only sequence. ``selection.observe(fn)`` calls ``fn(change)``
        when they are others; ``change["new"]`` holds them.

    Raises
    ------
    ConfigError
        If the name is empty or longer than 100 characters.

    Examples
    --------
    >>> Selection("mistakes").set(["m1", "m7"])
    >>> Selection("mistakes").rows
    ('m1', 'm7')
    """

    rows = Rows(read_only=True)
    name: str
    _given: Dataset | None
    _views: "weakref.WeakSet[Any]"
    _joined: "list[Selection]"

    def __init__(self, name: str) -> None:  # noqa: ARG002 -- `__new__` looked it up
        super().__init__()

    def __new__(cls, name: str) -> "Selection":
        """Return the selection of that name."""
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST:  # pyright: ignore[reportUnnecessaryIsInstance] -- users
            raise ConfigError(f"A selection has a name of 1 to {_LONGEST} characters.", code="selection-name")
        with _lock:
            return _named.get(name) or _named.setdefault(name, cls._made(name))

    @classmethod
    def _made(cls, name: str) -> "Selection":
        made = super().__new__(cls, name)
        made.name, made._given = name, None
        made._views, made._joined = weakref.WeakSet[Any](), list[Selection]()
        made._trait_values["rows"] = ()
        _known[name] = made
        return made

    @classmethod
    def of(cls, link: "str | Selection | None") -> "Selection":
        """Return the selection that a view is to share; one of its own for None."""
        if link is None:
            return cls._made(f"~{next(_numbers)}")
        return link if isinstance(link, Selection) else cls(link)

    @property
    def dataset(self) -> Dataset | None:
        """The rows as a Dataset, from the linked view that has most of them; None if none has any."""
        if self._given is not None:
            return self._given
        found = [rows for view in list(self._views) if (rows := view.linked_rows()) is not None]
        return max(found, key=len, default=None)

    def set(self, rows: Iterable[str] | Dataset) -> None:
        """Select rows, by id or as a Dataset, in all linked views."""
        if isinstance(rows, str):
            raise ConfigError("Give a list of ids, or a Dataset.", code="selection-rows")
        given = rows if isinstance(rows, Dataset) else None
        self.put(tuple(dict.fromkeys(map(str, rows))) if given is None else given.ids, given=given)

    def clear(self) -> None:
        """Select nothing."""
        self.set(())

    def attach(self, view: Linkable) -> None:
        """Let a view follow, and show what is selected already."""
        self._views.add(view)
        if len(self.rows):
            view.take_linked(self.rows)

    def put(
        self,
        rows: Sequence[str],
        *,
        by: Linkable | None = None,
        given: Dataset | None = None,
        told: "tuple[Selection, ...]" = (),
    ) -> None:
        """Select rows on behalf of a view, which knows already; nobody is told twice."""
        self._given = given
        for view in list(self._views):
            if view is not by:
                view.take_linked(rows)
        # After the views: a page that hears of it asks what they know.
        self.set_trait("rows", rows if isinstance(rows, RowIds) else tuple(rows))
        for other in self._joined:
            if other not in told:
                other.put(rows, by=by, given=given, told=(*told, self))

    def join(self, other: "Selection") -> None:
        """From now on select the same rows as another selection."""
        if other is self or other in self._joined:
            return
        first, second = (self, other) if len(self.rows) or not len(other.rows) else (other, self)
        second.put(first.rows, given=first._given)
        self._joined.append(other)
        other._joined.append(self)

    def __repr__(self) -> str:
        return f"Selection({self.name!r}, {len(self.rows)} rows)"


def follow_selection(name: str, listener: Callable[[int, list[Any]], None]) -> Callable[[], None]:
    """Call `listener(seq, items)` now and whenever other rows are selected; returns what ends it.

    Raises
    ------
    WireError
        If there is no such selection.
    """
    found = _known.get(name)
    if found is None:
        raise WireError(f"There is no selection {clip(name)!r}.", code="unknown-topic")
    seq = itertools.count(1)

    def tell(_change: object = None) -> None:
        listener(next(seq), [{"rows": len(found.rows)}])

    found.observe(tell, "rows")
    tell()
    return lambda: found.unobserve(tell, "rows")
