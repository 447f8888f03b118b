/** Confusion matrix, precision and recall by class, and what is confused most; a click shows the rows. */

import { tickText } from "../../core/axis.ts";
import { h, icon } from "../../core/dom.ts";
import { count } from "../../core/format.ts";
import { type CellOf, heatmap, type Marked } from "../../core/heatmap.ts";
import { intervalGlyph } from "../../core/interval.ts";
import { metrics as say } from "../../core/strings.ts";
import type { RowsBehind } from "./examples.ts";
import { type ClassMetrics, divided, type Estimate, known, type Result } from "./result.ts";

export interface Classes {
  readonly element: HTMLElement;
  move(action: string, from: HTMLElement): boolean;
  mark(cells: readonly Marked[]): void;
}

/** `unit` keeps what the cells show, while a threshold draws them anew. */
export function classes(result: Result, behind: RowsBehind, unit: { now: number }): Classes | null {
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
  const host = h("div", { class: "mx-host" });

  function pick(cell: CellOf): void {
    behind.toggle({ true: cell[0], predicted: cell[1] }, host, (on) => {
      map.press(on ? cell : null);
      for (const { cell: own, button } of chips)
        button.setAttribute("aria-pressed", String(on && same(cell, own)));
    });
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
    h("div", { class: "mo-acts" }, units(map.unit, confusion.change ? 3 : 2, unit)),
  );
  const split = h("div", { class: "mx-split" }, map.element, right);
  return { element: h("div", { class: "mo-sec" }, head, split, host), move: map.move, mark: map.mark };
}

const same = (a: CellOf, b: CellOf) => a[0] === b[0] && a[1] === b[1];

function chip(click: () => void, ...words: (string | Node)[]): HTMLButtonElement {
  return h("button", { type: "button", class: "mo-chip", "aria-pressed": "false", on: { click } }, ...words);
}

function units(show: (unit: number) => void, many: number, unit: { now: number }): HTMLElement {
  const buttons = say.units
    .slice(0, many)
    .map((text, i) => h("button", { type: "button", text, on: { click: () => choose(i) } }));
  function choose(chosen: number): void {
    buttons.forEach((button, i) => {
      button.setAttribute("aria-pressed", String(i === chosen));
    });
    unit.now = chosen;
    show(chosen);
  }
  choose(unit.now < many ? unit.now : 0);
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
