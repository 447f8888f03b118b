/** One chip per kind of problem: how many rows have it, and a press to see only those. */

import { h, icon, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { dataset as say } from "../../core/strings.ts";
import { severityIcon } from "./cells.ts";
import { tone } from "./marks.ts";
import type { Chip } from "./types.ts";

const SHOWN = 6;

export class Chips {
  readonly element = h("div", { class: "mo-chips ds-facets", role: "group", "aria-label": say.chips });
  readonly #pick: (code: string | null) => void;
  #chips: Chip[] = [];
  #picked: string | null = null;
  #all = false;
  /** Codes in the order of the first answer: counts change with every search, places do not. */
  readonly #places: string[] = [];

  constructor(pick: (code: string | null) => void) {
    this.#pick = pick;
  }

  show(chips: Chip[], picked: string | null): void {
    for (const { code } of chips) if (!this.#places.includes(code)) this.#places.push(code);
    // A problem that was mended everywhere stays, with none.
    const mended = this.#chips.filter(({ code }) => !chips.some((chip) => chip.code === code));
    this.#chips = [...chips, ...mended.map((chip) => ({ ...chip, count: 0 }))].toSorted(
      (a, b) => this.#places.indexOf(a.code) - this.#places.indexOf(b.code),
    );
    this.#picked = picked;
    this.#draw();
  }

  /** Nobody knows yet. */
  wait(): void {
    replace(this.element, h("span", { class: "mo-chip zero", role: "status", text: say.checking }));
    this.element.hidden = false;
  }

  label(code: string): string {
    return this.#chips.find((chip) => chip.code === code)?.label ?? code;
  }

  #draw(): void {
    const root = this.element.getRootNode() as Document | ShadowRoot;
    const focused = root.activeElement?.getAttribute("data-code");
    const shown = this.#chips.filter((chip, i) => this.#all || i < SHOWN || chip.code === this.#picked);
    replace(
      this.element,
      ...shown.map((chip) => this.#chip(chip)),
      this.#chips.length > SHOWN && this.#more(this.#chips.length - shown.length),
    );
    // Redrawing must not take the keyboard away from the chip that was pressed.
    const again = [...this.element.children].find((chip) => chip.getAttribute("data-code") === focused);
    if (focused) (again as HTMLElement | undefined)?.focus();
    this.element.hidden = !this.#chips.length;
  }

  #chip({ code, label, severity, count: rows }: Chip): HTMLElement {
    const pressed = code === this.#picked;
    return h(
      "button",
      {
        class: `mo-chip ${tone(severity)}${rows ? "" : " zero"}`,
        "aria-pressed": String(pressed),
        dataset: { code },
        on: { click: () => this.#pick(pressed ? null : code) },
      },
      rows > 0 && severityIcon(severity),
      label,
      h("b", { text: count(rows) }),
    );
  }

  #more(hidden: number): HTMLElement {
    const toggle = () => {
      this.#all = !this.#all;
      this.#draw();
    };
    const attrs = {
      class: "mo-chip",
      "aria-expanded": String(this.#all),
      dataset: { code: "*" },
      on: { click: toggle },
    };
    return h("button", attrs, this.#all ? say.fewer : say.more(hidden), !this.#all && icon("down"));
  }
}
