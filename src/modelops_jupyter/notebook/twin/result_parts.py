"""What a result's view holds besides its values, folded away: curves, calibration, errors, slices.

The numbers are those of the view, asked for by the same functions. What takes long is left to
the method that gives it.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from modelops_jupyter import _format as fmt
from modelops_jupyter.errors import ModelOpsError
from modelops_jupyter.notebook.twin import svg
from modelops_jupyter.notebook.twin.grammar import Column, Html, details, image, join, p, table
from modelops_jupyter.wire import curves, residuals, slices
from modelops_jupyter.wire.shown import Shown

Description = dict[str, Any]
_THRESHOLDS = 6  # rows of the table beside a curve
_SLICES = 10
_SEARCHED = 2_000  # rows up to which the search for bad slices is quick


def parts(shown: Shown, found: Description) -> Html:
    """Return the folded parts that a result has and that are quick to make."""
    there: dict[str, bool] = found["parts"]
    makers = {"curves": _curves, "residuals": _residuals, "slices": _slices}
    return join(_made(name, make, shown) for name, make in makers.items() if there.get(name))


def _made(name: str, make: Callable[[Shown], Html], shown: Shown) -> Html:
    """Return a part, or why there is none: the values are shown all the same."""
    try:
        return make(shown)
    except ModelOpsError as why:
        return p(f"{name.capitalize()}: {fmt.visible(why.message)}")


def _curves(shown: Shown) -> Html:
    found = curves.describe(shown.result, curves.CurveArgs(result=""))
    about = f" of {found['classes'][found['positive']]} against the rest" if found["classes"] else ""
    chance = [svg.Point(0, 0), svg.Point(1, 1)]
    line = [svg.Point(x, y) for x, y in zip(found["roc"]["x"], found["roc"]["y"], strict=True)]
    said = f"Share of positives found over the share of false alarms: {found['finding']}"
    drawn = svg.line_chart([("", chance), ("", line)], x_title="false alarms", x_end=1, caption="found")
    columns = [Column("called positive from"), *(Column(c, number=True) for c in ("recall", "precision"))]
    shared = [found["text"], found["recall"], found["precision"]]
    rows = [[column[i] for column in shared] for i in _spread(found)]
    curve = details(
        f"ROC curve{about}: {found['finding']}",
        p(image(said, drawn)),
        table([*columns, Column("false alarms", number=True)], _with_alarms(rows, found)),
        p(f"{found['cheapest_text']}") if found["moves"] else "",
    )
    return join((curve, _calibration(found["calibration"])))


def _spread(found: Description) -> list[int]:
    """Return places along the curve: evenly apart, with the one in use and the cheapest one."""
    last = len(found["threshold"]) - 1
    even = np.linspace(1, last, min(_THRESHOLDS, last)).astype(int).tolist()
    return sorted({*even, found["start"], found["cheapest"]})


def _with_alarms(rows: list[list[str]], found: Description) -> list[list[str]]:
    total = found["negatives"]
    counts = [f"{found['alarms'][i]:,.6g} of {total:,.6g}" for i in _spread(found)]
    return [[*row, count] for row, count in zip(rows, counts, strict=True)]


def _calibration(found: Description | None) -> Html:
    if found is None:
        return Html("")
    columns = [Column("mean score"), Column("observed share", number=True), Column("interval", number=True)]
    sides = (found["x"], found["y"], found["low"], found["high"])
    rows = [
        (fmt.number(x), fmt.number(y), fmt.interval(low, high))
        for x, y, low, high in zip(*sides, strict=True)
    ]
    points = [svg.Point(*point) for point in zip(*sides, strict=True)]
    perfect = [svg.Point(0, 0), svg.Point(1, 1)]
    drawn = svg.line_chart([("", perfect), ("", points)], x_title="mean score", x_end=1, caption="observed")
    error = f" error {found['error']}" if found["error"] else ""
    said = f"Observed share over mean score, {found['text']}; calibration{error}"
    return details(f"Calibration{error}, {found['text']}", p(image(said, drawn)), table(columns, rows))


def _residuals(shown: Shown) -> Html:
    found = residuals.describe(shown.result)
    groups = found["groups"]
    columns = [Column("mean prediction"), Column("mean error", number=True), Column("interval", number=True)]
    rows = [
        (fmt.number(x), fmt.signed(y), fmt.interval(low, high))
        for x, y, low, high in zip(*(groups[k] for k in ("x", "y", "low", "high")), strict=True)
    ]
    bins = [(fmt.number(b["low"]), fmt.number(b["high"]), fmt.count(b["n"])) for b in found["bins"]]
    spread = table([Column("error from"), Column("to", number=True), Column("rows", number=True)], bins)
    return details(f"Errors: {found['finding']}", table(columns, rows) if rows else "", spread)


def _slices(shown: Shown) -> Html:
    if shown.result.sample_count > _SEARCHED:
        return Html("")
    found = slices.describe(shown, slices.SEARCH)
    rows: Sequence[Description] = found["rows"][:_SLICES]
    if not rows:
        return p(f"Worst slices: {found['finding']}")
    whole = found["overall"]
    bars = [(fmt.clip(r["label"], 28), svg.Point(0, r["value"], r["low"], r["high"])) for r in rows]
    axis = found["axis"] if math.isfinite(sum(found["axis"])) else (0.0, 1.0)
    drawn = svg.interval_bars(bars, axis=axis, zero=whole["value"])
    numbers = (Column("rows", number=True), Column(found["measure"], number=True))
    columns = (Column("slice"), *numbers, Column("interval", number=True), Column("p", number=True))
    listed = [(r["label"], fmt.count(r["n"]), r["text"], r["interval_text"], r["p_text"]) for r in rows]
    listed.append(("all rows", "", whole["text"], whole["interval_text"], ""))
    said = f"{found['measure']} of each slice; dashed: all rows. {found['finding']}"
    return details(f"Worst slices: {found['finding']}", p(image(said, drawn)), table(columns, listed))
