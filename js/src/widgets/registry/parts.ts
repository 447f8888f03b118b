/** What can be seen of one version: about it, its card, what differs, what was done. */

import { type Child, h, icon } from "../../core/dom.ts";
import { labelled, selectField } from "../../core/form.ts";
import { intervalGlyph } from "../../core/interval.ts";
import { registry as say } from "../../core/strings.ts";
import { table } from "../../core/table.ts";
import { lineageNodes } from "./lineage.ts";
import type { Diff, GateTold, Lineage, Log, Metric, Version } from "./types.ts";

const ICONS = { pass: "ok", fail: "fail", inconclusive: "unsure" } as const;
const TONES = { pass: "c-ok", fail: "c-err", inconclusive: "c-warn" } as const;

/** What is not shown, if there is any. */
export const more = (n: number): Child => n > 0 && h("p", { class: "dim", text: say.more(n) });

/** One axis for the same number of several versions: what overlaps can be seen to. */
export function axisOf(metrics: readonly (Metric | undefined)[]): [number, number] {
  const ends = metrics.flatMap((metric) => [metric?.low, metric?.high, metric?.value]);
  const known = ends.filter((end) => typeof end === "number");
  return [Math.min(...known), Math.max(...known)];
}

export function figure(metric: Metric | undefined, axis: [number, number]): Child {
  if (!metric) return h("span", { class: "dim", text: say.notMeasured });
  const { value, low, high, text, interval } = metric;
  const drawn = value !== null && low !== null && high !== null;
  const glyph = drawn && intervalGlyph({ value, low, high }, axis);
  const words = h("span", {}, h("b", { text }), h("span", { class: "sec", text: ` ${interval}` }));
  return h("div", { class: "rg-num" }, glyph, words);
}

export function about({ metrics }: Version, lineage: Lineage, shown: readonly Version[]): Child[] {
  const others = (name: string) => shown.map((v) => v.metrics.find((metric) => metric.name === name));
  const rows = metrics.map((m) => {
    const lower = m.lower && h("span", { class: "dim", title: say.lower, text: " ↓" });
    return [h("span", {}, m.label, lower), figure(m, axisOf(others(m.name)))];
  });
  const numbers = rows.length > 0 && table(say.metric, [say.metric, say.value], rows);
  const notices = lineage.notices.map((text) => h("p", { class: "sec", text }));
  return [numbers, h("h4", { text: say.lineage }), ...lineageNodes(lineage), ...notices];
}

export const card = ({ text }: { text: string }): Child[] => [
  h("pre", { class: "mo-code rg-card", tabindex: "0", role: "region", "aria-label": say.view.card, text }),
];

/** `choose` takes the version that is compared with. */
export function diff({ summary, rows, total, others, against }: Diff, choose: (n: number) => void): Child[] {
  if (!against) return [h("p", { class: "sec", text: summary })];
  const choice = selectField(say.against, Object.fromEntries(others.map((n) => [n, say.version(n)])));
  choice.value = String(against);
  choice.dataset.key = "against";
  choice.addEventListener("change", () => choose(Number(choice.value)));
  const cells = rows.map(([part, what, before, after, change]) => [
    h("span", {}, h("small", { class: "dim", text: `${part} ` }), what ?? ""),
    h("del", { class: "sec", text: before ?? "" }),
    h("span", {}, h("b", { text: after ?? "" }), change && h("span", { class: "sec", text: ` (${change})` })),
  ]);
  const found = rows.length > 0 && table(summary, say.diffHead, cells);
  return [labelled(say.against, choice), h("p", { text: summary }), found, more(total - rows.length)];
}

export function log({ events, total }: Log): Child[] {
  const lines = events.map(({ at, version, kind, about, gates }) => {
    const what = [kind, version && say.version(version), about].filter(Boolean).join(" · ");
    const when = h("span", { class: "dim num", text: at });
    return h("li", {}, when, h("div", {}, what, ...gates.map(gateNode)));
  });
  return [h("ol", { class: "rg-log", "aria-label": say.view.log }, ...lines), more(total - events.length)];
}

export function gateNode({ outcome, title, reason }: GateTold): HTMLElement {
  const tag = h("span", { class: `mo-tag ${TONES[outcome]}` }, icon(ICONS[outcome]), outcome);
  return h("p", { class: "rg-gate" }, tag, h("span", {}, h("b", { text: `${title}. ` }), reason));
}
