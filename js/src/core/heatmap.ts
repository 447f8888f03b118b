/** A confusion matrix as a grid of buttons: rows true, columns predicted, two ramps of colour. */

import { h, replace } from "./dom.ts";
import { count } from "./format.ts";
import { chart as say } from "./strings.ts";

export interface Confusion {
  readonly classes: readonly string[];
  readonly matrix: readonly (readonly number[])[];
  readonly row_totals: readonly number[];
  readonly column_totals: readonly number[];
  /** How many more there are than in the result before. */
  readonly change?: readonly (readonly number[])[];
}

/** A true class and a predicted one. */
export type CellOf = readonly [row: number, column: number];

export type Marked = readonly [row: number, column: number, rows: number];

export interface Shades {
  /** Per cent of ramp colour for each cell. */
  readonly tint: number[][];
  /** The largest share of a row that is one kind of error. */
  readonly worst: number;
}

const HIT = 64;
const MISS = 52;

/** Hits by share of their row; errors by the largest error share, or one ramp would hide them all. */
export function shades({ matrix, row_totals }: Confusion): Shades {
  const shares = matrix.map((row, i) => row.map((n) => n / (row_totals[i] || 1)));
  const worst = Math.max(0, ...shares.flatMap((row, i) => row.filter((_, j) => j !== i)));
  const tint = shares.map((row, i) =>
    row.map((share, j) => Math.round(i === j ? HIT * share : (MISS * share) / (worst || 1))),
  );
  return { tint, worst };
}

/** Of a change: blue where there are more hits or fewer errors, both by the largest change. */
export function changes(change: readonly (readonly number[])[]): { tint: number[][]; better: boolean[][] } {
  const most = Math.max(1, ...change.flat().map(Math.abs));
  return {
    tint: change.map((row) => row.map((n) => Math.round((MISS * Math.abs(n)) / most))),
    better: change.map((row, i) => row.map((n, j) => (i === j ? n >= 0 : n <= 0))),
  };
}

/** "+5", "−3", "0". */
export const signed = (n: number): string => (n > 0 ? `+${count(n)}` : n < 0 ? `−${count(-n)}` : "0");

