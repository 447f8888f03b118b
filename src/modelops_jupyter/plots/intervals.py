"""Values with their intervals, one line each: a bar from limit to limit, a tick at the value."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

import math
from typing import TYPE_CHECKING

from modelops_jupyter import _format
from modelops_jupyter.evaluation import EvaluationResult, MetricValue
from modelops_jupyter.plots import style
from modelops_jupyter.plots.bars import Line, lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(result: EvaluationResult) -> "Figure":
    """Draw every metric of a result; metrics of one range share an axis."""
    groups = _groups(result)
    heights = [len(g) for g in groups] or [1]
    made = style.figure(6.4, 0.9 + 0.42 * sum(heights) + 0.45 * len(heights))
    grid = made.add_gridspec(len(heights), 1, height_ratios=[h + 0.6 for h in heights])
    for i, group in enumerate(groups):
        ax = made.add_subplot(grid[i])
        style.dress(ax, grid="x")
        _lines(ax, group)
        if i == 0:
            note = f"{_format.plural(result.sample_count, 'row')}, {100 * result.level:g} % intervals"
            style.title(ax, _format.visible(result.title), note)
    return made


def _groups(result: EvaluationResult) -> list[list[MetricValue]]:
    """Put metrics between 0 and 1 on one axis, every other one on its own."""
    values = [v for v in result.metrics.values() if not math.isnan(v)]
    shares = [v for v in values if v.bounds == (0.0, 1.0)]
    rest = [[v] for v in values if v.bounds != (0.0, 1.0)]
    return ([shares] if shares else []) + rest


def _lines(ax: "Axes", values: list[MetricValue]) -> None:
    names = [v.label + (" ↓" if v.greater_is_better is False else "") for v in values]
    lines(ax, [Line(n, float(v), v.low, v.high, v.brief) for n, v in zip(names, values, strict=True)])
    if all(v.bounds == (0.0, 1.0) for v in values):
        low = min((v.low if v.has_interval else float(v)) for v in values)
        ax.set_xlim(math.floor(low * 10) / 10 if low > 0.5 else 0, 1.005)
    else:
        ax.margins(x=0.1)
