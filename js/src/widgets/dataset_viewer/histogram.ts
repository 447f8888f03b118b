/** How long the rows are: bars on a log axis, median and 95 % point as text, and a range to keep. */

import { logTicks } from "../../core/axis.ts";
import { debounce } from "../../core/debounce.ts";
import { h, replace, s } from "../../core/dom.ts";
import { textField } from "../../core/form.ts";
import { count } from "../../core/format.ts";
import { dataset as say } from "../../core/strings.ts";
import type { Histogram, Query } from "./types.ts";

type Range = Pick<Query, "least" | "most">;
type Side = keyof Range;

/** A range is asked for when it has stood still for this long. */
const REST_MS = 150;
/** How far an arrow key moves a slider, as a share of the axis. */
const STEP = 0.01;

export class Lengths {
  readonly element: HTMLElement = h("div", { class: "ds-hist", hidden: true });
  readonly #facts = h("dl", {});
  readonly #plot = s("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", role: "img" });
  readonly #ticks = h("div", { class: "ticks", "aria-hidden": "true" });
  readonly #brush = h("div", { class: "ds-brush" });
  readonly #sliders: Record<Side, HTMLElement>;
  readonly #inputs: Record<Side, HTMLInputElement>;
  readonly #kept = h("span", { class: "num" });
  readonly #clear: HTMLButtonElement;
  readonly #settle: () => void;
  #range: Range = { least: null, most: null };
  #data: Histogram | null = null;
  #low = 1;
  #high = 2;

