/** Parts of the rows on one axis, worst first, with the line of all rows. */

import { type Child, h } from "../../core/dom.ts";
import { chooser } from "../../core/form.ts";
import { metrics as say } from "../../core/strings.ts";
import type { RowsBehind } from "./examples.ts";
import { forest } from "./forest.ts";
import type { Slices } from "./result.ts";

export function slices(found: Slices, behind: RowsBehind, by: (column: string) => void): Child[] {
  const label = chooser(say.by, [["", say.search], ...found.columns], found.by, by);
  const note = h("p", { text: say.sliceNote(found.measure) });
  const head = h("div", { class: "mo-h" }, note, h("div", { class: "mo-acts" }, label));
  const host = h("div");
  const lines = found.rows.map((row) => ({
    ...row,
    button: behind.button({ slice: { by: found.by, name: row.label } }, host, {
      class: "mx-pick",
      text: row.label,
    }),
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
