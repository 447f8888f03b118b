"""Paired differences, one line each, around the line of no difference."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING

from modelops_jupyter import _format
from modelops_jupyter.evaluation import Comparison, ComparisonRow
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"better": style.BLUE, "worse": style.ORANGE}


def draw(comparison: Comparison) -> "Figure":
    """Draw a comparison: rates and scores on one axis, measured numbers on their own."""
    groups = _groups(comparison)
    made = style.figure(7.2, 1.1 + 0.45 * len(comparison.rows) + 0.5 * len(groups))
    grid = made.add_gridspec(max(1, len(groups)), 1, height_ratios=[len(g) + 0.6 for g in groups] or [1])
    for i, group in enumerate(groups):
        ax = made.add_subplot(grid[i])
        style.dress(ax, grid="x")
        _lines(ax, group)
        if i == 0:
            note = f"paired by {comparison.paired_by}, {100 * comparison.level:g} % intervals"
            style.title(ax, _names(comparison), note)
    return made


def _names(comparison: Comparison) -> str:
    after, before = (_format.visible(r.title) for r in (comparison.after, comparison.before))
    return f"{_format.clip(after, 40)} minus {_format.clip(before, 40)}"


def _groups(comparison: Comparison) -> list[list[ComparisonRow]]:
    shares = [r for r in comparison.rows if comparison.after[r.name].bounds == (0.0, 1.0)]
    rest = [[r] for r in comparison.rows if r not in shares]
    return ([shares] if shares else []) + rest


def _lines(ax: "Axes", rows: list[ComparisonRow]) -> None:
    ax.axvline(0, color=style.INK, linewidth=1)
    for at, row in enumerate(rows):
        colour = COLOURS.get(row.verdict, style.INK)
        ax.barh(at, row.high - row.low, left=row.low, height=0.34, color=colour, alpha=0.4)
        ax.plot(
            [row.difference] * 2, [at - 0.3, at + 0.3], color=colour, linewidth=2.6, solid_capstyle="butt"
        )
        text = f"{_format.signed(row.difference)} {row.interval_text}  {row.verdict}"
        ax.annotate(
            text, (1, at), xycoords=("axes fraction", "data"), xytext=(8, 0),
            textcoords="offset points", color=style.INK, fontsize=9, va="center",
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), [style.plain(r.label) for r in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    reach = max([abs(v) for r in rows for v in (r.low, r.high, r.difference) if v == v] or [1]) * 1.08
    ax.set_xlim(-reach, reach)
