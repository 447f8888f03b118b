/** Where the job stands: per cent, step and epoch, time left, and the bar of wall-clock time with its stages. */

import { h, type IconName, icon, replace } from "../../core/dom.ts";
import { share } from "../../core/interval.ts";
import { job as say } from "../../core/strings.ts";
import { clock, type Part, type Snapshot, type Stage } from "./snapshot.ts";

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

/** From start to the far end of the estimate: done is solid, the plan hatched, the end a whisker with a dot. */
function timeBar(): Part {
  const element = h("div", { class: "jm-time", role: "img" });
  return {
    element,
    draw(job) {
      element.hidden = job.started === null;
      if (job.started === null) return;
      const ends = timeEnds(job, job.started);
      const at = (time: number) => `${share(time, [ends.start, ends.last])}%`;
      element.setAttribute("aria-label", sentence(job, ends));
      replace(
        element,
        h(
          "div",
          { class: "track" },
          ...done(job, ends).map(([l, r]) =>
            h("i", { class: "done", style: { "--l": at(l), "--r": at(r) } }),
          ),
          !job.final && h("i", { class: "plan", style: { "--l": at(ends.now), "--r": at(ends.mid) } }),
        ),
        !job.final && h("span", { class: "now", style: { "--l": at(ends.now) } }),
        job.progress.eta !== null && !job.final && whisker(ends, at),
        ...ticks(job, ends, at),
      );
    },
  };
}

interface Ends {
  readonly start: number;
  readonly now: number;
  readonly low: number;
  readonly mid: number;
  readonly high: number;
  readonly last: number;
}

function timeEnds({ progress, final, ended, now }: Snapshot, start: number): Ends {
  const here = final ? (ended ?? now) : now;
  if (final) return { start, now: here, low: here, mid: here, high: here, last: here };
  // Without an estimate the bar has no end to be true to: what is done takes a fixed, small part.
  if (progress.eta === null) {
    const last = start + Math.max(here - start, 1) * 12;
    return { start, now: here, low: last, mid: last, high: last, last };
  }
  const { low, mid, high } = progress.eta;
  const last = here + high + (here + high - start) * 0.05;
  return { start, now: here, low: here + low, mid: here + mid, high: here + high, last };
}

/** What is done, divided where one stage gave way to the next. */
function done(job: Snapshot, ends: Ends): [from: number, to: number][] {
  const lengths = job.stages.map((stage) => stage.seconds ?? 0).filter((seconds) => seconds > 0);
  const parts: [number, number][] = [];
  let to = ends.now;
  for (const length of lengths.slice(1).reverse()) {
    parts.unshift([Math.max(ends.start, to - length), to]);
    to -= length;
  }
  return to > ends.start ? [[ends.start, to], ...parts] : parts;
}

function whisker(ends: Ends, at: (time: number) => string): HTMLElement {
  const middle = `${share(ends.mid, [ends.low, ends.high])}%`;
  return h("span", { class: "end", style: { "--l": at(ends.low), "--r": at(ends.high), "--m": middle } });
}

function ticks(job: Snapshot, ends: Ends, at: (time: number) => string): HTMLElement[] {
  const text = (time: number) => clock(time, job.utc_offset);
  const start = h("span", { class: "tick s", style: { left: "0" }, text: text(ends.start) });
  if (job.final) {
    return [
      start,
      h("span", { class: "tick e on", style: { left: "100%" }, text: say.ended(text(ends.now)) }),
    ];
  }
  const here = Number.parseFloat(at(ends.now));
  const side = here < 14 ? "s" : here > 60 ? "e" : "";
  const mark = h("span", {
    class: `tick on ${side}`,
    style: { left: at(ends.now) },
    text: say.now(text(ends.now)),
  });
  const first = here >= 20 && start;
  if (job.progress.eta === null) return [first, mark].filter((tick) => tick !== false);
  const range = text(ends.low) === text(ends.high) ? text(ends.mid) : `${text(ends.low)}–${text(ends.high)}`;
  const end = h("span", { class: "tick e on", style: { left: "100%" }, text: range });
  return [first, mark, end].filter((tick) => tick !== false);
}

function sentence(job: Snapshot, ends: Ends): string {
  const text = (time: number) => clock(time, job.utc_offset);
  const [start, now] = [text(ends.start), text(ends.now)];
  if (job.final) return say.times.over(start, now);
  if (job.progress.eta === null) return say.times.open(start, now);
  return say.times.planned(start, now, text(ends.mid), text(ends.low), text(ends.high));
}
