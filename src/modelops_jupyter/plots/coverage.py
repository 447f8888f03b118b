"""How many rows of a point-in-time join have each feature, by default or not at all."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING, Any

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS = (("known", style.BLUE, ""), ("by default", style.GREEN, "..."), ("missing", style.ORANGE, "///"))


def draw(found: Any) -> "Figure":
    """Draw a `HistoricalFeatures`: one bar for each feature, in three parts."""
    names = list(found.types)
    missing, default = (
        np.array([int(part[n].sum()) for n in names]) for part in (found.missing, found.defaulted)
    )
    made = style.figure(6.4, 1.5 + 0.28 * max(len(names), 1))
    ax = style.axes(made, grid="x")
    style.title(ax, f"Features of {found.group} as they were known", _format.plural(len(found), "row"))
    start = np.zeros(len(names))
    parts = (len(found) - missing - default, default, missing)
    for (label, colour, hatch), counts in zip(_KINDS, parts, strict=True):
        ax.barh(
            range(len(names)), counts, left=start, height=0.66, label=label,
            color=colour, alpha=0.6, hatch=hatch, edgecolor=style.INK, linewidth=0,
        )  # fmt: skip
        start += counts
    ax.set_yticks(range(len(names)), [style.plain(name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.legend(
        loc="upper left", bbox_to_anchor=(0, -0.12), ncols=3, frameon=False, fontsize=9, labelcolor=style.INK
    )
    return made
