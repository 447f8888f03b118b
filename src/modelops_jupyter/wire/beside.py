"""Two rows beside each other, turn by turn: of a group of copies, or of one question with other answers."""

from itertools import zip_longest
from typing import Any

import msgspec
import numpy as np

from modelops_jupyter.datasets import Dataset, duplicates
from modelops_jupyter.datasets.formats import turns
from modelops_jupyter.errors import RowError
from modelops_jupyter.wire.changes import place
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.rows import Handle, Position, checked

MAX_MEMBERS, MAX_TURNS = 100, 50


class BesideArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row, and which other one of its group; the first one if not said."""

    dataset: Handle
    position: Position
    other: Position | None = None


def _members(ds: Dataset, position: int) -> list[int]:
    found: set[int] = set()
    for kind in duplicates.KINDS:
        group = duplicates.groups(ds, kind)
        if group[position] >= 0:
            found.update(np.flatnonzero(group == group[position]).tolist())
    return sorted(found - {position})


def _turns(ds: Dataset, position: int) -> list[tuple[str, str]]:
    try:
        found = turns(ds[position], ds.format)[:MAX_TURNS]
    except RowError:
        return [("", ds.raw(position).decode("utf-8", "replace"))]
    return [(turn.role, "\n".join(part.text for part in turn.parts)) for turn in found]


def _beside(args: BesideArgs, context: Context) -> dict[str, Any]:
    ds = context.resolve_dataset(args.dataset)
    position = checked(ds, args.position)
    members = _members(ds, position)
    other = args.other if args.other is not None else members[0] if members else None
    if other is None:
        raise WireError("No other row says the same, or asks it.", code="no-group")
    places: list[dict[str, Any]] = []
    for one, two in zip_longest(_turns(ds, position), _turns(ds, checked(ds, other)), fillvalue=("", "")):
        context.check()
        role = " / ".join(dict.fromkeys(name for name in (one[0], two[0]) if name))
        places.append(place(role, one[1], two[1], more=0))
    return {"other": other, "members": members[:MAX_MEMBERS], "places": places}


OPS = {"beside": Op(BesideArgs, _beside)}
