"""What an operation may reach: the objects that its carrier can resolve, and the cancel flag."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.datasets.query import positions
from modelops_jupyter.wire.protocol import WireError

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset
    from modelops_jupyter.evaluation.rating import Rating
    from modelops_jupyter.fine_tuning import Chat
    from modelops_jupyter.registry import ModelRegistry
    from modelops_jupyter.wire.desk import Desk
    from modelops_jupyter.wire.results import Shown
    from modelops_jupyter.wire.review import Review
    from modelops_jupyter.wire.rows import QueryArgs


def _none(_name: str) -> Any:
    raise WireError("This place has no such objects.", code="gone", hint="Ask the kernel that made it.")


@dataclass(frozen=True)
class Context:
    """One carrier's answers to "which dataset, which result", plus a flag per request."""

    resolve_dataset: "Callable[[str], Dataset]" = _none
    resolve_result: "Callable[[str], Shown]" = _none
    resolve_review: "Callable[[str], Review]" = _none
    resolve_chat: "Callable[[str], Chat]" = _none
    resolve_rating: "Callable[[str], Rating]" = _none
    resolve_registry: "Callable[[str], ModelRegistry]" = _none
    find_desk: "Callable[[str], Desk | None]" = lambda _name: None
    flag: threading.Event = field(default_factory=threading.Event)

    def with_flag(self, flag: threading.Event) -> "Context":
        """Return the same context with the flag of one request."""
        return replace(self, flag=flag)

    @property
    def cancelled(self) -> bool:
        """Whether the asker has lost interest."""
        return self.flag.is_set()

    def listed(self, name: str, query: "QueryArgs") -> NDArray[np.int32]:
        """Return the positions that a query leaves in the list of a dataset."""
        desk = self.find_desk(name)
        found = positions(desk.listed if desk else self.resolve_dataset(name), query.query(), self.check)
        return found[desk.picked[found]] if desk and query.selected else found

    def check(self) -> None:
        """Stop here if the request was cancelled."""
        if self.cancelled:
            raise WireError("The request was cancelled.", code="cancelled")


@dataclass(frozen=True)
class Op:
    """One operation: the type its arguments must have, and the call."""

    args: type[Any]
    call: "Callable[[Any, Context], Any]"
