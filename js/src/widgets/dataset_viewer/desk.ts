/** What is done with rows: selected, kept, dropped, labelled, undone, saved; and the bar that says so. */

import { h, type IconName, icon, replace } from "../../core/dom.ts";
import { formPopup, selectField, textField } from "../../core/form.ts";
import type { How } from "../../core/grid_options.ts";
import type { RowCache } from "../../core/rows.ts";
import { dataset as say } from "../../core/strings.ts";
import { asWireError } from "../../wire/carrier.ts";
import { toClipboard } from "./clipboard.ts";
import { isFiltered } from "./query.ts";
import type { Changed, Edits, Query, Row } from "./types.ts";

type Which = keyof typeof say.saveWhich;
type Form = keyof typeof say.copyAs;

export interface DeskHost {
  query(): Query;
  rows(): RowCache<Row>;
  /** Rows that pass the query. */
  total(): number;
  /** Asks about this dataset and the present query. */
  request<T>(op: string, args: Record<string, unknown>): Promise<T>;
  /** The row with the focus. */
  active(): Row | undefined;
  popup(make: (close: () => void) => HTMLElement): void;
  say(text: string): void;
  /** Rows look otherwise, their content is the same. */
  redraw(): void;
  /** The content of rows is another one; null: all begins anew. */
  changed(answer: Changed | null): void;
  failed(error: unknown): void;
  /** How many rows of the list are selected. */
  ticked(here: number): void;
  /** Rows were selected elsewhere, or edited in another view of this dataset. */
  linked(edits: Edits, edited: boolean): void;
}

export class Desk {
  readonly element = h("div", { class: "ds-pick", role: "group", "aria-label": say.selection, hidden: true });
  readonly #host: DeskHost;
  readonly #labels = new Set(["keep", "gold"]);
  #edits: Edits | null = null;
  #queue = Promise.resolve();

  constructor(host: DeskHost) {
    this.#host = host;
  }

  /** Where this is false, rows can be looked at only. */
  get open(): boolean {
    return this.#edits !== null;
  }

  /** How many rows are selected. */
  get selected(): number {
    return this.#edits?.selected ?? 0;
  }

