"""What needs no training: the answers a model must beat before its number means anything."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, ModelOpsError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.predictions import Predictions, pairs_of

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

BASE, MAJORITY, NEAREST = "base model", "majority answer", "nearest training prompt"
KINDS = (BASE, MAJORITY, NEAREST)
_OFTEN = 0.05  # share of the rows from which on one answer for all is worth a look
_MOST = 20_000  # training rows that are searched


def answers(
    model: Any, given: Predictions, dataset: "Dataset", wanted: str | Sequence[str] | None
) -> tuple[dict[str, Predictions], list[str]]:
    """Return the baselines' answers to the same rows, and why a wanted one is missing.

    A model's own facts are looked up by name: `base` (the model it was made from) and
    `trained_on` (the rows it learned from).
    """
    if wanted is None:
        return {}, []
    names = KINDS if wanted == "auto" else (wanted,) if isinstance(wanted, str) else tuple(wanted)
    for name in names:
        if name not in KINDS:
            raise ConfigError(f"There is no baseline {name!r}.", hint=did_you_mean(str(name), KINDS))
    found, notices = dict[str, Predictions](), list[str]()
    for name in names:
        try:
            texts = _ANSWERS[name](model, given, dataset, wanted != "auto")
        except ModelOpsError as error:  # a base that is gone must not cost the evaluation
            notices.append(f"No {name}: {error.message}")
            continue
        if texts is not None:
            found[name] = Predictions(texts, given.ids, given.prompts, given.references, dataset)
        elif wanted != "auto":
            notices.append(f"No {name}: the model does not tell what it was made from.")
    return found, notices


def _base(model: Any, given: Predictions, dataset: "Dataset", asked: bool) -> Sequence[str] | None:
    del given, asked
    base = getattr(model, "base", None)
    return None if base is None else list(base.predict(dataset))


def _majority(model: Any, given: Predictions, dataset: "Dataset", asked: bool) -> Sequence[str] | None:
    """The most frequent answer: of the training rows, or of these where those are not known."""
    del dataset
    known = _trained(model)
    pool = known[1] if known else [r.strip() for r in given.references or ()]
    answer, count = Counter(pool).most_common(1)[0] if pool else ("", 0)
    if not asked and count < _OFTEN * len(pool):
        return None
    return [answer] * len(given)


def _nearest(model: Any, given: Predictions, dataset: "Dataset", asked: bool) -> Sequence[str] | None:
    del dataset, asked
    known = _trained(model)
    if known is None or not known[0] or given.prompts is None:
        return None
    return [known[1][i] for i in nearest(known[0], given.prompts)]


def _trained(model: Any) -> tuple[list[str], list[str]] | None:
    rows = getattr(model, "trained_on", None)
    if rows is None:
        return None
    prompts, references = pairs_of(rows if len(rows) <= _MOST else rows.sample(_MOST))
    return list(map(str, prompts)), [text.strip() for text in references]


_ANSWERS = {BASE: _base, MAJORITY: _majority, NEAREST: _nearest}


def nearest(known: Sequence[str], asked: Sequence[str]) -> list[int]:
    """Return for each text the place of the known one that shares the most telling words.

    Cosine of TF-IDF weights; of equals the first. A text without a known word gets place 0.

    Examples
    --------
    >>> nearest(["red apple", "green pear"], ["a pear", "an apple"])
    [1, 0]
    """
    postings: dict[str, list[tuple[int, int]]] = {}
    for place, text in enumerate(known):
        for word, count in _words(text).items():
            postings.setdefault(word, []).append((place, count))
    n, squares = len(known), np.zeros(len(known))
    index: dict[str, tuple[Array, Array]] = {}
    for word, found in postings.items():
        places = np.array([place for place, _ in found], np.int64)
        weights = np.log1p([count for _, count in found]) * math.log(1 + n / len(found))
        squares[places] += weights**2
        index[word] = places, weights
    lengths = np.sqrt(np.maximum(squares, 1e-12))
    chosen: list[int] = []
    for text in asked:
        likeness = np.zeros(n)
        for word, count in _words(text).items():
            if word in index:
                places, weights = index[word]
                likeness[places] += weights * math.log1p(count) * math.log(1 + n / len(places))
        chosen.append(int(np.argmax(likeness / lengths)))
    return chosen


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))
