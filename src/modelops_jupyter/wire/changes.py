"""Operations on the differences of two datasets: word by word, accepted or rejected."""

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Annotated, Any

import msgspec

from modelops_jupyter import _format as fmt
from modelops_jupyter.datasets.changes import pointers
from modelops_jupyter.datasets.formats.values import pretty
from modelops_jupyter.datasets.parse import try_decode
from modelops_jupyter.datasets.query import preview
from modelops_jupyter.datasets.select import MISSING, field
from modelops_jupyter.wire.context import Context, Op
from modelops_jupyter.wire.protocol import WireError
from modelops_jupyter.wire.review import Choice, Review
from modelops_jupyter.wire.rows import Handle, Position

MAX_CHANGES = 100  # in one answer
MAX_PLACES = 20  # of one row
MAX_TEXT = 2000  # characters of one place
_LEAD = 200  # characters before the first difference of long texts
_CROWD = 200_000  # pairs of equal words: with more of them whole lines are compared, else it takes minutes
_WORD = re.compile(r"[^\W\u3040-\u9fff]+|\s+|.")  # Chinese and Japanese by character

Piece = tuple[str, bool]


class ChangesArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of differences, of one kind or all."""

    diff: Handle
    start: Position = 0
    stop: Position = MAX_CHANGES
    kind: Annotated[str, msgspec.Meta(pattern="^(added|removed|changed|moved)$")] | None = None
    linked: bool = False


class MarkArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A difference whose row is selected, or no longer, in all linked views; none to ask only."""

    diff: Handle
    which: Position | None = None
    on: bool = True


class DecideArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A choice for some differences, or for all that are still open."""

    diff: Handle
    choice: Choice
    which: Annotated[list[Position], msgspec.Meta(max_length=1000)] | None = None


def words(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return two texts in pieces, each with whether it stands in the other text too."""
    one, two = _WORD.findall(before), _WORD.findall(after)
    if sum(map(Counter(one).__getitem__, two)) > _CROWD:
        one, two = before.splitlines(keepends=True), after.splitlines(keepends=True)
    old, new = list[Piece](), list[Piece]()
    for op, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if b > a:
            old.append(("".join(one[a:b]), op == "equal"))
        if d > c:
            new.append(("".join(two[c:d]), op == "equal"))
    return old, new


def _changes(args: ChangesArgs, context: Context) -> dict[str, Any]:
    review = context.resolve_review(args.diff)
    found = [i for i in range(len(review.places)) if args.kind is None or review.kind(i) == args.kind]
    if args.linked:
        found = [i for i in found if review.linked.mask[i]]
    page = found[args.start : min(args.stop, args.start + MAX_CHANGES)]
    rows: list[dict[str, Any]] = []
    for at in page:
        context.check()
        rows.append(_row(review, at))
    heads = {"counts": review.counts(), "linked": review.linked.state(), **_names(review)}
    return {"total": len(found), "rows": rows, **heads}


def _names(review: Review) -> dict[str, Any]:
    return {
        side: {"name": fmt.clip(fmt.visible(ds.name or "dataset"), 100), "rows": len(ds)}
        for side, ds in (("before", review.before), ("after", review.after))
    }


def _row(review: Review, at: int) -> dict[str, Any]:
    was, now = review.places[at]
    ds, position = (review.after, now) if now >= 0 else (review.before, was)
    return {
        "index": at,
        "kind": review.kind(at),
        "choice": review.choices[at],
        "id": fmt.visible(ds.ids[position]),
        "line": ds.line(position),
        "linked": bool(review.linked.mask[at]),
        "moved": [was, now] if review.kind(at) == "moved" else None,
        "places": _places(review, was, now),
    }


def _places(review: Review, was: int, now: int) -> list[dict[str, Any]]:
    if was < 0 or now < 0:
        ds, position = (review.after, now) if now >= 0 else (review.before, was)
        text = fmt.visible(fmt.clip(preview(ds, position), MAX_TEXT))
        return [place("", "" if was < 0 else text, "" if now < 0 else text, more=0)]
    raws = review.before.raw(was), review.after.raw(now)
    if raws[0] == raws[1]:
        text = fmt.visible(fmt.clip(preview(review.after, now), MAX_TEXT))
        return [place("", text, text, more=0)]
    old, new = map(try_decode, raws)
    if old is None or new is None or not (found := pointers(old, new)):  # only written otherwise
        return [place("", *(raw.decode("utf-8", "replace") for raw in raws), more=0)]
    shown = found[:MAX_PLACES]
    return [
        place(pointer, *(_text(field(row, pointer) if pointer else row) for row in (old, new)), more=more)
        for pointer, more in zip(shown, [0] * (len(shown) - 1) + [len(found) - len(shown)], strict=True)
    ]


def place(pointer: str, before: str, after: str, *, more: int) -> dict[str, Any]:
    """Return what differs in two texts; of long ones the part around the first difference."""
    same = next((i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
    if max(len(before), len(after)) > MAX_TEXT and same > _LEAD:
        before, after = (f"…{text[same - _LEAD :]}" for text in (before, after))
    cut = [fmt.visible(fmt.clip(text, MAX_TEXT)) for text in (before, after)]
    old, new = words(*cut)
    return {"pointer": fmt.clip(fmt.visible(pointer), 200), "before": old, "after": new, "more": more}


def _text(value: Any) -> str:
    return "" if value is MISSING else value if isinstance(value, str) else pretty(value)


def _decide(args: DecideArgs, context: Context) -> dict[str, Any]:
    review = context.resolve_review(args.diff)
    which = args.which
    if which is None:
        which = [i for i, choice in enumerate(review.choices) if choice == "open"]
    if any(at >= len(review.choices) for at in which):
        raise WireError("There is no such difference.", code="bad-arguments")
    review.decide(which, args.choice)
    return {"counts": review.counts()}


def _mark(args: MarkArgs, context: Context) -> dict[str, Any]:
    review = context.resolve_review(args.diff)
    if args.which is not None:
        if args.which >= len(review.places):
            raise WireError("There is no such difference.", code="bad-arguments")
        review.mark(args.which, args.on)
    return review.linked.state()


OPS = {"changes": Op(ChangesArgs, _changes), "decide": Op(DecideArgs, _decide), "mark": Op(MarkArgs, _mark)}
