/** The runs of one chart as a table: how far each is, its loss, and the one thing to do. */

import { h } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import type { Carrier } from "../../wire/carrier.ts";
import { jobTable } from "../job_list/table.ts";
import type { Part, Snapshot } from "./snapshot.ts";

export interface Runs extends Part<readonly Snapshot[]> {
  lastSeen(): void;
}

export function runs(carrier: Carrier, announce: (text: string) => void): Runs {
  const table = jobTable(carrier, announce);
  const element = h("div", { class: "mo-sec jl-rows", role: "group", "aria-label": say.runs }, table.element);
  return {
    element,
    lastSeen: () => table.lastSeen(),
    draw(jobs) {
      element.hidden = jobs.length < 2;
      if (!element.hidden) table.draw(jobs);
    },
  };
}
