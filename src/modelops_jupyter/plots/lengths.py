"""How long the rows are: a histogram on a log axis, its median and 95 % point."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from itertools import pairwise
from typing import TYPE_CHECKING

from modelops_jupyter import _format
from modelops_jupyter.datasets import Dataset, tokens
from modelops_jupyter.datasets.stats import histogram
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(ds: Dataset) -> "Figure":
    """Draw the estimated tokens of each row."""
    made = style.figure(6.4, 2.6)
    ax = style.axes(made, grid="y")
    style.title(ax, "Tokens per row", f"{_format.plural(len(ds), 'row')}, estimated, log axis")
    lengths = histogram(tokens.estimate(ds)) if len(ds) else None
    if lengths is None:
        return made
    edges = lengths.edges
    widths = [right - left for left, right in pairwise(edges)]
    ax.bar(edges[:-1], lengths.counts, widths, align="edge", color=style.BLUE, alpha=0.6, edgecolor="none")
    ax.set_xscale("log")
    ax.set_xlim(edges[0] * 0.95, edges[-1] * 1.05)
    ticks = sorted({edges[0], lengths.median, lengths.p95, edges[-1]})
    ax.set_xticks(ticks, [_format.count(round(tick)) for tick in ticks])
    ax.set_xticks([], minor=True)
    for name, at, dash, side in (("median", lengths.median, "-", -4), ("95 %", lengths.p95, "--", 4)):
        ax.axvline(at, color=style.INK, linewidth=1.2, linestyle=dash)
        ax.annotate(
            name, (at, 1), xycoords=("data", "axes fraction"), xytext=(side, -9),
            textcoords="offset points", color=style.INK, fontsize=9, ha="right" if side < 0 else "left",
        )  # fmt: skip
    return made
