/** The table of jobs; an update keeps the rows that are there, with the focus in them. */

import { h } from "../../core/dom.ts";
import { jobs as say } from "../../core/strings.ts";
import type { Carrier } from "../../wire/carrier.ts";
import type { Part, ShortSnapshot } from "../job_monitor/snapshot.ts";
import { type JobRow, jobRow } from "./row.ts";

export interface JobTable extends Part<readonly ShortSnapshot[]> {
  lastSeen(): void;
}

export function jobTable(
  carrier: Carrier,
  announce: (text: string) => void,
  open?: (id: string) => void,
): JobTable {
  const body = h("tbody");
  const element = h("table", { class: "mo-tbl", "aria-label": say.title }, tableHead(), body);
  const known = new Map<string, JobRow>();

  return {
    element,
    draw(jobs) {
      const ids = new Set(jobs.map((job) => job.id));
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
      const rows = jobs.map((job) => {
        const row = known.get(job.id) ?? jobRow(carrier, announce, open);
        known.set(job.id, row);
        row.draw(job);
        return row.element;
      });
      arrange(body, rows);
    },
    lastSeen() {
      for (const row of known.values()) row.lastSeen();
    },
  };
}

function tableHead(): HTMLElement {
  const { columns } = say;
  const column = (width: string, ...words: (string | Node)[]) =>
    h("th", { scope: "col", style: { width } }, ...words);
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      column("128px", columns.status),
      column("", columns.job),
      column("110px", columns.provider),
      column("27%", columns.progress),
      column("160px", columns.held),
      column("100px", h("span", { class: "sr", text: columns.actions })),
    ),
  );
}

/** Put rows in order without touching those that already are, so that a focused button keeps the focus. */
function arrange(body: HTMLElement, rows: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(rows);
  for (const row of [...body.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, i) => {
    if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null);
  });
}
