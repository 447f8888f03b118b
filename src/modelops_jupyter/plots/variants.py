"""What variants cost in quality, and what they give: differences above, sizes and speeds below."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING, Any

from modelops_jupyter import _format
from modelops_jupyter.plots import style
from modelops_jupyter.plots.bars import Line, lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = {"pass": style.BLUE, "fail": style.ORANGE}


def draw(variants: Any) -> "Figure":
    """Draw each variant's paired difference with the gate's limit, and its size and speeds."""
    rows = [row for row in variants if row.change is not None]
    made = style.figure(8.4, 1.9 + 0.9 * max(1, len(rows)))
    grid = made.add_gridspec(2, 1)
    quality = style.dress(made.add_subplot(grid[0]), grid="x")
    quality.axvline(0, color=style.INK, linewidth=1)
    lines(quality, [_line(row) for row in rows])
    limit = variants.limit
    if limit is not None:
        quality.axvline(limit, color=style.ORANGE, linewidth=1.4, linestyle="--")
    reach = max(
        [abs(v) for r in rows for v in (r.change.low, r.change.high) if v == v] + [abs(limit or 0), 1e-3]
    )
    quality.set_xlim(-1.1 * reach, 1.1 * reach)
    note = "paired, 95 % intervals" + ("" if limit is None else "; broken line: what the gate allows")
    style.title(quality, f"{_format.visible(variants.label)}, variant minus original", note)
    costs = style.dress(made.add_subplot(grid[1]), grid="x")
    costs.axvline(1, color=style.INK, linewidth=1)
    for name, marker, colour, values in (
        ("size", "s", style.GREEN, [row.size / variants[0].size for row in rows]),
        ("speed at batch 1", "o", style.BLUE, [row.timing.alone_speed for row in rows]),
        ("speed at batch 8", "D", style.ORANGE, [row.timing.batch_speed for row in rows]),
    ):
        at = range(len(rows))
        costs.plot(values, at, marker, label=name, color=colour, fillstyle="none", markeredgewidth=1.6)
    costs.set_xscale("log")
    costs.set_yticks(range(len(rows)), [style.plain(_format.clip(_format.visible(r.name), 44)) for r in rows])
    costs.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    costs.xaxis.set_major_formatter(_times)
    costs.xaxis.set_minor_formatter(_few_times)
    costs.tick_params(which="minor", labelcolor=style.INK, labelsize=9, length=0)
    style.title(costs, "Size and speed, times the original's")
    costs.legend(frameon=False, labelcolor=style.INK, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    return made


def _times(value: float, _: object) -> str:
    return f"×{value:g}"


def _few_times(value: float, _: object) -> str:
    return _times(value, _) if f"{value:e}"[0] in "25" else ""


def _line(row: Any) -> Line:
    outcome = row.outcome or row.change.verdict
    text = f"{row.change.change}  {outcome}"
    return Line(row.name, row.change.difference, row.change.low, row.change.high, text,
                _COLOURS.get(outcome, style.INK))  # fmt: skip