  /** Something was selected somewhere: ask what, unless this view did it. */
  heard(): void {
    void this.#do(async () => {
      const before = this.#edits;
      if (!before) return;
      const edits = await this.#host.request<Edits>("select", { start: 0, stop: 0, how: "add" });
      if (edits.version === before.version) return;
      this.show(edits);
      this.#host.linked(edits, edits.changes !== before.changes);
    });
  }

  show(edits: Edits | null): void {
    this.#edits = edits;
    const bar = edits && (edits.selected + edits.elsewhere + edits.changes > 0 || edits.redo);
    const focused = (this.element.getRootNode() as Document | ShadowRoot).activeElement;
    const name = this.element.contains(focused) && focused?.getAttribute("data-name");
    this.element.hidden = !bar;
    replace(this.element, ...(edits && bar ? this.#parts(edits) : []));
    if (name)
      this.element.querySelector<HTMLElement>(`[data-name="${name}"]:not(:disabled), button`)?.focus();
  }

  /** Does what a key says; false if there is nothing here to do it with. */
  act(action: string): boolean {
    const acts: Record<string, () => unknown> = {
      keep: () => this.edit("keep"),
      drop: () => this.edit("drop"),
      label: () => this.#askLabel(),
      undo: () => this.#turn("undo"),
      redo: () => this.#turn("redo"),
      save: () => this.askSave(),
    };
    const act = this.#edits && acts[action];
    if (act) void act();
    return !!act;
  }

  async select(start: number, stop: number, how: How): Promise<void> {
    if (!this.#edits || stop <= start) return;
    await this.#do(async () => {
      const on = how === "toggle" ? !this.#host.rows().get(start)?.selected : how === "add";
      // Shown at once, and again with the answer: a page may have arrived in between.
      const mark = () => this.#mark(start, stop, on);
      mark();
      const args = { start, stop: Math.min(stop, this.#host.total()), how: on ? "add" : "remove" };
      const edits = await this.#host.request<Edits>("select", args);
      mark();
      this.show(edits);
      this.#host.ticked(edits.here);
      if (stop - start > 1) this.#host.say(say.selected(edits.selected));
    });
  }

  /** Of all rows, those that are not in the list too. */
  async #unselect(): Promise<void> {
    await this.#do(async () => {
      const edits = await this.#host.request<Edits>("select", { start: 0, stop: 0, how: "only" });
      this.#mark(0, Number.POSITIVE_INFINITY, false);
      this.show(edits);
      this.#host.ticked(edits.here);
    });
  }

  /** The selected rows, else the one with the focus now; what is under way may select others. */
  async edit(what: "keep" | "drop"): Promise<void> {
    const row = this.#host.active();
    await this.#do(async () => {
      const rows = this.#targets(row);
      if (rows === undefined) return;
      await this.make("edit", { what, rows });
      // What was dropped is no longer selected.
      if (what === "drop" && rows === null) this.#mark(0, Number.POSITIVE_INFINITY, false);
    });
  }

  #mark(start: number, stop: number, selected: boolean): void {
    for (const [index, row] of this.#host.rows().loaded())
      if (index >= start && index < stop) row.selected = selected;
    this.#host.redraw();
  }

  /** Change rows; throws if that cannot be done. */
  async make(op: "edit" | "rewrite" | "turn", args: Record<string, unknown>): Promise<void> {
    this.#took(await this.#host.request<Changed>(op, args));
  }

  async copy(form: Form, rows: number[] | null): Promise<void> {
    await this.#do(async () => {
      const which = rows ? { which: "given", rows } : { which: "selected" };
      const copied = await this.#host.request<{ text: string; rows: number }>("copy", { ...which, form });
      const done = await toClipboard(copied.text, this.element.parentElement ?? this.element);
      this.#host.say(done ? say.copied(copied.rows, say.copyAs[form]) : say.copyFailed);
    });
  }

  /** What the list shows, as Python; whether that worked. */
  async copyCode(): Promise<boolean> {
    let done = false;
    await this.#do(async () => {
      const { text } = await this.#host.request<{ text: string }>("code", {});
      done = await toClipboard(text, this.element.parentElement ?? this.element);
      this.#host.say(done ? say.codeCopied : say.copyFailed);
    });
    return done;
  }

  /** Copies the selected rows, if there are any. */
  copySelected(): boolean {
    if (!this.#edits?.selected) return false;
    void this.copy("jsonl", null);
    return true;
  }

  askCopy(rows: number[] | null): void {
    this.#host.popup((close) => {
      const forms = Object.keys(say.copyAs) as Form[];
      const choose = (form: Form) => {
        close();
        void this.copy(form, rows);
      };
      const buttons = forms.map((form) =>
        h("button", { class: "mo-btn", text: say.copyAs[form], on: { click: () => choose(form) } }),
      );
      const popup = h(
        "div",
        { class: "mo-pop mo-form-pop", role: "dialog", "aria-label": say.copy },
        h("h3", { text: rows ? say.copyRow : say.copy }),
        h("div", { class: "mo-acts" }, ...buttons),
      );
      popup.addEventListener("focusout", (event) => {
        if (!popup.contains(event.relatedTarget as Node | null)) close();
      });
      return popup;
    });
  }

  askSave(): void {
    const edits = this.#edits;
    if (!edits) return;
    this.#host.popup((close) => {
      const path = textField(say.saveTitle, edits.path);
      const which = selectField(say.saveRows, say.saveWhich);
      which.value = edits.selected
        ? "selected"
        : isFiltered(this.#host.query()) && edits.saved
          ? "shown"
          : "all";
      const replacing = h("input", { type: "checkbox" });
      const replaces = h("label", { class: "ds-replace", hidden: true }, replacing, say.replace);
      return formPopup({
        title: say.saveTitle,
        fields: [path.element, h("label", { class: "mo-sel" }, which, icon("down")), replaces],
        hint: say.saveHint,
        button: say.save,
        close,
        submit: async () => {
          if (!path.input.value.trim()) return say.saveHint;
          const wrong = await this.#save(path.input.value, which.value as Which, replacing.checked);
          if (wrong?.code !== "exists") return wrong && `${wrong.message} ${wrong.hint}`;
          replaces.hidden = false;
          replacing.focus();
          return wrong.message;
        },
      });
    });
  }

  async #save(path: string, which: Which, replace: boolean) {
    try {
      type Saved = { edits: Edits; rows: number; name: string; anew: boolean };
      const saved = await this.#host.request<Saved>("save", { path, which, replace });
      this.show(saved.edits);
      this.#host.say(say.saved(saved.rows, saved.name));
      if (saved.anew) this.#host.changed(null);
      return null;
    } catch (error) {
      return asWireError(error);
    }
  }

  async #askLabel(): Promise<void> {
    const row = this.#host.active();
    await this.#do(async () => this.#labelPopup(this.#targets(row)));
  }

  #labelPopup(rows: number[] | null | undefined): void {
    if (rows === undefined) return;
    for (const [, row] of this.#host.rows().loaded()) if (row.label) this.#labels.add(row.label);
    this.#host.popup((close) => {
      const field = textField(say.label_, "", [...this.#labels]);
      field.input.maxLength = 200;
      return formPopup({
        title: say.labelTitle(rows?.length ?? this.#edits?.selected ?? 0),
        fields: [field.element],
        hint: say.labelHint,
        button: say.label_,
        close,
        submit: () => {
          const value = field.input.value.trim();
          if (!value) return say.labelHint;
          close();
          void this.#do(() => this.make("edit", { what: "label", value, rows }));
          return null;
        },
      });
    });
  }

  /** The row with the focus, or null for the selected ones; nothing if there is no row. */
  #targets(row: Row | undefined): number[] | null | undefined {
    return this.#edits?.selected ? null : row && [row.position];
  }

  async #turn(what: "undo" | "redo"): Promise<void> {
    await this.#do(async () => {
      if (this.#edits?.[what]) await this.make("turn", { what });
      else this.#host.say(say.nothingTo(what));
    });
  }

  async #pick(): Promise<void> {
    await this.#do(async () => {
      const { rows, name } = await this.#host.request<{ rows: number; name: string | null }>("pick", {});
      this.#host.say(say.bound(rows, name));
      replace(this.element.querySelector(".said") ?? this.element, say.bound(rows, name));
    });
  }

  #took(answer: Changed): void {
    this.show(answer.edits);
    this.#host.changed(answer);
    this.#host.say(answer.edits.said);
  }

  /** One after the other: somebody types faster than a kernel answers. */
  #do(work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(work).catch((error) => this.#host.failed(error));
    return this.#queue;
  }

  // ---- the bar ----

  #parts(edits: Edits): (HTMLElement | false)[] {
    const some = edits.selected > 0;
    const button = (name: string, text: string, click: () => unknown, key = "", mark: IconName | "" = "") =>
      h(
        "button",
        {
          class: `mo-btn ${{ pick: "primary", clear: "ghost" }[name] ?? ""}`,
          dataset: { name },
          on: { click: () => void click() },
        },
        mark && icon(mark),
        text,
        key && h("kbd", { class: "mo-key wide-only", text: key }),
      );
    const turn = (what: "undo" | "redo") => {
      const made = button(what, say[what], () => this.#turn(what), "", what);
      made.disabled = !edits[what];
      return made;
    };
    const said = h("span", { class: "said", text: edits.said });
    return [
      h("b", {
        class: "num",
        text: edits.elsewhere
          ? say.linkedHere(edits.selected, edits.selected + edits.elsewhere)
          : some
            ? say.selected(edits.selected)
            : say.edits(edits.changes, edits.saved),
      }),
      (some || edits.elsewhere > 0) && button("clear", say.unselect, () => this.#unselect()),
      some && button("pick", say.toPython, () => this.#pick(), "", "arrow"),
      some && button("keep", say.keep, () => this.edit("keep"), "K"),
      some && button("drop", say.drop, () => this.edit("drop"), "D"),
      some && button("label", say.label_, () => this.#askLabel(), "L"),
      some && button("copy", say.copy, () => this.askCopy(null), "", "copy"),
      h("span", { class: "turns" }, said, turn("undo"), turn("redo")),
    ];
  }
}
