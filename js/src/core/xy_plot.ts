/** A plot over two linear axes: marks are one stretched SVG, text is HTML. */

import { type Scale, tickText } from "./axis.ts";
import { h, s } from "./dom.ts";
import type { Axes, Point, Span } from "./path.ts";

export interface XyPlot {
  readonly element: HTMLElement;
  /** What the marks lie in; things placed on the curve go here. */
  readonly area: HTMLElement;
}

/** One mark: its classes and its path data; an empty path is left out. */
export type Marked = readonly [name: string, d: string];

export function xyPlot(
  axes: Axes,
  titles: readonly [x: string, y: string],
  sentence: string,
  marks: Marked[],
): XyPlot {
  const rows = axes.y.ticks.map((tick) => `M0 ${1000 - place(axes.y, tick) * 10}H1000`).join("");
  const columns = axes.x.ticks.map((tick) => `M${place(axes.x, tick) * 10} 0V1000`).join("");
  const all: Marked[] = [["g", rows + columns], ["g0", "M0 0V1000H1000"], ...marks];
  const paths = all.map(([name, d]) => d !== "" && s("path", { class: name, d }));
  const frame = {
    viewBox: "0 0 1000 1000",
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": sentence,
  };
  const area = h("div", { class: "area" }, s("svg", frame, ...paths));
  const y = axes.y.ticks.map((tick) =>
    h("span", { style: { top: `${100 - place(axes.y, tick)}%` }, text: tickText(tick) }),
  );
  const x = axes.x.ticks.map((tick) => {
    const at = place(axes.x, tick);
    const side = at < 5 ? "s" : at > 95 ? "e" : "";
    return h("span", { class: side, style: { left: `${at}%` }, text: tickText(tick) });
  });
  const title = h("p", { class: "axes" }, titles[0], h("span", { text: `↑ ${titles[1]}` }));
  const plot = h(
    "div",
    { class: "mo-plot" },
    h("div", { class: "y" }, ...y),
    area,
    h("div", { class: "x" }, ...x),
  );
  return { element: h("div", { class: "mo-xy" }, plot, title), area };
}

/** In per cent of the axis. */
export const place = (scale: Scale, value: number): number => Math.round(scale.at(value) * 1000) / 10;

type Numbers = readonly number[];

/** Lists of numbers as the points and spans of a path. */
export const points = (x: Numbers, y: Numbers): Point[] => x.map((at, i) => [at, y[i] ?? 0]);
export const spans = (x: Numbers, low: Numbers, high: Numbers): Span[] =>
  x.map((at, i) => [at, low[i] ?? 0, high[i] ?? 0]);
