/** A plain table: a head, and rows whose first cell names them. */

import { type Child, h } from "./dom.ts";

export function table(
  label: string,
  head: readonly string[],
  rows: readonly (readonly Child[])[],
  kind = (_column: number) => "",
): HTMLElement {
  const cells = (row: readonly Child[]) =>
    row.map((cell, i) => h(i ? "td" : "th", { scope: !i && "row", class: kind(i) }, cell));
  const titles = head.map((text, i) => h("th", { scope: "col", class: kind(i), text }));
  const body = rows.map((row) => h("tr", {}, ...cells(row)));
  const parts = [h("thead", {}, h("tr", {}, ...titles)), h("tbody", {}, ...body)];
  return h("table", { class: "mo-tbl", "aria-label": label }, ...parts);
}
