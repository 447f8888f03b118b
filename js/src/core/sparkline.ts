/** A small line without axes; it shares its x axis with the plot beside it. */

import { around, between, extent } from "./axis.ts";
import { h, replace, s } from "./dom.ts";
import { decimate, dotPath, linePath, type Point } from "./path.ts";

export interface Sparkline {
  readonly element: HTMLElement;
  /** `plan` is what was meant: the way still to go, or a limit. */
  draw(points: readonly Point[], until: number, tone: string, plan?: readonly Point[]): void;
}

export function sparkline(): Sparkline {
  const svg = s("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" });
  const element = h("div", { class: "mo-plot spark" }, h("div", { class: "area" }, svg));

  function draw(points: readonly Point[], until: number, tone: string, plan: readonly Point[] = []): void {
    const last = extent(points.map((point) => point[0]))?.[1] ?? 1;
    const axes = { x: between(0, until || last), y: around([...points, ...plan].map((point) => point[1])) };
    replace(
      svg,
      s("path", { class: "ln thin dash sn", d: linePath(plan, axes) }),
      s("path", { class: `ln thin ${tone}`, d: linePath(decimate(points, 200), axes) }),
      s("path", { class: `dt sm ${tone}`, d: dotPath(points.slice(-1), axes) }),
    );
  }
  return { element, draw };
}
