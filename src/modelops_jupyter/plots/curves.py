"""The ROC curve with its area."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING

from modelops_jupyter import _format
from modelops_jupyter.evaluation import EvaluationResult
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(result: EvaluationResult) -> "Figure":
    """Draw true against false positive rate; the dashed line is chance."""
    curve = result.curve("roc")
    made = style.figure(4.6, 4.6)
    ax = style.axes(made, grid="both")
    ax.plot([0, 1], [0, 1], color=style.INK, linewidth=1, linestyle=(0, (4, 4)))
    ax.plot(curve.x, curve.y, color=style.BLUE, linewidth=1.75)
    ax.set_xlabel("false positive rate", color=style.INK, fontsize=9)
    ax.set_ylabel("true positive rate", color=style.INK, fontsize=9)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.01)
    ax.set_aspect("equal")
    area = result.metrics.get("auc_roc")
    text = "" if area is None else f" {_format.number(area)} {area.interval_text}"
    style.title(ax, f"ROC{text}", f"positive class {_format.visible(str(curve.positive_class))}")
    return made
