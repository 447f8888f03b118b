/** Which rows are shown, of how many, and what left the others out. Nothing is cut in silence. */

import { type Child, h } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { dataset as say } from "../../core/strings.ts";
import { filters } from "./query.ts";
import type { Query, Summary } from "./types.ts";

export function footer(
  summary: Summary,
  query: Query,
  problem: string,
  [first, last]: [number, number],
): Child[] {
  const { total, rows } = summary;
  if (total === 0) return [];
  const by = filters(query, problem);
  const soFar = summary.partial && say.soFar;
  return [
    h(
      "span",
      {},
      say.rowsWord,
      h("b", { text: say.shown(first + 1, last + 1) }),
      say.of,
      h("b", { text: count(total) }),
      soFar,
      ". ",
      by.length > 0 && say.filteredBy(total, rows, by),
      summary.edits && summary.edits.dropped > 0 && say.someDropped(summary.edits.dropped),
    ),
    summary.histogram?.estimate && h("span", { class: "end", text: say.estimated }),
  ];
}
