/** What stands in the place of the curves while there is no point on them. */

import { h, icon } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import type { Part, Snapshot } from "./snapshot.ts";

export function waiting(): Part {
  const title = h("b");
  const text = h("p");
  const element = h("div", { class: "mo-blank" }, icon("chart"), title, text);
  return {
    element,
    draw(job) {
      const stage = job.stages.find((s) => s.state === "active");
      title.textContent = stage ? `${capital(stage.name)} ${stage.text}`.trim() : job.label;
      text.textContent = sentence(job);
    },
  };
}

function sentence(job: Snapshot): string {
  const detail = job.detail === "" ? "" : `${capital(job.detail)}. `;
  if (job.final) return detail + say.notTrained;
  return detail + say.curveStarts;
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
