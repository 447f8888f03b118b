/** JobList: one line per job of the store. */

import { h, icon, replace } from "../../core/dom.ts";
import { liveRegion } from "../../core/live.ts";
import { errorBlock } from "../../core/present.ts";
import { job, jobs as words } from "../../core/strings.ts";
import { type Mount, setState } from "../../core/view.ts";
import { asWireError } from "../../wire/carrier.ts";
import { feed } from "../job_monitor/feed.ts";
import { ownKeys } from "../job_monitor/keys.ts";
import { clock, type ShortSnapshot } from "../job_monitor/snapshot.ts";
import { type JobRow, jobRow } from "./row.ts";

export const mount: Mount = ({ root, carrier, spec }) => {
  const meta = h("div", { class: "mo-meta num" });
  const seen = h("div", { class: "mo-note c-idle", hidden: true }, icon("clock"), h("b"));
  const body = h("tbody");
  const table = h("table", { class: "mo-tbl", "aria-label": words.title }, tableHead(), body);
  const rows = h("div", { class: "mo-sec jl-rows" }, table);
  const blank = h("div", { class: "mo-blank", hidden: true }, icon("rows"), h("b", { text: words.empty }));
  blank.append(h("p", {}, h("code", { text: words.emptyCall }), words.emptyHint));
  const title = h("div", { class: "id" }, h("h2", { class: "mo-title", text: words.title }), meta);
  const known = new Map<string, JobRow>();
  const over = new AbortController();
  let last: readonly ShortSnapshot[] | null = null;

  root.classList.add("jl");
  root.setAttribute("aria-label", words.title);
  replace(root, h("header", { class: "mo-head" }, title), seen, rows, blank);
  const say = liveRegion(root);

  function draw(jobs: readonly ShortSnapshot[]): void {
    last = jobs;
    seen.hidden = true;
    rows.hidden = jobs.length === 0;
    blank.hidden = jobs.length > 0;
    replace(meta, ...summary(jobs).map((text) => h("span", { text })));
    const ids = new Set(jobs.map((job) => job.id));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    for (const job of jobs) {
      const row = known.get(job.id) ?? jobRow(carrier, say);
      known.set(job.id, row);
      row.draw(job);
    }
    arrange(
      body,
      jobs.map((job) => known.get(job.id)?.element).filter((row) => row !== undefined),
    );
    setState(root, jobs.length === 0 ? "empty" : "ready");
  }
  function stale(): void {
    if (!last) return;
    const newest = last[0];
    for (const row of known.values()) row.lastSeen();
    if (newest) {
      replace(seen.lastElementChild as Element, job.lastSeen(clock(newest.now, newest.utc_offset), ""));
      seen.hidden = false;
    }
    setState(root, "stale");
  }
  async function ask(): Promise<void> {
    try {
      const { jobs } = await carrier.request<{ jobs: ShortSnapshot[] }>("jobs", {}, over.signal);
      if (!over.signal.aborted && !last) draw(jobs);
    } catch (problem) {
      if (over.signal.aborted || last) return;
      const { message, hint } = asWireError(problem);
      replace(root, h("header", { class: "mo-head" }, title), errorBlock(message, hint));
      setState(root, "error");
    }
  }
  if (Array.isArray(spec.initial)) draw(spec.initial as ShortSnapshot[]);
  else void ask();
  const end = feed(carrier, "jobs", (items) => draw(items as ShortSnapshot[]), stale);
  const unbind = ownKeys(root);
  return () => {
    unbind();
    over.abort();
    end();
  };
};

function tableHead(): HTMLElement {
  const names = words.columns;
  const column = (text: string, width = "") => h("th", { scope: "col", style: { width }, text });
  const actions = h(
    "th",
    { scope: "col", style: { width: "100px" } },
    h("span", { class: "sr", text: names.actions }),
  );
  const cells = [
    column(names.status, "128px"),
    column(names.job),
    column(names.provider, "110px"),
    column(names.progress, "27%"),
  ];
  return h("thead", {}, h("tr", {}, ...cells, column(names.held, "160px"), actions));
}

function summary(jobs: readonly ShortSnapshot[]): string[] {
  const running = jobs.filter((job) => job.status === "running").length;
  const resumable = jobs.filter((job) => job.can.resume).length;
  return [
    words.stored(jobs.length),
    running > 0 ? words.running(running) : "",
    resumable > 0 ? words.resumable(resumable) : "",
  ].filter(Boolean);
}

/** Put rows in order without touching those that already are, so that a focused button keeps the focus. */
function arrange(body: HTMLElement, rows: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(rows);
  for (const row of [...body.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, i) => {
    if (body.children[i] !== row) body.insertBefore(row, body.children[i] ?? null);
  });
}
