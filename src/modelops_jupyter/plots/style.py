"""One look for all figures: no ground of its own, greys and hues that read on light and dark.

The hues stay apart for the three common colour-vision deficiencies; nothing is told by
colour alone.
"""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Grid = Literal["x", "y", "both"]

INK = "#767676"  # at least 4:1 on white and on near-black
LINE = "#80808040"
BLUE, ORANGE, GREEN = "#2a86c8", "#d9691e", "#159a5e"  # at least 3:1 on both grounds


def figure(width: float, height: float) -> "Figure":
    """Return an empty transparent figure in inches; it draws without a display."""
    from modelops_jupyter.plots.picture import Picture

    made = Picture(figsize=(width, height), layout="constrained", dpi=110)
    made.patch.set_alpha(0)
    return made


def axes(made: "Figure", *, grid: Grid | None = None) -> "Axes":
    """Add the figure's only axes, dressed."""
    return dress(made.add_subplot(), grid=grid)


def dress(ax: "Axes", *, grid: Grid | None = None) -> "Axes":
    """Take the frame off; `grid` is the axis with faint lines."""
    ax.patch.set_alpha(0)
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(colors=INK, labelcolor=INK, length=0, labelsize=9)
    ax.locator_params(nbins=5)
    ax.use_sticky_edges = False
    if grid is not None:
        ax.grid(axis=grid, color=LINE, linewidth=0.8)
        ax.set_axisbelow(True)
    return ax


def title(ax: "Axes", text: str, note: str = "") -> None:
    """Put title and a quieter second line at the left; text is text, never maths."""
    ax.set_title(plain(text), loc="left", color=INK, fontsize=11, fontweight="bold", pad=18 if note else 8)
    if note:
        ax.text(0, 1.015, plain(note), transform=ax.transAxes, color=INK, fontsize=9, va="bottom")


def plain(text: str) -> str:
    """Escape what matplotlib would read as maths."""
    return text.replace("$", r"\$")
