/** Where the job stands: per cent, step and epoch, time left, and the bar of wall-clock time with its stages. */

import { h, type IconName, icon, replace } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import type { Part, Snapshot, Stage } from "./snapshot.ts";
import { timeBar } from "./time_bar.ts";

export function now(): Part {
  const percent = h("span", { class: "big" });
  const steps = h("span", { class: "sec" });
  const left = h("span", { class: "eta" });
  const bar = timeBar();
  const stages = h("ul", { class: "jm-stages num", "aria-label": say.stages });
  const element = h("div", { class: "jm-now" }, percent, steps, left, bar.element, stages);
  let shownStages = "";

  return {
    element,
    draw(job) {
      percent.textContent = job.progress.percent_text;
      steps.textContent = stepText(job);
      replace(left, ...timeLeft(job));
      bar.draw(job);
      const next = JSON.stringify(job.stages);
      if (shownStages === next) return;
      shownStages = next;
      replace(stages, ...job.stages.map(stageItem));
      stages.hidden = job.stages.length === 0;
    },
  };
}

function stepText({ progress, simulated }: Snapshot): string {
  const { step, total_steps: total, epoch, epochs } = progress;
  const words = [
    simulated && say.simulated,
    say.steps(step, total),
    epoch !== "" && say.epochs(epoch, epochs),
  ];
  return words.filter(Boolean).join(" · ");
}

/** "about 15 min left" is what counts; the range follows, its meaning last. */
function timeLeft({ progress, detail }: Snapshot): (Node | string)[] {
  if (detail !== "") return [detail];
  const [, about = "", range = "", meaning = ""] =
    /^([^,(]*)(,[^(]*)?(\(.*)?$/s.exec(progress.eta_text) ?? [];
  if (about === "") return [progress.eta_text];
  return [h("b", { text: about }), range, h("span", { class: "dim wide-only", text: meaning })];
}

const STAGE_ICON: Record<Stage["state"], IconName> = {
  done: "ok",
  active: "run",
  todo: "wait",
  failed: "fail",
};

function stageItem(stage: Stage): HTMLElement {
  const words = `${stage.name} ${stage.text}`.trim();
  return h("li", { class: `is-${stage.state}` }, icon(STAGE_ICON[stage.state] ?? "wait"), words);
}
