"""Residuals of a regression: prediction minus truth over the prediction, and how they spread."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import EvaluationResult
from modelops_jupyter.evaluation.arrays import Array
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_POINTS = 5_000  # more are drawn as density
_BINS = 12


def draw(result: EvaluationResult) -> "Figure":
    """Draw each row's residual, the mean residual along the prediction, and the distribution."""
    if result.task_type.takes != "numbers":
        raise EvaluationError("Residuals are of measured numbers.", hint='Use kind="confusion".')
    rows = result.need_rows("draw")
    predicted = rows.y_pred.astype(np.float64)
    off = predicted - rows.y_true.astype(np.float64)
    made = style.figure(7.2, 3.8)
    grid = made.add_gridspec(1, 2, width_ratios=[4, 1])
    ax = style.dress(made.add_subplot(grid[0]), grid="y")
    if len(off) > _POINTS:
        ax.hexbin(predicted, off, gridsize=45, bins="log", cmap="Blues", mincnt=1, linewidths=0)
    else:
        ax.plot(predicted, off, linestyle="", marker="o", markersize=3, color=style.BLUE, alpha=0.45)
    ax.axhline(0, color=style.INK, linewidth=1)
    x, y = _means(predicted, off)
    ax.plot(x, y, color=style.ORANGE, linewidth=1.75, marker="D", markersize=4)
    ax.set_xlabel("prediction", color=style.INK, fontsize=9)
    ax.set_ylabel("prediction minus truth", color=style.INK, fontsize=9)
    value = next((v for v in result.metrics.values() if v.has_interval), None)
    text = "" if value is None else f", {value.label} {value.brief}"
    style.title(
        ax, f"Residuals{text}", f"{_format.plural(len(off), 'row')}; diamonds: mean of like many rows"
    )
    side = style.dress(made.add_subplot(grid[1], sharey=ax))
    side.hist(off, bins=30, orientation="horizontal", color=style.INK, alpha=0.6)
    side.axhline(0, color=style.INK, linewidth=1)
    side.tick_params(labelleft=False)
    side.set_xlabel("rows", color=style.INK, fontsize=9)
    side.locator_params(axis="x", nbins=2)
    return made


def _means(predicted: Array, off: Array) -> tuple[list[float], list[float]]:
    """Mean prediction and residual of groups of like many rows, in the order of the prediction."""
    parts = np.array_split(np.argsort(predicted, kind="stable"), max(1, min(_BINS, len(off) // 5)))
    return [float(predicted[i].mean()) for i in parts], [float(off[i].mean()) for i in parts]
