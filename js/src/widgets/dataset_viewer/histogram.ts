/** How long the rows are: bars on a log axis, median and 95 % point as text. */

import { logTicks } from "../../core/axis.ts";
import { h, s } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { dataset as say } from "../../core/strings.ts";
import type { Histogram } from "./types.ts";

export function histogram(data: Histogram): HTMLElement {
  const low = Math.max(1, data.edges[0] ?? 1);
  const high = Math.max(low * 2, data.edges.at(-1) ?? 2);
  const at = (value: number) => Math.log(Math.max(low, value) / low) / Math.log(high / low);
  const rows = data.counts.reduce((sum, n) => sum + n, 0);
  const label = say.histogramLabel(rows, count(Math.round(low)), count(Math.round(high)), data.median_text);
  return h(
    "div",
    { class: "ds-hist" },
    h(
      "div",
      { class: "txt" },
      h("h3", { text: say.histogram }),
      h(
        "dl",
        {},
        h("dt", { text: say.median }),
        h("dd", { text: data.median_text }),
        h("dt", { text: say.under }),
        h("dd", { text: data.p95_text }),
      ),
    ),
    h(
      "div",
      { class: "plot" },
      s(
        "svg",
        { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", role: "img", "aria-label": label },
        s("path", { class: "base", d: "M0 1000H1000" }),
        s("path", { class: "bars", d: bars(data, at) }),
      ),
      h("div", { class: "ticks", "aria-hidden": "true" }, ...ticks(low, high, at)),
    ),
  );
}

/** The length that only one row in twenty exceeds: bars scaled to the longest would all be dots. */
export function nearlyAll({ counts, edges }: Histogram): number {
  const rows = counts.reduce((sum, n) => sum + n, 0);
  let seen = 0;
  for (const [i, n] of counts.entries()) {
    seen += n;
    if (seen >= 0.95 * rows) return edges[i + 1] ?? 1;
  }
  return edges.at(-1) ?? 1;
}

function bars({ counts, edges }: Histogram, at: (value: number) => number): string {
  const highest = Math.max(1, ...counts);
  return counts
    .map((n, i) => {
      if (n <= 0) return "";
      const left = 1000 * at(edges[i] ?? 1);
      const right = 1000 * at(edges[i + 1] ?? 1);
      const gap = Math.min(2.5, (right - left) / 8);
      // Whatever counts something can be seen.
      const top = 1000 - Math.max(14, (960 * n) / highest);
      return `M${fixed(left + gap)} 1000V${fixed(top)}H${fixed(right - gap)}V1000Z`;
    })
    .join("");
}

function ticks(low: number, high: number, at: (value: number) => number): HTMLElement[] {
  const inside = logTicks(low, high, 7).filter((value) => value >= low && value <= high);
  return inside.map((value) => {
    const place = at(value);
    const edge = place < 0.03 ? "s" : place > 0.97 ? "e" : "";
    return h("span", { class: edge, style: { left: `${fixed(100 * place)}%` }, text: count(value) });
  });
}

const fixed = (value: number) => Number(value.toFixed(1));
