/** Parts of the rows on one axis, worst first, with the line of all rows. */

import { type Child, h, icon } from "../../core/dom.ts";
import { metrics as say } from "../../core/strings.ts";
import type { RowsBehind } from "./examples.ts";
import { forest } from "./forest.ts";
import type { Slices } from "./result.ts";

export function slices(found: Slices, behind: RowsBehind, by: (column: string) => void): Child[] {
  const option = (value: string, text: string) => h("option", { value, text, selected: value === found.by });
  const options = [option("", say.search), ...found.columns.map((column) => option(...column))];
  const select = h("select", { on: { change: () => by(select.value) } }, ...options);
  const label = h("label", { class: "mo-sel" }, h("span", { text: say.by }), select, icon("down"));
  const note = h("p", { text: say.sliceNote(found.measure) });
  const head = h("div", { class: "mo-h" }, note, h("div", { class: "mo-acts" }, label));
  const host = h("div");
  const lines = found.rows.map((row) => ({
    ...row,
    pick: (press: (on: boolean) => void) =>
      behind.toggle({ slice: { by: found.by, name: row.label } }, host, press),
  }));
  const whole = `${found.overall.text} ${found.overall.interval_text}`;
  const table = forest(lines, found.axis, {
    name: say.slices,
    heads: { measure: say.slice, difference: found.measure, verdict: say.thanOthers },
    line: found.overall.value,
  });
  const finding = h("p", { class: "sec", text: found.finding });
  const all = h("p", { class: "dim", text: say.overall(whole) });
  return [head, ...(lines.length > 0 ? [all, table] : []), finding, host];
}
