"""How much of an answer is also in the reference."""

import re
import string
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

from modelops_jupyter._extras import require
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation.scorers.base import Reference, Scorer, need

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class TokenF1(Scorer):
    """F1 of the words in common, after SQuAD's normalisation (case, punctuation, articles, blanks).

    Examples
    --------
    >>> TokenF1().score("The gate!", "gate"), TokenF1().score("", "gate"), TokenF1().score("", "")
    (1.0, 0.0, 1.0)
    """

    kind: ClassVar[str] = "token_f1"

    def one(self, output: str, reference: str | None) -> float:
        """From 0 to 1."""
        return shared(_squad(output), _squad(need(reference, self)))


@dataclass(frozen=True)
class EditSimilarity(Scorer):
    """1 minus Levenshtein's distance in characters over the longer length.

    Examples
    --------
    >>> EditSimilarity().score("abcd", "abcx")
    0.75
    """

    kind: ClassVar[str] = "edit_similarity"

    def one(self, output: str, reference: str | None) -> float:
        """From 0 to 1."""
        return float(_distance().Levenshtein.normalized_similarity(output, need(reference, self)))


@dataclass(frozen=True)
class Rouge(Scorer):
    """ROUGE's F1: of words (n=1), of n words in a row, or of the longest common subsequence ("L").

    Words are runs of letters and digits in lower case, of any script, without stemming; on
    ASCII texts the numbers are those of Google's `rouge-score`.

    Examples
    --------
    >>> round(Rouge("L").score("the cat sat", "the cat is here"), 3)
    0.571
    """

    n: int | Literal["L"] = "L"
    kind: ClassVar[str] = "rouge"

    def __post_init__(self) -> None:
        if self.n != "L" and self.n < 1:
            raise ConfigError(f"Rouge(n={self.n!r}): n is a positive number or 'L'.")

    @property
    def name(self) -> str:
        """With its n."""
        return f"rouge_{self.n}".lower()

    def one(self, output: str, reference: str | None) -> float:
        """From 0 to 1."""
        both = [_WORD.findall(text.lower()) for text in (output, need(reference, self))]
        if self.n == "L":
            common = int(_distance().LCSseq.similarity(*both)) if all(both) else 0
            return _f1(common, len(both[0]), len(both[1]))
        grams = [[tuple(words[i : i + self.n]) for i in range(len(words) - self.n + 1)] for words in both]
        return shared(*grams) if any(grams) else float(both[0] == both[1])


@dataclass(frozen=True)
class Bleu(Scorer):
    """BLEU of one answer by sacrebleu, from 0 to 1. A mean over answers is not the BLEU of a corpus."""

    kind: ClassVar[str] = "bleu"

    def score(self, output: str, reference: Reference = None) -> float:
        """Score against all references together, as BLEU does."""
        return _graded(_bleu(), self, output, reference)

    @property
    def signature(self) -> str:
        """What sacrebleu asks to be reported with the number."""
        _bleu().sentence_score("a", ["a"])
        return str(_bleu().get_signature())


@dataclass(frozen=True)
class Chrf(Scorer):
    """chrF of one answer by sacrebleu, from 0 to 1."""

    kind: ClassVar[str] = "chrf"

    def score(self, output: str, reference: Reference = None) -> float:
        """Score against all references together."""
        return _graded(_chrf(), self, output, reference)


@dataclass(frozen=True)
class WordErrorRate(Scorer):
    """Words to insert, drop or replace, over the words of the reference; lower is better, may pass 1."""

    kind: ClassVar[str] = "word_error_rate"
    greater_is_better: ClassVar[bool] = False
    bounds: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    worst: ClassVar[float] = 1.0

    def one(self, output: str, reference: str | None) -> float:
        """0 is right; an empty answer is 1."""
        return _error_rate(output.split(), need(reference, self).split())


@dataclass(frozen=True)
class CharErrorRate(WordErrorRate):
    """Characters to insert, drop or replace, over the characters of the reference; lower is better."""

    kind: ClassVar[str] = "char_error_rate"

    def one(self, output: str, reference: str | None) -> float:
        """0 is right; an empty answer is 1."""
        return _error_rate(output, need(reference, self))


def shared(output: Sequence[Hashable], reference: Sequence[Hashable]) -> float:
    """F1 of two bags; two empty ones are equal, an empty one has nothing of the other."""
    return _f1((Counter(output) & Counter(reference)).total(), len(output), len(reference))


def _f1(common: int, said: int, expected: int) -> float:
    if not said or not expected:
        return float(said == expected)
    return 2 * common / (said + expected)


def _squad(text: str) -> list[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def _error_rate(output: Sequence[Hashable], reference: Sequence[Hashable]) -> float:
    if not reference:
        return float(len(output) > 0)
    return float(_distance().Levenshtein.distance(output, reference)) / len(reference)


def _graded(metric: Any, who: Scorer, output: str, reference: Reference) -> float:
    references = [reference] if isinstance(reference, str) else list(reference or [need(None, who)])
    if not output.strip() or not any(r.strip() for r in references):
        return float(any(output.strip() == r.strip() for r in references))
    return min(1.0, float(metric.sentence_score(output, references).score) / 100)


def _distance() -> Any:
    return require("rapidfuzz.distance", extra="text", purpose="compare texts")


@lru_cache(maxsize=1)
def _bleu() -> Any:
    return require("sacrebleu", extra="text", purpose="compute BLEU").BLEU(effective_order=True)


@lru_cache(maxsize=1)
def _chrf() -> Any:
    return require("sacrebleu", extra="text", purpose="compute chrF").CHRF()
