"""A small SVG writer for the pictures in a twin: a line chart and interval bars.

One grey that is legible on white and on near-black: a picture in an `<img>` cannot ask the
page for its colours.
"""

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modelops_jupyter._format import number, visible

_WIDTH, _HEIGHT = 620, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 610, 10, 130
_INK = "#777"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a line, with its interval if it has one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


class _Scale:
    """A linear map from values to places."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.start = low, start
        self.step = (end - start) / ((high - low) or 1)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) * self.step


def line_chart(
    lines: Sequence[tuple[str, Sequence[Point]]], *, x_title: str, x_end: float, caption: str
) -> str:
    """Draw lines over a common axis, a logarithmic one where values spread over a power of ten.

    The last line has its label at its end, and a dot for each point that has an interval.
    """
    points = [q for _, line in lines for q in line if math.isfinite(q.y)]
    if not points:
        return ""
    ticks = _ticks(min(_low(q) for q in points), max(_high(q) for q in points))
    y = _Scale(ticks[0], ticks[-1], _BOTTOM, _TOP)
    x = _Scale(0, x_end or 1, _LEFT, _RIGHT)
    grid = "".join(f"M{_LEFT} {y(t):.1f}H{_RIGHT}" for t in ticks)
    parts = [f'<path d="{grid}" opacity=".3"/>']
    parts += [_text(_LEFT - 6, y(t) + 4, number(t, _digits(ticks)), "end") for t in ticks]
    parts += [_text(_LEFT, 146, f"{x_title} 0"), _text(_RIGHT, 146, f"{x_end:,.0f}", "end")]
    for index, (_, line) in enumerate(lines):
        main = index == len(lines) - 1
        finite = [q for q in line if math.isfinite(q.y)]
        path = "L".join(f"{x(q.x):.1f} {y(q.y):.1f}" for q in finite)
        parts.append(f'<path d="M{path}" stroke-width="{1.75 if main else 1}"/>' if path else "")
        if main:
            parts += [_whisker(x(q.x), y, q) for q in finite]
    last = lines[-1][1][-1]
    parts.append(
        _text(min(x(last.x) + 8, _RIGHT), y(last.y) - 6, caption, "end" if last.x > x_end / 2 else "")
    )
    return _svg(_WIDTH, _HEIGHT, parts)


def interval_bars(
    rows: Sequence[tuple[str, Point]], *, axis: tuple[float, float], zero: float | None = None
) -> str:
    """Draw one value with its interval a line, on one axis; `zero` is a vertical reference."""
    low, high = axis
    x = _Scale(low, high, 180, _RIGHT)
    bottom = 22 * len(rows) + 6
    parts = [f'<path d="M180 {bottom}H{_RIGHT}" opacity=".6"/>']
    if zero is not None and low <= zero <= high:
        parts.append(f'<path d="M{x(zero):.1f} 2V{bottom}" stroke-dasharray="3 3"/>')
    for index, (label, q) in enumerate(rows):
        middle = 22 * index + 14
        parts.append(_text(172, middle + 4, label, "end"))
        if not math.isfinite(q.y):
            continue
        left, right = (x(min(max(v, low), high)) for v in (_low(q), _high(q)))
        parts.append(f'<path d="M{left:.1f} {middle}H{right:.1f}" stroke-width="8" opacity=".45"/>')
        parts.append(f'<path d="M{x(q.y):.1f} {middle - 7}v14" stroke-width="3"/>')
    digits = _digits((low, high))
    parts += [
        _text(180, bottom + 15, number(low, digits)),
        _text(_RIGHT, bottom + 15, number(high, digits), "end"),
    ]
    return _svg(_WIDTH, bottom + 20, parts)


def _svg(width: float, height: float, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" fill="none" stroke="{_INK}" font-family="sans-serif" font-size="11">'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, value: str, anchor: str = "") -> str:
    side = f' text-anchor="{anchor}"' if anchor else ""
    words = html.escape(visible(value))
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{_INK}" stroke="none"{side}>{words}</text>'


def _whisker(x: float, y: _Scale, q: Point) -> str:
    dot = f'<path d="M{x:.1f} {y(q.y):.1f}h.01" stroke-width="5" stroke-linecap="round"/>'
    return dot if q.low is None else dot + f'<path d="M{x:.1f} {y(_low(q)):.1f}V{y(_high(q)):.1f}"/>'


def _low(q: Point) -> float:
    return q.y if q.low is None or not math.isfinite(q.low) else q.low


def _high(q: Point) -> float:
    return q.y if q.high is None or not math.isfinite(q.high) else q.high


def _ticks(low: float, high: float) -> list[float]:
    """Three to five ticks at 1-2-5 steps that enclose the values."""
    span = (high - low) or abs(high) or 1.0
    unit = 10.0 ** math.floor(math.log10(span / 3))
    step = next(unit * m for m in (1, 2, 5, 10) if span / (unit * m) <= 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(step * i, 12) for i in range(first, max(last, first + 1) + 1)]


def _digits(ticks: Sequence[float]) -> int:
    step = abs(ticks[1] - ticks[0]) or 1.0
    return max(0, -math.floor(math.log10(step)))
