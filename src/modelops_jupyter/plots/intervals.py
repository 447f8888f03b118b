"""Values with their intervals, one line each: a bar from limit to limit, a tick at the value."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from modelops_jupyter import _format
from modelops_jupyter.evaluation import EvaluationResult, FalseAlarms, GateResult, MetricValue
from modelops_jupyter.evaluation.judges import Calibration
from modelops_jupyter.evaluation.suites import SuiteResult
from modelops_jupyter.plots import style
from modelops_jupyter.plots.bars import Line, lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


Named = list[tuple[str, MetricValue]]


def draw(result: EvaluationResult) -> "Figure":
    """Draw every metric of a result; metrics of one range share an axis."""
    note = f"{_format.plural(result.sample_count, 'row')}, {100 * result.level:g} % intervals"
    return values(_labelled(result.metrics.values()), _format.visible(result.title), note)


def suite(result: SuiteResult) -> "Figure":
    """Draw every metric of a suite's run."""
    cases, answers = len({run.case for run in result}), len(result)
    note = f"{_format.plural(cases, 'case')}, {_format.plural(answers, 'answer')}, 95 % intervals"
    return values(_labelled(result.metrics.values()), _format.visible(result.title), note)


def calibration(found: Calibration) -> "Figure":
    """Draw how far a judge agrees with the labels, and its leanings."""
    return values(list(found.parts.items()), found.title, "95 % intervals")


def false_alarms(found: FalseAlarms) -> "Figure":
    """Draw the share of rounds that failed."""
    low, high = found.interval
    share = MetricValue(found.rate, low=low, high=high, n=found.rounds, bounds=(0.0, 1.0))
    note = f"{_format.plural(found.rounds, 'round')} of {_format.plural(found.rows, 'row')}, 95 % interval"
    return values([("failed rounds", share)], found.title, note)


def gate(found: GateResult) -> "Figure":
    """Draw each number that was judged beside its limit."""
    made = style.figure(6.4, 0.9 + 0.9 * len(found.judged))
    grid = made.add_gridspec(len(found.judged), 1)
    for i, part in enumerate(found.judged):
        ax = style.dress(made.add_subplot(grid[i]), grid="x")
        text = f"{_format.number(part.value)} {_format.interval(part.low, part.high)}, {part.outcome}"
        lines(ax, [Line(part.label, part.value, part.low, part.high, text)])
        if math.isfinite(part.limit):
            ax.axvline(part.limit, color=style.INK, linewidth=1, linestyle=(0, (4, 4)))
        ax.margins(x=0.1)
        if i == 0:
            style.title(ax, f"{found.title}: {found.outcome}", "dashed: the limit")
    return made


def values(shown: Named, title: str, note: str) -> "Figure":
    """Draw values by name; those of one range share an axis."""
    groups = _groups(shown)
    heights = [len(g) for g in groups] or [1]
    made = style.figure(6.4, 0.9 + 0.42 * sum(heights) + 0.45 * len(heights))
    grid = made.add_gridspec(len(heights), 1, height_ratios=[h + 0.6 for h in heights])
    for i, group in enumerate(groups):
        ax = made.add_subplot(grid[i])
        style.dress(ax, grid="x")
        _lines(ax, group)
        if i == 0:
            style.title(ax, title, note)
    return made


def _labelled(shown: Iterable[MetricValue]) -> Named:
    return [(v.label + (" ↓" if v.greater_is_better is False else ""), v) for v in shown]


def _groups(shown: Named) -> list[Named]:
    """Put values between 0 and 1 on one axis, every other one on its own."""
    finite = [(name, v) for name, v in shown if not math.isnan(v)]
    shares = [(name, v) for name, v in finite if v.bounds == (0.0, 1.0)]
    rest = [[(name, v)] for name, v in finite if v.bounds != (0.0, 1.0)]
    return ([shares] if shares else []) + rest


def _lines(ax: "Axes", shown: Named) -> None:
    lines(ax, [Line(name, float(v), v.low, v.high, v.brief) for name, v in shown])
    if all(v.bounds == (0.0, 1.0) for _, v in shown):
        low = min((v.low if v.has_interval else float(v)) for _, v in shown)
        ax.set_xlim(math.floor(low * 10) / 10 if low > 0.5 else 0, 1.005)
    else:
        ax.margins(x=0.1)
