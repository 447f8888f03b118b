/** JobList: one line per job of the store, and the one that was opened under them. */

import { h, icon, replace } from "../../core/dom.ts";
import { liveRegion } from "../../core/live.ts";
import { errorBlock } from "../../core/present.ts";
import { job, jobs as say } from "../../core/strings.ts";
import { type Mount, setState } from "../../core/view.ts";
import { asWireError } from "../../wire/carrier.ts";
import { feed } from "../job_monitor/feed.ts";
import { mount as monitor } from "../job_monitor/index.ts";
import { ownKeys } from "../job_monitor/keys.ts";
import { clock, type ShortSnapshot } from "../job_monitor/snapshot.ts";
import { jobTable } from "./table.ts";

export const mount: Mount = ({ root, carrier, spec }) => {
  const meta = h("div", { class: "mo-meta num" });
  const title = h("div", { class: "id" }, h("h2", { class: "mo-title", text: say.title }), meta);
  const head = h("header", { class: "mo-head" }, title);
  const seen = h("div", { class: "mo-note c-idle", hidden: true }, icon("clock"), h("b"));
  const blank = nothing();
  const announce = liveRegion(root);
  const table = jobTable(carrier, announce, open);
  const place = h("div", { class: "jl-open" });
  let opened: { id: string; close: () => void } | null = null;
  const rows = h("div", { class: "mo-sec jl-rows" }, table.element);
  const over = new AbortController();
  let last: readonly ShortSnapshot[] | null = null;

  function draw(jobs: readonly ShortSnapshot[]): void {
    last = jobs;
    seen.hidden = true;
    rows.hidden = jobs.length === 0;
    blank.hidden = jobs.length > 0;
    replace(meta, ...summary(jobs).map((text) => h("span", { text })));
    table.draw(jobs);
    setState(root, jobs.length === 0 ? "empty" : "ready");
  }
  /** Show a job under the table; a second press takes it away. */
  function open(id: string): void {
    const before = opened?.id;
    opened?.close();
    opened = null;
    replace(place);
    if (before === id) return;
    const inside = h("div", { role: "group", tabindex: "-1" });
    place.append(inside);
    const initial = carrier.request("job", { job: id }, over.signal);
    let close = () => {};
    opened = { id, close: () => close() };
    const here = opened;
    initial.then(
      (snapshot) => {
        if (opened !== here) return;
        close = monitor({ root: inside, carrier, spec: { job: id, initial: snapshot } });
        inside.focus();
      },
      (problem) => {
        const { message, hint } = asWireError(problem);
        if (opened === here) replace(inside, errorBlock(message, hint));
      },
    );
  }
  function stale(): void {
    const newest = last?.[0];
    if (!newest) return;
    table.lastSeen();
    const at = clock(newest.now, newest.utc_offset, Date.now() / 1000);
    replace(seen.lastElementChild as Element, job.lastSeen(at, ""));
    seen.hidden = false;
    setState(root, "stale");
  }
  function fail(problem: unknown): void {
    if (over.signal.aborted || last) return;
    const { message, hint } = asWireError(problem);
    replace(root, head, errorBlock(message, hint));
    setState(root, "error");
  }

  root.classList.add("jl");
  root.setAttribute("aria-label", say.title);
  root.prepend(head, seen, rows, place, blank);
  if (Array.isArray(spec.initial)) draw(spec.initial as ShortSnapshot[]);
  else
    carrier
      .request<{ jobs: ShortSnapshot[] }>("jobs", {}, over.signal)
      .then(({ jobs }) => last || draw(jobs), fail);
  const end = feed(carrier, "jobs", (items) => draw(items as ShortSnapshot[]), stale);
  const unbind = ownKeys(root);
  return () => {
    unbind();
    opened?.close();
    over.abort();
    end();
  };
};

function nothing(): HTMLElement {
  const call = h("p", {}, h("code", { text: say.emptyCall }), say.emptyHint);
  return h("div", { class: "mo-blank", hidden: true }, icon("rows"), h("b", { text: say.empty }), call);
}

function summary(jobs: readonly ShortSnapshot[]): string[] {
  const running = jobs.filter((job) => job.status === "running").length;
  const resumable = jobs.filter((job) => job.can.resume).length;
  return [
    say.stored(jobs.length),
    running > 0 ? say.running(running) : "",
    resumable > 0 ? say.resumable(resumable) : "",
  ].filter(Boolean);
}