  constructor(change: (range: Range) => void) {
    this.#settle = debounce(() => change(this.#range), REST_MS);
    this.#sliders = { least: this.#slider("least"), most: this.#slider("most") };
    const fields = { least: textField(say.least), most: textField(say.most) };
    this.#inputs = { least: fields.least.input, most: fields.most.input };
    for (const side of ["least", "most"] as const) {
      this.#inputs[side].inputMode = "numeric";
      this.#inputs[side].addEventListener("change", () => this.#typed(side));
    }
    this.#clear = h("button", {
      class: "mo-btn ghost small",
      text: say.clearRange,
      on: {
        click: () => {
          this.#inputs.least.focus();
          this.#move({ least: null, most: null });
        },
      },
    });
    this.#brush.append(this.#sliders.least, this.#sliders.most);
    this.element.append(
      h("div", { class: "txt" }, h("h3", { text: say.histogram }), this.#facts),
      h("div", { class: "plot" }, h("div", { class: "area" }, this.#plot, this.#brush), this.#ticks),
      h(
        "div",
        { class: "range" },
        h("div", {}, fields.least.element, h("span", { class: "dim", text: say.to }), fields.most.element),
        h("div", {}, this.#kept, this.#clear),
      ),
    );
  }

  /** `total` rows pass every filter, this one too. */
  show(data: Histogram | null, { least, most }: Query, total: number): void {
    this.element.hidden = !data;
    this.#data = data;
    if (!data) return;
    this.#low = Math.max(1, data.edges[0] ?? 1);
    this.#high = Math.max(this.#low * 2, data.edges.at(-1) ?? 2);
    replace(
      this.#facts,
      h("dt", { text: say.median }),
      h("dd", { text: data.median_text }),
      h("dt", { text: say.under }),
      h("dd", { text: data.p95_text }),
    );
    const ends = [this.#low, this.#high].map((value) => count(Math.round(value))) as [string, string];
    const rows = data.counts.reduce((sum, n) => sum + n, 0);
    this.#plot.setAttribute("aria-label", say.histogramLabel(rows, ...ends, data.median_text));
    replace(this.#ticks, ...this.#tickMarks());
    this.#kept.textContent = say.rows(total);
    this.#draw({ least, most });
  }

  #draw(range: Range): void {
    this.#range = range;
    const whole = range.least === null && range.most === null;
    this.#clear.disabled = whole;
    this.#brush.classList.toggle("whole", whole);
    for (const side of ["least", "most"] as const) {
      const value = this.#value(side);
      const slider = this.#sliders[side];
      const input = this.#inputs[side];
      this.#brush.style.setProperty(`--${side}`, `${(100 * this.#at(value)).toFixed(2)}%`);
      slider.setAttribute("aria-valuemin", String(Math.round(this.#low)));
      slider.setAttribute("aria-valuemax", String(Math.round(this.#high)));
      slider.setAttribute("aria-valuenow", String(value));
      slider.setAttribute("aria-valuetext", say.tokens(count(value)));
      if (!input.matches(":focus")) input.value = range[side] === null ? "" : count(range[side]);
      input.placeholder = count(value);
    }
    replace(
      this.#plot,
      s("path", { class: "base", d: "M0 1000H1000" }),
      s("path", { class: "bars out", d: this.#bars(false) }),
      s("path", { class: "bars", d: this.#bars(true) }),
    );
  }

  #move(range: Range): void {
    this.#draw(range);
    this.#settle();
  }

  /** Move one end; an end of the axis means no limit, and the two never pass each other. */
  #set(side: Side, value: number): void {
    const other = this.#value(side === "least" ? "most" : "least");
    const held = side === "least" ? Math.min(value, other) : Math.max(value, other);
    const free = side === "least" ? held <= this.#low : held >= this.#high;
    this.#move({ ...this.#range, [side]: free ? null : Math.round(held) });
  }

  #typed(side: Side): void {
    const text = this.#inputs[side].value.replace(/[,\s]/g, "");
    const value = Number(text);
    if (!text) this.#move({ ...this.#range, [side]: null });
    else if (Number.isInteger(value) && value >= 0) this.#move({ ...this.#range, [side]: value });
    else this.#inputs[side].value = this.#range[side] === null ? "" : count(this.#range[side] ?? 0);
  }

  #slider(side: Side): HTMLElement {
    const label = side === "least" ? say.least : say.most;
    const slider = h("div", { class: side, role: "slider", tabindex: "0", "aria-label": label });
    const drag = (event: PointerEvent) => {
      const box = this.#brush.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      this.#set(side, this.#low * (this.#high / this.#low) ** share);
    };
    slider.addEventListener("pointerdown", (event) => {
      slider.setPointerCapture(event.pointerId);
      slider.addEventListener("pointermove", drag);
    });
    slider.addEventListener("lostpointercapture", () => slider.removeEventListener("pointermove", drag));
    slider.addEventListener("keydown", (event) => {
      const ways: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
      const way = ways[event.key];
      if (event.key === "Home") this.#set(side, this.#low);
      else if (event.key === "End") this.#set(side, this.#high);
      else if (way) this.#step(side, way * (event.shiftKey ? 10 : 1));
      else return;
      event.preventDefault();
    });
    return slider;
  }

  /** One step, and never none: near the low end a step of the axis is less than one token. */
  #step(side: Side, steps: number): void {
    const value = this.#value(side);
    const far = value * (this.#high / this.#low) ** (steps * STEP);
    this.#set(side, steps > 0 ? Math.max(value + 1, far) : Math.min(value - 1, far));
  }

  #value(side: Side): number {
    return this.#range[side] ?? Math.round(side === "least" ? this.#low : this.#high);
  }

  /** Where a length stands on the axis, from 0 to 1. */
  #at(value: number): number {
    const inside = Math.min(this.#high, Math.max(this.#low, value));
    return Math.log(inside / this.#low) / Math.log(this.#high / this.#low);
  }

  /** The bars that lie in the range, or those that do not. */
  #bars(inside: boolean): string {
    const { counts, edges } = this.#data as Histogram;
    const highest = Math.max(1, ...counts);
    const [least, most] = [this.#value("least"), this.#value("most")];
    return counts
      .map((n, i) => {
        const [from, to] = [edges[i] ?? 1, edges[i + 1] ?? 1];
        if (n <= 0 || (to > least && from <= most) !== inside) return "";
        const [left, right] = [1000 * this.#at(from), 1000 * this.#at(to)];
        const gap = Math.min(2.5, (right - left) / 8);
        // Whatever counts something can be seen.
        const top = 1000 - Math.max(14, (960 * n) / highest);
        return `M${fixed(left + gap)} 1000V${fixed(top)}H${fixed(right - gap)}V1000Z`;
      })
      .join("");
  }

  #tickMarks(): HTMLElement[] {
    const inside = logTicks(this.#low, this.#high, 7);
    return inside
      .filter((value) => value >= this.#low && value <= this.#high)
      .map((value) => {
        const place = this.#at(value);
        const edge = place < 0.03 ? "s" : place > 0.97 ? "e" : "";
        return h("span", { class: edge, style: { left: `${fixed(100 * place)}%` }, text: count(value) });
      });
  }
}

/** The length that only one row in twenty exceeds: bars scaled to the longest would all be dots. */
export function nearlyAll(histogram: Histogram | null | undefined): number {
  if (!histogram) return 2048;
  const { counts, edges } = histogram;
  const rows = counts.reduce((sum, n) => sum + n, 0);
  let seen = 0;
  for (const [i, n] of counts.entries()) {
    seen += n;
    if (seen >= 0.95 * rows) return edges[i + 1] ?? 1;
  }
  return edges.at(-1) ?? 1;
}

const fixed = (value: number) => Number(value.toFixed(1));
