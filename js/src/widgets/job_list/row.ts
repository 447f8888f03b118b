/** One job as a line: status, name, provider, how far, validation loss, the one thing to do. */

import { h, replace } from "../../core/dom.ts";
import { jobs, job as words } from "../../core/strings.ts";
import type { Carrier } from "../../wire/carrier.ts";
import { jobButton } from "../job_monitor/actions.ts";
import type { Part, ShortSnapshot } from "../job_monitor/snapshot.ts";
import { providerBadge, statusPill } from "../job_monitor/status.ts";

export interface JobRow extends Part<ShortSnapshot> {
  lastSeen(): void;
}

/** With `open`, the name and the result of a job are buttons. */
export function jobRow(carrier: Carrier, say: (text: string) => void, open?: (id: string) => void): JobRow {
  const answer = h("span", { class: "jl-text" });
  const button = jobButton(carrier, (text) => {
    answer.textContent = text;
    if (text !== "") say(text);
  });
  const pill = statusPill();
  const badge = providerBadge();
  const opens = (name: string) =>
    h("button", { type: "button", class: name, on: { click: () => job && open?.(job.id) } });
  const name = open ? opens("jl-name cut") : h("span");
  const result = opens("mo-btn");
  const progress = h("td", { class: "jl-how" });
  const held = h("td", { class: "held" });
  const element = h(
    "tr",
    {},
    h("td", { class: "status" }, pill.element),
    h("th", { scope: "row", class: "job cut" }, name),
    h("td", { class: "prov" }, badge.element),
    progress,
    held,
    h("td", { class: "act r" }, button.element, result),
  );
  let job: ShortSnapshot | null = null;

  return {
    element,
    draw(next) {
      job = next;
      if (name.textContent !== job.name) name.textContent = name.title = job.name;
      pill.draw(job);
      badge.draw(job);
      button.draw(job);
      result.hidden = !open || job.status !== "completed";
      if (result.title !== job.name) {
        result.title = job.name;
        replace(result, jobs.result, h("span", { class: "sr", text: ` ${job.name}` }));
      }
      replace(progress, ...howFar(job), answer);
      replace(held, ...loss(job));
    },
    lastSeen() {
      if (job) pill.lastSeen(job);
      button.silence();
    },
  };
}

function howFar(job: ShortSnapshot): Node[] {
  const { progress, simulated } = job;
  const kind = simulated ? "sim" : "";
  const text = (words: string) => h("span", { class: `jl-text ${kind}`, text: words });
  if (job.status === "failed") return [text(firstSentence(job.reason_text))];
  const eta = /^[^(]*/.exec(progress.eta_text)?.[0].trim() ?? "";
  const known = [simulated && words.simulated, progress.percent_text, job.detail || eta]
    .filter(Boolean)
    .join(", ");
  if (job.status !== "running") return [text(job.detail || (job.final ? jobs.steps(progress.step) : known))];
  const width = { "--w": `${100 * progress.fraction}%` };
  return [h("span", { class: `jl-bar ${kind}`, style: width }), text(known)];
}

const firstSentence = (text: string) => /^.+?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;

function loss({ values, simulated, final }: ShortSnapshot): (Node | string | false)[] {
  const figure = values.validation_loss;
  if (!figure) return [h("span", { class: "dim", text: final ? "–" : jobs.notYet })];
  const context = simulated ? words.simulated : figure.interval;
  return [figure.text, Boolean(context) && h("span", { class: "dim", text: ` ${context}` })];
}
