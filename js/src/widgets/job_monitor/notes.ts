/** Lines under the head: simulated, why it failed, early warnings, what was made, last seen, what became of a request. */

import { type Child, h, type IconName, icon, replace } from "../../core/dom.ts";
import { note } from "../../core/present.ts";
import { job as words } from "../../core/strings.ts";
import { clock, type Part, type Snapshot, sentences } from "./snapshot.ts";

export interface Notes extends Part {
  /** A sentence about the last request; "" takes it away. */
  answer(text: string, failed?: boolean): void;
  /** For those who do not see the pill change; steps are not announced. */
  announce(text: string): void;
  lastSeen(job: Snapshot, why: string): void;
}

export function notes(): Notes {
  const simulated = line("c-sim sim", "flask");
  const failed = h("div", { class: "mo-err", role: "alert", hidden: true });
  const warned = h("div", { role: "group", "aria-label": words.warnings });
  const done = line("c-ok", "ok");
  const seen = line("c-idle", "clock");
  const reply = line("c-warn", "info");
  const live = h("p", { class: "sr", role: "status" });
  const element = h("div", { class: "jm-notes" }, simulated, failed, warned, done, seen, reply, live);
  let reason = "";
  let warnings: readonly string[] = [];

  function warn(next: readonly string[]): void {
    if (warnings.join("\n") === next.join("\n")) return;
    const fresh = next.filter((text) => !warnings.includes(text));
    warnings = next;
    replace(warned, ...next.map(warning));
    if (fresh.length > 0) live.textContent = fresh.join(" ");
  }

  return {
    element,
    draw(job) {
      if (job.simulated && simulated.hidden)
        fill(simulated, h("b", { text: words.simulatedHead }), words.simulatedBody);
      seen.hidden = true;
      warn(job.warnings);
      warned.hidden = job.warnings.length === 0;
      if (job.result)
        fill(
          done,
          h("b", { text: `${job.label}.` }),
          ` ${job.result.text} `,
          h("code", { text: job.result.call }),
        );
      else done.hidden = true;
      failed.hidden = job.status !== "failed";
      const next = failed.hidden ? "" : job.reason_text || words.noReason;
      if (next !== reason) replace(failed, ...paragraph(next));
      reason = next;
    },
    answer(text, isError = false) {
      reply.className = `mo-note ${isError ? "c-err" : "c-warn"}`;
      fill(reply, text);
      reply.hidden = text === "";
      live.textContent = text;
    },
    announce(text) {
      live.textContent = text;
    },
    lastSeen(job, why) {
      const at = clock(job.seen ?? job.now, job.utc_offset, Date.now() / 1000);
      const head = h("b", {
        text: words.lastSeen(at, job.final ? "" : job.progress.percent_text),
      });
      fill(seen, head, ` ${why}${job.final ? "" : words.mayHaveEnded}`.trimEnd());
    },
  };
}

function line(tone: string, name: IconName): HTMLElement {
  return h("div", { class: `mo-note ${tone}`, hidden: true }, icon(name), h("div"));
}

function fill(note: HTMLElement, ...children: Child[]): void {
  if (note.lastElementChild) replace(note.lastElementChild, ...children);
  note.hidden = false;
}

const warning = (text: string) => note("c-warn", "warn", ...sentences(text));

function paragraph(text: string): Node[] {
  const [what, rest] = sentences(text);
  return [icon("error"), h("b", { text: what }), h("p", { text: rest, hidden: rest === "" })];
}
