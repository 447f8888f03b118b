/** Confusion matrix, precision and recall by class, and what is confused most; a click shows the rows. */

import { tickText } from "../../core/axis.ts";
import { h, icon } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { type CellOf, heatmap } from "../../core/heatmap.ts";
import { intervalGlyph } from "../../core/interval.ts";
import { metrics as say } from "../../core/strings.ts";
import type { RowsBehind } from "./examples.ts";
import { type ClassMetrics, divided, type Estimate, known, type Result } from "./result.ts";

export interface Classes {
  readonly element: HTMLElement;
  move(action: string, from: HTMLElement): boolean;
}

export function classes(result: Result, behind: RowsBehind): Classes | null {
  const { confusion, per_class, most_confused } = result;
  if (!confusion) return null;
  const map = heatmap(confusion, pick);
  const chips = most_confused.map(({ true: from, predicted, count: n }) => {
    const names = [confusion.classes[from] ?? "", icon("arrow"), confusion.classes[predicted] ?? ""];
    return {
      cell: [from, predicted] as CellOf,
      button: chip(() => pick([from, predicted]), ...names, h("b", { text: count(n) })),
    };
  });
  let picked: CellOf | null = null;

  /** The same cell again takes the rows away. */
  function pick(cell: CellOf): void {
    picked = same(picked, cell) ? null : cell;
    map.press(picked);
    for (const { cell: own, button } of chips) button.setAttribute("aria-pressed", String(same(picked, own)));
    void behind.show(picked && { true: picked[0], predicted: picked[1] });
  }
  const most = h(
    "div",
    { class: "mx-most" },
    h("span", { text: say.mostConfused }),
    ...chips.map((c) => c.button),
  );
  const right = h("div", {}, per_class.length > 0 && perClass(per_class), chips.length > 0 && most);
  const note = h("p", { class: "wide-only", text: say.confusionHint });
  const head = h(
    "div",
    { class: "mo-h" },
    h("h3", { text: say.confusion }),
    note,
    h("div", { class: "mo-acts" }, units(map.unit)),
  );
  const split = h("div", { class: "mx-split" }, map.element, right);
  return { element: h("div", { class: "mo-sec" }, head, split, behind.element), move: map.move };
}

const same = (a: CellOf | null, b: CellOf) => a !== null && a[0] === b[0] && a[1] === b[1];

function chip(click: () => void, ...words: (string | Node)[]): HTMLButtonElement {
  return h("button", { type: "button", class: "mo-chip", "aria-pressed": "false", on: { click } }, ...words);
}

function units(show: (asShare: boolean) => void): HTMLElement {
  const buttons = say.units.map((text, i) =>
    h("button", { type: "button", text, "aria-pressed": String(i === 0), on: { click: () => choose(i) } }),
  );
  function choose(chosen: number): void {
    buttons.forEach((button, i) => {
      button.setAttribute("aria-pressed", String(i === chosen));
    });
    show(chosen === 1);
  }
  return h("span", { class: "mo-seg", role: "group", "aria-label": say.unit }, ...buttons);
}

function perClass(rows: readonly ClassMetrics[]): HTMLElement {
  const lows = rows.flatMap((row) => [row.precision.low, row.recall.low]).filter((low) => low !== null);
  const axis = [Math.max(0, Math.floor(Math.min(1, ...lows) * 10 - 0.05) / 10), 1] as const;
  const range = h("span", { class: "dim", text: ` ${tickText(axis[0])}–1` });
  const head = (text: string) => h("th", { scope: "col", colspan: 2 }, text, range.cloneNode(true));
  const lines = rows.map((row) =>
    h(
      "tr",
      {},
      h("th", {
        scope: "row",
        class: "cut",
        title: say.classRows(row.label, row.support),
        text: row.label,
      }),
      ...estimate(row.precision, "precision", axis),
      ...estimate(row.recall, "recall", axis),
    ),
  );
  return h(
    "table",
    { class: "mo-tbl mx-per", "aria-label": say.perClass },
    h(
      "thead",
      {},
      h("tr", {}, h("th", { scope: "col", text: say.class }), head(say.precision), head(say.recall)),
    ),
    h("tbody", {}, ...lines),
  );
}

function estimate(value: Estimate, label: string, axis: readonly [number, number]): HTMLElement[] {
  const [text, range] = divided(value.text);
  const words = h("td", { dataset: { label } }, text, h("span", { class: "dim", text: range }));
  const interval = known(value);
  return [h("td", { class: "g" }, interval && intervalGlyph(interval, axis)), words];
}
