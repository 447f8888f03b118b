"""`Scorer`: one answer and its reference in, one number out."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, ClassVar, cast

import numpy as np

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.metrics.rowwise import mean_of
from modelops_jupyter.evaluation.value import MetricValue

_NESTED = "$scorer"  # no key of a JSON Schema
Reference = str | Sequence[str] | None


class Scorer:
    """Scores one answer; also a per-row metric for `Evaluator`, `evaluate_model` and suites.

    Your own scorer is a class with `kind` and `one(output, reference)`.

    Attributes
    ----------
    kind
        The scorer's name in tables and in JSON.
    greater_is_better, bounds
        The better direction, and the least and greatest score.
    worst
        What an answer that never came (the model raised) is worth.

    Examples
    --------
    >>> class Polite(Scorer):
    ...     kind = "polite"
    ...     def one(self, output, reference):
    ...         return float("please" in output)
    >>> Polite().score("Come in, please.")
    1.0
    """

    kind: ClassVar[str] = ""
    greater_is_better: ClassVar[bool] = True
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)
    worst: ClassVar[float] = 0.0

    @property
    def caveat(self) -> str | None:
        """Why no gate may decide by this score, or None."""
        return None

    @property
    def calls_out(self) -> bool:
        """Whether scoring asks a model or service: it may cost, and takes its time."""
        return False

    @property
    def name(self) -> str:
        """The scorer's name in tables."""
        return self.kind or str(type(self).__qualname__)

    @property
    def __name__(self) -> str:
        """What a function would be called."""
        return self.name

    def score(self, output: str, reference: Reference = None) -> float:
        """Return the score; with several references the best of them counts.

        An empty answer is scored like any other: it is wrong, not missing.
        """
        if reference is None or isinstance(reference, str):
            return float(self.one(output, reference))
        best = max if self.greater_is_better else min
        return best(float(self.one(output, each)) for each in reference)

    def one(self, output: str, reference: str | None) -> float:
        """Score against one reference."""
        raise NotImplementedError

    def detail(self, output: str, reference: Reference = None) -> dict[str, Any]:
        """Return the score with what led to it."""
        return {"score": self.score(output, reference)}

    def rows(
        self, outputs: Sequence[str], references: Sequence[Reference], inputs: Sequence[str] | None = None
    ) -> Array:
        """Score each answer; `inputs` are the prompts, for scorers that look at them."""
        del inputs
        pairs = zip(outputs, references, strict=True)
        return np.array([self.score(o, r) for o, r in pairs], dtype=np.float64)

    def __call__(self, predictions: Sequence[str], references: Sequence[Reference]) -> Array:
        """Score each prediction, as `Evaluator` asks its functions."""
        return self.rows(predictions, references)

    def measured(self, scores: Array, level: float = 0.95) -> MetricValue:
        """Return the mean with its interval; a row may hold several samples of one item."""
        traits = {"greater_is_better": self.greater_is_better, "bounds": self.bounds, "caveat": self.caveat}
        value = mean_of(item_means(scores), level, **traits)
        if self.caveat:
            value.method += f", {self.caveat}"
        return value

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form.

        Raises
        ------
        ConfigError
            If the scorer is not one of the library's or holds a function.
        """
        ours = known().get(self.kind) is type(self)
        kept = {f.name: _plain(getattr(self, f.name)) for f in fields(cast("Any", self))} if ours else {}
        if not ours or any(map(callable, kept.values())):
            raise ConfigError(f"The scorer {self.name!r} cannot be written to JSON.")
        return {"kind": self.kind} | kept

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Scorer":
        """Read what `to_dict` gave."""
        kind = str(data.get("kind"))
        if kind not in known():
            raise ConfigError(f"There is no scorer {kind!r}.", hint=did_you_mean(kind, known()))
        return known()[kind](**{k: _read(v) for k, v in data.items() if k != "kind"})


def item_means(scores: Array) -> Array:
    """Average the samples of each item, NaN left out; an item without any is NaN."""
    if scores.ndim == 1:
        return scores
    there = ~np.isnan(scores)
    count = there.sum(axis=1)
    total = np.where(there, scores, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(scores), np.nan), where=count > 0)


def need(reference: str | None, who: Scorer) -> str:
    """Return the reference, or say that this scorer cannot do without."""
    if reference is None:
        raise EvaluationError(
            f"The scorer {who.name!r} compares with a reference, and there is none.",
            hint="Give each case an expected answer.",
        )
    return reference


def known() -> dict[str, Any]:
    """Return the library's scorers that have a JSON form, by kind."""
    from modelops_jupyter.evaluation import scorers

    found = (getattr(scorers, name) for name in scorers.__all__)
    return {c.kind: c for c in found if isinstance(c, type) and issubclass(c, Scorer) and c.kind}


def _plain(value: Any) -> Any:
    if isinstance(value, Scorer):
        return {_NESTED: value.to_dict()}
    if isinstance(value, tuple):
        return [_plain(v) for v in cast("tuple[Any, ...]", value)]
    return value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_read(v) for v in cast("list[Any]", value))
    data: Any = value
    return Scorer.from_dict(data[_NESTED]) if isinstance(value, dict) and _NESTED in data else data
