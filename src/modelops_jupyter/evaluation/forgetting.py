"""What a model lost while it learned: everyday text it predicts worse, tasks it no longer does."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import paired
from modelops_jupyter.evaluation.compare import verdict_of
from modelops_jupyter.evaluation.value import MetricValue

if TYPE_CHECKING:
    from modelops_jupyter.evaluation.compare import Comparison, ComparisonRow


@cache
def neutral_texts() -> tuple[str, ...]:
    """Return sixty everyday sentences about nothing in particular."""
    return tuple((Path(__file__).parent / "neutral.txt").read_text("utf-8").splitlines())


@dataclass(frozen=True, slots=True)
class Retained:
    """One thing that should not have got worse: its value before and after, and the paired difference."""

    name: str
    before: str
    after: str
    n: int
    difference: float
    low: float
    high: float
    p: float
    verdict: str

    def __str__(self) -> str:
        limits = _format.signed_interval(self.low, self.high)
        change = f"{_format.signed(self.difference)} {limits}"
        return f"{self.name}: {self.before} before, {self.after} after, {change} n={self.n}: {self.verdict}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON form; NaN is null."""
        return {k: None if v != v else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        found: dict[str, Any] = {k: math.nan if v is None else v for k, v in data.items()}
        return cls(**found)


def measure(model: Any, retain: Any, level: float) -> tuple[Retained, ...]:
    """Compare a model with the one it was made from; see `evaluate_model`.

    Raises
    ------
    EvaluationError
        If the model does not know its base, or cannot tell the loss of a text.
    """
    if retain is None or retain is False:
        return ()
    base = getattr(model, "base", None)
    if base is None:
        raise EvaluationError(
            "Forgetting is a difference to the model before training, and this one does not know it.",
            hint="Pass a FineTuningJob or its model, or leave out retain=.",
        )
    given = cast("list[Any]", list(retain) if isinstance(retain, list | tuple) else [retain])  # pyright: ignore
    tasks = [] if retain is True else given
    found = [_loss(model, base, level)] if callable(getattr(model, "token_loss", None)) else []
    if not found and not tasks:
        raise EvaluationError(
            f"A {type(model).__name__} cannot tell the loss of a text.",
            hint="It needs token_loss(texts); or pass a suite or dataset as retain=.",
        )
    return (*found, *(_task(model, base, task) for task in tasks))


def _loss(model: Any, base: Any, level: float) -> Retained:
    texts = neutral_texts()
    (after, count), (before, old) = (_sums(side.token_loss(texts)) for side in (model, base))
    if (count != old).any():
        raise EvaluationError("Model and base cut texts into different tokens, so losses do not compare.")
    rows = np.arange(len(texts))  # tokens of one text are not independent: texts are the units
    pair = paired.from_clusters((after - before) / count, rows, level, count)
    verdict = verdict_of(pair.difference, pair.p, False, level)
    alone = (paired.from_clusters(side / count, rows, level, count) for side in (before, after))
    values = [MetricValue(found.difference, low=found.low, high=found.high).brief for found in alone]
    name, n = "Loss per token of neutral text", len(texts)
    return Retained(name, values[0], values[1], n, pair.difference, pair.low, pair.high, pair.p, verdict)


def _sums(found: Any) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """Return summed loss and tokens of each text, as floats."""
    table = np.asarray(found, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != 2:
        raise EvaluationError("token_loss(texts) must return the summed losses and the token counts.")
    return table[0], table[1]


def _asking(model: Any) -> Callable[[str], str]:
    """Return a function of one prompt, as suites ask."""
    if callable(model):
        return cast("Callable[[str], str]", model)
    made = getattr(model, "model", model)  # of a job, loaded once
    if not hasattr(made, "generate"):
        raise EvaluationError(
            f"A {type(model).__name__} cannot be asked one prompt at a time.",
            hint="It needs generate(prompts), or be a function of a prompt.",
        )
    return lambda prompt: made.generate([prompt])[0]


def _task(model: Any, base: Any, task: Any) -> Retained:
    """Run a suite, or evaluate a dataset, with the model and its base."""
    if hasattr(task, "run"):
        after, before = (task.run(_asking(side)) for side in (model, base))
    elif hasattr(task, "fingerprint"):
        from modelops_jupyter.evaluation.models import evaluate_model

        after, before = (evaluate_model(side, task, baselines=None) for side in (model, base))
    else:
        raise ConfigError(
            f"retain= cannot be a {type(task).__name__}.", hint="Pass True, a dataset or a benchmark suite."
        )
    found = cast("Comparison", after.compare(before))
    if not found.rows:
        raise EvaluationError("The results before and after share no metric that can be compared.")
    row: ComparisonRow = found.rows[0]
    name = f"{row.label} on {_format.visible(str(getattr(task, 'name', None) or 'the retained rows'))}"
    values = (before[row.name].brief, after[row.name].brief)
    return Retained(name, *values, row.n, row.difference, row.low, row.high, row.p, row.verdict)
