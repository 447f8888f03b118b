"""Points of the curves that plots, widget and twin draw."""

from dataclasses import dataclass

import numpy as np

from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.metrics.counted import positive_of
from modelops_jupyter.evaluation.states import ScoreState
from modelops_jupyter.evaluation.tasks import Auto, Label

POINTS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve: x and y with the threshold of each point."""

    kind: str
    x: Array
    y: Array
    thresholds: Array
    positive_class: Label


def curve(state: ScoreState, kind: str, positive_class: Label | Auto | None) -> Curve:
    """Return the ROC curve of a binary result, at most `POINTS` points, corners kept."""
    if kind != "roc":
        raise ConfigError(f"There is no curve {kind!r} in this version.", hint='Use "roc".')
    if state.scores.ndim != 1 or len(state.classes) != 2:
        raise EvaluationError("The ROC curve needs two classes and one score per row.")
    positive = positive_of(state.classes, positive_class)
    is_positive = state.labels == positive
    order = np.argsort(-state.scores, kind="stable")
    w = np.ones(state.n) if state.weights is None else state.weights
    up, down = np.cumsum((w * is_positive)[order]), np.cumsum((w * ~is_positive)[order])
    ranked = state.scores[order]
    last = np.append(ranked[1:] != ranked[:-1], True)  # a tie is one point
    tpr, fpr = np.insert(up[last], 0, 0.0), np.insert(down[last], 0, 0.0)
    thresholds = np.insert(ranked[last], 0, np.inf)
    bends = (np.diff(tpr, 2) != 0) | (np.diff(fpr, 2) != 0)  # equal steps lie on one line
    corner = np.concatenate([[True], bends, [True]])
    keep = np.flatnonzero(corner)
    if len(keep) > POINTS:
        keep = keep[np.unique(np.linspace(0, len(keep) - 1, POINTS).astype(int))]
    return Curve("roc", fpr[keep] / fpr[-1], tpr[keep] / tpr[-1], thresholds[keep], positive)
