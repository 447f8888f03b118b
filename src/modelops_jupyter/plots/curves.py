"""ROC, precision-recall and calibration curves with their bands, and the cost of each threshold."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.evaluation import EvaluationResult
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from modelops_jupyter.evaluation.curves import Curve
    from modelops_jupyter.evaluation.thresholds import Threshold

_DASH = (0, (4, 4))


def roc(result: EvaluationResult) -> "Figure":
    """Draw false against true positive rate; the dashed line is chance."""
    curve = result.curve("roc")
    made, ax = _square("false positive rate", "true positive rate")
    ax.plot([0, 1], [0, 1], color=style.INK, linewidth=1, linestyle=_DASH)
    ax.text(0.98, 0.93, "chance", color=style.INK, fontsize=8, ha="right", va="top", rotation=45)
    _line(ax, curve)
    style.title(ax, f"ROC{_value(result, 'auc_roc')}", _note(result, curve))
    return made


def pr(result: EvaluationResult) -> "Figure":
    """Draw recall against precision; the dashed line is the share of positive rows."""
    curve = result.curve("pr")
    made, ax = _square("recall", "precision")
    ax.axhline(curve.base, color=style.INK, linewidth=1, linestyle=_DASH)
    ax.text(0.01, curve.base + 0.01, "positive rows", color=style.INK, fontsize=8, va="bottom")
    _line(ax, curve)
    style.title(ax, f"Precision and recall{_value(result, 'average_precision')}", _note(result, curve))
    return made


def calibration(result: EvaluationResult) -> "Figure":
    """Draw the observed share over the mean score of each bin; below it, how many rows are there."""
    curve = result.curve("calibration")
    made = style.figure(4.8, 5.6)
    grid = made.add_gridspec(2, 1, height_ratios=[5, 1])
    ax = style.dress(made.add_subplot(grid[0]), grid="both")
    ax.plot([0, 1], [0, 1], color=style.INK, linewidth=1, linestyle=_DASH)
    spread = [curve.y - curve.low, curve.high - curve.y]
    ax.errorbar(
        curve.x, curve.y, yerr=spread, color=style.BLUE, marker="o", markersize=5, linewidth=1.25, capsize=3
    )
    ax.set_ylabel("observed share", color=style.INK, fontsize=9)
    _unit(ax)
    text = "" if curve.error is None else f" {curve.error.brief}"
    style.title(ax, f"Calibration error{text}", f"{_note(result, curve)}; dashed: perfect")
    below = style.dress(made.add_subplot(grid[1]), grid="y")
    counts = curve.counts if curve.counts is not None else np.zeros(len(curve.x))
    below.bar(curve.x, counts, width=0.025, color=style.INK, alpha=0.6)
    below.set_xlim(-0.01, 1.01)
    below.set_ylabel("rows", color=style.INK, fontsize=9)
    below.locator_params(axis="y", nbins=2)
    below.set_xlabel("score", color=style.INK, fontsize=9)
    return made


def threshold(result: EvaluationResult, cost_fp: float = 1, cost_fn: float = 1) -> "Figure":
    """Draw the mean cost of a row over the threshold, with the cheapest one.

    Parameters
    ----------
    cost_fp, cost_fn
        What a false alarm and a miss cost.
    """
    return cheapest(result.threshold(cost_fp=cost_fp, cost_fn=cost_fn))


def cheapest(found: "Threshold") -> "Figure":
    """Draw the cost that was searched, and the threshold that was found."""
    made = style.figure(6.4, 3.6)
    ax = style.axes(made, grid="y")
    kept = np.isfinite(found.thresholds)
    x = found.thresholds[kept]
    ax.fill_between(x, found.cost_low[kept], found.cost_high[kept], color=style.BLUE, alpha=0.25, linewidth=0)
    ax.plot(x, found.costs[kept], color=style.BLUE, linewidth=1.75)
    top = float(found.cost_high[kept].max())
    if np.isfinite(found.value):
        ax.axvline(found.value, color=style.INK, linewidth=1, linestyle=_DASH)
        ax.plot([found.value], [float(found.cost)], marker="o", markersize=7, color=style.ORANGE)
        low, high = (float(np.clip(v, x.min(), x.max())) for v in (found.low, found.high))
        ax.plot([low, high], [-0.03 * top] * 2, color=style.ORANGE, linewidth=4, solid_capstyle="butt")
        ax.text(high, -0.03 * top, "  range of the cheapest", color=style.INK, fontsize=8, va="center")
    ax.set_ylim(-0.08 * top, 1.05 * top)
    ax.set_xlabel("threshold", color=style.INK, fontsize=9)
    ax.set_ylabel("cost per row", color=style.INK, fontsize=9)
    best = f"{_format.number(found.value)} [{_format.number(found.low)}, {_format.number(found.high)}]"
    costs = f"a false alarm costs {found.cost_fp:g}, a miss {found.cost_fn:g}"
    note = f"{costs}: {found.cost.brief} per row at the cheapest"
    style.title(ax, f"Cheapest threshold {best}", note)
    return made


def _square(x: str, y: str) -> "tuple[Figure, Axes]":
    made = style.figure(4.8, 5.0)
    ax = style.axes(made, grid="both")
    ax.set_xlabel(x, color=style.INK, fontsize=9)
    ax.set_ylabel(y, color=style.INK, fontsize=9)
    _unit(ax)
    return made, ax


def _unit(ax: "Axes") -> None:
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(-0.01, 1.02)
    ax.set_aspect("equal")


def _line(ax: "Axes", curve: "Curve") -> None:
    ax.fill_between(curve.x, curve.low, curve.high, color=style.BLUE, alpha=0.25, linewidth=0)
    ax.plot(curve.x, curve.y, color=style.BLUE, linewidth=1.75)


def _value(result: EvaluationResult, name: str) -> str:
    value = result.metrics.get(name)
    return "" if value is None else f" {value.brief}"


def _note(result: EvaluationResult, curve: "Curve") -> str:
    named = f"positive {_format.visible(str(curve.positive_class))}"
    return f"{named}, {_format.plural(result.sample_count, 'row')}, {100 * result.level:g} % band"
