"""Slices of the rows, worst first, around the line of all rows."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING

from modelops_jupyter import _format
from modelops_jupyter.errors import ConfigError
from modelops_jupyter.evaluation import EvaluationResult
from modelops_jupyter.evaluation.columns import Column
from modelops_jupyter.evaluation.slices import Slices
from modelops_jupyter.evaluation.worst import WorstSlices
from modelops_jupyter.plots import style
from modelops_jupyter.plots.bars import Line, lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 40
_COLOURS = {"better": style.BLUE, "worse": style.ORANGE}


def draw(found: Slices) -> "Figure":
    """Draw the chosen metric of every slice; the dashed line is its value for all rows."""
    shown = found.slices[:_MOST]
    values = [(s, s.metrics[found.metric]) for s in shown]
    rows = [
        Line(
            s.name,
            float(v),
            v.low,
            v.high,
            f"{v.brief}  n={s.n}  {s.finding}",
            _COLOURS.get(s.finding, style.INK),
        )
        for s, v in values
    ]
    whole = found.result[found.metric]
    more = f", {len(found) - _MOST} more" if len(found) > _MOST else ""
    made, ax = _figure(rows)
    ax.axvline(float(whole), color=style.INK, linewidth=1, linestyle=(0, (4, 4)))
    note = f"dashed: all rows, {whole.brief}; words corrected for {_format.plural(len(found), 'slice')}{more}"
    style.title(ax, f"{whole.label} by {_format.visible(found.column)}", note)
    return made


def of_result(result: EvaluationResult, by: Column | None = None, metric: str | None = None) -> "Figure":
    """Draw `result.by(by)`.

    Parameters
    ----------
    by
        A field of the dataset, or one value per row.
    metric
        Which one to draw; the first by default.
    """
    if by is None:
        raise ConfigError("Slices need a column.", hint='plot("slices", by="topic").')
    return draw(result.by(by, metric=metric))


def worst(found: WorstSlices) -> "Figure":
    """Draw the mean error of every rule that stood out, with the one elsewhere as a short line."""
    rows = [
        Line(
            s.rule,
            s.value,
            s.low,
            s.high,
            f"{found.text(s.value)} {found.interval(s)}  n={s.n}",
            style.ORANGE,
        )
        for s in found.slices
    ]
    made, ax = _figure(rows)
    for at, s in enumerate(found.slices):
        ax.plot(
            [s.elsewhere] * 2, [at - 0.3, at + 0.3], color=style.INK, linewidth=1.2, linestyle=(0, (2, 2))
        )
    if found.rates:
        ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    title = "Nothing stands out" if not rows else "Share wrong" if found.rates else "Mean error"
    note = f"dashed: elsewhere; {_format.plural(found.searched, 'rule')} searched, {found.method}"
    style.title(ax, title, note)
    return made


def _figure(rows: list[Line]) -> "tuple[Figure, Axes]":
    made = style.figure(7.2, 1.3 + 0.42 * max(1, len(rows)))
    ax = style.axes(made, grid="x")
    lines(ax, rows)
    ax.margins(x=0.08)
    return made, ax
