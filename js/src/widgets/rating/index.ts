/** Answers without their source, one after the other or side by side, and a key for each verdict. */

import { h, type IconName, icon, replace, show } from "../../core/dom.ts";
import { bindKeys, caps, type KeyTable, keysButton, leave } from "../../core/keys.ts";
import { liveRegion } from "../../core/live.ts";
import { focusedIn, Popups } from "../../core/popups.ts";
import { errorBlock, patience, tryAgain } from "../../core/present.ts";
import { rating as say } from "../../core/strings.ts";
import { table } from "../../core/table.ts";
import { type Mount, setState, type ViewContext } from "../../core/view.ts";
import { asWireError, isAbort } from "../../wire/carrier.ts";
import { PAIRS, SINGLE } from "./keys.ts";
import type { Finding, Rating } from "./types.ts";

/** Characters of a text that are read out. */
const SPOKEN = 300;
const ICONS: Record<string, IconName> = { pass: "ok", fail: "fail" };

/** A text under its name; the element stays while the texts change, so that the focus stays too. */
class Said {
  readonly text = h("div", { class: "rt-text", tabindex: "0", role: "group", dir: "auto" });
  readonly element: HTMLElement;
  readonly #name: string;

  constructor(name: string, kind: string) {
    this.#name = name;
    this.text.setAttribute("aria-label", name);
    this.element = h("div", { class: `rt-said ${kind}` }, h("b", { class: "who", text: name }), this.text);
  }

  show(text: string | null): void {
    show(this.element, text !== null);
    replace(this.text, text || h("span", { class: "dim", text: say.nothing }));
    this.text.scrollTop = 0;
  }

  /** What is read out. */
  get spoken(): string {
    return this.element.hidden ? "" : `${this.#name}: ${this.text.textContent?.slice(0, SPOKEN)}`;
  }
}

class RatingWidget {
  readonly #context: ViewContext;
  readonly #over = new AbortController();
  readonly #keys: KeyTable;
  readonly #meta = h("div", { class: "mo-meta" });
  readonly #bar = h("i");
  readonly #prompt = new Said(say.prompt, "prompt");
  readonly #reference = new Said(say.reference, "reference");
  readonly #answers: Said[];
  readonly #body: HTMLElement;
  readonly #end = h("div", { class: "rt-end", tabindex: "-1" });
  readonly #note = h("input", { type: "text", maxlength: 5000, dir: "auto", placeholder: say.optional });
  readonly #trouble = h("div", { class: "rt-trouble", hidden: true });
  readonly #acts: HTMLElement;
  readonly #undo = button(say.undo, () => void this.#back(), icon("undo"));
  readonly #popups: Popups;
  readonly #say: (text: string) => void;
  readonly #unbind: () => void;
  #rating: Rating;
  /** One thing at a time: a second key must not rate what nobody has seen. */
  #busy = false;

