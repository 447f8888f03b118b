"""`Shown`: what one metrics view shows, and the way back from the view into Python."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from modelops_jupyter.evaluation import Comparison, EvaluationResult, GateResult
from modelops_jupyter.evaluation.metrics.counted import positive_of
from modelops_jupyter.evaluation.states import ScoreState
from modelops_jupyter.evaluation.tasks import Label
from modelops_jupyter.wire.linked import Linked
from modelops_jupyter.wire.protocol import WireError

Handle = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Position = Annotated[int, msgspec.Meta(ge=0)]
Words = Annotated[str, msgspec.Meta(max_length=1000)]


def _quiet(_what: str, _value: object) -> None:
    return


@dataclass(frozen=True, eq=False)
class Shown:
    """What one metrics view shows: a result, what it is compared with, and the gate that judged it.

    `changed` is called with "selection" or "threshold" and its new value; `bind` gives a value a
    name in the notebook and returns the name it got; `open` makes a view of a dataset and returns
    what a page needs to show it.
    """

    kind: ClassVar[str] = "metrics"
    result: EvaluationResult
    comparison: Comparison | None = None
    gate: GateResult | None = None
    changed: Callable[[str, Any], None] = _quiet
    bind: Callable[[str, Any], str | None] | None = None
    open: Callable[[Any], dict[str, Any]] | None = None
    found: dict[str, dict[str, NDArray[np.integer]]] = field(
        default_factory=dict[str, dict[str, NDArray[np.integer]]]
    )  # by column, the rows of each slice: a search is not made twice
    linked: Linked = field(default_factory=lambda: Linked(()))


def scored(result: EvaluationResult) -> bool:
    """Whether a result has classes and a score per row or per class."""
    return result.rows is not None and result.rows.scores is not None and result.task_type.takes == "labels"


def binary(result: EvaluationResult) -> tuple[Label, Label] | None:
    """Return the positive and the other class, where a threshold can part them."""
    if not scored(result) or result.rows is None or result.rows.scores is None or result.rows.scores.ndim > 1:
        return None
    classes = ScoreState.empty(result.setting.labels).add(result.rows).classes
    if len(classes) != 2:
        return None
    positive = positive_of(classes, result.setting.positive_class)
    return positive, next(c for c in classes if c != positive)


def at_threshold(result: EvaluationResult, threshold: float | None) -> EvaluationResult:
    """Return the result as if every row whose score reaches the threshold were called positive.

    Its metrics are still those of before; `measured` gives the new ones.

    Raises
    ------
    WireError
        If the result has no two classes with one score per row.
    """
    if threshold is None:
        return result
    pair = binary(result)
    scores = None if result.rows is None else result.rows.scores
    if pair is None or result.rows is None or scores is None:
        raise WireError("This result has no threshold to move.", code="bad-arguments")
    rows, places = result.rows, [np.flatnonzero(result.rows.y_true == c)[:1] for c in pair]
    if not all(map(len, places)):
        raise WireError("Only one class occurs among these rows.", code="bad-arguments")
    # taken from the truth, so that labels keep their own type
    answers = rows.y_true[np.where(scores >= threshold, places[0], places[1])]
    moved = copy.copy(result)
    for cached in ("confusion", "against_baselines"):
        moved.__dict__.pop(cached, None)
    moved.rows = replace(rows, y_pred=answers)
    moved.baselines, moved.retained = {}, ()
    return moved


def measured(moved: EvaluationResult) -> EvaluationResult:
    """Measure again what the rows of a result now say."""
    moved.metrics = moved.by({"all": np.zeros(moved.sample_count, np.int64)})["0"].metrics
    return moved
