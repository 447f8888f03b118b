/** The rows behind a number, page by page. */

import { type Attrs, h, icon, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { errorBlock } from "../../core/present.ts";
import { metrics as say } from "../../core/strings.ts";
import type { Spec } from "../../core/view.ts";
import { asWireError, type Carrier, isAbort, type WireError } from "../../wire/carrier.ts";
import { examplesTable } from "./examples_table.ts";
import type { Examples } from "./result.ts";

const PAGE = 10;

/** Which rows: of a cell of the matrix, of a bin or slice, or all that are wrong. */
export type Filter =
  | { readonly true: number; readonly predicted: number }
  | { readonly bin: { of: string; low: number; high: number; column?: number | null } }
  | { readonly slice: { by: string; name: string } }
  | { readonly correct: boolean }
  | { readonly linked: true };

export interface RowsBehind {
  readonly element: HTMLElement;
  /** Show rows and make them the selection in Python; the same ones again are taken away. */
  toggle(filter: Filter, at: HTMLElement, press: (on: boolean) => void): void;
  /** A button for rows, which says whether they are shown. */
  button(filter: Filter, at: HTMLElement, attrs: Attrs): HTMLElement;
  /** Show rows that nobody picked. */
  show(filter: Filter): Promise<void>;
  /** Show none; with a threshold, rows are from now on called positive from this score on. */
  forget(threshold?: number): void;
  /** What Python knows as the selection since this view set it. */
  known(): Promise<number>;
  close(): void;
}

/** `viewer` shows rows in a viewer of their own, and returns what takes it down. */
export function rowsBehind(
  carrier: Carrier,
  result: unknown,
  silent: (why: WireError) => void,
  viewer: (place: HTMLElement, spec: Spec) => () => void,
): RowsBehind {
  const title = h("h3", { class: "num" });
  const body = h("div", { class: "rows" });
  const range = h("span", { class: "grow" });
  const earlier = pager(say.earlier, () => turn(-PAGE));
  const later = pager(say.later, () => turn(PAGE));
  const foot = h("div", { class: "mo-foot" }, range, earlier, later);
  const region = {
    class: "mx-behind",
    role: "group",
    "aria-label": say.behind,
    "aria-live": "polite",
  };
  const small = { type: "button", class: "mo-btn small" };
  const python = h("button", { ...small, on: { click: bind } }, icon("arrow"), say.toPython);
  const shown = { "aria-expanded": "false", on: { click: () => void open() } };
  const opener = h("button", { ...small, ...shown }, icon("rows"), say.openRows);
  const bound = h("span", { class: "sec" });
  const head = h("header", {}, title, h("div", { class: "mo-acts" }, bound, opener, python));
  const place = h("div", { class: "mx-viewer" });
  const element = h("div", { ...region, hidden: true }, head, body, foot, place);
  let down = (): void => undefined;
  let asked: Promise<number> = Promise.resolve(-1);
  let filter: (Filter & { threshold?: number }) | null = null;
  let release = (_on: boolean): void => undefined;
  let moved: { threshold?: number } = {};
  let start = 0;
  let asking = new AbortController();

  async function ask(): Promise<void> {
    asking.abort();
    asking = new AbortController();
    if (!filter) return;
    element.setAttribute("aria-busy", "true");
    try {
      const args = { result, ...filter, start, stop: start + PAGE };
      draw(await carrier.request<Examples>("examples", args, asking.signal));
    } catch (problem) {
      if (isAbort(problem)) return;
      fail(asWireError(problem));
    }
    element.setAttribute("aria-busy", "false");
    element.hidden = false;
  }
  function draw(found: Examples): void {
    const share = found.share_text && ` · ${found.share_text}`;
    replace(title, h("b", { text: found.title }), h("span", { class: "sec", text: share }));
    if (found.total === 0) replace(body, h("div", { class: "mo-blank" }, h("b", { text: say.noRow })));
    else replace(body, examplesTable(found.rows, filter !== null && "true" in filter));
    const last = Math.min(start + PAGE, found.total);
    const [from, all] = [`${count(start + 1)}–${count(last)}`, count(found.total)];
    replace(range, say.range[0], h("b", { text: from }), say.range[1], h("b", { text: all }));
    earlier.setAttribute("aria-disabled", String(start === 0));
    later.setAttribute("aria-disabled", String(last >= found.total));
    foot.hidden = found.total <= PAGE;
  }
  function fail(error: WireError): void {
    replace(title, h("b", { text: say.noRows }));
    replace(body, errorBlock(error.message, error.hint));
    foot.hidden = true;
    if (error.silent) silent(error);
  }
  /** What Python knows as the selection; a kernel that does not answer is said elsewhere. */
  const focus = (args: object) =>
    carrier.request<{ rows: number; name: string | null; version: number }>("focus", { result, ...args });
  function bind(): void {
    const said = ({ rows, name }: { rows: number; name: string | null }) => say.bound(rows, name);
    void focus({ ...filter, name: "picked" }).then(
      (found) => replace(bound, said(found)),
      (problem) => fail(asWireError(problem)),
    );
  }
  function shut(): void {
    down();
    down = () => undefined;
    replace(place);
    opener.setAttribute("aria-expanded", "false");
  }
  async function open(): Promise<void> {
    if (opener.getAttribute("aria-expanded") === "true") return shut();
    try {
      const spec = await carrier.request<Spec>("open", { result, ...filter });
      shut();
      down = viewer(place, spec);
      opener.setAttribute("aria-expanded", "true");
    } catch (problem) {
      replace(bound, asWireError(problem).message);
    }
  }
  function set(next: Filter | null, press: (on: boolean) => void): void {
    shut();
    release(false);
    release = press;
    filter = next && { ...next, ...moved };
    start = 0;
    element.hidden = next === null;
    replace(bound);
  }
  function turn(by: number): void {
    start += by;
    void ask();
  }
  function toggle(next: Filter, at: HTMLElement, press: (on: boolean) => void): void {
    const again = JSON.stringify(filter) === JSON.stringify({ ...next, ...moved });
    set(again ? null : next, press);
    press(!again);
    at.append(element);
    if (!("linked" in next))
      asked = focus(again ? { clear: true } : { ...next, ...moved }).then(
        ({ version }) => version,
        () => -1,
      );
    void ask();
  }
  return {
    element,
    toggle,
    button(next, at, attrs) {
      const made = h("button", { ...attrs, type: "button", "aria-pressed": "false" });
      const press = (on: boolean) => made.setAttribute("aria-pressed", String(on));
      Object.assign(made.dataset, { label: attrs["aria-label"] ?? attrs.text, pick: JSON.stringify(next) });
      made.addEventListener("click", () => toggle(next, at, press));
      return made;
    },
    async show(next) {
      set(next, () => undefined);
      await ask();
    },
    forget(threshold) {
      if (threshold !== undefined) moved = { threshold };
      set(null, () => undefined);
      asking.abort();
    },
    known: () => asked,
    close() {
      shut();
      asking.abort();
    },
  };
}

/** Stays focusable at the ends, so that the keyboard focus is not thrown away. */
function pager(text: string, turn: () => void): HTMLButtonElement {
  const button = h("button", { type: "button", class: "mo-btn small", text });
  button.addEventListener("click", () => button.getAttribute("aria-disabled") === "true" || turn());
  return button;
}
