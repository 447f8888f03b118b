"""Where a model version comes from: boxes from left to right, a line for each relation."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = {"version": style.GREEN, "evaluation": style.ORANGE, "job": style.BLUE}


def draw(lineage: Any) -> "Figure":
    """Draw the graph; every relation leads to the right."""
    column: dict[str, int] = {}
    for node in lineage.nodes:  # whoever was there first stands first
        column[node.id] = 1 + max((column[before.id] for before in lineage.before(node.id)), default=-1)
    filled: Counter[int] = Counter()
    place: dict[str, tuple[float, float]] = {}
    for node in lineage.nodes:
        at = column[node.id]
        place[node.id] = (at, -filled[at])
        filled[at] += 1
    width, height = max(filled, default=0) + 1, max(filled.values(), default=1)
    made = style.figure(2.1 * width + 0.6, 1.0 * height + 0.8)
    ax = style.axes(made)
    style.title(ax, f"Lineage of {lineage.title}")
    for node in lineage.nodes:
        text = "\n".join([node.kind, *textwrap.wrap(node.label, 22)[:3]])
        colour = _COLOURS.get(node.kind, style.INK)
        box = {"boxstyle": "round,pad=0.4", "edgecolor": colour, "facecolor": "none", "linewidth": 1.4}
        ax.text(
            *place[node.id],
            style.plain(text),
            ha="center",
            va="center",
            fontsize=8,
            color=style.INK,
            bbox=box,
        )
    for edge in lineage.edges:
        (x, y), (to, end) = place[edge.source], place[edge.target]
        ax.annotate(
            "",
            (to - 0.4, end),
            (x + 0.4, y),
            arrowprops={"arrowstyle": "->", "color": style.INK, "linewidth": 1},
        )
    ax.set(xlim=(-0.6, width - 0.4), ylim=(0.6 - height, 0.6), xticks=[], yticks=[])
    return made
