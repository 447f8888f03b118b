/** JobMonitor: one job, live; beside others if there are `more`. */

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
import { measures } from "./measures.ts";
import { notes } from "./notes.ts";
import { now } from "./now.ts";
import { runs } from "./runs.ts";
import { samples } from "./samples.ts";
import type { Snapshot } from "./snapshot.ts";
import { sparks } from "./sparks.ts";
import { waiting } from "./waiting.ts";

export const mount: Mount = ({ root, carrier, spec }) => {
  const note = notes();
  const button = jobButton(carrier, note.answer);
  const top = head(button.element);
  const foot = footer();
  const [here, blank, side] = [now(), waiting(), sparks()];
  const [log, answers, beside] = [events(), samples(), measures()];
  const loss = curves((step) => answers.pick(step));
  const table = runs(carrier, (text) => note.announce(text));
  const plots = h("div", { class: "jm-two" }, loss.element, side.element);
  const told = h("div", { class: "jm-two" }, answers.element, log.element);
  const parts = [top, note, here, table, blank].map((part) => part.element);
  parts.push(plots, beside.element, told, foot.element);
  let last: Snapshot | null = null;

  function draw(job: Snapshot, others: readonly Snapshot[]): void {
    const focused = button.element.matches(":focus");
    const before = last?.status;
    if (!last) replace(root, ...parts);
    last = job;
    root.dataset.status = job.status;
    root.classList.toggle("sim", job.simulated);
    root.setAttribute("aria-label", say.label(job.name, job.simulated));
    const state = stateOf(job);
    blank.element.hidden = state !== "empty";
    plots.hidden = ![job, ...others].some(hasPoints);
    table.draw([job, ...others]);
    for (const part of [top, note, here, blank, beside, answers, log, foot, button]) part.draw(job);
    told.hidden = log.element.hidden && answers.element.hidden;
    if (!plots.hidden) {
      loss.draw(job, others);
      side.draw(job);
    }
    if (focused && button.element.hidden) top.title.focus();
    // After the parts: an answer that is taken away would take this with it.
    if (before && before !== job.status) note.announce(say.changed(job.name, job.label, job.reason_text));
    setState(root, state);
  }
  function stale(why: string): void {
    if (!last) return;
    button.silence();
    table.lastSeen();
    foot.silence();
    top.lastSeen(last);
    note.lastSeen(last, why);
    setState(root, "stale");
  }

  root.classList.add("jm");
  /** What was deleted does not come: the others go on beside what was last known of the job. */
  function receive(items: readonly Snapshot[]): void {
    const job = items.find(({ id }) => !last || id === last.id) ?? last;
    const others = items.filter(({ id }) => id !== job?.id);
    if (job) draw(job, others);
  }
  if (spec.initial) receive([spec.initial, ...((spec.others ?? []) as Snapshot[])] as Snapshot[]);
  else replace(root, ...skeleton());
  const jobs = [spec.job, ...((spec.more ?? []) as string[])].join(",");
  const end = feed(carrier, `job:${jobs}`, (items) => receive(items as Snapshot[]), stale);
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
