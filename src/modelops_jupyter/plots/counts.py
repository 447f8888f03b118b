"""Counted things of a dataset, one bar each with its number: roles, problems, copies."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from modelops_jupyter import _format
from modelops_jupyter.datasets import Dataset, duplicates
from modelops_jupyter.datasets.validation import CODES, ValidationReport
from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 12
_TIMES = ("once", "twice", "3 to 9 times", "10 to 99 times", "100 times or more")
_HATCH = {"error": "", "warning": "///", "info": "..."}


def roles(ds: Dataset) -> "Figure":
    """Draw the turns of each role."""
    stats = ds.stats()
    return _bars("Turns by role", _format.plural(stats.turns, "turn"), stats.roles)


def copies(ds: Dataset) -> "Figure":
    """Draw how many different rows stand there once, twice, and so on."""
    first = duplicates.first_of(ds)
    sizes = np.bincount(np.where(first < 0, np.arange(len(ds)), first), minlength=1)
    counts = {
        name: int(((sizes >= low) & (sizes < high)).sum())
        for name, (low, high) in zip(_TIMES, pairwise((1, 2, 3, 10, 100, np.inf)), strict=True)
    }
    extra = _format.plural(int((first >= 0).sum()), "later copy", "later copies")
    return _bars("Different rows by how often they occur", extra, counts)


def problems(shown: Dataset | ValidationReport) -> "Figure":
    """Draw the rows with each problem, errors solid, warnings hatched."""
    report = shown.validate() if isinstance(shown, Dataset) else shown
    found = report.by_code()
    counts = {
        f"{found[code][0].severity}: {CODES.get(code, CODES['custom']).label.lower()}": len(
            {p.row for p in found[code]}
        )
        for code in found
    }
    hatches = [_HATCH[found[code][0].severity] for code in found]
    return _bars("Rows by problem", _format.plural(len(report.dataset), "row"), counts, hatches)


def _bars(title: str, note: str, counts: Mapping[str, int], hatches: list[str] | None = None) -> "Figure":
    shown = list(counts.items())[:_MOST]
    more = len(counts) - len(shown)
    made = style.figure(6.4, 1.1 + 0.28 * max(len(shown), 1))
    ax = style.axes(made, grid="x")
    style.title(ax, title, note + (f"; {more} more kinds not drawn" if more else ""))
    drawn = ax.barh(range(len(shown)), [n for _, n in shown], height=0.66, color=style.BLUE, alpha=0.6)
    for bar, hatch in zip(drawn.patches, hatches or [""] * len(shown), strict=False):
        bar.set(hatch=hatch, edgecolor=style.INK, linewidth=0)
    for at, (_, number) in enumerate(shown):
        ax.annotate(
            _format.count(number), (number, at), xytext=(4, 0), textcoords="offset points",
            color=style.INK, fontsize=9, va="center",
        )  # fmt: skip
    ax.set_yticks(range(len(shown)), [style.plain(_format.visible(name)) for name, _ in shown])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.margins(x=0.12)
    return made
