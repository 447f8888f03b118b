/** The dataset viewer: asks for a summary and pages of rows, and puts the parts together. */

import { h, replace, settle } from "../../core/dom.ts";
import { Grid } from "../../core/grid.ts";
import { bindKeys, keysButton, keysPopup, leave } from "../../core/keys.ts";
import { liveRegion } from "../../core/live.ts";
import { Popups } from "../../core/popups.ts";
import { errorBlock, tryAgain } from "../../core/present.ts";
import { type Page, RowCache } from "../../core/rows.ts";
import { onSelection } from "../../core/selection.ts";
import { common, dataset as say } from "../../core/strings.ts";
import { setState, type ViewContext } from "../../core/view.ts";
import { asWireError, isAbort, type WireError } from "../../wire/carrier.ts";
import { COLUMNS, fillRow } from "./cells.ts";
import { untilChecked } from "./checking.ts";
import { Chips } from "./chips.ts";
import { Desk } from "./desk.ts";
import { Detail } from "./detail.ts";
import { fillFilters, filterPopup } from "./filter.ts";
import { footer } from "./footer.ts";
import { gotoPopup } from "./goto.ts";
import { head } from "./head.ts";
import { Lengths, nearlyAll } from "./histogram.ts";
import { KEYS } from "./keys.ts";
import { everything, isEqual, isFiltered, nextSort, onWire } from "./query.ts";
import * as states from "./states.ts";
import { Toolbar } from "./toolbar.ts";
import type { Changed, Checked, Edits, Query, Row, Sort, Summary } from "./types.ts";
import { toProblem } from "./walk.ts";

/** When nothing has come for this long, say that the kernel may be busy. */
const PATIENCE_MS = 2000;
const NOTE_ID = "mo-note";

export class DatasetViewer {
  readonly #context: ViewContext;
  readonly #say: (text: string) => void;
  readonly #popups: Popups;
  readonly #toolbar: Toolbar;
  readonly #chips: Chips;
  readonly #grid: Grid;
  readonly #desk: Desk;
  readonly #lengths = new Lengths((range) => this.#change(range));
  readonly #filters = h("div", { class: "mo-chips ds-facets", hidden: true });
  /** The rows, or what stands in their place. */
  readonly #main = h("div", {});
  readonly #head = h("header", { class: "mo-head" });
  readonly #notes = h("div", {});
  readonly #body = h("div", { class: "ds-body" });
  readonly #foot = h("footer", { class: "mo-foot" });
  readonly #unbind: () => void;
  readonly #unfollow: () => void;
  readonly #keys = () => keysPopup(KEYS, () => this.#popups.close());
  /** What the rows on the screen answer, and what was asked last. */
  #query = everything;
  #asked = everything;
  #summary: Summary | null = null;
  #rows: RowCache<Row>;
  #detail: Detail | null = null;
  #asking = new AbortController();
  #walking = new AbortController();
  #seen = new Date();

  constructor(context: ViewContext) {
    this.#context = context;
    const { root } = context;
    this.#toolbar = new Toolbar(
      (change) => this.#change(change),
      () => this.#openFilter(),
    );
    this.#chips = new Chips((problem) => this.#change({ problem, groups: false }));
    this.#rows = this.#cache(everything);
    this.#grid = this.#makeGrid();
    this.#desk = this.#makeDesk();
    root.classList.add("ds");
    root.setAttribute("aria-label", say.label(""));
    replace(root, this.#head, this.#body, this.#foot);
    this.#say = liveRegion(root);
    this.#popups = new Popups(root);
    this.#unbind = bindKeys(root, KEYS, (action, target) => this.#act(action, target));
    void this.#ask({ ...everything, ...(context.spec.query as Partial<Query>) });
    this.#unfollow = onSelection(context, () => this.#desk.heard());
  }

  dispose(): void {
    this.#asking.abort();
    this.#walking.abort();
    this.#rows.dispose();
    this.#detail?.dispose();
    this.#grid.dispose();
    this.#unbind();
    this.#unfollow();
  }

  /** Another question, unless it is the one already asked: the switches mean nothing without a search. */
  #change(change: Partial<Query>): void {
    const before = this.#asked;
    this.#asked = { ...before, ...change };
    this.#toolbar.show(this.#asked, this.#summary?.fields);
    const [was, now] = [before, this.#asked].map((query) => onWire(query, this.#desk.selected));
    if (!isEqual(was as Query, now as Query)) void this.#ask(this.#asked);
  }

