/** Checkpoints on the axis of the loss: hollow = removed, filled = kept, green and larger = lowest. */

import { h, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { share } from "../../core/interval.ts";
import { job as say } from "../../core/strings.ts";
import { type Checkpoint, lastStep, type Part, type Snapshot } from "./snapshot.ts";

/** Fingers need 24 px each; removed checkpoints give way first, then the oldest. */
const MOST = 10;

export function checkpoints(): Part {
  const row = h("div", { class: "row", role: "group", "aria-label": say.checkpoints });
  const label = h("span", { class: "lab" });
  const element = h("div", { class: "jm-cks" }, row, label);
  let shown = "";
  let picked: number | null = null;
  let last: Snapshot | null = null;

  function draw(job: Snapshot): void {
    last = job;
    const listed = fewest(job.checkpoints);
    const chosen = listed.find((c) => c.step === picked) ?? listed.find((c) => c.best) ?? listed.at(-1);
    element.hidden = chosen === undefined;
    if (!chosen) return;
    label.textContent = caption(chosen, job.simulated);
    const until = lastStep(job);
    const next = JSON.stringify([listed, until]);
    if (shown !== next) replace(row, ...listed.map((c) => mark(c, until, () => choose(c.step))));
    shown = next;
    for (const [i, button] of [...row.children].entries())
      button.setAttribute("aria-pressed", String(listed[i] === chosen));
  }
  /** A second press goes back to the lowest. */
  function choose(step: number): void {
    picked = picked === step ? null : step;
    if (last) draw(last);
  }
  return { element, draw };
}

function fewest(all: readonly Checkpoint[]): Checkpoint[] {
  const worth = (c: Checkpoint) => (c.best ? 2 : c.kept ? 1 : 0);
  const ranked = [...all].sort((a, b) => worth(b) - worth(a) || b.step - a.step);
  return ranked.slice(0, MOST).sort((a, b) => a.step - b.step);
}

function mark(checkpoint: Checkpoint, until: number, click: () => void): HTMLElement {
  const look = checkpoint.best ? "best" : checkpoint.kept ? "kept" : "";
  const style = { "--l": `${share(checkpoint.step, [0, until])}%` };
  const label = say.checkpoint(caption(checkpoint, false));
  return h("button", { type: "button", class: `jm-ck ${look}`, style, "aria-label": label, on: { click } });
}

function caption({ step, kept, best, text }: Checkpoint, simulated: boolean): string {
  const what = best ? say.lowest : kept ? say.kept : say.removed;
  return `${what} ${count(step)}${text === "" ? "" : `: ${text}`}${simulated ? ` ${say.simulated}` : ""}`;
}
