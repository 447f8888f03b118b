/** Four quiet figures that share the x axis of the loss: name, value, line, one line of context. */

import { h, replace, show } from "../../core/dom.ts";
import { sparkline } from "../../core/sparkline.ts";
import { job as say } from "../../core/strings.ts";
import { lastStep, type Part, points } from "./snapshot.ts";

const FIGURES = ["learning_rate", "tokens_per_second", "grad_norm", "memory"] as const;

export function sparks(): Part {
  const parts = FIGURES.map(spark);
  const grid = h("div", { class: "jm-sparks" }, ...parts.map((part) => part.element));
  const element = h("div", { class: "mo-sec" }, grid);
  return {
    element,
    draw(job) {
      for (const part of parts) part.draw(job);
      show(element, !parts.every((part) => part.element.hidden));
    },
  };
}

function spark(key: (typeof FIGURES)[number]): Part {
  const line = sparkline();
  const value = h("span", { class: "v" });
  const context = h("span", { class: "w" });
  const element = h(
    "div",
    { class: "jm-spark" },
    h("h4", { text: say.figures[key] }),
    value,
    line.element,
    context,
  );
  return {
    element,
    draw(job) {
      const figure = job.values[key];
      show(element, figure !== undefined);
      replace(value, figure?.text, job.simulated && h("small", { text: ` ${say.simulated}` }));
      context.textContent = job.simulated ? "" : (figure?.context ?? "");
      show(context, context.textContent !== "");
      const tone = job.simulated ? "ss dash" : "s1";
      line.draw(points(job.series[key]), lastStep(job), tone, points(job.plans[key]));
    },
  };
}
