"""The loss of a job: every batch as a band, its mean, validation with its interval; metrics below it."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves the types of its **kwargs open.

from typing import TYPE_CHECKING, Any

from modelops_jupyter.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from modelops_jupyter.fine_tuning import FineTuningJob

PURPLE = "#9a66d0"  # only for what was simulated
Series = dict[str, list[list[Any]]]


def draw(job: "FineTuningJob", *, log: bool = False) -> "Figure":
    """Draw the loss over the steps of a job, up to the planned end.

    Parameters
    ----------
    job
        A job in any state.
    log
        Whether the loss axis is logarithmic.
    """
    snapshot = job.snapshot()
    simulated = bool(snapshot["simulated"])
    metrics = [m for m in snapshot["measures"] if m["interval"]]
    made = style.figure(7, 3.4 + 1.6 * len(metrics))
    rows = made.add_gridspec(1 + len(metrics), 1, height_ratios=[3.4, *[1.6] * len(metrics)])
    ax = style.dress(made.add_subplot(rows[0]), grid="y")
    word = " · simulated: nothing was trained" if simulated else ""
    style.title(ax, f"Loss of {snapshot['name']}", f"{snapshot['label']}, {_steps(snapshot)}{word}")
    _train(ax, snapshot, PURPLE if simulated else style.BLUE)
    _validation(ax, snapshot, PURPLE if simulated else style.ORANGE)
    _span(ax, snapshot, log=log)
    for mark in snapshot["marks"]:
        ax.axvline(mark["step"], color=style.INK, linestyle=":", linewidth=1)
        ax.text(
            mark["step"], 1, f" {mark['text']}", transform=ax.get_xaxis_transform(), color=style.INK, va="top"
        )
    for row, metric in enumerate(metrics, 1):
        below = style.dress(made.add_subplot(rows[row]), grid="y")
        style.title(below, metric["label"])
        points = [point for point in metric["rows"] if point[1] is not None]
        _banded(below, points, "", metric, PURPLE if simulated else style.GREEN)
        _span(below, snapshot, log=False)
    if simulated:
        ax.text(
            *(0.5, 0.5),
            "SIMULATED",
            transform=ax.transAxes,
            ha="center",
            va="center",
            fontsize=34,
            color=PURPLE,
            alpha=0.25,
            weight="bold",
        )
    return made


def _steps(snapshot: dict[str, Any]) -> str:
    progress = snapshot["progress"]
    total = progress["total_steps"]
    return f"step {progress['step']:,} of {total:,}" if total else f"step {progress['step']:,}"


def _train(ax: "Axes", snapshot: dict[str, Any], colour: str) -> None:
    rows = snapshot["series"]["loss_band"]
    if not rows:
        ax.text(0.5, 0.5, "no step yet", transform=ax.transAxes, ha="center", color=style.INK)
        return
    steps, means, lows, highs = zip(*rows, strict=True)
    dashes = "--" if snapshot["simulated"] else "-"
    ax.fill_between(steps, lows, highs, color=colour, alpha=0.25, linewidth=0)
    ax.plot(steps, means, color=colour, linewidth=1.8, linestyle=dashes)
    _label(ax, steps[-1], means[-1], "train", snapshot["values"].get("loss"), colour)


def _validation(ax: "Axes", snapshot: dict[str, Any], colour: str) -> None:
    rows = [row for row in snapshot["series"]["validation_loss"] if row[1] is not None]
    if rows:
        _banded(ax, rows, "validation", snapshot["values"].get("validation_loss"), colour)


def _banded(ax: "Axes", rows: list[list[Any]], word: str, value: dict[str, Any] | None, colour: str) -> None:
    steps, values, lows, highs = zip(*rows, strict=True)
    ax.plot(steps, values, color=colour, linewidth=1.4, marker="o", markersize=4)
    if None not in lows and None not in highs:
        ax.fill_between(steps, lows, highs, color=colour, alpha=0.2, linewidth=0)
        below = [value - low for value, low in zip(values, lows, strict=True)]
        above = [high - value for value, high in zip(values, highs, strict=True)]
        ax.errorbar(steps, values, yerr=[below, above], fmt="none", ecolor=colour, capsize=2, linewidth=1)
    _label(ax, steps[-1], values[-1], word, value, colour, above=True)


def _label(
    ax: "Axes",
    x: float,
    y: float,
    word: str,
    value: dict[str, Any] | None,
    colour: str,
    *,
    above: bool = False,
) -> None:
    text = f"{word} {value['text'] if value else ''}".strip()
    offset = (6, 7 if above else -9)
    ax.annotate(text, (x, y), offset, textcoords="offset points", color=colour, fontsize=9, weight="bold")


def _span(ax: "Axes", snapshot: dict[str, Any], *, log: bool) -> None:
    total = snapshot["progress"]["total_steps"] or snapshot["progress"]["step"] or 1
    ax.set_xlim(0, total * 1.18)  # room for the labels at the ends of the lines
    ax.set_xticks([tick for tick in ax.get_xticks() if 0 <= tick <= total])
    ax.set_xlabel("step", color=style.INK, fontsize=9)
    if log:
        ax.set_yscale("log")
        ax.minorticks_off()
    else:
        ax.set_ylim(bottom=0)
