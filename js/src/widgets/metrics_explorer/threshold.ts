/** The threshold handle: one slider for both curves, the numbers beside it, and what mistakes cost there. */

import { h, replace } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { metrics as say } from "../../core/strings.ts";
import { asWireError, isAbort } from "../../wire/carrier.ts";
import type { Curves } from "./result.ts";

export interface Threshold {
  readonly element: HTMLElement;
  /** Move to a place in the lists; `by` says whether somebody moved it. */
  go(place: number, by?: boolean): void;
}

export interface Moves {
  /** Every step, before anybody is asked. */
  step(found: Curves, place: number, by: boolean): void;
  /** The curves for other costs. */
  costs(fp: number, fn: number): Promise<Curves>;
}

export function threshold(first: Curves, moves: Moves): Threshold {
  let found = first;
  let at = first.start;
  let asked = 0;
  const slider = h("input", { type: "range", min: 0, max: 0, step: 1, "aria-label": say.threshold });
  const now = h("b");
  const numbers = h("div", { class: "nums" });
  const [sum, total, lowest] = [h("span"), h("span"), h("span")];
  const use = h("button", { type: "button", class: "mo-btn small", on: { click: () => go(found.cheapest) } });
  const [miss, alarm] = [cost(say.costMiss), cost(say.costFalse)];
  const line = h("div", { class: "mx-cost" }, say.cost, sum, miss, " + ", total, alarm, h("b"), lowest, use);
  const label = h("span", {}, `${say.threshold} `, now);
  const element = h("div", { class: "mx-thr" }, label, slider, numbers, line);

  function go(place: number, by = true): void {
    at = Math.max(0, Math.min(found.threshold.length - 1, place));
    draw();
    moves.step(found, at, by);
  }
  function draw(): void {
    const [recall, precision] = [found.recall[at] ?? "", found.precision[at] ?? ""];
    const text = found.text[at] ?? "";
    slider.max = String(found.threshold.length - 1);
    // Thresholds fall along the lists, and a slider rises to the right.
    slider.value = String(found.threshold.length - 1 - at);
    slider.setAttribute("aria-valuetext", say.thresholdNow(text, recall, precision));
    now.textContent = text;
    const part = (name: string, value: string) => h("span", {}, `${name} `, h("b", { text: value }));
    replace(numbers, part(say.recall.toLowerCase(), recall), part(say.precision.toLowerCase(), precision));
    const [missed, wrong] = [found.positives - (found.hits[at] ?? 0), found.alarms[at] ?? 0];
    sum.textContent = `${count(missed)} ${say.missed}`;
    total.textContent = `${count(wrong)} ${say.falseOnes}`;
    const all = missed * Number(miss.value) + wrong * Number(alarm.value);
    (line.querySelector("b") as HTMLElement).textContent = `= ${count(all)}`;
    lowest.textContent = found.cheapest_text;
    use.textContent = say.use(found.text[found.cheapest] ?? "");
  }
  async function price(): Promise<void> {
    const mine = ++asked;
    const [fp, fn] = [Number(alarm.value), Number(miss.value)];
    draw();
    try {
      const next = await moves.costs(fp, fn);
      if (mine !== asked) return;
      const here = found.threshold[at] ?? 0;
      found = next;
      go(
        next.threshold.findIndex((value) => value <= here),
        false,
      );
    } catch (problem) {
      if (!isAbort(problem)) lowest.textContent = asWireError(problem).message;
    }
  }
  slider.addEventListener("input", () => go(found.threshold.length - 1 - Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    const way = { ArrowRight: -10, ArrowUp: -10, ArrowLeft: 10, ArrowDown: 10 }[event.key];
    if (!event.shiftKey || !way) return;
    event.preventDefault();
    go(at + way);
  });
  for (const input of [miss, alarm]) input.addEventListener("change", () => void price());
  return { element, go };
}

function cost(label: string): HTMLInputElement {
  const input = h("input", { type: "number", min: 0, step: "any", "aria-label": label });
  input.value = "1";
  return input;
}
