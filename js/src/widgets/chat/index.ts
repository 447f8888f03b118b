/** Talk to a model: a prompt, the answer as it comes, how sure the model was of each token, its base beside it. */

import { h, replace, show } from "../../core/dom.ts";
import { bindKeys, keysButton, leave } from "../../core/keys.ts";
import { liveRegion } from "../../core/live.ts";
import { Popups } from "../../core/popups.ts";
import { errorBlock, patience } from "../../core/present.ts";
import { chat as say } from "../../core/strings.ts";
import { type Mount, setState, type ViewContext } from "../../core/view.ts";
import { asWireError, isAbort } from "../../wire/carrier.ts";
import { toClipboard } from "../dataset_viewer/clipboard.ts";
import { AnswerView, blank, promptNode } from "./answer.ts";
import { Form } from "./form.ts";
import { KEYS } from "./keys.ts";
import type { Answer, Chat, Going, Turn } from "./types.ts";

class ChatWidget {
  readonly #context: ViewContext;
  readonly #over = new AbortController();
  readonly #head = h("header", { class: "mo-head" });
  readonly #log = h("ol", { class: "ct-log", "aria-label": say.log });
  readonly #note = h("div", { class: "ct-note" });
  readonly #form: Form;
  readonly #popups: Popups;
  readonly #say: (text: string) => void;
  readonly #unbind: () => void;
  /** The answers that are on the page, those of the last turn last. */
  #answers: AnswerView[] = [];
  #last: AnswerView[] = [];
  #running = false;

