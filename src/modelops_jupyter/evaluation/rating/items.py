"""What people rate: one answer, or two to the same prompt, and whose they are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import xxhash

from modelops_jupyter.datasets import Dataset, DatasetFormat, reference
from modelops_jupyter.datasets.formats.layouts import preference_keys
from modelops_jupyter.errors import EmptyInputError, EvaluationError
from modelops_jupyter.evaluation.predictions import Predictions, Prompt, pairs_of

Answers = Dataset | Predictions
Rows = list[tuple[str, str | None, str, str | None]]  # id, prompt, answer, reference
Found = tuple[str, tuple[str, ...], tuple[str, ...]]  # id, answers, sources


@dataclass(frozen=True, slots=True)
class Item:
    """Answers to one prompt, each from its source; one answer, or two to be compared."""

    id: str
    prompt: str | None
    answers: tuple[str, ...]
    sources: tuple[str, ...]
    reference: str | None = None

    @property
    def question(self) -> list[dict[str, Any]] | str:
        """The prompt as training takes it: as messages where they are known."""
        return list(self.prompt.messages) if isinstance(self.prompt, Prompt) else self.prompt or ""


def items_of(given: Answers | Mapping[str, Answers], pairs: bool) -> list[Item]:
    """Return what is to be rated.

    Raises
    ------
    EmptyInputError
        If there is nothing.
    EvaluationError
        If pairs are wanted and there are no two answers to every prompt.
    """
    if isinstance(given, Mapping):
        sources = {name: _rows(part) for name, part in given.items()}
        hidden = any(isinstance(part, Dataset) for part in given.values())
    else:
        sources, hidden = _sources(given, pairs), pairs
    # What is shown beside an answer must not depend on its source, and no answer may be the reference.
    told: dict[str, tuple[str | None, str | None]] = {}
    for i, prompt, _, ref in (row for rows in sources.values() for row in rows):
        known = told.get(i, (None, None))
        told[i] = known[0] or prompt, None if hidden else known[1] or ref
    if pairs:
        found = _pairs(sources)
    else:
        found = [(i, (said,), (name,)) for name, rows in sources.items() for i, _, said, _ in rows]
    items = [Item(i, told[i][0], answers, names, told[i][1]) for i, answers, names in found]
    if not items:
        raise EmptyInputError("There is nothing to rate.", hint="Give answers, or a dataset that has some.")
    return items


def fingerprint(items: Sequence[Item]) -> str:
    """Return 32 hex digits of all that is shown: what was said about other items does not count here."""
    told = [[item.id, item.prompt, item.answers, item.sources, item.reference] for item in items]
    return xxhash.xxh3_128_hexdigest(json.dumps(told).encode())


def _rows(given: Answers) -> Rows:
    if isinstance(given, Dataset):
        given = Predictions(pairs_of(given)[1], references=[""] * len(given), dataset=given)
    size = len(given)
    references = [r or None for r in given.references or [""] * size]
    ids, prompts = given.ids or [str(i) for i in range(size)], given.prompts or [None] * size
    return list(zip(ids, prompts, given.texts, references, strict=True))


def _sources(given: Answers, pairs: bool) -> dict[str, Rows]:
    rows = _rows(given)
    if not pairs:
        return {(given.name if isinstance(given, Dataset) else None) or "answer": rows}
    if isinstance(given, Predictions):
        return {"answer": rows, "reference": [(i, p, r or "", r) for i, p, _, r in rows]}
    if given.format is not DatasetFormat.PREFERENCE:
        raise EvaluationError(
            f"Pairs need two answers to a prompt; these rows are {given.format}.",
            code="no-pairs",
            hint='Give preference rows, or two models: {"tuned": predictions, "base": others}.',
        )
    worse = [reference(_turned(row), given.format) for row in cast("Sequence[dict[str, Any]]", given)]
    second: Rows = [(i, p, text, None) for (i, p, _, _), text in zip(rows, worse, strict=True)]
    return {"chosen": rows, "rejected": second}


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    better, worse = preference_keys(row)
    return {**row, better: row[worse], worse: row[better]}


def _pairs(sources: Mapping[str, Rows]) -> list[Found]:
    if len(sources) != 2:
        raise EvaluationError(f"Pairs are of two sources; here are {len(sources)}.", code="no-pairs")
    (first, ones), (second, others) = sources.items()
    said = {row[0]: row[2] for row in others}
    if {row[0] for row in ones} != set(said) or not len(said) == len(ones) == len(others):
        raise EvaluationError(
            f"{first} and {second} have not one answer each to the same rows.",
            code="no-pairs",
            hint="Give answers of both to the same rows, with the same ids.",
        )
    return [(i, (answer, said[i]), (first, second)) for i, _, answer, _ in ones]
