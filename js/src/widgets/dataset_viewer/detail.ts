/** What opens below a row: a line about it, three ways to look at it, copy and close. */

import { h, icon, replace } from "../../core/dom.ts";
import { errorBlock } from "../../core/present.ts";
import { common, dataset as say } from "../../core/strings.ts";
import { asWireError, isAbort } from "../../wire/carrier.ts";
import { bubbles, problemBox } from "./bubbles.ts";
import { jsonNodes } from "./json_text.ts";
import { growing, type More } from "./parts.ts";
import type { OpenedRow, Piece, Problem, Query, Row } from "./types.ts";

/** Where Python cuts a text. */
const CUT = 4000;

type View = keyof typeof say.views;

export interface DetailHost {
  /** The whole row, or with `part` a piece of one text of it. */
  ask<T>(args: Record<string, unknown>, signal: AbortSignal): Promise<T>;
  close(): void;
  say(text: string): void;
}

export class Detail {
  readonly element = h("div", { class: "ds-open" });
  readonly #host: DetailHost;
  readonly #query: Query;
  readonly #position: number;
  readonly #over = new AbortController();
  readonly #line = h("span", { class: "num" });
  readonly #body = h("div", { class: "ds-turns" });
  readonly #buttons = new Map<View, HTMLButtonElement>();
  #row: OpenedRow | null = null;

  constructor(host: DetailHost, position: number, query: Query, known: Row | undefined) {
    this.#host = host;
    this.#query = query;
    this.#position = position;
    this.element.append(this.#header(), this.#body);
    if (known)
      this.#line.textContent = known.broken
        ? say.openedBroken(known.line)
        : say.opened(known.line, known.turns, known.tokens.text);
    void this.load();
  }

  dispose(): void {
    this.#over.abort();
  }

  async load(): Promise<void> {
    replace(this.#body, h("p", { class: "sr", text: say.loadingRow }), skeleton("46%"), skeleton("72%"));
    this.element.setAttribute("aria-busy", "true");
    try {
      this.#row = await this.#host.ask<OpenedRow>({}, this.#over.signal);
      this.#buttons.get("json")?.toggleAttribute("disabled", this.#row.json === null);
      this.#buttons.get("chat")?.toggleAttribute("disabled", !this.#row.turns.length);
      this.#show(this.#row.turns.length ? "chat" : "raw");
    } catch (error) {
      if (!isAbort(error)) this.#failed(error);
    }
    this.element.setAttribute("aria-busy", "false");
  }

  async copy(): Promise<void> {
    if (!this.#row) return;
    const text = await this.#wholeRaw(this.#row).catch(() => null);
    const copied = text !== null && (await toClipboard(text, this.element));
    this.#host.say(copied ? say.copied(this.#position) : say.copyFailed);
  }

  #header(): HTMLElement {
    for (const view of Object.keys(say.views) as View[])
      this.#buttons.set(
        view,
        h("button", {
          text: say.views[view],
          "aria-pressed": "false",
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
      act("copy", say.copy, () => void this.copy()),
      act("x", say.closeRow, () => this.#host.close()),
    );
  }

  #show(view: View): void {
    if (!this.#row) return;
    const row = this.#row;
    for (const [name, button] of this.#buttons) button.setAttribute("aria-pressed", String(name === view));
    if (view === "chat") replace(this.#body, ...bubbles(row, this.#query, (part) => this.#more(part)));
    else if (view === "json") replace(this.#body, this.#json(row.json ?? ""));
    else replace(this.#body, ...row.problems.map(problemBox), this.#raw(row));
  }

  /** A text that comes without its length may go on if it is as long as texts are cut. */
  #json(text: string): HTMLElement {
    const shown = Array.from(text).length;
    const length = shown < CUT ? shown : Number.POSITIVE_INFINITY;
    return growing({ text, length }, this.#more("json"), (all) => code(jsonNodes(all), say.views.json));
  }

  #raw(row: OpenedRow): HTMLElement {
    const column =
      row.problems.find((problem) => problem.column !== null && !problem.pointer)?.column ?? null;
    return growing(row.raw, this.#more("raw"), (text) => {
      const block = code(caret(text, column), say.views.raw);
      block.classList.add("wrap");
      return block;
    });
  }

  #more(part: string): More {
    return (start) => this.#host.ask<Piece>({ part, start }, this.#over.signal);
  }

  async #wholeRaw({ raw }: OpenedRow): Promise<string> {
    let text = raw.text;
    for (let length = Array.from(text).length; length < raw.length; length = Array.from(text).length) {
      const piece = await this.#more("raw")(length);
      if (!piece.text) break;
      text += piece.text;
    }
    return text;
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

const code = (content: (Node | string)[], label: string) =>
  h("div", { class: "mo-code", tabindex: "0", role: "group", "aria-label": label }, ...content);

/** The raw line with the character marked at which reading it failed; columns count from 1. */
function caret(text: string, column: Problem["column"]): (Node | string)[] {
  const characters = Array.from(text);
  if (column === null || column < 1 || column > characters.length) return [text];
  return [
    characters.slice(0, column - 1).join(""),
    h("mark", { class: "bad", text: characters[column - 1] ?? "" }),
    characters.slice(column).join(""),
  ];
}

/** On plain http there is no clipboard object; there the browser's old command does it. */
async function toClipboard(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = (near.getRootNode() as Document).activeElement as HTMLElement | null;
    const area = h("textarea", { class: "sr", "aria-hidden": "true", tabindex: "-1" });
    area.value = text;
    near.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return done;
  }
}
