/** Name, status, provider; model, data, method. */

import { h, replace } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import type { Part, Snapshot } from "./snapshot.ts";
import { providerBadge, statusPill } from "./status.ts";

export interface Head extends Part {
  /** What was running may have ended since. */
  lastSeen(job: Snapshot): void;
  /** Takes the keyboard focus when the button that had it is gone. */
  readonly title: HTMLElement;
}

export function head(button: HTMLElement): Head {
  const title = h("h2", { class: "mo-title cut", tabindex: "-1" });
  const pill = statusPill();
  const badge = providerBadge();
  const meta = h("div", { class: "mo-meta num" });
  const titles = h("div", { class: "mo-titles" }, title, pill.element, badge.element);
  const acts = h("div", { class: "mo-acts" }, button);
  const element = h("header", { class: "mo-head" }, h("div", { class: "id" }, titles, meta), acts);
  let described = "";

  function describe(job: Snapshot): void {
    const { base_model, rows, fingerprint, method, attempt } = job;
    const key = [base_model, rows, fingerprint, method, attempt].join("\n");
    if (described === key) return;
    described = key;
    const data =
      fingerprint !== "" &&
      h("span", { class: "wide-only" }, say.data, h("code", { text: halves(fingerprint) }));
    replace(
      meta,
      base_model !== "" && h("span", { text: base_model }),
      rows > 0 && h("span", { class: "wide-only", text: say.rows(rows) }),
      data,
      method !== "" && h("span", { text: method }),
      attempt > 1 && h("span", { text: say.attempt(attempt) }),
    );
  }
  return {
    element,
    title,
    lastSeen: (job) => pill.lastSeen(job),
    draw(job) {
      if (title.textContent !== job.name) title.textContent = title.title = job.name;
      pill.draw(job);
      badge.draw(job);
      describe(job);
    },
  };
}

/** "41d077be" → "41d0 77be", which is easier to compare by eye. */
const halves = (fingerprint: string) =>
  /^[0-9a-f]{8}$/.test(fingerprint) ? fingerprint.replace(/^.{4}/, "$& ") : fingerprint;
