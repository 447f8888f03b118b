/** Search with its two switches, and the order. */

import { debounce } from "../../core/debounce.ts";
import { h, icon, replace } from "../../core/dom.ts";
import { dataset as say } from "../../core/strings.ts";
import { orderName, ordersWith } from "./query.ts";
import type { Query, Sort } from "./types.ts";

/** A search starts when somebody stops typing, or at once on Enter. */
const TYPING_MS = 200;

export type Change = (change: Partial<Query>) => void;

export class Toolbar {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #field: HTMLElement;
  readonly #count = h("span", { class: "unit num" });
  readonly #case: HTMLElement;
  readonly #regex: HTMLElement;
  readonly #select: HTMLSelectElement;
  readonly #filter: HTMLElement;
  readonly #change: Change;
  #orders = ordersWith([]);

  constructor(change: Change, filter: () => void) {
    this.#change = change;
    const search = debounce(() => change({ search: this.input.value }), TYPING_MS);
    this.input = h("input", {
      type: "text",
      "aria-label": say.search,
      placeholder: say.search,
      spellcheck: "false",
      maxlength: 10_000,
      autocomplete: "off",
      on: {
        input: search,
        keydown: (event) => event.key === "Enter" && search.flush(),
      },
    });
    this.#case = this.#switch("Aa", say.matchCase, "case");
    this.#regex = this.#switch(".*", say.regex, "regex");
    this.#field = h(
      "div",
      { class: "mo-field" },
      icon("search"),
      this.input,
      this.#count,
      this.#case,
      this.#regex,
    );
    this.#select = h("select", {
      "aria-label": say.sortBy,
      on: { change: () => change({ sort: this.#orders[this.#select.value] ?? [] }) },
    });
    const sort = h("label", { class: "mo-sel" }, h("span", { text: say.sort }), this.#select, icon("down"));
    this.#filter = h("button", { class: "mo-btn", on: { click: filter } }, icon("plus"), say.filter);
    this.element = h("div", { class: "ds-bar" }, this.#field, sort, this.#filter);
  }

  /** Show a query that was set elsewhere. What is being typed is left alone. */
  show(query: Query, fields: readonly string[] = []): void {
    this.#orders = ordersWith(fields);
    if (this.input.value !== query.search && !this.input.matches(":focus")) this.input.value = query.search;
    this.#case.setAttribute("aria-pressed", String(query.case));
    this.#regex.setAttribute("aria-pressed", String(query.regex));
    this.#showOrder(query.sort);
  }

  clear(): void {
    this.input.value = "";
  }

  found(text: string): void {
    this.#count.textContent = text;
  }

  /** The pattern cannot be searched for; `id` is the note that says why. */
  invalid(id: string | null): void {
    this.#field.classList.toggle("bad", id !== null);
    this.input.setAttribute("aria-invalid", String(id !== null));
    if (id) this.input.setAttribute("aria-describedby", id);
    else this.input.removeAttribute("aria-describedby");
  }

  /** Without a kernel nothing can be searched. */
  enable(on: boolean): void {
    for (const control of [this.input, this.#case, this.#regex, this.#select, this.#filter])
      control.toggleAttribute("disabled", !on);
  }

  #switch(text: string, label: string, field: "case" | "regex"): HTMLElement {
    const button = h("button", {
      class: "mo-tog",
      "aria-label": label,
      "aria-pressed": "false",
      title: label,
      text,
    });
    button.addEventListener("click", () => {
      this.#change({ [field]: button.getAttribute("aria-pressed") !== "true", search: this.input.value });
    });
    return button;
  }

  #showOrder(sort: Sort[]): void {
    const current = orderName(sort, this.#orders);
    const all = Object.keys(this.#orders);
    const names = current === "" ? ["", ...all] : all;
    const option = (name: string) => h("option", { value: name, text: say.orders[name] ?? name });
    const fields = names.filter((name) => !(name in say.orders)).map(option);
    const group = fields.length > 0 && h("optgroup", { label: say.fields }, ...fields);
    replace(this.#select, ...names.filter((name) => name in say.orders).map(option), group);
    this.#select.value = current;
  }
}
