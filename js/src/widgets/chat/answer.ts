/** One answer: its text as tokens, underlined where the model was unsure, and a line about the one looked at. */

import { h, icon, replace } from "../../core/dom.ts";
import { chat as say } from "../../core/strings.ts";
import type { Answer, Token } from "./types.ts";

export class AnswerView {
  readonly element: HTMLElement;
  readonly #text: HTMLElement;
  readonly #meta = h("span", { class: "dim num" });
  readonly #detail = h("p", { class: "ct-detail" });
  readonly #name: string;
  /** What can be looked at: a piece of text, or the end. */
  readonly #marks: { token: Token; mark: HTMLElement }[] = [];
  #known = 0;
  #words = "";
  #at = -1;

  constructor({ name }: Answer) {
    this.#name = name;
    this.#text = h("div", {
      class: "ct-say",
      role: "group",
      tabindex: "0",
      dir: "auto",
      on: {
        pointerover: (event) => this.#look(this.#marks.findIndex(({ mark }) => mark === event.target)),
        click: (event) => this.#look(this.#marks.findIndex(({ mark }) => mark === event.target)),
      },
    });
    const who = h("div", { class: "who" }, h("b", { class: "cut", text: name }), this.#meta);
    this.element = h("div", { class: "ct-answer" }, who, this.#text, this.#detail);
  }

  /** How many tokens have come. */
  get known(): number {
    return this.#known;
  }

  get sentence(): string {
    return say.said(this.#name, this.#words);
  }

  /** Takes tokens that came; `waiting` says what is waited for while there are none. */
  add({ tokens, end, end_text }: Answer, waiting: string): void {
    if (this.element.dataset.end) return;
    this.#known += tokens.length;
    if (!this.#known && !end) replace(this.#text, h("span", { class: "dim", text: waiting }));
    else if (!this.#marks.length) replace(this.#text);
    for (const token of tokens) this.#mark(token, token === tokens.at(-1) && end === "ended");
    if (end && !this.#words) this.#text.prepend(h("span", { class: "dim", text: say.nothing }));
    const parts = [this.#known > 0 && say.tokens(this.#known), end_text];
    this.#meta.textContent = parts.filter(Boolean).join(" · ");
    this.#text.setAttribute("aria-label", say.answer(this.#name, this.#known));
    this.element.dataset.end = end;
  }

  /** Goes to another token; false if the focus is elsewhere. */
  step(action: string, target: Node): boolean {
    if (!this.#text.contains(target) || !this.#marks.length) return false;
    const last = this.#marks.length - 1;
    const to: Record<string, number> = { before: this.#at - 1, after: this.#at + 1, first: 0, last };
    this.#look(Math.min(last, Math.max(0, to[action] ?? 0)));
    return true;
  }

  /** What the line about the token says, for those who cannot see it. */
  get told(): string {
    return this.#detail.textContent ?? "";
  }

  #mark(token: Token, end: boolean): void {
    const text = end ? "∎" : token.text;
    this.#words += token.text;
    if (!text) return;
    const mark = h("span", { class: `t d${token.doubt}`, text, "aria-hidden": end && "true" });
    this.#marks.push({ token, mark });
    this.#text.append(mark);
  }

  #look(at: number): void {
    const found = this.#marks[at];
    if (!found) return;
    this.#marks[this.#at]?.mark.classList.remove("on");
    this.#at = at;
    found.mark.classList.add("on");
    found.mark.scrollIntoView({ block: "nearest" });
    const { shown, percent, others } = found.token;
    replace(
      this.#detail,
      h("code", { text: shown }),
      h("b", { text: ` ${percent}` }),
      others.length > 0 && say.otherwise,
      ...others.flatMap(([text, share], i) => [i > 0 && ", ", h("code", { text }), ` ${share}`]),
    );
  }
}

/** What is said by the one who asks. */
export function promptNode(text: string): HTMLElement {
  return h(
    "div",
    { class: "ct-prompt" },
    h("div", { class: "who" }, h("b", { text: say.user })),
    h("div", { class: "ct-said", dir: "auto", text }),
  );
}

export function blank(): HTMLElement {
  const lines = [h("b", { text: say.empty }), h("p", { text: say.emptyHint })];
  return h("li", { class: "mo-blank" }, icon("edit"), ...lines);
}
