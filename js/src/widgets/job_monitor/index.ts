/** JobMonitor: one job, live. */

import { h, replace } from "../../core/dom.ts";
import { job as say } from "../../core/strings.ts";
import { type Mount, setState, type ViewState } from "../../core/view.ts";
import { jobButton } from "./actions.ts";
import { curves } from "./curves.ts";
import { events } from "./events.ts";
import { feed } from "./feed.ts";
import { footer } from "./footer.ts";
import { head } from "./head.ts";
import { ownKeys } from "./keys.ts";
import { notes } from "./notes.ts";
import { now } from "./now.ts";
import type { Snapshot } from "./snapshot.ts";
import { sparks } from "./sparks.ts";
import { waiting } from "./waiting.ts";

export const mount: Mount = ({ root, carrier, spec }) => {
  const note = notes();
  const button = jobButton(carrier, note.answer);
  const top = head(button.element);
  const foot = footer();
  const [here, blank, loss, side, log] = [now(), waiting(), curves(), sparks(), events()];
  const plots = h("div", { class: "jm-two" }, loss.element, side.element);
  const parts = [top, note, here, blank].map((part) => part.element);
  parts.push(plots, log.element, foot.element);
  let last: Snapshot | null = null;

  function draw(job: Snapshot): void {
    const focused = button.element.matches(":focus");
    const before = last?.status;
    if (!last) replace(root, ...parts);
    last = job;
    root.dataset.status = job.status;
    root.classList.toggle("sim", job.simulated);
    root.setAttribute("aria-label", say.label(job.name, job.simulated));
    const state = stateOf(job);
    blank.element.hidden = state !== "empty";
    plots.hidden = !hasPoints(job);
    for (const part of [top, note, here, blank, log, foot, button]) part.draw(job);
    if (!plots.hidden) for (const part of [loss, side]) part.draw(job);
    if (focused && button.element.hidden) top.title.focus();
    // After the parts: an answer that is taken away would take this with it.
    if (before && before !== job.status) note.announce(say.changed(job.name, job.label, job.reason_text));
    setState(root, state);
  }
  function stale(why: string): void {
    if (!last) return;
    button.silence();
    foot.silence();
    top.lastSeen(last);
    note.lastSeen(last, why);
    setState(root, "stale");
  }

  root.classList.add("jm");
  if (spec.initial) draw(spec.initial as Snapshot);
  else replace(root, ...skeleton());
  const end = feed(carrier, `job:${spec.job}`, (items) => draw(items.at(-1) as Snapshot), stale);
  const unbind = ownKeys(root);
  return () => {
    unbind();
    end();
    foot.stop();
  };
};

/** The shape of what comes, while the first snapshot is on its way. */
function skeleton(): HTMLElement[] {
  const title = h("h2", { class: "mo-title", text: say.unnamed });
  const meta = h("div", { class: "mo-meta" }, h("span", { text: say.reading }));
  const bone = (width: string, height: string) => h("span", { class: "mo-skel", style: { width, height } });
  const bones = [bone("34%", "18px"), bone("100%", "10px"), bone("100%", "96px")];
  return [
    h("header", { class: "mo-head" }, h("div", { class: "id" }, title, meta)),
    h("div", { class: "jm-bones", "aria-hidden": "true" }, ...bones),
  ];
}

const hasPoints = (job: Snapshot) => Boolean(job.series.loss?.length);

function stateOf(job: Snapshot): ViewState {
  if (job.status === "failed") return "error";
  return hasPoints(job) ? "ready" : "empty";
}
