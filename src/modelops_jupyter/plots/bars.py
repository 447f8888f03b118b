"""One line for each row: a pale bar from limit to limit, a tick at the value, the numbers beside it."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelops_jupyter import _format
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = {style.BLUE: "", style.ORANGE: "////", style.INK: "...."}  # a hatch for each meaning of a colour


@dataclass(frozen=True, slots=True)
class Line:
    """One row; what is not finite is not drawn."""

    label: str
    value: float
    low: float
    high: float
    text: str
    colour: str = style.BLUE


def lines(ax: "Axes", rows: Sequence[Line]) -> None:
    """Draw the rows from the top down."""
    for at, row in enumerate(rows):
        if not math.isnan(row.low + row.high):
            ax.barh(
                at, row.high - row.low, left=row.low, height=0.34, color=row.colour, alpha=0.4,
                hatch=MARKS.get(row.colour, ""), edgecolor=row.colour, linewidth=0,
            )  # fmt: skip
        if not math.isnan(row.value):
            ax.plot(
                [row.value] * 2, [at - 0.3, at + 0.3], color=row.colour, linewidth=2.6, solid_capstyle="butt"
            )
        ax.annotate(
            style.plain(row.text), (1, at), xycoords=("axes fraction", "data"), xytext=(8, 0),
            textcoords="offset points", color=style.INK, fontsize=9, va="center",
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), [style.plain(_format.clip(_format.visible(r.label), 44)) for r in rows])
    ax.set_ylim(max(1, len(rows)) - 0.5, -0.5)
