/** Which rows are shown, of how many, and what left the others out. Nothing is cut in silence. */

import { type Child, h } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { dataset as say } from "../../core/strings.ts";
import type { Query, Summary } from "./types.ts";

export function footer(
  summary: Summary,
  query: Query,
  problem: string,
  [first, last]: [number, number],
): Child[] {
  const { total, rows } = summary;
  if (total === 0) return [];
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
      `. ${why(query, problem, total, rows)}`,
    ),
    summary.histogram?.estimate && h("span", { class: "end", text: say.estimated }),
  ];
}

function why(query: Query, problem: string, kept: number, all: number): string {
  if (query.search && query.problem !== null) return say.bothLeave(problem, kept, all);
  if (query.problem !== null) return say.problemLeaves(problem, kept, all);
  return query.search ? say.searchLeaves(kept, all) : "";
}
