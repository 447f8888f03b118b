/** SVG path data in the 1000 × 1000 plot; y grows downwards, so a position p is drawn at 1000 − 1000 p. */

import type { Scale } from "./axis.ts";

export type Point = readonly [x: number, y: number];
export type Span = readonly [x: number, low: number, high: number];

export interface Axes {
  readonly x: Scale;
  readonly y: Scale;
}

const left = (axes: Axes, x: number) => Math.round(axes.x.at(x) * 1000);
const top = (axes: Axes, y: number) => Math.round(1000 - axes.y.at(y) * 1000);

/** What the y axis cannot show (no number, or nothing positive on a log axis) leaves a gap. */
const drawable = (axes: Axes, y: number) => Number.isFinite(y) && (!axes.y.log || y > 0);

/** Thin to about `most` points, keeping first, last and the lowest and highest of each stretch. */
export function decimate<P extends readonly number[]>(points: readonly P[], most: number): readonly P[] {
  if (points.length <= most) return points;
  const stretches = Math.max(1, Math.floor(most / 2) - 1);
  const kept = new Set<number>([0, points.length - 1]);
  for (let i = 0; i < stretches; i++) {
    const from = Math.floor((i * points.length) / stretches);
    const to = Math.floor(((i + 1) * points.length) / stretches);
    let low = from;
    let high = from;
    for (let j = from; j < to; j++) {
      if (value(points, j) < value(points, low)) low = j;
      if (value(points, j) > value(points, high)) high = j;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b).map((i) => points[i] as P);
}

const value = (points: readonly (readonly number[])[], i: number) => points[i]?.[1] ?? Number.NaN;

/** A line; a value that cannot be drawn interrupts it. */
export function linePath(points: readonly Point[], axes: Axes): string {
  let data = "";
  let pen = "M";
  for (const [x, y] of points) {
    if (drawable(axes, y)) data += `${pen}${left(axes, x)} ${top(axes, y)}`;
    pen = drawable(axes, y) ? "L" : "M";
  }
  return data;
}

/** The closed area between the low and the high end of each span. */
export function bandPath(spans: readonly Span[], axes: Axes): string {
  const shown = spans.filter(([, low, high]) => drawable(axes, low) && drawable(axes, high));
  if (shown.length < 2) return "";
  const up = shown.map(([x, , high]) => `${left(axes, x)} ${top(axes, high)}`);
  const down = shown.map(([x, low]) => `${left(axes, x)} ${top(axes, low)}`).reverse();
  return `M${[...up, ...down].join("L")}Z`;
}

/** One vertical stroke per span. */
export function whiskerPath(spans: readonly Span[], axes: Axes): string {
  return spans
    .filter(([, low, high]) => drawable(axes, low) && drawable(axes, high))
    .map(([x, low, high]) => `M${left(axes, x)} ${top(axes, low)}V${top(axes, high)}`)
    .join("");
}

/** Dots: strokes of no length, which round caps make round whatever the aspect of the plot. */
export function dotPath(points: readonly Point[], axes: Axes): string {
  return points
    .filter(([, y]) => drawable(axes, y))
    .map(([x, y]) => `M${left(axes, x)} ${top(axes, y)}h.01`)
    .join("");
}
