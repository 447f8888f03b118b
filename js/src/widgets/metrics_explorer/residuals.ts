/** Errors of a regression: over the prediction, and how they are distributed. */

import { between } from "../../core/axis.ts";
import { h } from "../../core/dom.ts";
import { dotPath, whiskerPath } from "../../core/path.ts";
import { metrics as say } from "../../core/strings.ts";
import { type Marked, place, points, spans, xyPlot } from "../../core/xy_plot.ts";
import { bars } from "./bars.ts";
import type { RowsBehind } from "./examples.ts";
import { figure, type Residuals } from "./result.ts";

const SHADES = 4;

export function residuals(found: Residuals, behind: RowsBehind): HTMLElement {
  const axes = { x: between(...found.x), y: between(...found.y) };
  const { x, y, low, high } = found.groups;
  const host = h("div");
  const plot = xyPlot(axes, [say.predicted, say.off], say.residualsLabel(found.finding), [
    ["dt sm s1 pale", dotPath(points(...(found.points ?? [[], []])), axes)],
    ...density(found, axes),
    ["gd", `M0 ${1000 - place(axes.y, 0) * 10}H1000`],
    ["wk s2", whiskerPath(spans(x, low, high), axes)],
    ["dt s2", dotPath(points(x, y), axes)],
  ]);
  const filter = (bin: { low: number; high: number }) => ({
    bin: { of: "error", low: bin.low, high: bin.high },
  });
  const bins = bars(found.bins, say.errorsIn, [behind, host], filter);
  const ends = found.ends.map((text) => h("span", { text }));
  const scale = h("div", { class: "ends", "aria-hidden": "true" }, ...ends);
  const said = h("p", { class: "sec", text: found.finding });
  const both = [figure(say.off, say.groupMeans, plot.element), figure(say.errorsIn, "", bins, scale, said)];
  return h("div", {}, h("div", { class: "mx-curves two" }, ...both), host);
}

/** Cells by how full they are, in a few shades: thousands of dots would hide how many there are. */
function density({ cells }: Residuals, axes: Parameters<typeof xyPlot>[0]): Marked[] {
  const x = (value: number) => place(axes.x, value) * 10;
  const y = (value: number) => 1000 - place(axes.y, value) * 10;
  const shade = (part: number) => Math.min(SHADES, Math.ceil(Math.sqrt(part) * SHADES));
  return Array.from({ length: SHADES }, (_, i) => {
    const same = (cells ?? []).filter((cell) => shade(cell[4]) === i + 1);
    const boxes = same.map(([l, b, r, t]) => `M${x(l)} ${y(b)}H${x(r)}V${y(t)}H${x(l)}Z`);
    return [`br s1 o${i + 1}`, boxes.join("")];
  });
}
