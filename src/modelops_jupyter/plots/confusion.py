"""The confusion matrix as a field of tiles: blue where right, orange where wrong, each with its count."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING, Any

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError, EvaluationError
from modelops_jupyter.evaluation import ConfusionMatrix, EvaluationResult
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 40  # classes that can still be read


def draw(obj: EvaluationResult | ConfusionMatrix, normalize: bool = False) -> "Figure":
    """Draw counts, or with `normalize` the share of each true class."""
    matrix = obj if isinstance(obj, ConfusionMatrix) else obj.confusion
    if matrix is None:
        raise EvaluationError(
            "This result has no classes, so no confusion matrix.", hint='Use kind="intervals".'
        )
    k = len(matrix.classes)
    if k > MOST:
        raise ConfigError(
            f"{k} classes cannot be drawn so that they can be read.", hint="See most_confused()."
        )
    side = 1.6 + 0.55 * k
    made = style.figure(side + 1.2, side + 0.4)
    ax = style.axes(made)
    _tiles(ax, matrix, normalize)
    rows = _format.plural(matrix.state.n, "row")
    style.title(ax, "Confusion", f"rows true, columns predicted, {rows}")
    return made


def _tiles(ax: "Axes", matrix: ConfusionMatrix, normalize: bool) -> None:
    from matplotlib.patches import Rectangle

    shares, counts = matrix.normalize("true"), matrix.matrix
    right = np.eye(len(counts), dtype=np.bool_)
    worst = shares[~right].max(initial=0.0) or 1.0
    for (t, p), share in np.ndenumerate(shares):
        depth = share if t == p else share / worst
        colour = _mixed(style.BLUE if t == p else style.ORANGE, (0.75 if t == p else 0.55) * float(depth))
        ax.add_patch(Rectangle((p - 0.47, t - 0.47), 0.94, 0.94, facecolor=colour, linewidth=0))
        text = f"{share:.0%}" if normalize else f"{counts[t, p]:g}"
        ax.text(p, t, text, ha="center", va="center", fontsize=9, color="#1a1a1a")
    names = [style.plain(_format.clip(_format.named(c), 18)) for c in matrix.classes]
    ax.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 7 else 0)
    ax.set_yticks(range(len(names)), names)
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_aspect("equal")


def _mixed(colour: str, share: float) -> Any:
    """Return the colour on white: tiles bring their own ground, so dark text reads in any theme."""
    from matplotlib.colors import to_rgb

    return tuple(1 - share * (1 - c) for c in to_rgb(colour))
