"""Operations on a rating: what is shown now, a verdict, undo, the skipped ones again.

Whose an answer is travels only when all is rated, or at the end by a wish.
"""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from modelops_jupyter._format import count, visible
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.rating import Agreement, Question, Rating, Revealed
from modelops_jupyter.wire.context import Context, Op

MAX_TEXT = 20_000  # characters of an answer that a page is sent
Handle = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class RatingArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rating; and whether to tell what is known before the skipped ones are rated."""

    rating: Handle
    reveal: bool = False


class RateArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A verdict on the item that is shown."""

    rating: Handle
    item: int
    verdict: Annotated[str, msgspec.Meta(max_length=10)]
    note: Annotated[str, msgspec.Meta(max_length=5_000)] = ""


def snapshot(rating: Rating, reveal: bool = False) -> dict[str, Any]:
    """Return all that a view shows, every text ready."""
    question, counts = rating.question, rating.counts
    return {
        "words": rating.words,
        "rater": visible(rating.rater),
        "progress": rating.progress,
        "share": counts.total() / len(rating.items),
        "skipped": counts["skip"],
        "can_undo": rating.can_undo,
        "question": None if question is None else _question(question),
        "findings": [_finding(found) for found in findings(rating, reveal)],
    }


def findings(rating: Rating, reveal: bool = False) -> list[Revealed | Agreement]:
    """Return what may be told: nothing before the end, nor while skipped ones are left, if not wished."""
    if rating.question is not None or (rating.counts["skip"] and not reveal):
        return []
    found: list[Revealed | Agreement] = [rating.reveal()]
    for name in rating.others:
        try:
            found.append(rating.agreement(name))
        except EvaluationError:
            continue  # no item that both rated
    return found


def _question(question: Question) -> dict[str, Any]:
    shown = {"prompt": question.prompt, "reference": question.reference}
    texts: dict[str, Any] = {name: None if t is None else _text(t) for name, t in shown.items()}
    answers = [_text(text) for text in question.answers]
    return {**texts, "item": question.item, "answers": answers, "note": question.note}


def _text(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return visible(text)
    return f"{visible(text[:MAX_TEXT])}…\n\n({count(MAX_TEXT)} of {count(len(text))} characters)"


def _finding(found: Revealed | Agreement) -> dict[str, Any]:
    table = found.table()
    return {"title": found.title, "head": table.head, "rows": table.rows, "summary": found.summary}


def _look(args: RatingArgs, context: Context) -> dict[str, Any]:
    return snapshot(context.resolve_rating(args.rating), args.reveal)


def _rate(args: RateArgs, context: Context) -> dict[str, Any]:
    rating = context.resolve_rating(args.rating)
    rating.rate(args.verdict, args.note, item=args.item)
    return snapshot(rating)


def _turn(turn: Callable[[Rating], object]) -> Op:
    def call(args: RatingArgs, context: Context) -> dict[str, Any]:
        rating = context.resolve_rating(args.rating)
        turn(rating)
        return snapshot(rating)

    return Op(RatingArgs, call)


OPS = {
    "rating": Op(RatingArgs, _look),
    "rating.rate": Op(RateArgs, _rate),
    "rating.undo": _turn(Rating.undo),
    "rating.again": _turn(Rating.again),
}
