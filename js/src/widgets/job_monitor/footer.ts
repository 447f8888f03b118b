/** When the worker was last heard, and the call that finds the job again from anywhere. */

import { h, replace } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import type { Part, Snapshot } from "./snapshot.ts";

export interface Footer extends Part {
  /** The clock of "0.4 s ago" stands still. */
  silence(): void;
  stop(): void;
}

export function footer(): Footer {
  const heard = h("span");
  const call = h("code");
  const element = h("footer", { class: "mo-foot" }, heard, h("span", { class: "end" }, call));
  let job: Snapshot | null = null;
  let received = 0;
  const timer = setInterval(tell, 1000);

  function tell(): void {
    if (!job) return;
    const { seen, final, now } = job;
    if (final || seen === null) replace(heard, final ? "" : say.noWorker);
    else {
      const age = Math.max(0, now - seen + (performance.now() - received) / 1000);
      replace(heard, say.heard[0], h("b", { text: say.ago(ago(age)) }), say.heard[1]);
    }
    heard.hidden = heard.textContent === "";
  }
  return {
    element,
    draw(next) {
      job = next;
      received = performance.now();
      call.textContent = `FineTuningJob.attach("${next.id}")`;
      tell();
    },
    silence() {
      job = null;
      heard.hidden = true;
    },
    stop: () => clearInterval(timer),
  };
}

export function ago(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
