/** Lines over steps: bands, whiskers, dots and direct labels. Marks are one stretched SVG, text is HTML. */

import { between, linear, logarithmic, type Scale, tickText } from "./axis.ts";
import { h, replace, s } from "./dom.ts";
import { LABEL_ROOM, type LineEnd, placeLabels } from "./labels.ts";
import {
  type Axes,
  bandPath,
  decimate,
  dotPath,
  linePath,
  type Point,
  type Span,
  whiskerPath,
} from "./path.ts";
import { chart as say } from "./strings.ts";

export type Tone = "s1" | "s2" | "s3" | "s4" | "s5" | "s6" | "ss" | "sn";

/** Something that happened at a step: a dashed vertical with its word. */
export interface Mark {
  readonly step: number;
  readonly text: string;
}

export interface Line {
  readonly name: string;
  readonly tone: Tone;
  readonly points: readonly Point[];
  readonly band?: readonly Span[];
  readonly whiskers?: readonly Span[];
  readonly shape: "line" | "dotted" | "dashed" | "dots";
  /** The last value and what stands behind it, as the other side wrote them. */
  readonly text: string;
  readonly context: string;
}

export interface LinePlot {
  readonly lines: readonly Line[];
  /** The planned end of the x axis. */
  readonly until: number;
  readonly log: boolean;
  /** The sentence for those who do not see the picture. */
  readonly sentence: string;
  readonly watermark?: string | undefined;
  readonly marks?: readonly Mark[];
}

export interface LineChart {
  readonly element: HTMLElement;
  draw(plot: LinePlot): void;
}

/** The narrowest plot is 250 px wide and shows at most two points per pixel. */
export const MOST_POINTS = 500;

export function lineChart(height: number): LineChart {
  const svg = s("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", role: "img" });
  const above = h("div", { class: "mo-labs" });
  const inside = h("div", { class: "mo-inside" });
  const y = h("div", { class: "y" });
  const x = h("div", { class: "x" });
  const area = h("div", { class: "area" }, svg, inside);
  const plotted = h("div", { class: "mo-plot", style: { "--h": `${height}px` } }, y, area, x);
  const element = h("div", { class: "mo-chart" }, above, plotted);

  function draw(plot: LinePlot): void {
    const axes = { x: between(0, plot.until), y: yScale(plot) };
    svg.setAttribute("aria-label", plot.sentence);
    const at = (mark: Mark) => axes.x.at(mark.step);
    const verticals = (plot.marks ?? []).map((mark) => `M${Math.round(at(mark) * 1000)} 0V1000`).join("");
    const lines = plot.lines.flatMap((line) => marks(line, axes));
    replace(svg, ...grid(axes.y), ...lines, verticals !== "" && s("path", { class: "mk", d: verticals }));
    replace(y, ...axes.y.ticks.map((tick) => yTick(tick, axes.y)));
    replace(x, ...xTicks(axes.x));
    replace(above, ...plot.lines.map((line) => h("span", { class: `mo-leg ${key(line)}` }, ...words(line))));
    const mark =
      plot.watermark && h("div", { class: "mo-water", "aria-hidden": "true", text: plot.watermark });
    const notes = (plot.marks ?? []).map((mark) =>
      h("span", {
        class: `mo-mark ${at(mark) > 0.7 ? "e" : ""}`,
        style: { left: `${at(mark) * 100}%` },
        text: mark.text,
      }),
    );
    replace(inside, mark, ...notes, ...inPlace(plot.lines, axes, 17 / height));
  }
  return { element, draw };
}

function yScale({ lines, log }: LinePlot): Scale {
  const values = lines.flatMap((line) => [
    ...line.points.map((point) => point[1]),
    ...[...(line.band ?? []), ...(line.whiskers ?? [])].flatMap(([, low, high]) => [low, high]),
  ]);
  return (log && logarithmic(values)) || linear(values);
}

function grid(y: Scale): SVGElement[] {
  const at = (tick: number) => `M0 ${Math.round(1000 - y.at(tick) * 1000)}H1000`;
  const [base, ...rest] = y.ticks;
  return [s("path", { class: "g", d: rest.map(at).join("") }), s("path", { class: "g0", d: at(base ?? 0) })];
}

function marks(line: Line, axes: Axes): (SVGElement | false)[] {
  const points = decimate(line.points, MOST_POINTS);
  const band = bandPath(decimate(line.band ?? [], MOST_POINTS), axes);
  const whiskers = whiskerPath(decimate(line.whiskers ?? [], MOST_POINTS), axes);
  const path = (name: string, d: string) => d !== "" && s("path", { class: `${name} ${line.tone}`, d });
  const stroke = { line: "ln", dashed: "ln dash", dotted: "ln thin", dots: "" }[line.shape];
  return [
    path("bd", band),
    stroke !== "" && path(stroke, linePath(points, axes)),
    path("wk", whiskers),
    (line.shape === "dotted" || line.shape === "dots") && path("dt sm", dotPath(points, axes)),
  ];
}

const key = (line: Line) =>
  `${line.tone}${line.shape === "dashed" ? " dash" : line.shape === "line" ? "" : " pt"}`;

const words = (line: Line) => [
  h("b", { text: `${line.name} ${line.text}`.trim() }),
  line.context !== "" && h("span", { class: "more", text: ` ${line.context}` }),
];

function yTick(tick: number, y: Scale): HTMLElement {
  return h("span", { style: { top: `${100 - y.at(tick) * 100}%` }, text: tickText(tick) });
}

/** The last tick is the planned end; one that would touch it is left out. */
function xTicks(x: Scale): HTMLElement[] {
  const [start, end] = x.domain;
  const inner = x.ticks.filter((tick) => tick > start && x.at(tick) < 0.88);
  return [
    h("span", { class: "s", text: say.step(tickText(start)) }),
    ...inner.map((tick) => h("span", { style: { left: `${x.at(tick) * 100}%` }, text: tickText(tick) })),
    h("span", { class: "e", style: { left: "100%" }, text: tickText(end) }),
  ];
}

function inPlace(lines: readonly Line[], axes: Axes, gap: number): HTMLElement[] {
  const ends = lines.map((line) => lineEnd(line, axes));
  const left = `${100 * Math.max(...ends.map((end) => end.x))}%`;
  const places = placeLabels(ends, gap);
  return lines.map((line, i) => {
    const { y, beside } = places[i] ?? { y: 0, beside: true };
    const style = { top: `${100 * y}%`, ...(beside && { left }) };
    return h("span", { class: `mo-lab ${beside ? line.tone : `far ${key(line)}`}`, style }, ...words(line));
  });
}

function lineEnd(line: Line, axes: Axes): LineEnd {
  const from = 1 - LABEL_ROOM;
  const heights = [...line.points, ...(line.band ?? []).map(([x, , high]): Point => [x, high])]
    .filter(([x]) => axes.x.at(x) >= from)
    .map(([, value]) => 1 - axes.y.at(value));
  const [x, value] = line.points.findLast((point) => Number.isFinite(point[1])) ?? [0, 0];
  return { x: axes.x.at(x), y: 1 - axes.y.at(value), summit: Math.min(1, ...heights) };
}