/** How many linked rows are behind a button. */
export function markLinked(button: HTMLElement, n: number): void {
  button.toggleAttribute("data-linked", n > 0);
  button.setAttribute("aria-label", button.dataset.label + (n > 0 ? say.linkedCell(n) : ""));
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A class in full, or its first letters where there is no room. */
function name(text: string): DocumentFragment {
  const parts = document.createDocumentFragment();
  parts.append(
    h("span", { class: "name wide-only", title: text, text }),
    h("abbr", { class: "name narrow-only", title: text, text: [...text].slice(0, 3).join("") }),
  );
  return parts;
}

export interface Heatmap {
  readonly element: HTMLElement;
  /** Show counts (0), shares of the row (1) or the change (2). */
  unit(which: number): void;
  press(cell: CellOf | null): void;
  /** How many linked rows are in which cells. */
  mark(cells: readonly Marked[]): void;
  /** Moves the focus if it is on a cell; false if there was nothing to do. */
  move(action: string, from: HTMLElement): boolean;
}

export function heatmap(confusion: Confusion, pick: (cell: CellOf) => void): Heatmap {
  const { classes, matrix, row_totals, column_totals } = confusion;
  const { tint, worst } = shades(confusion);
  const { change } = confusion;
  const moves = change && changes(change);
  const buttons = matrix.map((row, i) => row.map((_, j) => cellButton(i, j)));
  const at = (i: number, j: number) => buttons[i]?.[j];
  let focused: CellOf = [0, 0];

  function cellButton(i: number, j: number): HTMLButtonElement {
    const share = (matrix[i]?.[j] ?? 0) / (row_totals[i] || 1);
    const before = change ? say.change(signed(change[i]?.[j] ?? 0)) : "";
    const label = say.cell(classes[i] ?? "", classes[j] ?? "", matrix[i]?.[j] ?? 0, percent(share)) + before;
    return h("button", {
      type: "button",
      tabindex: i + j === 0 ? 0 : -1,
      "aria-label": label,
      dataset: { label },
      "aria-pressed": "false",
      on: { click: () => pick([i, j]), focus: () => rove([i, j]) },
    });
  }
  function rove(cell: CellOf): void {
    at(...focused)?.setAttribute("tabindex", "-1");
    focused = cell;
    at(...focused)?.setAttribute("tabindex", "0");
  }
  function move(action: string, from: HTMLElement): boolean {
    const next = table.contains(from) ? moved(action, focused, classes.length - 1) : null;
    if (next) at(...next)?.focus();
    return next !== null;
  }
  function unit(which: number): void {
    buttons.forEach((row, i) => {
      row.forEach((button, j) => {
        const n = matrix[i]?.[j] ?? 0;
        const texts = [
          count(n),
          percent(n / (row_totals[i] || 1)).replace(" %", ""),
          signed(change?.[i]?.[j] ?? 0),
        ];
        const good = which === 2 ? moves?.better[i]?.[j] : i === j;
        button.textContent = texts[which] ?? "";
        button.className = good ? "hit" : "miss";
        button.style.setProperty("--v", `${(which === 2 ? moves?.tint : tint)?.[i]?.[j] ?? 0}%`);
      });
    });
    ramps.hidden = which === 2;
    turns.hidden = which !== 2;
  }

  const heads = classes.map((text) => h("th", { scope: "col" }, name(text)));
  const total = (n: number | undefined) => h("td", { class: "tot", role: "gridcell", text: count(n ?? 0) });
  const rows = buttons.map((row, i) => {
    const cells = row.map((button) => h("td", { role: "gridcell" }, button));
    return h("tr", {}, h("th", { scope: "row" }, name(classes[i] ?? "")), ...cells, total(row_totals[i]));
  });
  const sums = column_totals.map(total);
  const wide = Math.max(3, ...[...row_totals, ...column_totals].map((n) => count(n).length)) + 0.5;
  const all = row_totals.reduce((a, b) => a + b, 0);
  const table = h("table", {
    class: "mx-cm",
    role: "grid",
    "aria-label": say.matrix,
    style: { "--w": `${(classes.length + 1) * wide}ch` },
  });
  replace(
    table,
    h("thead", {}, h("tr", {}, h("td"), ...heads, h("th", { scope: "col", class: "tot", text: say.all }))),
    h("tbody", {}, ...rows),
    h("tfoot", {}, h("tr", {}, h("th", { scope: "row", class: "tot", text: say.all }), ...sums, total(all))),
  );
  const ramps = legend(say.hits, worst > 0 ? say.misses(percent(worst)) : "");
  const turns = legend(say.gains, say.losses);
  return {
    element: h("div", { class: "mx-heat" }, h("div", { class: "scroll" }, table), ramps, turns),
    unit,
    move,
    mark(cells) {
      for (const [i, row] of buttons.entries())
        for (const [j, button] of row.entries()) {
          const n = cells.find(([row, column]) => row === i && column === j)?.[2] ?? 0;
          markLinked(button, n);
        }
    },
    press(cell) {
      for (const [i, row] of buttons.entries())
        for (const [j, button] of row.entries())
          button.setAttribute("aria-pressed", String(cell !== null && cell[0] === i && cell[1] === j));
    },
  };
}

/** Both ends of both ramps in words. */
function legend(hits: string, misses: string): HTMLElement {
  const ramp = (tone: string, text: string) => text !== "" && h("span", {}, h("i", { class: tone }), text);
  return h("div", { class: "mx-ramps" }, ramp("hit", hits), ramp("miss", misses));
}

/** Where a move leads from a cell, never out of the grid; null for what is no move. */
export function moved(action: string, [i, j]: CellOf, last: number): CellOf | null {
  const inside = (n: number) => Math.min(last, Math.max(0, n));
  const places: Record<string, CellOf> = {
    up: [inside(i - 1), j],
    down: [inside(i + 1), j],
    left: [i, inside(j - 1)],
    right: [i, inside(j + 1)],
    rowStart: [i, 0],
    rowEnd: [i, last],
    first: [0, 0],
    last: [last, last],
  };
  return places[action] ?? null;
}
