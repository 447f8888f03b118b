/** One tile per metric: the value, its interval in words and as a glyph. */

import { tickText } from "../../core/axis.ts";
import { h } from "../../core/dom.ts";
import { intervalGlyph } from "../../core/interval.ts";
import { metrics as say } from "../../core/strings.ts";
import { known, type Metric, type Result } from "./result.ts";

export function tiles({ metrics, level_text }: Result): HTMLElement {
  // At most five in a row, and rows of about the same length.
  const columns = { "--n": String(Math.ceil(metrics.length / Math.ceil(metrics.length / 5)) || 1) };
  const label = say.tiles(level_text);
  return h("ul", { class: "mx-tiles", style: columns, "aria-label": label }, ...metrics.map(tile));
}

function tile(metric: Metric): HTMLElement {
  const lower = metric.lower_is_better && h("span", { class: "dim", title: say.lower, text: " ↓" });
  const title = h("h3", {}, metric.label, lower);
  const missing = metric.error ?? metric.undefined;
  if (missing !== null) {
    const why = metric.error === null ? "sec" : "bad";
    return h(
      "li",
      { class: "mx-tile" },
      title,
      h("p", {}, h("b", { class: "dim", text: "–" }), h("span", { class: why, text: missing })),
    );
  }
  const before = metric.baseline && h("span", { class: "sr", text: say.before(metric.baseline.text) });
  const interval = known(metric);
  const ends = metric.axis.map((end) => h("span", { text: tickText(end) }));
  return h(
    "li",
    { class: "mx-tile", title: say.method(metric.method, metric.n) },
    title,
    h("p", {}, h("b", { text: metric.text }), " ", h("span", { text: metric.interval_text }), before),
    interval && intervalGlyph(interval, metric.axis, "s1", metric.baseline?.value),
    interval && h("div", { class: "ends", "aria-hidden": "true" }, ...ends),
  );
}
