/** Where a version comes from: boxes from left to right, and the same as a list. */

import { h, s } from "../../core/dom.ts";
import { registry as say } from "../../core/strings.ts";
import type { Lineage } from "./types.ts";

const KINDS = ["job", "evaluation", "version"];
/** All that was there first stands in the first column. */
const column = (kind: string) => KINDS.indexOf(kind) + 1;

export function lineageNodes(lineage: Lineage): HTMLElement[] {
  const { nodes, edges } = lineage;
  const rows = placed(lineage);
  const points = nodes.map(({ kind }, i) => [column(kind) * 100 + 50, (rows[i] ?? 0) * 100 + 50] as const);
  const lines = edges.map(([source, target]) => {
    const [[x, y] = [0, 0], [u, v] = [0, 0]] = [points[source], points[target]];
    const middle = (x + u) / 2;
    return s("path", { d: `M${x} ${y}C${middle} ${y} ${middle} ${v} ${u} ${v}` });
  });
  const box = { viewBox: `0 0 400 ${Math.max(...rows) * 100 + 100}`, preserveAspectRatio: "none" };
  const boxes = nodes.map(({ kind, label }, i) => {
    const style = { "grid-area": `${(rows[i] ?? 0) + 1} / ${column(kind) + 1}` };
    const words = [h("small", { text: kind }), h("span", { text: label })];
    return h("div", { class: `rg-box ${kind}`, style, title: label }, ...words);
  });
  const list = nodes.map(({ kind, label }, i) => {
    const of = edges.filter(([, target]) => target === i).map(([source]) => nodes[source]?.label);
    const from = of.length > 0 && h("span", { class: "sec", text: say.cameOf(of.join(", ")) });
    return h("li", {}, h("span", { class: "dim", text: `${kind} ` }), label, from);
  });
  return [
    h("div", { class: "rg-graph", "aria-hidden": "true" }, s("svg", box, ...lines), ...boxes),
    h("ol", { class: "rg-list", "aria-label": say.lineage }, ...list),
  ];
}

/** The row of each node. A line over more than one column passes between the boxes: they stand lower or higher. */
function placed({ nodes, edges }: Lineage): number[] {
  let next = 0;
  const rows = nodes.map(({ kind }) => (column(kind) ? 0 : next++));
  const line = rows[edges.find(([, , kind]) => kind === "learned_from")?.[0] ?? -1] ?? 0;
  return rows.map((row, i) => {
    const kind = column(nodes[i]?.kind ?? "");
    const on = rows[edges.find(([, target]) => target === i)?.[0] ?? -1] ?? 0;
    return kind === 2 ? Math.max(line + 1, on) : kind ? line : row;
  });
}
