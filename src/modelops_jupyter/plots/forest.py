"""Paired differences, one line each, around the line of no difference."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING

from modelops_jupyter import _format
from modelops_jupyter.errors import EvaluationError
from modelops_jupyter.evaluation import Comparison, ComparisonRow, EvaluationResult, SuiteComparison
from modelops_jupyter.plots import style
from modelops_jupyter.plots.bars import Line, lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {"better": style.BLUE, "worse": style.ORANGE}
_SHARE = (0.0, 1.0)


def draw(comparison: Comparison) -> "Figure":
    """Draw a comparison: rates and scores on one axis, measured numbers on their own."""
    shares = [comparison.after[r.name].bounds == _SHARE for r in comparison.rows]
    rows = [_line(r.label, r, r.verdict) for r in comparison.rows]
    names = " minus ".join(
        _format.clip(_format.visible(r.title), 40) for r in (comparison.after, comparison.before)
    )
    note = f"paired by {comparison.paired_by}, {100 * comparison.level:g} % intervals"
    return _drawn(rows, shares, names, note)


def suite(comparison: SuiteComparison) -> "Figure":
    """Draw several comparisons; the words beside them hold for all together."""
    pairs = comparison.comparisons
    shares = [pairs[r.name].after[r.row.name].bounds == _SHARE for r in comparison.rows]
    rows = [_line(comparison.label(r), r.row, r.verdict) for r in comparison.rows]
    note = (
        f"{100 * comparison.level:g} % intervals; findings corrected for {_format.plural(len(rows), 'look')}"
    )
    return _drawn(rows, shares, "After minus before", note)


def baselines(result: EvaluationResult) -> "Figure":
    """Draw the first metric's difference to what needs no training."""
    if result.against_baselines is None:
        raise EvaluationError("This result has no baselines.", hint='Use evaluate_model(baselines="auto").')
    found = result.against_baselines
    rows = [_line(r.name, r.row, r.verdict) for r in found.rows]
    shares = [found.comparisons[r.name].after[r.row.name].bounds == _SHARE for r in found.rows]
    note = f"{100 * found.level:g} % intervals; findings corrected for {_format.plural(len(rows), 'look')}"
    return _drawn(rows, shares, f"{found.rows[0].row.label} minus that of", note)


def _line(label: str, row: ComparisonRow, verdict: str) -> Line:
    text = f"{_format.signed(row.difference)} {row.interval_text}  {verdict}"
    return Line(label, row.difference, row.low, row.high, text, COLOURS.get(verdict, style.INK))


def _drawn(rows: list[Line], shares: list[bool], title: str, note: str) -> "Figure":
    """Draw the shares on one axis, every other row on its own."""
    together = [row for row, share in zip(rows, shares, strict=True) if share]
    groups = [
        *([together] if together else []),
        *([row] for row, s in zip(rows, shares, strict=True) if not s),
    ]
    made = style.figure(7.2, 1.1 + 0.45 * len(rows) + 0.5 * len(groups))
    grid = made.add_gridspec(max(1, len(groups)), 1, height_ratios=[len(g) + 0.6 for g in groups] or [1])
    for i, group in enumerate(groups or [[]]):
        ax = style.dress(made.add_subplot(grid[i]), grid="x")
        ax.axvline(0, color=style.INK, linewidth=1)
        lines(ax, group)
        reach = max([abs(v) for r in group for v in (r.low, r.high, r.value) if v == v] or [1]) * 1.08
        ax.set_xlim(-(reach or 1), reach or 1)
        if i == 0:
            style.title(ax, title, note)
    return made
