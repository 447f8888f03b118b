/** A row being edited: its turns as text fields in their bubbles, or the whole row as JSON. */

import { debounce } from "../../core/debounce.ts";
import { h, icon, replace } from "../../core/dom.ts";
import { dataset as say } from "../../core/strings.ts";
import { asWireError, isAbort } from "../../wire/carrier.ts";
import { problemBox } from "./bubbles.ts";
import type { OpenedRow, Problem, Source } from "./types.ts";

/** The row is checked when nothing was typed for this long. */
const TYPING_MS = 250;

export interface EditorHost {
  ask<T>(op: string, args: Record<string, unknown>): Promise<T>;
  /** Write the row; rejects with what is wrong with it. */
  write(args: Record<string, unknown>): Promise<void>;
  /** The edit is over; true if the row is another one now. */
  over(written: boolean): void;
  say(text: string): void;
}

export class Editor {
  /** What stands in place of the turns' texts. */
  readonly fields = new Map<number, HTMLTextAreaElement>();
  /** Below the turns, or alone: problems, and what ends the edit. */
  readonly foot: HTMLElement;
  readonly whole: HTMLTextAreaElement | null;
  readonly #host: EditorHost;
  readonly #source: Source;
  readonly #found: HTMLElement;
  readonly #check = debounce(() => void this.#ask(), TYPING_MS);
  #warned = false;

  constructor(
    host: EditorHost,
    source: Source,
    row: OpenedRow,
    asJson: boolean,
    toJson: (() => void) | null,
  ) {
    this.#host = host;
    this.#source = source;
    this.#found = h("div", { class: "found", role: "status" }, ...row.problems.map(problemBox));
    this.whole = asJson ? this.#area(source.json, say.rowJson) : null;
    if (!asJson)
      for (const { turn, text } of source.texts) {
        const label = say.turnText(turn + 1, row.turns[turn]?.role ?? "");
        this.fields.set(turn, this.#area(text, label));
      }
    this.foot = h(
      "div",
      { class: "ds-edit" },
      this.#found,
      h(
        "div",
        { class: "mo-acts" },
        h(
          "button",
          { class: "mo-btn primary", title: say.applyTitle, on: { click: () => void this.apply() } },
          icon("check"),
          say.apply,
        ),
        h("button", { class: "mo-btn", text: say.cancel, on: { click: () => this.#over(false) } }),
        toJson && h("button", { class: "mo-btn ghost", text: say.editJson, on: { click: toJson } }),
      ),
    );
  }

  /** Puts the focus to where the first problem is, if that is known. */
  focus({ problems, turns }: OpenedRow): void {
    const faulty = turns.findIndex(({ pointer }) => problems.some((p) => p.pointer?.startsWith(pointer)));
    const area = this.whole ?? this.fields.get(faulty) ?? [...this.fields.values()].at(-1);
    area?.focus();
    const column = this.#source.readable ? null : problems.find((p) => p.column !== null)?.column;
    area?.setSelectionRange(column ? column - 1 : 0, column ? column - 1 : 0);
  }

  /** False once: what was typed is not given up by one key. */
  cancel(): boolean {
    const typed = Object.keys(this.#args()).length > 0;
    if (typed && !this.#warned) {
      this.#warned = true;
      this.#host.say(say.giveUp);
      replace(this.#found, say.giveUp);
      return false;
    }
    this.#over(false);
    return true;
  }

  async apply(): Promise<void> {
    this.#check.cancel();
    const args = this.#args();
    try {
      if (Object.keys(args).length > 0) await this.#host.write(args);
      this.#over(true);
    } catch (error) {
      const { message } = asWireError(error);
      replace(this.#found, message);
      this.#host.say(message);
    }
  }

  #over(written: boolean): void {
    this.#check.cancel();
    this.#host.over(written);
  }

  /** What was changed, as it is sent; empty if nothing was. */
  #args(): Record<string, unknown> {
    if (this.whole) return this.whole.value === this.#source.json ? {} : { text: this.whole.value };
    const changed = this.#source.texts.filter(({ turn, text }) => this.fields.get(turn)?.value !== text);
    if (!changed.length) return {};
    return {
      texts: Object.fromEntries(changed.map(({ turn, pointer }) => [pointer, this.fields.get(turn)?.value])),
    };
  }

  async #ask(): Promise<void> {
    try {
      const { problems } = await this.#host.ask<{ problems: Problem[] }>("check", this.#args());
      replace(this.#found, ...(problems.length ? problems.map(problemBox) : [say.fine]));
    } catch (error) {
      if (!isAbort(error)) replace(this.#found, asWireError(error).message);
    }
  }

  #area(text: string, label: string): HTMLTextAreaElement {
    const rows = Math.min(16, text.split("\n").length + 1);
    const area = h("textarea", { "aria-label": label, spellcheck: "false", dir: "auto", rows });
    area.value = text;
    area.addEventListener("input", () => {
      this.#warned = false;
      this.#check();
    });
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      void this.apply();
    });
    return area;
  }
}