  constructor(context: ViewContext) {
    this.#context = context;
    const { root, spec } = context;
    root.classList.add("ct");
    this.#form = new Form({ send: (prompt) => void this.#send(prompt), stop: () => void this.#stop() });
    replace(root, this.#head, this.#form.system, this.#log, this.#note, this.#form.element, legend());
    this.#say = liveRegion(root);
    this.#popups = new Popups(root);
    this.#unbind = bindKeys(root, KEYS, (action, target) => this.#act(action, target));
    setState(root, "loading");
    if (spec.initial) this.#draw(spec.initial as Chat);
    // What came along is how it was when the cell ran; the kernel knows how it is.
    void this.#try(async () => this.#draw(await this.#ask<Chat>("chat")));
  }

  dispose(): void {
    this.#over.abort();
    this.#unbind();
  }

  // ---- asking ----

  async #ask<T>(op: string, args: Record<string, unknown> = {}): Promise<T> {
    const { carrier, spec } = this.#context;
    const late = patience((words) => this.#tell(words));
    try {
      const answer = await carrier.request<T>(op, { chat: spec.chat, ...args }, this.#over.signal);
      this.#form.live(true);
      this.#tell();
      return answer;
    } finally {
      clearTimeout(late);
    }
  }

  /** Does something that asks; what goes wrong is said over the form. */
  async #try(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (problem) {
      if (isAbort(problem)) return false;
      const { message, hint, silent } = asWireError(problem);
      this.#goes(false);
      this.#tell(errorBlock(message, hint));
      this.#form.live(!silent);
      if (silent) setState(this.#context.root, "stale");
      return false;
    }
  }

  async #send(prompt: string): Promise<void> {
    const settings = this.#form.settings;
    if (!settings || this.#running) return;
    if (!prompt.trim()) return this.#form.prompt.focus();
    this.#goes(true);
    this.#form.prompt.value = "";
    const done = await this.#try(async () => {
      const said = await this.#ask<Turn & Going>("chat.say", { prompt, ...settings });
      this.#add(said, say.loading);
      await this.#write();
    });
    if (done || this.#over.signal.aborted) return;
    // What failed was not said: the words are here to be sent again.
    if (!this.#form.prompt.value) this.#form.prompt.value = prompt;
    const { textContent } = this.#note;
    const refusal = [...this.#note.childNodes];
    await this.#ask<Chat>("chat").then(
      (chat) => this.#draw(chat),
      () => undefined,
    );
    if (textContent) this.#tell(...refusal);
  }

  /** Asks for more until there is none. */
  async #write(): Promise<void> {
    this.#goes(true);
    for (let going = true; going; ) {
      const piece = await this.#ask<Going & { answers: Answer[] }>("chat.next", {
        known: this.#last.map((answer) => answer.known),
      });
      const atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 40;
      const waiting = piece.loading ? say.loading : say.thinking;
      for (const [i, answer] of this.#last.entries()) answer.add(piece.answers[i] as Answer, waiting);
      if (atEnd) this.#log.scrollTop = this.#log.scrollHeight;
      going = piece.running;
    }
    this.#goes(false);
    this.#say(this.#last.map((answer) => answer.sentence).join(" "));
    this.#draw(await this.#ask<Chat>("chat"));
  }

  async #stop(): Promise<void> {
    await this.#try(async () => void (await this.#ask<Chat>("chat.stop")));
  }

  async #clear(): Promise<void> {
    await this.#try(async () => {
      this.#draw(await this.#ask<Chat>("chat.clear"));
      this.#say(say.cleared);
      this.#form.prompt.focus();
    });
  }

  async #copy(): Promise<void> {
    if (!this.#answers.length) return this.#say(say.empty);
    await this.#try(async () => {
      const { text } = await this.#ask<{ text: string }>("chat.row");
      this.#say((await toClipboard(text, this.#context.root)) ? say.copied : say.notCopied);
    });
  }

  // ---- keys ----

  #act(action: string, target: HTMLElement): boolean {
    if (action === "escape" && this.#popups.isOpen) this.#popups.close();
    else if (action === "escape" && this.#running) void this.#stop();
    else if (action === "escape") return leave(this.#context.root);
    else if (action === "keys") this.#popups.keys(KEYS);
    else if (action === "prompt") this.#form.prompt.focus();
    else {
      const answer = this.#answers.find((answer) => answer.step(action, target));
      if (answer) this.#say(answer.told);
      return answer !== undefined;
    }
    return true;
  }

  // ---- drawing ----

  #draw(chat: Chat): void {
    const { root } = this.#context;
    const [name = "", base] = chat.voices;
    root.setAttribute("aria-label", say.title(name));
    this.#drawHead(chat, name, base);
    this.#drawTurns(chat);
    this.#form.draw(chat);
    setState(root, chat.turns.length ? "ready" : "empty");
    if (chat.running && !this.#running) void this.#try(() => this.#write());
  }

  #drawHead({ rows_text }: Chat, name: string, base: string | undefined): void {
    const about = [base === undefined ? say.noBase : say.base(base), say.rows(rows_text)];
    const button = (text: string, title: string, click: () => Promise<void>) =>
      h("button", { class: "mo-btn", type: "button", text, title, on: { click: () => void click() } });
    // The buttons stay: one of them may have the focus.
    if (!this.#head.childElementCount)
      replace(
        this.#head,
        h("div", { class: "id" }),
        h(
          "div",
          { class: "mo-acts" },
          keysButton(() => this.#popups.keys(KEYS)),
          button(say.copy, say.copyHint, () => this.#copy()),
          button(say.clear, say.clearHint, () => this.#clear()),
        ),
      );
    replace(
      this.#head.firstElementChild as Element,
      h("h2", { class: "mo-title", text: say.title(name), dir: "auto" }),
      h("div", { class: "mo-meta" }, ...about.map((text) => h("span", { text }))),
    );
  }

  /** Draws what is not on the page yet; a conversation that began anew is drawn from its start. */
  #drawTurns({ turns, first }: Chat): void {
    const here = [...this.#log.querySelectorAll(".ct-said")].map(({ textContent }) => textContent);
    if (here.length && here.join("\n") === turns.map(({ prompt }) => prompt).join("\n")) return;
    this.#answers = [];
    replace(this.#log, first > 0 && h("li", { class: "dim", text: say.earlier(first) }));
    for (const turn of turns) this.#add(turn, say.thinking);
    if (!turns.length) replace(this.#log, blank());
  }

  #add({ prompt, answers }: Turn, waiting: string): void {
    this.#log.querySelector(".mo-blank")?.remove();
    this.#last = answers.map((answer) => new AnswerView(answer));
    this.#answers.push(...this.#last);
    const pair = h("div", { class: "ct-pair" }, ...this.#last.map(({ element }) => element));
    this.#log.append(h("li", { class: "ct-turn" }, promptNode(prompt), pair));
    for (const [i, answer] of answers.entries()) this.#last[i]?.add(answer, waiting);
    this.#log.scrollTop = this.#log.scrollHeight;
    setState(this.#context.root, "ready");
  }

  #goes(running: boolean): void {
    this.#running = running;
    this.#form.running(running);
    this.#log.setAttribute("aria-busy", String(running));
  }

  #tell(...what: Node[]): void {
    replace(this.#note, ...what);
    show(this.#note, what.length > 0);
  }
}

/** What the lines under the words mean. */
function legend(): HTMLElement {
  const look = h("span", { class: "end", text: say.look });
  const marks = say.doubts.map((text, i) => h("span", { class: `t d${i + 1}`, text }));
  return h("footer", { class: "mo-foot" }, h("span", { text: say.legend }), ...marks, look);
}

export const mount: Mount = (context) => {
  const view = new ChatWidget(context);
  return () => view.dispose();
};
