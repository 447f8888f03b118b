"""Scorers made of other scorers, or of a user's function."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from modelops_jupyter import _aio
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.scorers.base import Reference, Scorer, need


class _Around(Scorer):
    """Shared by what changes another scorer's rows."""

    scorer: Scorer

    @property
    def name(self) -> str:
        """Its own name and the other's."""
        return f"{self.kind}_{self.scorer.name}"

    @property
    def caveat(self) -> str | None:
        """What is made of a judge's score is not corrected."""
        return _caveat([self.scorer])

    @property
    def calls_out(self) -> bool:
        """As the other."""
        return self.scorer.calls_out

    def score(self, output: str, reference: Reference = None) -> float:
        """Score one answer."""
        return float(self.change(np.array([self.scorer.score(output, reference)]))[0])

    def rows(
        self, outputs: Sequence[str], references: Sequence[Reference], inputs: Sequence[str] | None = None
    ) -> Array:
        """Score each answer."""
        return self.change(self.scorer.rows(outputs, references, inputs))

    def change(self, scores: Array) -> Array:
        """Return the new scores."""
        raise NotImplementedError


@dataclass(frozen=True)
class Threshold(_Around):
    """1 where another score is good enough: at least `at`, or at most where lower is better."""

    scorer: Scorer
    at: float
    kind: ClassVar[str] = "threshold"

    def change(self, scores: Array) -> Array:
        """1 or 0, NaN where there is no score."""
        good = scores >= self.at if self.scorer.greater_is_better else scores <= self.at
        return np.where(np.isnan(scores), np.nan, good.astype(np.float64))


@dataclass(frozen=True)
class Not(_Around):
    """1 minus another score."""

    scorer: Scorer
    kind: ClassVar[str] = "not"

    def __post_init__(self) -> None:
        _check_unit(self.scorer)

    def change(self, scores: Array) -> Array:
        """1 - s."""
        return 1 - scores


@dataclass(frozen=True)
class Weighted(Scorer):
    """The weighted mean of several scores; `detail` gives each part.

    Parameters
    ----------
    parts
        Scorers, or (scorer, weight) pairs.

    Examples
    --------
    >>> from modelops_jupyter.evaluation.scorers import Contains, Length
    >>> Weighted([(Contains("yes"), 3), Length(max=2)]).detail("oh yes")
    {'score': 0.75, 'parts': {'contains': 1.0, 'length': 0.0}}
    """

    parts: Sequence[Any]
    kind: ClassVar[str] = "weighted"

    def __post_init__(self) -> None:
        given: list[Any] = [p if isinstance(p, tuple) else (p, 1.0) for p in self.parts]
        pairs: tuple[tuple[Scorer, float], ...] = tuple(given)
        if not pairs or not all(w > 0 for _, w in pairs):
            raise ConfigError("A weighted score needs parts with weights above 0.")
        for scorer, _ in pairs:
            _check_unit(scorer)
        object.__setattr__(self, "parts", pairs)

    @property
    def caveat(self) -> str | None:
        """What is made of a judge's score is not corrected."""
        return _caveat([scorer for scorer, _ in self.parts])

    @property
    def calls_out(self) -> bool:
        """Whether a part does."""
        return any(scorer.calls_out for scorer, _ in self.parts)

    def score(self, output: str, reference: Reference = None) -> float:
        """Score one answer."""
        return float(self.rows([output], [reference])[0])

    def detail(self, output: str, reference: Reference = None) -> dict[str, Any]:
        """Return the score and those of the parts; parts of one name are numbered."""
        found: dict[str, float] = {}
        for scorer, _ in self.parts:
            name = scorer.name
            again = sum(key.partition(" ")[0] == name for key in found)
            found[f"{name} {again + 1}" if again else name] = scorer.score(output, reference)
        weights = np.array([w for _, w in self.parts], dtype=np.float64)
        return {"score": float(weights @ list(found.values()) / weights.sum()), "parts": found}

    def rows(
        self, outputs: Sequence[str], references: Sequence[Reference], inputs: Sequence[str] | None = None
    ) -> Array:
        """Score each answer."""
        weights = np.array([w for _, w in self.parts], dtype=np.float64)
        scores = np.array([scorer.rows(outputs, references, inputs) for scorer, _ in self.parts])
        return weights @ scores / weights.sum()


@dataclass(frozen=True)
class EmbeddingSimilarity(Scorer):
    """Cosine of two texts' vectors, made by your own function.

    Parameters
    ----------
    embed
        Takes a list of texts, returns one vector each; sync or async. Each text is sent once.
    """

    embed: Callable[[list[str]], Any]
    kind: ClassVar[str] = "embedding_similarity"
    bounds: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    @property
    def calls_out(self) -> bool:
        """It asks the user's model."""
        return True

    def score(self, output: str, reference: Reference = None) -> float:
        """Score one answer."""
        return float(self.rows([output], [reference])[0])

    def rows(
        self, outputs: Sequence[str], references: Sequence[Reference], inputs: Sequence[str] | None = None
    ) -> Array:
        """Score each answer; an empty one is 0 unless the reference is empty too."""
        del inputs
        several = [(r,) if r is None or isinstance(r, str) else tuple(r) for r in references]
        pairs = [(o, need(r, self)) for o, rs in zip(outputs, several, strict=True) for r in rs]
        texts = sorted({text for pair in pairs for text in pair if text.strip()})
        vectors = dict(zip(texts, self._embedded(texts), strict=True))
        found = iter([_cosine(vectors.get(a), vectors.get(b)) for a, b in pairs])
        return np.array([max(next(found) for _ in rs) for rs in several], dtype=np.float64)

    def _embedded(self, texts: list[str]) -> Array:
        made: Any = self.embed(texts) if texts else []
        if inspect.isawaitable(made):
            made = _aio.run(made)
        vectors = np.asarray(made, dtype=np.float64)
        if texts and (vectors.ndim != 2 or len(vectors) != len(texts)):
            raise EvaluationError(
                f"embed() returned an array of shape {vectors.shape} for {len(texts)} texts.",
                hint="Return one vector per text.",
            )
        return vectors


def _cosine(a: Array | None, b: Array | None) -> float:
    if a is None or b is None:
        return float(a is b)
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 0.0


def _check_unit(scorer: Scorer) -> None:
    if scorer.bounds != (0.0, 1.0) or not scorer.greater_is_better:
        raise ConfigError(
            f"The scores of {scorer.name!r} do not lie between 0 and 1 with 1 the best.",
            hint="Wrap it: Threshold(scorer, at=...).",
        )


def _caveat(parts: Sequence[Scorer]) -> str | None:
    """A judge's correction holds for its own score, not for what is made of it."""
    return "uncorrected" if any(getattr(p, "is_judge", False) or p.caveat for p in parts) else None
