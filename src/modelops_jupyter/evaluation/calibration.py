"""Whether a score of 0.8 means eight in ten."""

import numpy as np

from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.evaluation.curves import Curve
from modelops_jupyter.evaluation.intervals import wilson
from modelops_jupyter.evaluation.metrics import Setting
from modelops_jupyter.evaluation.metrics.calibration import ECEMetric
from modelops_jupyter.evaluation.metrics.counted import positive_of
from modelops_jupyter.evaluation.rows import Rows
from modelops_jupyter.evaluation.states import ScoreState
from modelops_jupyter.evaluation.tasks import AUTO, Auto, Label

_MOST_BINS, _ROWS = 10, 20  # bins, and rows that a bin should have


def curve(state: ScoreState, positive_class: Label | Auto | None, level: float) -> Curve:
    """Return mean score and observed share in bins of like many rows.

    With a column of scores per class, the score is that of the answer with the highest one, and
    the share is how often it is right.
    """
    scores, hit, positive = _certainty(state, positive_class)
    if scores.min() < 0 or scores.max() > 1:
        raise EvaluationError(
            f"Calibration needs probabilities, and a score is {scores[np.argmax(np.abs(scores - 0.5))]:g}.",
            hint="Pass scores between 0 and 1.",
        )
    w = np.ones(len(scores)) if state.weights is None else state.weights
    code = _bins(scores)
    counts, hits, sums = (np.bincount(code, part) for part in (w, w * hit, w * scores))
    x, y, scale = sums / counts, hits / counts, float(w.sum() / (w @ w))
    limits = [
        wilson(h * scale, c * scale, level) for h, c in zip(hits.tolist(), counts.tolist(), strict=True)
    ]
    low, high = (np.array([limit[i] for limit in limits]) for i in (0, 1))
    rows = np.bincount(code)
    edges = np.array([scores[code == b].min() for b in range(len(counts))])
    metric = ECEMetric(
        positive_class=AUTO if positive_class is None else positive_class, labels=state.classes
    )
    whole = Rows(state.labels, state.labels, state.scores, state.weights)
    error = metric.measure(metric.fill(metric.empty(Setting()), whole), level)
    return Curve("calibration", x, y, edges, low, high, positive, float(hits.sum() / w.sum()), rows, error)


def _certainty(state: ScoreState, positive_class: Label | Auto | None) -> tuple[Array, Array, Label]:
    if state.scores.ndim == 1:
        positive = positive_of(state.classes, positive_class)
        return state.scores, state.labels == positive, positive
    if state.scores.shape[1] != len(state.classes):
        raise EvaluationError(
            f"{len(state.classes)} of {state.scores.shape[1]} classes occur among these rows.",
            hint="Name them all, in the order of the scores: labels=.",
        )
    best = state.scores.argmax(axis=1)
    answers = np.array(state.classes, dtype=object)[best]
    return state.scores.max(axis=1), np.asarray(answers == state.labels, dtype=np.bool_), "the highest score"


def _bins(scores: Array) -> Array:
    """Number the bin of each row; equal scores share one."""
    count = int(np.clip(len(scores) // _ROWS, 1, _MOST_BINS))
    cuts = np.unique(np.quantile(scores, np.arange(1, count) / count))
    return np.unique(np.searchsorted(cuts, scores, side="right"), return_inverse=True)[1]