  constructor(context: ViewContext) {
    this.#context = context;
    const { root, spec } = context;
    this.#rating = spec.initial as Rating;
    const { words } = this.#rating;
    const pairs = words.includes("tie");
    this.#keys = pairs ? PAIRS : SINGLE;
    this.#answers = (pairs ? say.sides : [say.answer]).map((name) => new Said(name, "answer"));
    const answers = h("div", { class: "rt-answers" }, ...this.#answers.map(({ element }) => element));
    this.#body = h("div", { class: "rt-body" }, this.#prompt.element, answers, this.#reference.element);
    this.#acts = h(
      "div",
      { class: "rt-acts" },
      ...words.map((word) => this.#verdict(word)),
      h("label", { class: "mo-field" }, h("span", { class: "unit", text: say.note }), this.#note),
    );
    this.#note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) this.#answers[0]?.text.focus();
    });
    root.classList.add("rt");
    root.setAttribute("aria-label", say.title(pairs));
    replace(root, this.#head(pairs), this.#body, this.#end, this.#trouble, this.#acts);
    this.#say = liveRegion(root);
    this.#popups = new Popups(root);
    this.#unbind = bindKeys(root, this.#keys, (action) => this.#act(action));
    this.#draw(this.#rating);
    // What came along is how it was when the cell ran; the kernel knows how it is.
    void this.#ask("rating");
  }

  dispose(): void {
    this.#over.abort();
    this.#unbind();
  }

  // ---- asking ----

  /** Does something and draws what comes of it; true if it was done. */
  async #ask(op: string, args: Record<string, unknown> = {}): Promise<boolean> {
    if (this.#busy) return false;
    const { carrier, spec } = this.#context;
    const late = patience((words) => this.#tell(words));
    this.#busy = true;
    try {
      const asked = { rating: spec.rating, ...args };
      this.#draw(await carrier.request<Rating>(op, asked, this.#over.signal));
      this.#tell();
      return true;
    } catch (problem) {
      if (!isAbort(problem)) this.#failed(problem);
      return false;
    } finally {
      clearTimeout(late);
      this.#busy = false;
    }
  }

  #failed(problem: unknown): void {
    const { message, hint, silent } = asWireError(problem);
    const again = tryAgain(() => void this.#ask("rating"));
    this.#tell(errorBlock(message, hint, again));
    if (!silent) return;
    setState(this.#context.root, "stale");
    for (const each of this.#acts.querySelectorAll("button")) each.setAttribute("aria-disabled", "true");
  }

  async #rate(verdict: string): Promise<void> {
    const { question } = this.#rating;
    if (!question) return;
    const { value } = this.#note;
    if (!(await this.#ask("rating.rate", { item: question.item, verdict, note: value }))) return;
    this.#tellNext(say.rated[verdict] ?? verdict);
  }

  async #back(): Promise<void> {
    if (!this.#rating.can_undo) return this.#say(say.nothingToUndo);
    if (await this.#ask("rating.undo")) this.#tellNext(say.undone);
  }

  async #again(): Promise<void> {
    if (await this.#ask("rating.again")) this.#tellNext(say.skippedAgain);
  }

  async #reveal(): Promise<void> {
    if (await this.#ask("rating", { reveal: true })) this.#end.focus();
  }

  // ---- keys ----

  #act(action: string): boolean {
    if (action === "escape" && this.#popups.isOpen) this.#popups.close();
    else if (action === "escape" && this.#focused === this.#note) this.#answers[0]?.text.focus();
    else if (action === "escape") return leave(this.#context.root);
    else if (action === "keys") this.#popups.keys(this.#keys);
    else if (action === "undo") void this.#back();
    else if (action === "note") this.#note.focus();
    else void this.#rate(action);
    return true;
  }

  get #focused(): Element | null {
    return focusedIn(this.#context.root);
  }

  // ---- drawing ----

  #head(pairs: boolean): HTMLElement {
    const keys = keysButton(() => this.#act("keys"));
    return h(
      "header",
      { class: "mo-head" },
      h("div", { class: "id" }, h("h2", { class: "mo-title", text: say.title(pairs) }), this.#meta),
      h("div", { class: "mo-acts" }, keys, this.#undo),
      h("div", { class: "rt-bar", "aria-hidden": "true" }, this.#bar),
    );
  }

  #verdict(word: string): HTMLElement {
    const row = this.#keys.find(({ keys }) => Object.values(keys).includes(word));
    const [cap = ""] = row ? caps(row) : [];
    const name = say.verdict[word] ?? word;
    const mark = ICONS[word];
    const key = h("kbd", { class: "mo-key", "aria-hidden": "true", text: cap });
    return button(name, () => void this.#rate(word), mark ? icon(mark) : null, word, key);
  }

  #draw(rating: Rating): void {
    const { root } = this.#context;
    const { question } = rating;
    // What goes away may have the focus: it is not lost to the page.
    const lost = (question ? [this.#end] : [this.#body, this.#acts]).some((e) => e.contains(this.#focused));
    if (question?.item !== this.#rating.question?.item || question?.note)
      this.#note.value = question?.note ?? "";
    this.#rating = rating;
    replace(this.#meta, h("span", { text: rating.progress }), h("span", { text: say.by(rating.rater) }));
    this.#bar.style.width = `${100 * rating.share}%`;
    this.#undo.setAttribute("aria-disabled", String(!rating.can_undo));
    for (const each of this.#acts.querySelectorAll("button")) each.removeAttribute("aria-disabled");
    for (const part of [this.#body, this.#acts]) show(part, question !== null);
    show(this.#end, question === null);
    if (question) {
      this.#prompt.show(question.prompt);
      this.#reference.show(question.reference);
      for (const [i, answer] of this.#answers.entries()) answer.show(question.answers[i] ?? "");
    } else {
      const { skipped, findings } = rating;
      const again = skipped > 0 && button(say.rateSkipped, () => void this.#again());
      const reveal = !findings.length && button(say.reveal, () => void this.#reveal());
      const head = h(
        "p",
        { class: "rt-done" },
        icon("ok"),
        h("b", { text: say.done(skipped) }),
        again,
        reveal,
      );
      replace(this.#end, head, ...rating.findings.map(told));
    }
    if (lost) (question ? this.#answers[0]?.text : this.#end)?.focus();
    setState(root, "ready");
  }

  /** Says what was done and what comes. */
  #tellNext(done: string): void {
    const { progress, question } = this.#rating;
    const next = question
      ? [this.#prompt, ...this.#answers].map(({ spoken }) => spoken)
      : [say.done(this.#rating.skipped)];
    this.#say([`${done} ${progress}.`, ...next].filter(Boolean).join(" "));
  }

  #tell(...what: Node[]): void {
    replace(this.#trouble, ...what);
    show(this.#trouble, what.length > 0);
  }
}

function button(
  text: string,
  click: () => void,
  mark: Node | null = null,
  kind = "",
  key: Node | null = null,
): HTMLButtonElement {
  return h("button", { class: `mo-btn ${kind}`.trim(), type: "button", on: { click } }, mark, text, key);
}

function told({ title, head, rows, summary }: Finding): HTMLElement {
  const found = table(title, head, rows, (i) => (i ? "r" : ""));
  const note = summary && h("p", { class: "sec", text: summary });
  return h("section", {}, h("h3", { text: title }), found, note);
}

export const mount: Mount = (context) => {
  const view = new RatingWidget(context);
  return () => view.dispose();
};
