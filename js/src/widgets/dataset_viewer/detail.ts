/** What opens below a row: a line about it, three ways to look at it, edit, copy and close. */

import { h, icon, replace } from "../../core/dom.ts";
import { errorBlock } from "../../core/present.ts";
import { common, dataset as say } from "../../core/strings.ts";
import { asWireError, isAbort } from "../../wire/carrier.ts";
import { type Beside, besideNodes } from "./beside.ts";
import { bubbles, problemBox } from "./bubbles.ts";
import { Editor } from "./editor.ts";
import { SHARED } from "./filter.ts";
import { jsonNodes } from "./json_text.ts";
import { flagged } from "./marks.ts";
import { growing, type More } from "./parts.ts";
import type { Mark, OpenedRow, Piece, Query, Row, Source } from "./types.ts";

/** Where Python cuts a text. */
const CUT = 4000;

type View = keyof typeof say.views;

export interface DetailHost {
  /** Whether rows can be edited. */
  readonly editable: boolean;
  /** Asks something about this row. */
  ask<T>(op: string, args: Record<string, unknown>, signal: AbortSignal): Promise<T>;
  write(args: Record<string, unknown>): Promise<void>;
  copy(): void;
  close(): void;
  /** Back to the row's cell. */
  focusRow(): void;
  say(text: string): void;
}

export class Detail {
  readonly element = h("div", { class: "ds-open" });
  readonly #host: DetailHost;
  readonly #query: Query;
  readonly #over = new AbortController();
  readonly #line = h("span", { class: "num" });
  readonly #body = h("div", { class: "ds-turns" });
  readonly #buttons = new Map<View, HTMLButtonElement>();
  #row: OpenedRow | null = null;
  #view: View = "chat";
  #editor: Editor | null = null;
  #ready: Promise<void>;

