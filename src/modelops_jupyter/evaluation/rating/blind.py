"""`Rating`: people judge answers without knowing whose they are; each verdict is on disk at once."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import xxhash

from modelops_jupyter._display import Rich
from modelops_jupyter._format import count
from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets import Dataset
from modelops_jupyter.datasets.journal import Entry
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.rating.agreement import Agreement, Revealed, agreement_of, share_of
from modelops_jupyter.evaluation.rating.items import Answers, fingerprint, items_of
from modelops_jupyter.evaluation.rating.verdicts import Verdicts, clear

_NUMBERS = {1: "pass", 0: "fail", None: "skip"}
_LABELS = {"first": "win", "second": "loss"}  # of the first answer, as a pairwise judge takes it


@dataclass(frozen=True, slots=True)
class Question:
    """One item as it is shown: its place in the order, prompt and answers (left, right), no source.

    `verdict` and `note` are those that were given, "" before.
    """

    item: int
    prompt: str | None
    answers: tuple[str, ...]
    reference: str | None
    verdict: str = ""
    note: str = ""


class Rating(Rich):
    """Answers that a person rates blind; in a notebook by single keys.

    Their order, and the sides of a pair, are drawn for each rater. Each verdict is written down
    before it counts: the same call goes on where it was, after a crash too.

    Parameters
    ----------
    items
        A `Dataset`, `Predictions`, or several by name: ``{"tuned": predictions, "base": others}``.
    pairs
        Two answers side by side, and which is better: of two named sources, of preference rows, or
        of predictions and their references.
    rater
        Who rates. Each person has a journal of their own.
    seed
        Draws the order, and the sides.
    journal
        The file that keeps the verdicts; by default one under the home of modelops.

    Raises
    ------
    EvaluationError
        If there is nothing to rate, or no two answers for a pair.
    StoreError
        If the journal cannot be used, or is of other items or another rater.

    Examples
    --------
    >>> rating = Rating(Dataset([{"prompt": "2 + 2?", "completion": "4"}]), rater="ann")  # doctest: +SKIP
    >>> rating.rate("pass")  # doctest: +SKIP
    >>> rating.rows[0]["label"]  # doctest: +SKIP
    'pass'
    """

    kind: ClassVar[str] = "rating"

    def __init__(
        self,
        items: Answers | Mapping[str, Answers],
        *,
        pairs: bool = False,
        rater: str = "me",
        seed: int = 0,
        journal: str | Path | None = None,
    ) -> None:
        if not 0 < len(rater) <= 100:
            raise EvaluationError("A rater has a name of up to 100 characters.")
        self.items = items_of(items, pairs)
        self.pairs, self.rater = pairs, rater
        self.changed: Callable[[], None] = lambda: None  # called after every verdict
        names = (f"{seed}\0{rater}\0{i}".encode() for i in range(len(self.items)))
        drawn = [xxhash.xxh3_64_intdigest(name) for name in names]
        self._order = sorted(range(len(drawn)), key=drawn.__getitem__)
        self._place = {at: place for place, at in enumerate(self._order)}
        self._turned = [pairs and bool(draw & 1) for draw in drawn]
        self._print = fingerprint(self.items)
        self._kept = Verdicts(journal, self._print, rater, len(self.items))
        self._note = (-1, "")  # of a verdict that was taken back, by item
        self._lock = threading.Lock()

    @property
    def words(self) -> tuple[str, ...]:
        """The verdicts there are."""
        return ("left", "right", "tie", "skip") if self.pairs else ("pass", "fail", "skip")

    @property
    def question(self) -> Question | None:
        """What is to be rated now; None at the end. A verdict taken back leaves its note."""
        at = self._now
        return None if at is None else self._shown(at, {"note": self._note[1]} if self._note[0] == at else {})

    def rate(self, verdict: str | int | None, note: str = "", *, item: int | None = None) -> None:
        """Give a verdict on what is shown.

        Parameters
        ----------
        verdict
            "pass" (or 1), "fail" (or 0), "skip" (or None); of a pair "left", "right", "tie", "skip".
        note
            A remark to keep with it.
        item
            Of which `question.item`; refused if another one is shown by now.

        Raises
        ------
        EvaluationError
            For an unknown verdict, at the end, or for an item that is not shown.
        StoreError
            If it cannot be written; then it was not given.
        """
        word = verdict if isinstance(verdict, str) else _NUMBERS.get(verdict, "")
        if word not in self.words:
            hint = did_you_mean(word, self.words) or f"There are {', '.join(self.words)}."
            raise EvaluationError(f"There is no verdict {str(verdict)[:50]!r}.", code="verdict", hint=hint)
        with self._lock:
            at = self._now
            if at is None:
                hint = "undo() takes the last one back."
                raise EvaluationError("All is rated.", code="all-rated", hint=hint)
            if item not in (None, self._place[at]):
                raise EvaluationError("Another answer is shown by now.", code="moved-on")
            kept = self._sides(at)[word == "right"] if word in ("left", "right") else word
            self._kept.add({"item": at, "verdict": kept, "note": note})
        self.changed()

    def undo(self) -> bool:
        """Take the last verdict back, so that it is asked again; False if there is none."""
        with self._lock:
            if not self._kept.done:
                return False
            last = self._kept.done[-1]
            self._kept.add({"undo": True})
            self._note = (last.get("item", -1), last.get("note", ""))
        self.changed()
        return True

    def again(self) -> None:
        """Ask the skipped ones again."""
        with self._lock:
            if self.counts["skip"]:
                self._kept.add({"again": True})
        self.changed()

    @property
    def counts(self) -> Counter[str]:
        """How often each verdict was given; of a pair, "first" and "second" for the sources."""
        return Counter(entry["verdict"] for entry in self._kept.said.values())

    @property
    def can_undo(self) -> bool:
        """Whether there is a verdict to take back."""
        return bool(self._kept.done)

    @property
    def progress(self) -> str:
        """'12 of 50 rated, 2 skipped'."""
        skipped = self.counts["skip"]
        rated = f"{count(len(self._kept.said) - skipped)} of {count(len(self.items))} rated"
        return f"{rated}, {count(skipped)} skipped" if skipped else rated

    @property
    def rated(self) -> list[Question]:
        """All that has a verdict, in the order in which it was given, as it was shown."""
        return [self._shown(at, entry) for at, entry in self._kept.said.items()]

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """The verdicts as `judge.calibrate` takes them: `input`, `output`, `reference`, `label`.

        Of a pair, `output` and `reference` are the first and the second source's; the label is
        "win", "tie" or "loss" of the first. Skipped ones are not among them.
        """
        return [self._row(at, verdict) for at, verdict in clear(self._kept.said).items()]

    @property
    def rows(self) -> Dataset:
        """The verdicts as a dataset; of pairs, preference rows as DPO takes them, without ties."""
        if not self.pairs:
            return Dataset(self.verdicts, name="ratings")
        won = [self._preference(at, v) for at, v in clear(self._kept.said).items() if v in _LABELS]
        return Dataset(won, name="preferences")

    def agreement(self, other: "Rating | str | None" = None) -> Agreement:
        """Compare with another person's verdicts on the same items.

        Parameters
        ----------
        other
            Their `Rating`, or their name if their journal lies beside this one; may be left out
            if there is one such.

        Raises
        ------
        EvaluationError
            If nobody else, or more than one, rated; if no item was rated by both.
        """
        if isinstance(other, Rating) and other._print != self._print:
            raise EvaluationError("The other ratings are of other items.", code="other-items")
        others = {other.rater: other._kept.said} if isinstance(other, Rating) else self._kept.others()
        name = next(iter(others), None) if len(others) == 1 and not isinstance(other, str) else other
        if not isinstance(name, str) or name not in others:
            message = f"These items were also rated by {', '.join(others) or 'nobody else'}."
            raise EvaluationError(message, code="raters", hint="Name one, or give their Rating.")
        sides = clear(self._kept.said), clear(others[name])
        return agreement_of((self.rater, name), self.items, *sides)

    @property
    def others(self) -> list[str]:
        """Who else rated these items, with a journal beside this one."""
        return list(self._kept.others())

    def reveal(self) -> Revealed:
        """Say whose the answers are: each source's share. A view does so only at the end."""
        keys = ("output_source", "reference_source") if self.pairs else ("source",)
        rows: list[dict[str, Any]] = []
        right: Counter[str] = Counter()
        seen = Counter({source: 0 for item in self.items for source in item.sources})
        for at, verdict in clear(self._kept.said).items():
            sources = self.items[at].sources
            rows.append(self._row(at, verdict) | dict(zip(keys, sources, strict=True)))
            seen.update(() if verdict == "tie" else sources)
            if verdict in ("pass", *_LABELS):
                right[sources[verdict == "second"]] += 1
        ties = self.counts["tie"] if self.pairs else None
        return Revealed({source: share_of(right[source], n) for source, n in seen.items()}, ties, rows)

    @property
    def _now(self) -> int | None:
        return next((at for at in self._order if at not in self._kept.said), None)

    def _sides(self, at: int) -> tuple[str, ...]:
        return ("second", "first") if self._turned[at] else ("first", "second")

    def _shown(self, at: int, entry: Entry) -> Question:
        item, verdict = self.items[at], entry.get("verdict", "")
        if verdict in _LABELS:
            verdict = ("left", "right")[self._sides(at).index(verdict)]
        answers = item.answers[::-1] if self._turned[at] else item.answers
        return Question(self._place[at], item.prompt, answers, item.reference, verdict, entry.get("note", ""))

    def _row(self, at: int, verdict: str) -> dict[str, Any]:
        item = self.items[at]
        reference = item.answers[1] if self.pairs else item.reference
        row = {"id": item.id, "input": item.prompt, "output": item.answers[0], "reference": reference}
        row |= {"label": _LABELS.get(verdict, verdict), "note": self._kept.said[at]["note"] or None}
        return {name: part for name, part in row.items() if part is not None}

    def _preference(self, at: int, verdict: str) -> dict[str, Any]:
        item, note = self.items[at], self._kept.said[at]["note"]
        both: list[Any] = list(item.answers if verdict == "first" else item.answers[::-1])
        if not isinstance(item.question, str):
            both = [[{"role": "assistant", "content": text}] for text in both]
        row = {"prompt": item.question, "chosen": both[0], "rejected": both[1], "id": item.id}
        return row | ({"note": note} if note else {})

    def __repr__(self) -> str:
        return f"Rating({self.progress}, by {self.rater})"
