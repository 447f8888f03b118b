/** What a run reported beside the loss, each as a small chart: dots in their band, or every batch as a line. */

import { tickText } from "../../core/axis.ts";
import { h, replace } from "../../core/dom.ts";
import { lineChart } from "../../core/line_chart.ts";
import { job as say } from "../../core/strings.ts";
import { lastStep, type Measure, type Part, points, type Snapshot, spans } from "./snapshot.ts";

/** More points than this without an interval are the noise of batches. */
const MOST_DOTS = 30;

export function measures(): Part {
  const element = h("div", { class: "mo-sec jm-measures" });
  const known = new Map<string, ReturnType<typeof measure>>();
  return {
    element,
    draw(job) {
      element.hidden = job.measures.length === 0;
      const before = known.size;
      for (const { name, label } of job.measures) if (!known.has(name)) known.set(name, measure(label));
      if (known.size > before) replace(element, ...[...known.values()].map((part) => part.element));
      for (const one of job.measures) known.get(one.name)?.draw(one, job);
    },
  };
}

function measure(label: string) {
  const chart = lineChart(104);
  const element = h(
    "div",
    {},
    h("div", { class: "mo-h" }, h("h3", { class: "cut", text: label })),
    chart.element,
  );
  function draw({ rows, text, interval }: Measure, job: Snapshot): void {
    const whiskers = spans(rows);
    const shape = whiskers.length > 0 || rows.length < MOST_DOTS ? "dotted" : "line";
    const context = job.simulated ? say.simulated : interval;
    const tone = job.simulated ? "ss" : "s3";
    const line = {
      name: "",
      tone,
      shape,
      points: points(rows),
      band: whiskers,
      whiskers,
      text,
      context,
    } as const;
    const sentence = say.measure(label, `${text} ${interval}`.trim(), tickText(rows.at(-1)?.[0] ?? 0));
    chart.draw({ lines: [line], log: false, until: lastStep(job), sentence });
  }
  return { element, draw };
}