  async #ask(asked: Query): Promise<void> {
    const query = onWire(asked, this.#desk.selected);
    this.#asked = asked;
    this.#asking.abort();
    this.#walking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const began = performance.now();
    const patience = setTimeout(() => this.#waiting(), PATIENCE_MS);
    this.#busy(query);
    try {
      const [summary, page] = await Promise.all([
        this.#request<Summary>("summary", { query }, signal),
        this.#request<Page<Row>>("rows", { query, start: 0, stop: RowCache.page }, signal),
      ]);
      this.#arrived(query, summary, page, performance.now() - began);
    } catch (error) {
      if (!isAbort(error)) this.#failed(asWireError(error));
    } finally {
      clearTimeout(patience);
    }
  }

  async #request<T>(op: string, args: Record<string, unknown>, signal: AbortSignal): Promise<T> {
    const { carrier, spec } = this.#context;
    const answer = await carrier.request<T>(op, { dataset: spec.dataset, ...args }, signal);
    this.#seen = new Date();
    return answer;
  }

  #cache(query: Query, first?: Row[]): RowCache<Row> {
    return new RowCache<Row>(
      {
        fetch: (start, stop, signal) => this.#request("rows", { query, start, stop }, signal),
        changed: (start, stop) => this.#grid.arrived(start, stop),
        failed: (error) => this.#failed(asWireError(error)),
      },
      first,
    );
  }

  #arrived(query: Query, summary: Summary, page: Page<Row>, ms: number): void {
    const { root } = this.#context;
    this.#query = query;
    this.#summary = summary;
    this.#rows.dispose();
    this.#rows = this.#cache(query, page.rows);
    root.setAttribute("aria-label", say.label(summary.name ?? ""));
    root.classList.toggle("edits", summary.edits !== null);
    this.#grid.element.setAttribute("aria-multiselectable", String(summary.edits !== null));
    this.#showHead(summary);
    this.#toolbar.enable(true);
    this.#toolbar.invalid(null);
    this.#toolbar.show(this.#asked, this.#summary?.fields);
    this.#toolbar.found(query.search ? say.found(page.total, ms) : "");
    if (summary.checked) this.#chips.show(summary.chips, query.problem);
    else void this.#check();
    this.#lengths.show(summary.histogram, query, page.total);
    const left = summary.partial;
    replace(this.#notes, left && states.partial(left, page.total, () => void this.#ask(query)));
    this.#grid.showSort(query.sort);
    this.#desk.show(summary.edits);
    this.#tick(summary.edits?.here ?? 0);
    this.#fillBody(page.total);
    this.#grid.reset(page.total);
    this.#grid.element.setAttribute("aria-busy", "false");
    if (isFiltered(query)) this.#say(say.rows(page.total));
    setState(root, left ? "partial" : page.total ? "ready" : "empty");
  }

  async #check(): Promise<void> {
    const { signal } = this.#asking;
    this.#chips.wait();
    const answer = await untilChecked(
      () => this.#request<Checked>("problems", { query: this.#query }, signal),
      () => !signal.aborted && !this.#summary?.checked,
      (error) => this.#failed(error),
    );
    if (answer) this.#edited(answer);
  }

  #fillBody(total: number): void {
    const summary = this.#summary as Summary;
    const empty = summary.rows === 0 && states.nothing(summary, this.#query, "", () => undefined);
    if (empty) {
      replace(this.#body, empty);
      return;
    }
    const label = this.#chips.label(this.#query.problem ?? "");
    const blank = total === 0 && states.nothing(summary, this.#query, label, () => this.#clear());
    if (blank || !this.#grid.element.isConnected) replace(this.#main, blank || this.#grid.element);
    // The parts that are there stay where they are: moving the search field would drop its focus.
    if (!this.#toolbar.element.isConnected)
      replace(
        this.#body,
        this.#toolbar.element,
        this.#chips.element,
        this.#filters,
        this.#notes,
        this.#lengths.element,
        this.#main,
        this.#desk.element,
      );
  }

  #showHead(summary: Summary): void {
    const keys = keysButton(() => this.#popups.show(this.#keys()));
    const edits = summary.edits !== null && summary.rows > 0;
    const save = edits && states.saveButton(() => this.#desk.askSave());
    const code = summary.rows > 0 && states.codeButton(() => this.#desk.copyCode());
    replace(this.#head, ...head(summary, keys, code, save));
  }

  #showFilters(query: Query): void {
    const asked = this.#asked.selected ?? false;
    fillFilters(this.#filters, { ...query, selected: asked }, this.#desk.selected, (c) => this.#change(c));
  }

  #tick(here: number): void {
    const total = this.#summary?.total ?? 0;
    const ticked = here === 0 ? "false" : here < total ? "mixed" : "true";
    this.#grid.tick(ticked, say.selectAll(total));
    this.#showFilters(this.#query);
  }

  #clear(): void {
    this.#toolbar.clear();
    this.#toolbar.input.focus();
    this.#change({ ...everything, sort: this.#asked.sort });
  }

  #busy(query: Query): void {
    if (this.#summary) {
      this.#grid.element.setAttribute("aria-busy", "true");
      if (query.search) this.#toolbar.found(say.searching);
      this.#context.root.dataset.state = "loading";
      return;
    }
    const { spec } = this.#context;
    const name = typeof spec.name === "string" ? spec.name : say.unnamed;
    replace(this.#head, h("div", { class: "id" }, h("h2", { class: "mo-title cut", text: name })));
    replace(this.#body, states.skeleton());
    replace(this.#foot, h("span", { role: "status", text: say.reading }));
    this.#foot.hidden = false;
    setState(this.#context.root, "loading");
  }

  #waiting(): void {
    if (!this.#summary) replace(this.#foot, h("span", { role: "status", text: common.waiting }));
    else this.#toolbar.found(common.waitingShort);
  }

  #failed(error: WireError): void {
    const again = () => void this.#ask(this.#asked);
    const { root } = this.#context;
    this.#grid.element.setAttribute("aria-busy", "false");
    if (!this.#summary) {
      replace(this.#body, errorBlock(error.message, error.hint, tryAgain(again)));
      this.#foot.hidden = true;
      setState(root, "error");
      return;
    }
    this.#toolbar.found("");
    if (error.silent) {
      replace(this.#notes, states.stale(error, this.#seen, this.#rows.held, again));
      this.#toolbar.enable(false);
      setState(root, "stale");
      return;
    }
    // Of filters that were refused no chip is shown to take them back; what is searched for stands in its field.
    this.#asked = { ...this.#asked, where: this.#query.where, sort: this.#query.sort };
    replace(this.#notes, states.badQuery(error, NOTE_ID));
    this.#toolbar.invalid(NOTE_ID);
    setState(root, this.#summary.total ? "ready" : "empty");
  }

  #makeDesk(): Desk {
    return new Desk({
      query: () => this.#query,
      rows: () => this.#rows,
      total: () => this.#summary?.total ?? 0,
      request: (op, args) => this.#request(op, { query: this.#query, ...args }, new AbortController().signal),
      active: () => this.#rows.get(this.#grid.activeRow),
      popup: (make) => this.#popups.show(make(() => this.#popups.close())),
      say: (text) => this.#say(text),
      redraw: () => this.#grid.refresh(),
      changed: (answer) => (answer ? this.#edited(answer) : void this.#ask(this.#asked)),
      failed: (error) => this.#refused(asWireError(error)),
      ticked: (here) => this.#tick(here),
      linked: (edits, edited) => this.#linked(edits, edited),
    });
  }

  #linked(edits: Edits, edited: boolean): void {
    if (edited || this.#asked.selected) return void this.#ask(this.#asked);
    this.#tick(edits.here);
    this.#rows.renew();
    this.#grid.refresh();
  }

  #edited(answer: Changed | (Checked & { checked: true })): void {
    this.#summary = { ...(this.#summary as Summary), fingerprint: null, checked: true, ...answer };
    this.#showHead(this.#summary);
    this.#chips.show(answer.chips, this.#query.problem);
    if (!this.#summary.partial) replace(this.#notes);
    this.#tick(answer.edits?.here ?? 0);
    this.#rows.renew();
    this.#grid.refresh();
    void this.#detail?.load();
  }

  /** An edit that was not made: the rows are as they were. */
  #refused(error: WireError): void {
    if (error.silent) this.#failed(error);
    else replace(this.#notes, states.refusal(error));
  }

  #edit(): boolean {
    if (!this.#desk.open || this.#grid.activeRow < 0) return false;
    return done(() => {
      if (this.#grid.openRow !== this.#grid.activeRow) this.#grid.open(this.#grid.activeRow);
      void this.#detail?.edit();
    });
  }

  #makeGrid(): Grid {
    return new Grid({
      label: say.grid,
      columns: COLUMNS,
      fill: (cells, index, line) => {
        const [row, before] = [this.#rows.get(index), this.#rows.get(index - 1)];
        fillRow(cells, row, line, nearlyAll(this.#summary?.histogram), before);
      },
      detail: (index) => this.#openDetail(index),
      moved: (first, last) => this.#moved(first, last),
      sort: (field, also) => this.#sort(field, also),
      select: (start, stop, how) => void this.#desk.select(start, stop, how),
      opened: (index) => {
        if (index !== null) return;
        this.#detail?.dispose();
        this.#detail = null;
      },
    });
  }

  #sort(field: string, also: boolean): void {
    this.#change({ sort: nextSort(this.#asked.sort, field as Sort["field"], also) });
  }

  #act(action: string, target: HTMLElement): boolean {
    if (action === "escape") return this.#escape(target);
    if (action === "keys") return done(() => this.#popups.show(this.#keys()));
    if (!this.#summary || this.#popups.isOpen) return false;
    if (this.#desk.act(action)) return true;
    if (!this.#summary.total) return false;
    if (action === "edit") return this.#edit();
    if (action === "sortAlso") {
      const field = target.closest<HTMLElement>("[data-sort]")?.dataset.sort;
      return field !== undefined && done(() => this.#sort(field, true));
    }
    if (action === "search") return done(() => this.#toolbar.input.select());
    if (action === "goto") return done(() => this.#openGoto());
    if (action.endsWith("Problem")) return done(() => void this.#walk(action === "nextProblem" ? 1 : -1));
    if (action === "copy") return this.#copy();
    return this.#grid.act(action, target);
  }

  /** Closes the innermost thing that is open; with nothing open it leaves the widget. */
  #escape(target: HTMLElement): boolean {
    if (this.#popups.isOpen) return done(() => this.#popups.close());
    if (this.#detail?.escape()) return true;
    if (target === this.#toolbar.input && this.#toolbar.input.value) {
      this.#toolbar.clear();
      return done(() => this.#change({ search: "" }));
    }
    if (this.#grid.openRow !== null) return done(() => this.#grid.close());
    leave(this.#context.root);
    return false;
  }

  #copy(): boolean {
    if (getSelection()?.toString()) return false;
    if (this.#desk.copySelected()) return true;
    const row = this.#rows.get(this.#grid.openRow ?? -1);
    return !!row && done(() => void this.#desk.copy("jsonl", [row.position]));
  }

  #openFilter(): void {
    const close = () => this.#popups.close();
    const add = (where: Query["where"][number]) => this.#change({ where: [...this.#asked.where, where] });
    this.#popups.show(filterPopup(this.#summary?.fields ?? [], add, close));
  }

  #openGoto(): void {
    const { rows } = this.#summary as Summary;
    const clears = isFiltered(this.#query) || this.#query.sort.length > 0;
    const close = () => this.#popups.close();
    const go = async (position: number) => {
      if (clears) {
        this.#toolbar.clear();
        await this.#ask(everything);
      }
      this.#grid.focusRow(position);
    };
    this.#popups.show(gotoPopup({ last: rows - 1, clears, close, go: (position) => void go(position) }));
  }

  async #walk(step: 1 | -1): Promise<void> {
    this.#walking.abort();
    this.#walking = new AbortController();
    await toProblem(this.#rows, this.#grid, step, this.#summary as Summary, this.#say, this.#walking.signal);
  }

  #moved(first: number, last: number): void {
    const summary = this.#summary;
    if (!summary) return;
    if (summary.total > 0) this.#rows.want(first, last, summary.total);
    const label = this.#chips.label(this.#query.problem ?? "");
    const shown = footer(summary, this.#query, label, [first, last]);
    this.#foot.hidden = shown.length === 0;
    settle(this.#foot, ...shown);
  }

  #openDetail(index: number): HTMLElement {
    const row = this.#rows.get(index);
    const position = row?.position ?? index;
    this.#detail = new Detail(
      {
        editable: this.#desk.open,
        ask: (op, args, signal) => this.#request(op, { position, ...args }, signal),
        write: (args) => this.#desk.make("rewrite", { position, ...args }),
        copy: () => this.#desk.askCopy([position]),
        close: () => this.#grid.close(),
        focusRow: () => this.#grid.focusRow(index),
        say: this.#say,
      },
      this.#query,
      row,
    );
    return this.#detail.element;
  }
}

const done = (act: () => void): true => {
  act();
  return true;
};
