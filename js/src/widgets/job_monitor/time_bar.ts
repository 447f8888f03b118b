/** The bar of wall-clock time: done is solid, the plan hatched, the end a whisker with a dot. */

import { h, replace } from "../../core/dom.ts";
import { share } from "../../core/interval.ts";
import { job as say } from "../../core/strings.ts";
import { clock, type Part, type Snapshot } from "./snapshot.ts";

export function timeBar(): Part {
  const element = h("div", { class: "jm-time", role: "img" });
  return {
    element,
    draw(job) {
      element.hidden = job.started === null;
      if (job.started === null) return;
      const ends = timeEnds(job, job.started);
      element.setAttribute("aria-label", sentence(job, ends));
      replace(element, ...marks(job, ends));
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

/** Start, now and the range of the end, in epoch seconds; `last` is the right end of the bar. */
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

type Place = (time: number) => string;

function marks(job: Snapshot, ends: Ends): (Node | false)[] {
  const at: Place = (time) => `${share(time, [ends.start, ends.last])}%`;
  const span = (name: string, from: number, to: number) =>
    h("i", { class: name, style: { "--l": at(from), "--r": at(to) } });
  const past = done(job, ends).map(([from, to]) => span("done", from, to));
  const plan = !job.final && span("plan", ends.now, ends.mid);
  return [
    h("div", { class: "track" }, ...past, plan),
    !job.final && h("span", { class: "now", style: { "--l": at(ends.now) } }),
    job.progress.eta !== null && !job.final && whisker(ends, at),
    ...ticks(job, ends, at),
  ];
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

function whisker(ends: Ends, at: Place): HTMLElement {
  const middle = `${share(ends.mid, [ends.low, ends.high])}%`;
  return h("span", { class: "end", style: { "--l": at(ends.low), "--r": at(ends.high), "--m": middle } });
}

/** Labels under the bar; what would touch "now" is left out. */
function ticks(job: Snapshot, ends: Ends, at: Place): (Node | false)[] {
  const text = (time: number) => clock(time, job.utc_offset, job.now);
  const tick = (side: string, left: string, words: string) =>
    h("span", { class: `tick ${side}`, style: { left }, text: words });
  const start = tick("s", "0", text(ends.start));
  if (job.final) return [start, tick("e on", "100%", say.ended(text(ends.now)))];
  const here = share(ends.now, [ends.start, ends.last]);
  const side = here < 14 ? "s" : here > 60 ? "e" : "";
  const range = `${text(ends.low)}–${text(ends.high)}`;
  const end = text(ends.low) === text(ends.high) || range.length > 11 ? text(ends.mid) : range;
  return [
    here >= 4 * text(ends.start).length && start,
    tick(`${side} on`, at(ends.now), say.now(text(ends.now))),
    job.progress.eta !== null && tick("e on", "100%", end),
  ];
}

function sentence(job: Snapshot, ends: Ends): string {
  const text = (time: number) => clock(time, job.utc_offset, job.now);
  const [start, now] = [text(ends.start), text(ends.now)];
  if (job.final) return say.times.over(start, now);
  if (job.progress.eta === null) return say.times.open(start, now);
  return say.times.planned(start, now, text(ends.mid), text(ends.low), text(ends.high));
}
