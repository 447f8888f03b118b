/** The head of a grid: a column to sort by is a button, the others are text. */

import { h, icon } from "./dom.ts";

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly title?: string;
  /** Field to sort by; without one the head is text. */
  readonly sort?: string;
}

export interface Sorting {
  readonly field: string;
  readonly descending: boolean;
}

export class GridHead {
  readonly element: HTMLElement;
  readonly #cells: HTMLElement[];

  constructor(columns: readonly Column[], sort: (field: string) => void) {
    this.#cells = columns.map((column) => headCell(column, sort));
    this.element = h("div", { class: "mo-row head", role: "row", "aria-rowindex": 1 }, ...this.#cells);
  }

  showSort(sorting: Sorting | null): void {
    for (const cell of this.#cells) {
      const button = cell.querySelector("button");
      if (!button) continue;
      const on = sorting?.field === cell.dataset.sort;
      cell.setAttribute("aria-sort", !on ? "none" : sorting?.descending ? "descending" : "ascending");
      button.querySelector("svg")?.remove();
      if (on) button.append(icon(sorting?.descending ? "desc" : "asc"));
    }
  }

  /** What takes the focus in a column: its button, or the head itself. */
  stop(column: number): HTMLElement | undefined {
    const cell = this.#cells[column];
    return cell?.querySelector("button") ?? cell;
  }

  /** Make one column the tab stop, or none. */
  rove(column: number | null): void {
    for (const i of this.#cells.keys()) {
      const stop = this.stop(i);
      if (stop) stop.tabIndex = i === column ? 0 : -1;
    }
  }
}

function headCell(column: Column, sort: (field: string) => void): HTMLElement {
  const { key, label, title, sort: field } = column;
  if (!field) return h("span", { class: key, role: "columnheader", title, tabindex: "-1" }, label);
  const button = h("button", { tabindex: "-1", text: label, on: { click: () => sort(field) } });
  return h(
    "span",
    { class: key, role: "columnheader", title, "aria-sort": "none", dataset: { sort: field } },
    button,
  );
}
