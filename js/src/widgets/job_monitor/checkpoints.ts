/** Checkpoints on the axis of the loss: hollow = removed, filled = kept, green and larger = best. */

import { h, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { share } from "../../core/interval.ts";
import { job as say } from "../../core/strings.ts";
import type { Checkpoint, Snapshot } from "./snapshot.ts";

/** Fingers need 24 px each; removed checkpoints give way first, then the oldest. */
const MOST = 10;

interface Checkpoints {
  readonly element: HTMLElement;
  draw(job: Snapshot, until: number): void;
}

/** A press picks a checkpoint here and in what `pick` shows of it. */
export function checkpoints(pick: (step: number | null) => void): Checkpoints {
  const row = h("div", { class: "row", role: "group", "aria-label": say.checkpoints });
  const label = h("span", { class: "lab" });
  const element = h("div", { class: "jm-cks" }, row, label);
  let shown = "";
  let picked: number | null = null;
  let last: [Snapshot, number] | null = null;

  function draw(job: Snapshot, until: number): void {
    last = [job, until];
    const listed = fewest(job.checkpoints);
    const chosen = listed.find((c) => c.step === picked) ?? listed.find((c) => c.best) ?? listed.at(-1);
    element.hidden = chosen === undefined;
    if (!chosen) return;
    label.textContent = caption(chosen, job.simulated);
    const at = share(chosen.step, [0, until]);
    label.style.setProperty("--l", `${at}%`);
    label.classList.toggle("e", at > 50);
    const next = JSON.stringify([listed, until]);
    if (shown !== next) replace(row, ...listed.map((c) => mark(c, until, () => choose(c.step))));
    shown = next;
    for (const [i, button] of [...row.children].entries())
      button.setAttribute("aria-pressed", String(listed[i] === chosen));
  }
  /** A second press goes back to the best. */
  function choose(step: number): void {
    picked = picked === step ? null : step;
    pick(picked);
    if (last) draw(...last);
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

function caption({ step, word, text }: Checkpoint, simulated: boolean): string {
  return `${word} ${count(step)}${text === "" ? "" : `: ${text}`}${simulated ? ` ${say.simulated}` : ""}`;
}
