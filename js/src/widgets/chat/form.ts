/** Where one types: the prompt, one button that sends or stops, and how is to be answered. */

import { h, icon, replace } from "../../core/dom.ts";
import { chat as say } from "../../core/strings.ts";
import type { Chat, Settings } from "./types.ts";

export interface FormHost {
  send(prompt: string): void;
  stop(): void;
}

export class Form {
  readonly element: HTMLElement;
  /** The system message stands before the conversation. */
  readonly system: HTMLElement;
  readonly prompt = area(say.prompt, 2);
  readonly #system = area(say.system, 1);
  readonly #button = h("button", { class: "mo-btn primary", type: "button" });
  readonly #temperature = number({ min: 0, max: 5, step: 0.1 });
  readonly #tokens = number({ min: 1, max: 4096, step: 1 });
  readonly #compare = h("button", { class: "mo-chip", type: "button", "aria-pressed": "false" });
  #running = false;
  #live = true;
  /** What was set here is not overwritten. */
  #touched = false;

  constructor(host: FormHost) {
    const submit = () => (this.#running ? host.stop() : host.send(this.prompt.value));
    this.#button.addEventListener("click", () => this.#live && submit());
    this.#compare.addEventListener("click", () => {
      this.#touched = true;
      this.#press(!this.#pressed);
    });
    for (const input of [this.#system, this.#temperature, this.#tokens])
      input.addEventListener("input", () => {
        this.#touched = true;
      });
    this.prompt.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      if (this.#live && !this.#running) host.send(this.prompt.value);
    });
    this.system = h(
      "div",
      { class: "ct-system" },
      h("div", { class: "who" }, h("b", { text: say.systemRole })),
      this.#system,
    );
    this.element = h(
      "div",
      { class: "ct-form" },
      this.prompt,
      this.#button,
      h(
        "div",
        { class: "ct-settings" },
        field(say.temperature, this.#temperature),
        field(say.maxTokens, this.#tokens),
        this.#compare,
      ),
    );
    this.#compare.hidden = true;
    this.running(false);
  }

  /** What stands in the fields; null and the focus on it if one cannot be sent. */
  get settings(): Settings | null {
    const wrong = [this.#temperature, this.#tokens].find((input) => !input.checkValidity());
    wrong?.focus();
    if (wrong) return null;
    const [temperature, max_new_tokens] = [this.#temperature.valueAsNumber, this.#tokens.valueAsNumber];
    return { system: this.#system.value, temperature, max_new_tokens, compare: this.#pressed };
  }

  draw(chat: Chat): void {
    if (this.#touched) return;
    this.#system.value = chat.system;
    this.#temperature.value = String(chat.temperature);
    this.#tokens.value = String(chat.max_new_tokens);
    const [, base] = chat.voices;
    this.#compare.hidden = base === undefined;
    replace(this.#compare, icon("check"), say.compare(base ?? ""));
    this.#press(chat.compare);
  }

  running(running: boolean): void {
    this.#running = running;
    this.#button.classList.toggle("primary", !running);
    this.#button.classList.toggle("danger", running);
    replace(this.#button, icon(running ? "stop" : "arrow"), running ? say.stop : say.send);
  }

  /** Whether somebody hears. Not the `disabled` attribute: it would throw the keyboard focus away. */
  live(live: boolean): void {
    this.#live = live;
    this.#button.setAttribute("aria-disabled", String(!live));
  }

  get #pressed(): boolean {
    return this.#compare.getAttribute("aria-pressed") === "true";
  }

  #press(pressed: boolean): void {
    this.#compare.setAttribute("aria-pressed", String(pressed));
  }
}

function area(label: string, rows: number): HTMLTextAreaElement {
  return h("textarea", { "aria-label": label, placeholder: label, rows, dir: "auto", maxlength: 20_000 });
}

function number(limits: { min: number; max: number; step: number }): HTMLInputElement {
  return h("input", { type: "number", required: true, ...limits });
}

function field(label: string, input: HTMLInputElement): HTMLElement {
  return h("label", { class: "mo-field" }, h("span", { class: "unit", text: label }), input);
}