  constructor(host: DetailHost, query: Query, known: Row | undefined) {
    this.#host = host;
    this.#query = query;
    this.element.append(this.#header(), this.#body);
    if (known)
      this.#line.textContent = known.broken
        ? say.openedBroken(known.line)
        : say.opened(known.line, known.turns, known.tokens.text);
    this.#ready = this.load();
  }

  dispose(): void {
    this.#over.abort();
  }

  async load(): Promise<void> {
    if (!this.#row)
      replace(this.#body, h("p", { class: "sr", text: say.loadingRow }), skeleton("46%"), skeleton("72%"));
    this.element.setAttribute("aria-busy", "true");
    try {
      const first = !this.#row?.turns.length;
      this.#row = await this.#host.ask<OpenedRow>("row", {}, this.#over.signal);
      this.#buttons.get("json")?.toggleAttribute("disabled", this.#row.json === null);
      this.#buttons.get("chat")?.toggleAttribute("disabled", !this.#row.turns.length);
      const shared = this.#row.problems.some(({ code }) => SHARED.includes(code));
      this.#buttons.get("beside")?.toggleAttribute("hidden", !shared);
      const view = first ? "chat" : this.#view;
      const possible = {
        chat: this.#row.turns.length > 0,
        json: this.#row.json !== null,
        raw: true,
        beside: shared,
      }[view];
      if (!this.#editor) this.#show(possible ? view : "raw");
    } catch (error) {
      if (!isAbort(error)) this.#failed(error);
    }
    this.element.setAttribute("aria-busy", "false");
  }

  /** Turn the texts into fields; as JSON if that is what is looked at, or nothing else can be done. */
  async edit(asJson = this.#view !== "chat"): Promise<void> {
    await this.#ready;
    if (!this.#row || !this.#host.editable) return;
    try {
      const source = await this.#host.ask<Source>("source", {}, this.#over.signal);
      const whole = asJson || !source.texts.length;
      const host = {
        ask: <T>(op: string, args: Record<string, unknown>) => this.#host.ask<T>(op, args, this.#over.signal),
        write: (args: Record<string, unknown>) => this.#host.write(args),
        over: (written: boolean) => void this.#edited(written),
        say: (text: string) => this.#host.say(text),
      };
      const editor = new Editor(host, source, this.#row, whole, whole ? null : () => void this.edit(true));
      this.#editor = editor;
      this.element.classList.add("editing");
      // Problems stand below: those of the row as it was would not go while typing.
      const turns = { ...this.#row, problems: [] };
      replace(
        this.#body,
        ...(editor.whole ? [editor.whole] : this.#bubbles(turns, editor.fields)),
        editor.foot,
      );
      editor.focus(this.#row);
    } catch (error) {
      if (!isAbort(error)) this.#host.say(asWireError(error).message);
    }
  }

  /** Ends an edit; false if there is none. */
  escape(): boolean {
    const editor = this.#editor;
    editor?.cancel();
    return editor !== null;
  }

  async #edited(written: boolean): Promise<void> {
    this.#editor = null;
    this.element.classList.remove("editing");
    this.#host.focusRow();
    if (written) await this.load();
    else this.#show(this.#row?.turns.length ? "chat" : "raw");
  }

  #header(): HTMLElement {
    for (const view of Object.keys(say.views) as View[])
      this.#buttons.set(
        view,
        h("button", {
          text: say.views[view],
          "aria-pressed": "false",
          hidden: view === "beside",
          on: { click: () => this.#show(view) },
        }),
      );
    const act = (name: "copy" | "x", label: string, click: () => void) =>
      h(
        "button",
        { class: "mo-btn ghost icon", "aria-label": label, title: label, on: { click } },
        icon(name),
      );
    return h(
      "header",
      {},
      this.#line,
      h("span", { class: "grow" }),
      h("span", { class: "mo-seg", role: "group", "aria-label": say.showAs }, ...this.#buttons.values()),
      this.#host.editable &&
        h("button", { class: "mo-btn ghost", on: { click: () => void this.edit() } }, icon("edit"), say.edit),
      act("copy", say.copyRow, () => this.#host.copy()),
      act("x", say.closeRow, () => this.#host.close()),
    );
  }

  #show(view: View): void {
    if (!this.#row) return;
    const row = this.#row;
    this.#view = view;
    this.#editor = null;
    this.element.classList.remove("editing");
    for (const [name, button] of this.#buttons) button.setAttribute("aria-pressed", String(name === view));
    if (view === "chat") replace(this.#body, ...this.#bubbles(row));
    else if (view === "beside") void this.#beside();
    else if (view === "json") replace(this.#body, this.#json(row.json ?? "", row.marks.json));
    else replace(this.#body, ...row.problems.map(problemBox), this.#raw(row));
  }

  async #beside(args: { other?: number } = {}): Promise<void> {
    try {
      const found = await this.#host.ask<Beside>("beside", args, this.#over.signal);
      if (this.#view !== "beside" || !this.#row) return;
      const chosen = this.#body.contains((this.element.getRootNode() as Document | ShadowRoot).activeElement);
      replace(this.#body, ...besideNodes(this.#row.position, found, (other) => void this.#beside({ other })));
      if (chosen) this.#body.querySelector("select")?.focus();
    } catch (error) {
      if (!isAbort(error)) this.#failed(error);
    }
  }

  #bubbles(row: OpenedRow, fields?: ReadonlyMap<number, HTMLElement>): HTMLElement[] {
    return bubbles(row, this.#query, (part) => this.#more(part), fields);
  }

  /** A text that comes without its length may go on if it is as long as texts are cut. */
  #json(text: string, marks: readonly Mark[]): HTMLElement {
    const shown = Array.from(text).length;
    const length = shown < CUT ? shown : Number.POSITIVE_INFINITY;
    return growing({ text, length }, this.#more("json"), (all) =>
      code(flagged(all, marks, jsonNodes), say.views.json),
    );
  }

  #raw({ raw, marks }: OpenedRow): HTMLElement {
    return growing(raw, this.#more("raw"), (text) => {
      const block = code(
        flagged(text, marks.raw, (plain) => [plain]),
        say.views.raw,
      );
      block.classList.add("wrap");
      return block;
    });
  }

  #more(part: string): More {
    return (start) => this.#host.ask<Piece>("row", { part, start }, this.#over.signal);
  }

  #failed(error: unknown): void {
    const { message, hint } = asWireError(error);
    const again = h(
      "button",
      { class: "mo-btn", on: { click: () => void this.load() } },
      icon("retry"),
      common.tryAgain,
    );
    replace(this.#body, errorBlock(message, hint, again));
  }
}

const skeleton = (width: string) =>
  h("span", { class: "mo-skel ds-bubble-skel", "aria-hidden": "true", style: { width } });

const code = (nodes: (Node | string)[], label: string) =>
  h("div", { class: "mo-code", tabindex: "0", role: "group", "aria-label": label }, ...nodes);
