/** The head of a grid: a column to sort by is a button, the others are text. */

import { h, icon } from "./dom.ts";

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly title?: string;
  /** Field to sort by; without one the head is text. */
  readonly sort?: string;
  /** The head is a box that selects all rows; this is its name. */
  readonly all?: string;
}

/** How many of the rows are selected. */
export type Ticked = "true" | "false" | "mixed";

export interface Sorting {
  readonly field: string;
  readonly descending: boolean;
}

export class GridHead {
  readonly element: HTMLElement;
  readonly #cells: HTMLElement[];

  constructor(columns: readonly Column[], sort: (field: string, also: boolean) => void, all: () => void) {
    this.#cells = columns.map((column) => headCell(column, sort, all));
    this.element = h("div", { class: "mo-row head", role: "row", "aria-rowindex": 1 }, ...this.#cells);
  }

  /** One icon for each column that sorts; their order as numbers if there are several. */
  showSort(sorting: readonly Sorting[]): void {
    for (const cell of this.#cells) {
      const button = cell.querySelector("button");
      if (!button || !cell.dataset.sort) continue;
      const at = sorting.findIndex(({ field }) => field === cell.dataset.sort);
      const way = at < 0 ? "none" : sorting[at]?.descending ? "descending" : "ascending";
      cell.setAttribute("aria-sort", way);
      for (const old of button.querySelectorAll("svg, small")) old.remove();
      if (at < 0) continue;
      button.append(icon(way === "descending" ? "desc" : "asc"));
      if (sorting.length > 1) button.append(h("small", { text: String(at + 1) }));
    }
  }

  tick(ticked: Ticked, name: string): void {
    const box = this.element.querySelector("[role=checkbox]");
    box?.setAttribute("aria-checked", ticked);
    box?.setAttribute("aria-label", name);
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

function headCell(
  column: Column,
  sort: (field: string, also: boolean) => void,
  all: () => void,
): HTMLElement {
  const { key, label, title, sort: field } = column;
  if (column.all) {
    const attrs = { role: "checkbox", "aria-checked": "false", "aria-label": column.all, tabindex: "-1" };
    const box = h("button", { ...attrs, on: { click: all } }, h("i", { class: "mo-ck" }));
    return h("span", { class: key, role: "columnheader" }, box);
  }
  if (!field) return h("span", { class: key, role: "columnheader", title, tabindex: "-1" }, label);
  const button = h("button", {
    tabindex: "-1",
    text: label,
    on: { click: (event) => sort(field, event.shiftKey) },
  });
  return h(
    "span",
    { class: key, role: "columnheader", title, "aria-sort": "none", dataset: { sort: field } },
    button,
  );
}
