/** Errors of a regression: over the prediction, and how they are distributed. */

import { between } from "../../core/axis.ts";
import { h } from "../../core/dom.ts";
import { dotPath, type Point, whiskerPath } from "../../core/path.ts";
import { metrics as say } from "../../core/strings.ts";
import { type Marked, place, xyPlot } from "../../core/xy_plot.ts";
import { bars } from "./bars.ts";
import type { RowsBehind } from "./examples.ts";
import type { Residuals } from "./result.ts";

const SHADES = 4;

export function residuals(found: Residuals, behind: RowsBehind): HTMLElement {
  const axes = { x: between(...found.x), y: between(...found.y) };
  const [xs, ys] = found.points ?? [[], []];
  const dots = dotPath(
    xs.map((x, i): Point => [x, ys[i] ?? 0]),
    axes,
  );
  const [x, y] = [(v: number) => place(axes.x, v) * 10, (v: number) => 1000 - place(axes.y, v) * 10];
  const shade = (share: number) => Math.min(SHADES, Math.ceil(Math.sqrt(share) * SHADES));
  const density = Array.from({ length: SHADES }, (_, i): Marked => {
    const cells = (found.cells ?? []).filter((cell) => shade(cell[4]) === i + 1);
    const boxes = cells.map(([l, b, r, t]) => `M${x(l)} ${y(b)}H${x(r)}V${y(t)}H${x(l)}Z`);
    return [`br s1 o${i + 1}`, boxes.join("")];
  });
  const means: Marked[] = [
    [
      "wk s2",
      whiskerPath(
        found.groups.map(([at, , low, high]) => [at, low, high]),
        axes,
      ),
    ],
    [
      "dt s2",
      dotPath(
        found.groups.map(([at, mean]) => [at, mean]),
        axes,
      ),
    ],
  ];
  const zero: Marked = ["gd", `M0 ${y(0)}H1000`];
  const titles = [say.predicted, say.off] as const;
  const plot = xyPlot(axes, titles, say.residualsLabel(found.finding), [
    ["dt sm s1 pale", dots],
    ...density,
    zero,
    ...means,
  ]);
  const host = h("div");
  const bins = bars(found.bins, say.errorsIn, (bin, bar) => {
    const { low, high } = bin;
    behind.toggle({ bin: { of: "error", low, high } }, host, (on) =>
      bar.setAttribute("aria-pressed", String(on)),
    );
  });
  const ends = h(
    "div",
    { class: "ends", "aria-hidden": "true" },
    ...found.ends.map((text) => h("span", { text })),
  );
  const side = h(
    "figure",
    {},
    h("p", {}, h("b", { text: say.errorsIn })),
    bins,
    ends,
    h("p", { class: "sec", text: found.finding }),
  );
  const left = h(
    "figure",
    {},
    h("p", {}, h("b", { text: say.off }), h("span", { class: "sec", text: say.groupMeans })),
    plot.element,
  );
  return h("div", {}, h("div", { class: "mx-curves two" }, left, side), host);
}
